import type { Charged, ChargedTab } from '../../contract/check.ts'
import type { Outcome } from '../../contract/store.ts'
import type { Clock } from '../../lib/clock.ts'
import { isPromiseLike } from '../../lib/promise.ts'

/*
 * What a request was charged by one limit is settled on one tab, by the handler and at the end of the answer: on two, what
 * one has given back the other would give back again.
 */

/** The tab of a request with one of its limits. */
export function tabOf(charged: Charged, index: number): ChargedTab | undefined {
  const { charges, outcomes, counters, atMs, taken, tabs } = charged
  const charge = charges[index]
  const outcome = outcomes[index]
  if (charge === undefined || outcome === undefined) return undefined
  const cost = taken ? charge.cost : 0
  return (tabs[index] ??= { counters, charge, said: cost, paid: cost, untilMs: atMs + outcome.resetMs })
}

/**
 * Says what a request has cost: adds units, or gives units back, no more than have not come back by themselves since.
 * Nothing, when there is nothing to change.
 */
export function settleTab(
  tab: ChargedTab,
  units: number,
  clock: Clock,
): readonly Outcome[] | Promise<readonly Outcome[]> | undefined {
  const { key, quota } = tab.charge
  const more = units - tab.said
  tab.said = units
  if (more > 0) return addTo(tab, more, clock)
  const back = Math.max(tab.paid - units, 0)
  tab.paid -= back
  const withinMs = Math.max(Math.floor(tab.untilMs - clock.monotonic()), 0)
  if (back === 0 || withinMs === 0) return undefined
  return tab.counters.adjust([{ key, quota, units: -back, withinMs }])
}

async function addTo(tab: ChargedTab, more: number, clock: Clock): Promise<readonly Outcome[]> {
  const { key, quota } = tab.charge
  try {
    const outcomes = await tab.counters.adjust([{ key, quota, units: more }])
    const [outcome] = outcomes
    // Where nothing remains, not all of it may have been left to take.
    if (outcome !== undefined && outcome.remaining > 0) tab.paid += more
    // What was added comes back last.
    if (outcome !== undefined) tab.untilMs = clock.monotonic() + outcome.resetMs
    return outcomes
  } catch (error) {
    // It was not said to anybody: said again, it is taken.
    tab.said -= more
    throw error
  }
}

/** Gives back all of a tab. A store that fails keeps it: nobody gets past a limit by that. */
export function giveBack(tab: ChargedTab, clock: Clock): void {
  try {
    const adjusted = settleTab(tab, 0, clock)
    if (isPromiseLike(adjusted)) void adjusted.then(undefined, () => undefined)
  } catch {
    // See above.
  }
}
