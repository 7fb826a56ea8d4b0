import type { Quota } from '../contract/store.ts'
import { NEVER } from './gcra.ts'

/*
 * The fixed window: it begins with the first charge, and holds no more than the limit until it ends.
 *
 * A key is two integers: when its window ends, and how much of it is spent. A window that has ended stays ended, whatever
 * the quota is then: so it makes no difference whether it was removed in between.
 */

/** What is spent of a key, at one moment. */
export interface Window {
  /** When the window ends; of a window that begins now, when none is under way. */
  readonly endMs: number
  /** 0 to the limit. */
  readonly used: number
}

/**
 * The window of a key as it is now. A window that has ended holds nothing. One that ends later than a window from now
 * (the clock went back, the quota changed) ends then: what is spent stays spent, and nobody waits longer (RL-06).
 */
export function windowAt(quota: Quota, endMs: number, used: number, now: number): Window {
  const latest = now + quota.windowMs
  if (used === 0 || now >= endMs) return { endMs: latest, used: 0 }
  return { endMs: Math.min(endMs, latest), used: Math.min(used, quota.limit) }
}

/** Milliseconds until a window has room for `cost`; 0 when it has now, {@link NEVER} when it never has. */
export function windowWait(quota: Quota, { endMs, used }: Window, cost: number, now: number): number {
  if (cost > quota.limit) return NEVER
  return used + cost <= quota.limit ? 0 : endMs - now
}

/** Milliseconds until nothing is spent any more. */
export function windowReset({ endMs, used }: Window, now: number): number {
  return used === 0 ? 0 : endMs - now
}

/** A window with `units` more spent, or fewer: nothing to the limit. */
export function windowWith(quota: Quota, { endMs, used }: Window, units: number): Window {
  return { endMs, used: Math.min(Math.max(used + units, 0), quota.limit) }
}
