import type { Clock } from '@gatehouse/core'

/** A clock that stands still until it is moved. */
export interface MovableClock extends Clock {
  /** Lets time pass: both readings go on by `ms`; back, when it is negative. */
  readonly advance: (ms: number) => void
  /** Jumps the wall clock, as an administrator or NTP does; the monotonic reading stays. */
  readonly jump: (ms: number) => void
}

/**
 * A clock for tests, so that none of them sleeps.
 *
 * @param start what both readings are at first
 * @example
 * const clock = movableClock()
 * const store = memoryStore({ clock })
 * clock.advance(60_000)
 */
export function movableClock(start = 0): MovableClock {
  let wall = start
  let monotonic = start
  return {
    now: () => wall,
    monotonic: () => monotonic,
    advance(ms) {
      wall += ms
      monotonic += ms
    },
    jump(ms) {
      wall += ms
    },
  }
}
