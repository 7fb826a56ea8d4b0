/**
 * How many requests are under way, by key. A key that nothing is under way for is not kept, so it never holds more keys
 * than there are requests.
 */
export class Permits {
  readonly #held = new Map<string, number>()

  /** Takes one of `limit` permits of a key; gives whether there was one left. */
  take(key: string, limit: number): boolean {
    const held = this.#held.get(key) ?? 0
    if (held >= limit) return false
    this.#held.set(key, held + 1)
    return true
  }

  /** Gives one back. */
  release(key: string): void {
    const held = this.#held.get(key) ?? 0
    if (held > 1) this.#held.set(key, held - 1)
    else this.#held.delete(key)
  }

  /** How many are held for a key. */
  held(key: string): number {
    return this.#held.get(key) ?? 0
  }

  /** How many keys hold one at least. */
  get size(): number {
    return this.#held.size
  }
}
