import { hash } from 'node:crypto'

/** From when, and until when, something is good. */
export interface Cacheable {
  /** When it begins and ends to be good, in milliseconds since the epoch; the end itself is too late. */
  readonly from: number
  readonly until: number
}

/** What a token is remembered by: a digest of the whole of it. A dump of the memory opens nothing (JWT-21). */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64url')
}

/**
 * What verified tokens said.
 *
 * Bounded in entries: a full generation becomes the old one, and the one before it is dropped, so that tokens in use
 * stay and no call pays for many.
 */
export class TokenCache<K, T extends Cacheable> {
  readonly #max: number
  #young = new Map<K, T>()
  #old = new Map<K, T>()

  /** @param max how many entries there may be; 0 for none */
  constructor(max: number) {
    this.#max = Math.ceil(max / 2)
  }

  /** What is known at a time; nothing outside its own. */
  get(key: K, now: number): T | undefined {
    let found = this.#young.get(key)
    if (found === undefined) {
      found = this.#old.get(key)
      if (found === undefined) return undefined
      if (now < found.until) this.set(key, found)
    }
    return now >= found.from && now < found.until ? found : undefined
  }

  /** Keeps what a token said. */
  set(key: K, entry: T): void {
    if (this.#max === 0) return
    if (this.#young.size >= this.#max) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, entry)
  }

  /** Whether half of a generation is free: whoever comes then drops nobody. */
  get hasRoom(): boolean {
    return this.#young.size < this.#max / 2
  }

  /** How many entries there are, one that is in both generations counted twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }
}
