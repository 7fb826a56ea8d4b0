import type { Quota } from '@gatehouse/core'
import type { Keys } from './keys.ts'
import { type Counted, countedOf, isSame } from './quotas.ts'

/** A counter of a call. */
export interface Cell {
  /** The key of its row. */
  readonly key: string
  readonly counted: Counted
  /** Its number in the call, from 1: that of its row in the order in which rows are locked. */
  number: number
  /** What all charges of the call on it cost together, so far. */
  cost: number
}

/** More than any limit: a sum stays an integer that is exact. */
const MAX_COST = 2 ** 53

/** The counters of one call, each once. */
export class Cells {
  readonly #keys: Keys
  readonly #byKey = new Map<string, Cell>()

  constructor(keys: Keys) {
    this.#keys = keys
  }

  /**
   * The counter of a member of the call.
   *
   * @throws RangeError when its quota cannot be counted
   * @throws TypeError when its key has another quota in this call
   */
  at(key: string, quota: Quota): Cell {
    const counted = countedOf(quota)
    const found = this.#byKey.get(key)
    if (found !== undefined) {
      if (!isSame(found.counted, counted)) throw new TypeError('One key has two quotas in one call')
      return found
    }
    const cell: Cell = { key: this.#keys.of(key), counted, number: 0, cost: 0 }
    this.#byKey.set(key, cell)
    return cell
  }

  /** Adds to what is asked of a counter: the sum. */
  charge(cell: Cell, cost: number): number {
    cell.cost = Math.min(cell.cost + cost, MAX_COST)
    return cell.cost
  }

  /** Puts the counters into the order in which their rows are locked, which is that of bytes: keys, kinds, quotas. */
  written(): readonly [keys: string, kinds: string, quotas: string] {
    const sorted = [...this.#byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const [index, cell] of sorted.entries()) cell.number = index + 1
    return [
      list(sorted.map(({ key }) => key)),
      list(sorted.map(({ counted }) => counted.kind)),
      list(
        sorted.flatMap(({ counted, cost }) => [counted.limit, counted.windowMs, counted.unitsPerMs, cost]),
      ),
    ]
  }

  get count(): number {
    return this.#byKey.size
  }
}

/** A list as PostgreSQL writes it, of digests, letters and integers, and `null` for what is not said. */
export function list(items: readonly (string | number | null)[]): string {
  return `{${items.map((item) => item ?? 'NULL').join(',')}}`
}
