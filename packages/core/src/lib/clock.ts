// Once: the global is looked up by a getter, each time.
const performance = globalThis.performance

/** Where every other module reads the time, so that a test can move it. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch; may jump. For claims, expiry dates and events. */
  now(): number
  /** Milliseconds from an arbitrary start; never goes back. For windows, deadlines and ages. */
  monotonic(): number
}

/**
 * The clock of this process: what every `clock` option is unless it is given.
 *
 * @example
 * const late: Clock = { ...systemClock, now: () => systemClock.now() + 60_000 }
 */
export const systemClock: Clock = Object.freeze({
  now: (): number => Date.now(),
  monotonic: (): number => performance.now(),
})
