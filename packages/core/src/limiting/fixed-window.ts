import type { Quota } from '../contract/store.ts'
import { NEVER } from './gcra.ts'

/*
 * The fixed window: it begins with the first charge, and holds no more than the limit until it ends.
 *
 * A key is two integers: when its window began, and how much of it is spent.
 */

/** What is spent of a key, at one moment. */
export interface Window {
  /** When the window began; `now` when none is under way. */
  readonly startMs: number
  /** 0 to the limit. */
  readonly used: number
}

/**
 * The window of a key as it is now. A window that has ended holds nothing. One that begins in the future (the clock went
 * back) begins now: what is spent stays spent, and nobody waits longer than a window (RL-06).
 */
export function windowAt(quota: Quota, startMs: number, used: number, now: number): Window {
  if (used === 0 || now >= startMs + quota.windowMs) return { startMs: now, used: 0 }
  return { startMs: Math.min(startMs, now), used: Math.min(used, quota.limit) }
}

/** Milliseconds until a window has room for `cost`; 0 when it has now, {@link NEVER} when it never has. */
export function windowWait(quota: Quota, { startMs, used }: Window, cost: number, now: number): number {
  if (cost > quota.limit) return NEVER
  return used + cost <= quota.limit ? 0 : startMs + quota.windowMs - now
}

/** Milliseconds until nothing is spent any more. */
export function windowReset(quota: Quota, { startMs, used }: Window, now: number): number {
  return used === 0 ? 0 : startMs + quota.windowMs - now
}

/** A window with `units` more spent, or fewer: nothing to the limit. */
export function windowWith(quota: Quota, { startMs, used }: Window, units: number): Window {
  return { startMs, used: Math.min(Math.max(used + units, 0), quota.limit) }
}
