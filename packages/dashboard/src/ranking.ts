import { KEPT } from './kept.ts'
import type { Ranked } from './view.ts'

const MAX_KINDS = 8

/** What has not been seen for so long is no longer listed, and makes room first. */
const STALE_MS = KEPT.seconds * 1_000

interface Entry {
  readonly key: readonly string[]
  readonly slot: string
  count: number
  /** How much of the count may be somebody else's, whose place this one took. */
  error: number
  readonly first: number
  last: number
  readonly kinds: Map<string, number>
}

/**
 * The most frequent of any number of keys, in the room of a few: what is not among them takes the place of the least
 * frequent, and its count with it. Whoever has more than an n-th of all counts is listed.
 *
 * @see Metwally, Agrawal, El Abbadi: Efficient computation of frequent and top-k elements in data streams (Space-Saving)
 */
export class Ranking {
  readonly #size: number
  readonly #entries = new Map<string, Entry>()

  constructor(size = 100) {
    this.#size = size
  }

  count(now: number, key: readonly string[], kind: string): void {
    const slot = key.join('\n')
    const entry = this.#entries.get(slot) ?? this.#enter(now, key, slot)
    entry.count++
    entry.last = now
    const known = entry.kinds.get(kind)
    if (known !== undefined || entry.kinds.size < MAX_KINDS) entry.kinds.set(kind, (known ?? 0) + 1)
  }

  /** The most frequent first. */
  list(now: number, most: number): readonly Ranked[] {
    return [...this.#entries.values()]
      .filter(({ last }) => now - last < STALE_MS)
      .sort((a, b) => b.count - b.error - (a.count - a.error) || b.last - a.last)
      .slice(0, most)
      .map(({ key, count, error, first, last, kinds }) => ({
        key,
        atLeast: count - error,
        atMost: count,
        first,
        last,
        kinds: [...kinds].sort((a, b) => b[1] - a[1]),
      }))
  }

  #enter(now: number, key: readonly string[], slot: string): Entry {
    let error = 0
    if (this.#entries.size >= this.#size) {
      const least = this.#least(now)
      this.#entries.delete(least.slot)
      error = now - least.last < STALE_MS ? least.count : 0
    }
    const entry = { key, slot, count: error, error, first: now, last: now, kinds: new Map() }
    this.#entries.set(slot, entry)
    return entry
  }

  #least(now: number): Entry {
    const [first, ...others] = this.#entries.values()
    if (first === undefined) throw new TypeError('a ranking of nothing')
    const weight = (entry: Entry): number => (now - entry.last < STALE_MS ? entry.count : 0)
    let least = first
    for (const entry of others) if (weight(entry) < weight(least)) least = entry
    return least
  }
}
