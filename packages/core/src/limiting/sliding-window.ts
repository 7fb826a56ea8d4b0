import { NEVER } from './gcra.ts'
import { COUNTED, given, type Meter, type Reading } from './meter.ts'
import type { SliceRows } from './slice-rows.ts'

/*
 * The strict sliding window, in slices.
 *
 * Time is cut into slices of a sixteenth of the window, rounded up to a millisecond. What is spent in a slice counts
 * until the whole slice is older than a window: at any moment the slice of now and the sixteen before it. These always
 * cover the trailing window, so it never holds more than the limit (RL-02); they cover up to a slice more, which is what
 * the strictness costs.
 *
 * A key is the time at which it is whole, which tells the newest slice in which something was spent, and a row of what was
 * spent in that and in each of the sixteen before it.
 */

/** The sliding window, whose slices are kept in these rows. */
export function slidingWindowMeter(rows: SliceRows): Meter {
  return {
    clear(reading) {
      reading.newest = Math.floor(reading.now / reading.quota.sliceMs)
      reading.used = 0
      reading.slices.fill(0)
    },
    load(reading, was, wholeAt, row) {
      const { slices, quota, now } = reading
      reading.newest = Math.floor(now / quota.sliceMs)
      slices.fill(0)
      // What is left of slices of another width (the quota changed) was spent now: it grants nothing extra.
      const isSame = was.sliceMs === quota.sliceMs
      const older = Math.floor(now / was.sliceMs) - (wholeAt / was.sliceMs - COUNTED)
      let used = 0
      for (let age = older; age < COUNTED; age++) {
        const units = rows.get(row, age - older)
        if (isSame) slices[age] = units
        used += units
      }
      if (!isSame) {
        used = Math.min(used, quota.limit)
        slices[0] = used
      }
      reading.used = used
    },
    extra(reading, before) {
      const { slices } = reading
      const row = before < 0 ? rows.take() : before
      const first = firstSpent(slices)
      for (let i = 0; i < COUNTED; i++) {
        const age = first + i
        rows.set(row, i, age < COUNTED ? (slices[age] ?? 0) : 0)
      }
      return row
    },
    release: (row) => {
      rows.release(row)
    },
    remaining: (reading) => Math.max(reading.quota.limit - reading.used, 0),
    resetMs: (reading) => (reading.used === 0 ? 0 : leavesIn(reading, firstSpent(reading.slices))),
    waitFor(reading, cost) {
      const { quota, slices } = reading
      if (cost > quota.limit) return NEVER
      let { used } = reading
      let age = COUNTED
      while (used + cost > quota.limit) used -= slices[--age] ?? 0
      return age === COUNTED ? 0 : leavesIn(reading, age)
    },
    spend(reading, units, withinMs) {
      const { slices, quota, used } = reading
      if (units > 0) {
        const more = Math.min(units, Math.max(quota.limit - used, 0))
        slices[0] = (slices[0] ?? 0) + more
        reading.used += more
        return
      }
      let back = Math.min(-given(units, withinMs), used)
      reading.used -= back
      for (let age = COUNTED - 1; age >= 0 && back > 0; age--) {
        const off = Math.min(back, slices[age] ?? 0)
        slices[age] = (slices[age] ?? 0) - off
        back -= off
      }
    },
    share: (reading) => Math.min(reading.used / reading.quota.limit, 1),
  }
}

/** The newest slice in which something is spent. */
function firstSpent(slices: Float64Array): number {
  let age = 0
  while (age < COUNTED && slices[age] === 0) age++
  return age
}

/** Milliseconds until the slice of this age counts no longer. */
function leavesIn({ newest, quota, now }: Reading, age: number): number {
  return (newest - age + COUNTED) * quota.sliceMs - now
}
