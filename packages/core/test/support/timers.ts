import type { StartTimer } from '../../src/lib/timer.ts'
import { type MovableClock, movableClock } from './clock.ts'

/** A clock and timers that ring as it is moved. */
export interface MovableTimers {
  readonly clock: MovableClock
  readonly startTimer: StartTimer
  /** Lets time pass: each timer rings at its time, and what it begins goes on before the next. */
  readonly advance: (ms: number) => Promise<void>
  /** How many have neither rung nor been stopped. */
  readonly running: () => number
}

/** Timers on a clock that stands still until it is moved. */
export function movableTimers(clock: MovableClock = movableClock()): MovableTimers {
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>()
  return {
    clock,
    startTimer(ms, ring) {
      const timer = { at: clock.monotonic() + ms, ring }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const end = clock.monotonic() + ms
      for (;;) {
        await settled()
        const [next] = [...timers].toSorted((a, b) => a.at - b.at)
        if (next === undefined || next.at > end) break
        clock.advance(next.at - clock.monotonic())
        timers.delete(next)
        next.ring()
      }
      clock.advance(end - clock.monotonic())
    },
    running: () => timers.size,
  }
}

/** Everything that promises of this turn begin has been done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
