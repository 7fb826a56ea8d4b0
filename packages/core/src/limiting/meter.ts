import type { Algorithm } from '../contract/store.ts'
import type { Rate } from './gcra.ts'

/** How many slices a sliding window is cut into. */
export const SLICES = 16

/** Slices that count at once: those of a window, and the one that it has begun to leave. */
export const COUNTED: number = SLICES + 1

/** A quota as the store knows it: checked, with all that can be computed of it. */
export interface KnownQuota extends Rate {
  readonly algorithm: Algorithm
  /** What names it in a counter: 1 to 65,535. */
  readonly id: number
  readonly meter: Meter
  /** Mixed into the hash of a key, so that a key has a counter for each algorithm. */
  readonly mask: number
  /** Milliseconds in a slice of the sliding window. */
  readonly sliceMs: number
  /** How many counters name it. */
  uses: number
}

/** What a key has spent at one moment, by one quota. It is filled anew for each key, so that none is made per request. */
export class Reading {
  quota: KnownQuota
  now = 0
  /** The hash of the key, with the mask of its quota. */
  high = 0
  low = 0
  /** Where the counter of the key was found, or -1. */
  place = -1
  /** By GCRA: how far the key is ahead of now, in units of its quota. */
  ahead = 0
  /** By a window: what is spent in all. By the sliding one it may be more than the limit, after a quota has shrunk. */
  used = 0
  /** By the fixed window: when it ends. */
  endMs = 0
  /** By the sliding window: the number of the slice of now, and what was spent in it and in each of those before it. */
  newest = 0
  readonly slices: Float64Array = new Float64Array(COUNTED)

  constructor(quota: KnownQuota) {
    this.quota = quota
  }
}

/** One algorithm: what it keeps of a key, and what it makes of it. */
export interface Meter {
  /** Nothing is spent. */
  readonly clear: (reading: Reading) => void
  /**
   * What is spent of a key that is not whole, now and by the quota of the reading.
   *
   * @param was the quota by which it was counted last
   * @param wholeAt when it is whole by that quota; after now
   * @param extra what else was kept of it
   */
  readonly load: (reading: Reading, was: KnownQuota, wholeAt: number, extra: number) => void
  /**
   * What is to be kept of it, besides the time at which it is whole; 32 bits.
   *
   * @param before what was kept of it, or -1 for a key that was not
   */
  readonly extra: (reading: Reading, before: number) => number
  /** Gives back what was kept. */
  readonly release: (extra: number) => void
  /** Whole units left. */
  readonly remaining: (reading: Reading) => number
  /** Milliseconds until nothing is spent any more. */
  readonly resetMs: (reading: Reading) => number
  /** Milliseconds until there is room for a cost; 0 when there is now, `NEVER` for more than the limit. */
  readonly waitFor: (reading: Reading, cost: number) => number
  /**
   * Spends units or, when they are negative, gives them back: nothing to the limit. What is given back is no more than
   * `withinMs` milliseconds are worth.
   */
  readonly spend: (reading: Reading, units: number, withinMs?: number) => void
  /** How much of the limit is spent: 0 to 1. */
  readonly share: (reading: Reading) => number
}

/** For an algorithm that keeps nothing elsewhere. */
export function releaseNothing(): void {
  // What was kept is gone with the counter.
}

/** What an adjustment adds by a window, which gives back at its end: nothing where that has come back by itself. */
export function given(units: number, withinMs: number | undefined): number {
  return units < 0 && withinMs === 0 ? 0 : units
}
