import { PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { Duration } from '../lib/duration.ts'
import { optional, type OptionReaders, type Place, readOptions } from '../options/read.ts'
import { callback, duration } from '../options/readers.ts'

/** How important a route is, when not everything can be answered. */
export type Priority = 'critical' | 'normal' | 'low'

/**
 * Sheds load while the event loop is late, so that what is let through is answered in time.
 *
 * @example
 * shed: { maxDelay: '200ms' }
 */
export interface Shedding {
  /**
   * How late the event loop may be: 10 milliseconds to 10 seconds. From half of it on a growing share of the `low`
   * requests is refused, from the whole of it all of them and a growing share of the `normal` ones, from twice of it
   * all of these, too. `critical` requests never are.
   *
   * @default '200ms'
   */
  readonly maxDelay?: Duration
  /**
   * Says how late the event loop is, in milliseconds; for tests, and for who knows better. It is asked for every request.
   * When it throws, or gives no number that is not negative, the request is refused with 503.
   *
   * @default a moving average, measured every 50 milliseconds
   */
  readonly delay?: () => number
}

/** The guards of routes by their priority. */
export type ShedGuards = Readonly<Record<Priority, Guard>>

/** Where each priority begins to be shed, and where all of it is: as parts of the delay that is allowed. */
const RAMPS: Readonly<Record<Exclude<Priority, 'critical'>, { readonly from: number; readonly to: number }>> =
  {
    low: { from: 0.5, to: 1 },
    normal: { from: 1, to: 2 },
  }

const READERS = {
  maxDelay: optional(duration('10ms', '10s'), 200),
  delay: optional(callback<() => number>('() => the delay in milliseconds')),
} satisfies OptionReaders<Shedding>

const NONE: ShedGuards = Object.freeze({ critical: NO_GUARD, normal: NO_GUARD, low: NO_GUARD })

const FAILED: Refusal = Object.freeze(
  refuse('dependency.failed', 'the function "delay" of shed threw, or gave no delay'),
)

/**
 * Compiles the option `shed`.
 *
 * @param measure gives a way to measure the delay, where the policy names none
 */
export function compileShed(place: Place, value: unknown, measure: () => () => number): ShedGuards {
  const read = value === undefined ? undefined : readOptions(place, value, READERS)
  if (read === undefined) return NONE
  const { maxDelay, delay = measure() } = read
  return { critical: NO_GUARD, normal: guard('normal', maxDelay, delay), low: guard('low', maxDelay, delay) }
}

function guard(priority: keyof typeof RAMPS, maxDelay: number, delay: () => number): Guard {
  const from = RAMPS[priority].from * maxDelay
  const to = RAMPS[priority].to * maxDelay
  // Those who are refused together shall not come back together.
  const refusals = ['1', '2', '3'].map((seconds) =>
    refuse('load.shed', `the event loop is late: requests of ${priority} priority are shed`, [
      'Retry-After',
      seconds,
    ]),
  )
  let refused = 0
  let due = 0

  /** Refuses a share, evenly and without chance. */
  function shedShare(share: number): Verdict {
    due += Math.min(share, 1)
    if (due < 1) return PASS
    due -= 1
    return refusals[refused++ % refusals.length] ?? FAILED
  }

  return {
    check: {
      name: 'shed',
      decide() {
        let late: unknown
        try {
          late = delay()
        } catch {
          return FAILED
        }
        if (typeof late !== 'number' || !(late >= 0)) return FAILED
        return late <= from ? PASS : shedShare((late - from) / (to - from))
      },
    },
    response: undefined,
  }
}
