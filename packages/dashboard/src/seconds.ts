import type { EventOutcome } from '@gatehouse/core'
import { KEPT } from './kept.ts'
import type { Second } from './view.ts'

/** There are about twenty checks; names beyond these are counted together. */
const MAX_NAMES = 27

const COLUMN: Readonly<Record<EventOutcome, number>> = {
  allowed: 0,
  answered: 1,
  refused: 2,
  'would-refuse': 3,
  warning: 4,
}
const OUTCOMES = 5
const WIDTH = OUTCOMES + MAX_NAMES

const OTHER = '(others)'

/** Counts of each second of the last hour, in a table that never grows. */
export class Seconds {
  readonly #counts = new Uint32Array(KEPT.seconds * WIDTH)
  /** Which second each row is of. */
  readonly #at = new Float64Array(KEPT.seconds)
  readonly #names: string[] = []
  #changed = Infinity

  count(nowMs: number, outcome: EventOutcome, check: string): void {
    const second = Math.floor(nowMs / 1000)
    const row = second % KEPT.seconds
    const start = row * WIDTH
    if (this.#at[row] !== second) {
      this.#counts.fill(0, start, start + WIDTH)
      this.#at[row] = second
    }
    this.#add(start + COLUMN[outcome])
    if (outcome === 'refused') this.#add(start + OUTCOMES + this.#columnOf(check))
  }

  /** Takes back one that was counted as allowed then. */
  takeBack(thenMs: number): void {
    const second = Math.floor(thenMs / 1000)
    const row = second % KEPT.seconds
    const index = row * WIDTH + COLUMN.allowed
    const count = this.#counts[index] ?? 0
    if (this.#at[row] !== second || count === 0) return
    this.#counts[index] = count - 1
    this.#changed = Math.min(this.#changed, second)
  }

  /** The first second of which something was taken back since this was asked. */
  takeChanged(): number {
    const changed = this.#changed
    this.#changed = Infinity
    return changed
  }

  /** The seconds from `from` on in which something happened, the oldest first. */
  since(from: number, nowMs: number): readonly Second[] {
    const last = Math.floor(nowMs / 1000)
    const found: Second[] = []
    for (let second = Math.max(from, last - KEPT.seconds + 1); second <= last; second++) {
      const row = second % KEPT.seconds
      if (this.#at[row] === second) found.push(this.#read(second, row * WIDTH))
    }
    return found
  }

  #add(index: number): void {
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  #columnOf(name: string): number {
    const known = this.#names.indexOf(name)
    if (known !== -1) return known
    if (this.#names.length < MAX_NAMES - 1) return this.#names.push(name) - 1
    return MAX_NAMES - 1
  }

  #read(second: number, start: number): Second {
    const at = (column: number): number => this.#counts[start + column] ?? 0
    const byCheck: Record<string, number> = {}
    for (let index = 0; index < MAX_NAMES; index++) {
      const count = at(OUTCOMES + index)
      if (count > 0) byCheck[this.#names[index] ?? OTHER] = count
    }
    return [second, at(0), at(1), at(2), at(3), at(4), byCheck]
  }
}
