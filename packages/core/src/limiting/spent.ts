import type { Quota } from '../contract/store.ts'
import { type Window, windowAt, windowReset, windowWait, windowWith } from './fixed-window.ts'
import {
  aheadOf,
  earlyAt,
  isPositiveInteger,
  type Rate,
  rateOf,
  remainingAt,
  resetAt,
  waitFor,
} from './gcra.ts'
import {
  freshSlices,
  type Slices,
  slicesAt,
  slicesReset,
  slicesUsed,
  slicesWait,
  slicesWith,
} from './sliding-window.ts'

/** What a key has spent at one moment, by the algorithm of its quota. */
export interface Spent {
  /** Whole units left. */
  readonly remaining: number
  /** Milliseconds until nothing is spent any more. */
  readonly resetMs: number
  /** Milliseconds until there is room for a cost; `NEVER` for more than the limit. */
  readonly waitFor: (cost: number) => number
  /**
   * With so many units more, or fewer: nothing to the limit. What is given back is no more than `withinMs` milliseconds
   * are worth.
   */
  readonly with: (units: number, withinMs?: number) => Spent
  /** The same key by the same algorithm, at another moment and perhaps under another quota. */
  readonly at: (quota: Quota, now: number) => Spent
}

/**
 * Looks at a quota, whatever its algorithm.
 *
 * @throws RangeError when the limit or the window is no positive integer, or there is no such algorithm
 */
export function checkQuota({ limit, windowMs, algorithm = 'gcra' }: Quota): void {
  if (!isPositiveInteger(limit) || !isPositiveInteger(windowMs)) {
    throw new RangeError('The limit and the window of a quota are positive integers')
  }
  if (algorithm !== 'gcra' && algorithm !== 'sliding-window' && algorithm !== 'fixed-window') {
    throw new RangeError('There is no such algorithm')
  }
}

/** A key that has spent nothing. */
export function nothingSpent(quota: Quota, now: number): Spent {
  const { algorithm = 'gcra' } = quota
  if (algorithm === 'gcra') return gcra(rateOf(quota), 0, now)
  if (algorithm === 'fixed-window') return window(quota, windowAt(quota, now, 0, now), now)
  return slices(quota, freshSlices(quota, now), now)
}

function gcra(rate: Rate, ahead: number, now: number): Spent {
  const resetMs = resetAt(rate, ahead)
  return {
    remaining: remainingAt(rate, ahead),
    resetMs,
    waitFor: (cost) => waitFor(rate, ahead, cost),
    with(units, withinMs = rate.windowMs) {
      // No more comes back than a window is worth, so the product stays exact.
      const most = Math.min(withinMs, rate.windowMs) * rate.unitsPerMs
      const bounded = Math.min(Math.max(units, -rate.limit), rate.limit)
      const change = Math.max(bounded * rate.interval, -most)
      return gcra(rate, Math.min(Math.max(ahead + change, 0), rate.capacity), now)
    },
    at(quota, then) {
      const next = rateOf(quota)
      // The remainder is in units of the rate that it was counted with; without it, time is rounded up.
      const early = next.unitsPerMs === rate.unitsPerMs ? earlyAt(rate, ahead) : 0
      return gcra(next, aheadOf(next, now + resetMs, early, then), then)
    },
  }
}

function window(quota: Quota, at: Window, now: number): Spent {
  return {
    remaining: quota.limit - at.used,
    resetMs: windowReset(at, now),
    waitFor: (cost) => windowWait(quota, at, cost, now),
    // A window gives back at its end, all at once.
    with: (units, withinMs) => window(quota, windowWith(quota, at, given(units, withinMs)), now),
    at: (next, then) => window(next, windowAt(next, at.endMs, at.used, then), then),
  }
}

function slices(quota: Quota, at: Slices, now: number): Spent {
  return {
    remaining: Math.max(quota.limit - slicesUsed(at), 0),
    resetMs: slicesReset(at, now),
    waitFor: (cost) => slicesWait(quota, at, cost, now),
    with: (units, withinMs) => slices(quota, slicesWith(quota, at, given(units, withinMs)), now),
    at: (next, then) => slices(next, slicesAt(next, at, then), then),
  }
}

/** What an adjustment adds: nothing where it gives back what has come back by itself. */
function given(units: number, withinMs: number | undefined): number {
  return units < 0 && withinMs === 0 ? 0 : units
}
