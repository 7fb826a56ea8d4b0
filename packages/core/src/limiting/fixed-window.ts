import { NEVER } from './gcra.ts'
import { given, type Meter, releaseNothing } from './meter.ts'

/**
 * The fixed window: it begins with the first charge, and holds no more than the limit until it ends.
 *
 * A key is two integers: when its window ends, and how much of it is spent. A window that has ended stays ended, whatever
 * the quota is then: so it makes no difference whether it was removed in between. One that ends later than a window from
 * now (the quota changed) ends then: what is spent stays spent, and nobody waits longer.
 */
export const fixedWindowMeter: Meter = {
  clear(reading) {
    reading.endMs = reading.now + reading.quota.windowMs
    reading.used = 0
  },
  load(reading, _was, wholeAt, extra) {
    const { quota, now } = reading
    reading.endMs = Math.min(wholeAt, now + quota.windowMs)
    reading.used = Math.min(extra, quota.limit)
  },
  extra: (reading) => reading.used,
  release: releaseNothing,
  remaining: (reading) => reading.quota.limit - reading.used,
  resetMs: ({ used, endMs, now }) => (used === 0 ? 0 : endMs - now),
  waitFor({ used, endMs, quota, now }, cost) {
    if (cost > quota.limit) return NEVER
    return used + cost <= quota.limit ? 0 : endMs - now
  },
  spend(reading, units, withinMs) {
    reading.used = Math.min(Math.max(reading.used + given(units, withinMs), 0), reading.quota.limit)
  },
  share: (reading) => reading.used / reading.quota.limit,
}
