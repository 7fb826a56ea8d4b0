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

/** What a handler refuses, or a server before there is a request, no check has refused. */
const NO_CHECK = '(no check)'
const OTHER = '(others)'

/** Counts of each second of the last hour, in a table that never grows. */
export class Seconds {
  readonly #counts = new Uint32Array(KEPT.seconds * WIDTH)
  /** Which second each row is of. */
  readonly #at = new Float64Array(KEPT.seconds)
  readonly #names: string[] = []

  count(nowMs: number, outcome: EventOutcome, check: string | undefined): void {
    const second = Math.floor(nowMs / 1000)
    const row = second % KEPT.seconds
    const start = row * WIDTH
    if (this.#at[row] !== second) {
      this.#counts.fill(0, start, start + WIDTH)
      this.#at[row] = second
    }
    this.#add(start + COLUMN[outcome])
    if (outcome === 'refused') this.#add(start + OUTCOMES + this.#columnOf(check ?? NO_CHECK))
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
