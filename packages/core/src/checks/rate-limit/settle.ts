import type { Charged } from '../../contract/check.ts'
import type { Charge, Counters, Outcome } from '../../contract/store.ts'
import type { Clock } from '../../lib/clock.ts'
import { isPromiseLike } from '../../lib/promise.ts'

/** What a request was charged by one limit, as it stands: what can still be given back of it, and what not any more. */
export interface Tab {
  readonly counters: Counters
  readonly charge: Charge
  /** Until when, by the monotonic clock, the last of it has come back by itself. */
  readonly untilMs: number
}

/** The tab of a request with one of its limits. */
export function tabOf({ charges, outcomes, counters, atMs }: Charged, index: number): Tab | undefined {
  const charge = charges[index]
  const outcome = outcomes[index]
  return charge === undefined || outcome === undefined
    ? undefined
    : { counters, charge, untilMs: atMs + outcome.resetMs }
}

/**
 * Adds units to a tab, or gives units of it back: no more than have not come back by themselves since. Nothing, when there
 * is nothing to change.
 */
export function adjustTab(
  { counters, charge: { key, quota }, untilMs }: Tab,
  units: number,
  clock: Clock,
): readonly Outcome[] | Promise<readonly Outcome[]> | undefined {
  if (units === 0) return undefined
  if (units > 0) return counters.adjust([{ key, quota, units }])
  const withinMs = Math.max(Math.floor(untilMs - clock.monotonic()), 0)
  return withinMs === 0 ? undefined : counters.adjust([{ key, quota, units, withinMs }])
}

/** Gives back all of a tab. A store that fails keeps it: nobody gets past a limit by that. */
export function giveBack(tab: Tab, clock: Clock): void {
  try {
    const adjusted = adjustTab(tab, -tab.charge.cost, clock)
    if (isPromiseLike(adjusted)) void adjusted.then(undefined, () => undefined)
  } catch {
    // See above.
  }
}
