import { hash } from 'node:crypto'

/** Until when something is good, and by which keys. */
export interface Cacheable {
  /** When it begins and ends to be good, in milliseconds since the epoch; the end itself is too late. */
  readonly from: number
  readonly until: number
}

/**
 * What verified tokens said, by a digest of the whole token (JWT-21).
 *
 * Bounded in entries: a full generation becomes the old one, and the one before it is dropped, so that tokens in use
 * stay and no call pays for many. The digest, not the token, is kept: a dump of the memory opens nothing.
 */
export class TokenCache<T extends Cacheable> {
  readonly #max: number
  #young = new Map<string, T>()
  #old = new Map<string, T>()

  /** @param max how many entries there may be; 0 for none */
  constructor(max: number) {
    this.#max = Math.ceil(max / 2)
  }

  /** The key of a token. */
  keyOf(token: string): string {
    return hash('sha256', token, 'base64url')
  }

  /** What is known of a token at a time; nothing outside its own. */
  get(key: string, now: number): T | undefined {
    let found = this.#young.get(key)
    if (found === undefined) {
      found = this.#old.get(key)
      if (found === undefined) return undefined
      if (now < found.until) this.set(key, found)
    }
    return now >= found.from && now < found.until ? found : undefined
  }

  /** Keeps what a token said. */
  set(key: string, entry: T): void {
    if (this.#max === 0) return
    if (this.#young.size >= this.#max) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, entry)
  }

  /** Forgets everything: the keys have changed. */
  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }

  /** How many entries there are, one that is in both generations counted twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }
}
