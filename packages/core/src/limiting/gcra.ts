import type { Quota } from '../contract/store.ts'

/*
 * The generic cell rate algorithm, in exact integers.
 *
 * A key has a theoretical arrival time: the moment when its limit is whole again. A charge moves it ahead by one
 * emission interval (window / limit) per unit of cost, and is allowed as long as that is no further ahead of now than
 * one window. Time is counted in units of 1/unitsPerMs milliseconds, in which the interval is an integer, so nothing
 * is ever rounded and no drift can grant or take a request.
 *
 * What it promises: in any W milliseconds no more than `limit + floor(W * limit / windowMs)` units are allowed, both
 * ends included (RL-01). A key that has been idle may spend its whole limit at once and goes on at the rate, so any
 * one window holds at most twice the limit, and a long time holds the rate.
 */

/** A quota, in the units that count it exactly. */
export interface Rate {
  readonly limit: number
  readonly windowMs: number
  /** Units of time in a millisecond: the limit without what it has in common with the window. */
  readonly unitsPerMs: number
  /** Units between two requests that come evenly: the emission interval. */
  readonly interval: number
  /** Units that a key may be ahead of now; one window, which is also the limit in intervals. */
  readonly capacity: number
}

/** The wait for a charge that no time allows: its cost is more than the limit. */
export const NEVER: number = Number.MAX_SAFE_INTEGER

/** Twice the capacity is the largest number that is ever computed; it is to be exact. */
const MAX_CAPACITY: number = 2 ** 52

/**
 * The units of a quota.
 *
 * @throws RangeError when the limit or the window is no positive integer, or both together cannot be counted exactly
 */
export function rateOf(quota: Quota): Rate {
  const { limit, windowMs } = quota
  if (!isPositiveInteger(limit) || !isPositiveInteger(windowMs)) {
    throw new RangeError('The limit and the window of a quota are positive integers')
  }
  const common = greatestCommonDivisor(limit, windowMs)
  const unitsPerMs = limit / common
  if (windowMs > MAX_CAPACITY / unitsPerMs) {
    throw new RangeError('The limit and the window of a quota are too large to be counted exactly')
  }
  return { limit, windowMs, unitsPerMs, interval: windowMs / common, capacity: windowMs * unitsPerMs }
}

/** Whether a number can be a limit, a window or a cost. */
export function isPositiveInteger(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

/**
 * How far the theoretical arrival time `tatMs - early / unitsPerMs` is ahead of `now`, in units: 0 to the capacity.
 *
 * It is kept in two integers, since one number of units since the start of a process is no longer exact after some
 * months. What is further ahead than the capacity (the quota shrank, the clock went back) counts as spent to the last
 * unit and no more: it neither grants extra nor locks for longer than one window (RL-06).
 */
export function aheadOf(rate: Rate, tatMs: number, early: number, now: number): number {
  const ms = tatMs - now
  if (ms <= 0) return 0
  return ms > rate.windowMs ? rate.capacity : ms * rate.unitsPerMs - early
}

/** Milliseconds until a key that is `ahead` may spend `cost`; 0 when it may now, {@link NEVER} when it never may. */
export function waitFor(rate: Rate, ahead: number, cost: number): number {
  if (cost > rate.limit) return NEVER
  const excess = ahead + cost * rate.interval - rate.capacity
  return excess <= 0 ? 0 : ceilDivide(excess, rate.unitsPerMs)
}

/** Whole units that a key has left. */
export function remainingAt(rate: Rate, ahead: number): number {
  return floorDivide(rate.capacity - ahead, rate.interval)
}

/** Milliseconds until the limit is whole again, rounded up: what {@link aheadOf} takes as `tatMs`, less `now`. */
export function resetAt(rate: Rate, ahead: number): number {
  // As most quotas are: a window that the limit divides.
  return rate.unitsPerMs === 1 ? ahead : ceilDivide(ahead, rate.unitsPerMs)
}

/** How many units `resetMs` of {@link resetAt} has rounded up: what {@link aheadOf} takes as `early`. */
export function earlyAt(rate: Rate, ahead: number, resetMs: number): number {
  return resetMs * rate.unitsPerMs - ahead
}

/** Exact, where `Math.ceil(a / b)` has a rounded quotient to work with. */
function ceilDivide(a: number, b: number): number {
  const floor = floorDivide(a, b)
  return floor * b === a ? floor : floor + 1
}

/** The rounded quotient is off by one at most, and its product with `b` is exact: a division and no remainder, which costs more. */
export function floorDivide(a: number, b: number): number {
  const near = Math.floor(a / b)
  return near * b > a ? near - 1 : near
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
