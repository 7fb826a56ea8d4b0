import type { Quota } from '../contract/store.ts'
import { NEVER } from './gcra.ts'

/*
 * The strict sliding window, in slices.
 *
 * Time is cut into slices of a sixteenth of the window, rounded up to a millisecond. What is spent in a slice counts
 * until the whole slice is older than a window: at any moment the slice of now and the sixteen before it. These always
 * cover the trailing window, so it never holds more than the limit (RL-02); they cover up to a slice more, which is what
 * the strictness costs.
 *
 * A key is the number of its newest slice, and what was spent in it and in each of the sixteen before it.
 */

/** How many slices a window is cut into. */
export const SLICES = 16

/** Slices that count at once: those of a window, and the one that it has begun to leave. */
export const COUNTED: number = SLICES + 1

/** What is spent of a key, at one moment: `spent[i]` in the slice that is `i` older than `newest`. */
export interface Slices {
  /** Milliseconds in a slice: of another quota, another number. */
  readonly widthMs: number
  readonly newest: number
  readonly spent: readonly number[]
}

const NONE: readonly number[] = Object.freeze(Array.from({ length: COUNTED }, () => 0))

/** A key of which nothing is spent. */
export function freshSlices(quota: Quota, now: number): Slices {
  const widthMs = sliceMs(quota)
  return { widthMs, newest: Math.floor(now / widthMs), spent: NONE }
}

/** Milliseconds in a slice. */
export function sliceMs(quota: Quota): number {
  return Math.ceil(quota.windowMs / SLICES)
}

/**
 * The slices of a key as they are now. What was spent in slices of the future (the clock went back), and what is left of
 * slices of another width (the quota changed), was spent now: it grants nothing extra, and locks for no longer than what
 * is spent now (RL-06).
 */
export function slicesAt(quota: Quota, slices: Slices, now: number): Slices {
  const current = shift(slices, now)
  const fresh = freshSlices(quota, now)
  return slices.widthMs === fresh.widthMs ? current : slicesWith(quota, fresh, slicesUsed(current))
}

function shift({ widthMs, newest, spent }: Slices, now: number): Slices {
  const current = Math.floor(now / widthMs)
  const shifted = Array.from({ length: COUNTED }, () => 0)
  for (const [age, units] of spent.entries()) {
    const place = Math.max(current - newest + age, 0)
    if (place < COUNTED) shifted[place] = (shifted[place] ?? 0) + units
  }
  return { widthMs, newest: current, spent: shifted }
}

/** What all slices hold. */
export function slicesUsed({ spent }: Slices): number {
  return spent.reduce((sum, units) => sum + units, 0)
}

/** Milliseconds until slices have room for `cost`; 0 when they have now, {@link NEVER} when they never have. */
export function slicesWait(quota: Quota, slices: Slices, cost: number, now: number): number {
  if (cost > quota.limit) return NEVER
  let used = slicesUsed(slices)
  if (used + cost <= quota.limit) return 0
  for (let age = COUNTED - 1; age > 0; age--) {
    used -= slices.spent[age] ?? 0
    if (used + cost <= quota.limit) return leavesAt(slices, age) - now
  }
  return leavesAt(slices, 0) - now
}

/** Milliseconds until nothing is spent any more. */
export function slicesReset(slices: Slices, now: number): number {
  const age = slices.spent.findIndex((units) => units > 0)
  return age < 0 ? 0 : leavesAt(slices, age) - now
}

/**
 * Slices with `units` more spent, in the newest of them, or fewer, in the oldest: nothing to the limit in all.
 */
export function slicesWith(quota: Quota, slices: Slices, units: number): Slices {
  const spent = [...slices.spent]
  if (units > 0) {
    spent[0] = (spent[0] ?? 0) + Math.min(units, Math.max(quota.limit - slicesUsed(slices), 0))
    return { ...slices, spent }
  }
  let back = -units
  for (let age = COUNTED - 1; age >= 0 && back > 0; age--) {
    const given = Math.min(back, spent[age] ?? 0)
    spent[age] = (spent[age] ?? 0) - given
    back -= given
  }
  return { ...slices, spent }
}

/** When the slice of this age counts no longer. */
function leavesAt({ widthMs, newest }: Slices, age: number): number {
  return (newest - age + COUNTED) * widthMs
}
