import type { Outcome } from '@gatehouse/core'
import type { Reply } from './batch.ts'

/** What the server said of one charge. */
export interface Told {
  readonly outcome: Outcome
  /** Units that were taken ahead besides. */
  readonly granted: number
  /** When it was decided, by the clock of the server. */
  readonly now: number
}

/** Numbers of one outcome in the script's text. */
const NUMBERS = 6

/** The outcomes of a call on `count` counters. */
export function outcomesOf({ now, texts }: Reply, count: number): readonly Told[] {
  const numbers = (texts[0] ?? '').split(' ').map(Number)
  if (numbers.length !== count * NUMBERS || numbers.some((each) => !Number.isSafeInteger(each))) {
    throw new Error('Redis gave other outcomes than were asked for')
  }
  return Array.from({ length: count }, (_, index) => toldAt(numbers, index * NUMBERS, now))
}

function toldAt(numbers: readonly number[], from: number, now: number): Told {
  const [allowed = 0, remaining = 0, resetMs = 0, retryAfterMs = 0, blocked = 0, granted = 0] = numbers.slice(
    from,
    from + NUMBERS,
  )
  // What was taken ahead is left as well: to this process.
  const outcome = { allowed: allowed === 1, remaining: remaining + granted, resetMs, retryAfterMs }
  return { outcome: blocked === 1 ? { ...outcome, blocked: true } : outcome, granted, now }
}
