import type { Outcome } from '@gatehouse/core'

/** Numbers of one outcome. */
const NUMBERS = 5

/** The outcomes that a function of the database told: so many. */
export function outcomesOf(told: string, count: number): readonly Outcome[] {
  const numbers = told.split(' ').map(Number)
  if (numbers.length !== count * NUMBERS || !numbers.every(Number.isSafeInteger)) {
    throw new Error('The database gave other outcomes than were asked for')
  }
  return Array.from({ length: count }, (_, index) => outcomeOf(numbers.slice(index * NUMBERS)))
}

function outcomeOf([
  allowed = 0,
  remaining = 0,
  resetMs = 0,
  retryAfterMs = 0,
  blocked = 0,
]: readonly number[]): Outcome {
  const outcome = { allowed: allowed === 1, remaining, resetMs, retryAfterMs }
  return blocked === 1 ? { ...outcome, blocked: true } : outcome
}
