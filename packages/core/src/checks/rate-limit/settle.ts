import type { Charged } from '../../contract/check.ts'
import type { Outcome } from '../../contract/store.ts'
import type { Clock } from '../../lib/clock.ts'
import { isPromiseLike } from '../../lib/promise.ts'

/** What an adjustment of a charge gives: where its key stands then; nothing when there was nothing to change. */
type Adjusted = readonly Outcome[] | Promise<readonly Outcome[]> | undefined

/**
 * Adds units to what a request was charged by one limit, or gives units of it back: no more than have not come back by
 * themselves since.
 */
export function adjustCharge(charged: Charged, index: number, units: number, clock: Clock): Adjusted {
  const charge = charged.charges[index]
  const outcome = charged.outcomes[index]
  if (charge === undefined || outcome === undefined || units === 0) return undefined
  const { key, quota } = charge
  if (units > 0) return charged.counters.adjust([{ key, quota, units }])
  const since = Math.max(Math.ceil(clock.monotonic() - charged.atMs), 0)
  const withinMs = Math.max(outcome.resetMs - since, 0)
  return withinMs === 0 ? undefined : charged.counters.adjust([{ key, quota, units, withinMs }])
}

/** Gives back all that a request was charged by one limit. A store that fails keeps it: nobody gets past a limit by that. */
export function giveBack(charged: Charged, index: number, clock: Clock): void {
  const { cost = 0 } = charged.charges[index] ?? {}
  try {
    const adjusted = adjustCharge(charged, index, -cost, clock)
    if (isPromiseLike(adjusted)) void adjusted.then(undefined, () => undefined)
  } catch {
    // See above.
  }
}
