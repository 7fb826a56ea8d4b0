/** Keys that are kept at once; the one that was found first makes room. */
const MAX_KEYS = 10_000

interface Entry<T> {
  readonly value: T
  /** When it was asked for. */
  readonly asked: number
}

/**
 * What is known of good keys by their digests, for a bounded time and in bounded memory.
 *
 * The age counts from when a key was asked for, so what has changed since is noticed within that time (KEY-02).
 */
export class ApiKeyCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #maxAge: number

  constructor(maxAge: number) {
    this.#maxAge = maxAge
  }

  /** What was found, unless it is too old. */
  get(hash: string, now: number): T | undefined {
    const entry = this.#entries.get(hash)
    if (entry === undefined) return undefined
    // A clock that went back makes nothing younger.
    const age = now - entry.asked
    if (age >= 0 && age < this.#maxAge) return entry.value
    this.#entries.delete(hash)
    return undefined
  }

  /** Keeps what was found, unless something that was asked for later is there. */
  set(hash: string, value: T, asked: number): void {
    const there = this.#entries.get(hash)
    if (there !== undefined && there.asked > asked) return
    this.#entries.delete(hash)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < MAX_KEYS) break
      this.#entries.delete(oldest)
    }
    this.#entries.set(hash, { value, asked })
  }
}
