import type { Clock } from '../../src/lib/clock.ts'

/** A clock that stands still until it is moved. */
export interface MovableClock extends Clock {
  /** Lets time pass: both readings go on by `ms`. */
  readonly advance: (ms: number) => void
  /** Jumps the wall clock, as an administrator or NTP does; the monotonic reading stays. */
  readonly jump: (ms: number) => void
}

/** 2026-01-01T00:00:00Z, unless told otherwise. */
export function movableClock(start: number = Date.UTC(2026, 0, 1)): MovableClock {
  let wall = start
  let monotonic = 1_000
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
