import type { Outcome } from '@gatehouse/core'
import type { Replies } from './program.ts'

/** What the server said of one charge. */
export interface Told {
  readonly outcome: Outcome
  /** Units that were taken ahead besides. */
  readonly granted: number
  /** When it was decided, by the clock of the server. */
  readonly now: number
}

/** What the first number of an outcome says; see script/calls.ts. */
const REFUSED = 0
const ALLOWED = 1
const BLOCKED = 2
const GRANTED = 3

/** The next outcome, where nothing was asked for ahead. */
export function outcomeOf(replies: Replies): Outcome {
  return toldOf(replies).outcome
}

/** The next outcome. */
export function toldOf(replies: Replies): Told {
  const { now } = replies
  const said = replies.number()
  const remaining = replies.number()
  const resetMs = replies.number()
  if (said === ALLOWED)
    return { outcome: { allowed: true, remaining, resetMs, retryAfterMs: 0 }, granted: 0, now }
  const more = replies.number()
  // What was taken ahead is left as well: to this process.
  if (said === GRANTED)
    return {
      outcome: { allowed: true, remaining: remaining + more, resetMs, retryAfterMs: 0 },
      granted: more,
      now,
    }
  const outcome = { allowed: false, remaining, resetMs, retryAfterMs: more }
  if (said === BLOCKED) return { outcome: { ...outcome, blocked: true }, granted: 0, now }
  if (said !== REFUSED) throw new Error('Redis gave other outcomes than were asked for')
  return { outcome, granted: 0, now }
}
