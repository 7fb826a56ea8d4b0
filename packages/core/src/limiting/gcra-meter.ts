import { aheadOf, earlyAt, remainingAt, resetAt, waitFor } from './gcra.ts'
import { type Meter, releaseNothing } from './meter.ts'

/** GCRA keeps the theoretical arrival time: when a key is whole, and how many units of time before that. */
export const gcraMeter: Meter = {
  clear(reading) {
    reading.ahead = 0
  },
  load(reading, was, wholeAt, extra) {
    const { quota, now } = reading
    // The remainder is in units of the rate that it was counted with; without it, time is rounded up.
    const early = was.unitsPerMs === quota.unitsPerMs ? extra : 0
    reading.ahead = aheadOf(quota, wholeAt, early, now)
  },
  extra: ({ quota, ahead }) => earlyAt(quota, ahead, resetAt(quota, ahead)),
  release: releaseNothing,
  remaining: (reading) => remainingAt(reading.quota, reading.ahead),
  resetMs: (reading) => resetAt(reading.quota, reading.ahead),
  waitFor: (reading, cost) => waitFor(reading.quota, reading.ahead, cost),
  spend(reading, units, withinMs = reading.quota.windowMs) {
    const { limit, windowMs, interval, unitsPerMs, capacity } = reading.quota
    // No more comes back than a window is worth, so the product stays exact.
    const most = Math.min(withinMs, windowMs) * unitsPerMs
    const change = Math.max(Math.min(Math.max(units, -limit), limit) * interval, -most)
    reading.ahead = Math.min(Math.max(reading.ahead + change, 0), capacity)
  },
  share: (reading) => reading.ahead / reading.quota.capacity,
}
