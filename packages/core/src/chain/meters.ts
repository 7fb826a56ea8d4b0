import type { Observer } from '../contract/event.ts'
import type { Meter } from '../contract/meter.ts'

/** The meters of a policy, as one that never throws. */
export interface Metering extends Pick<Meter, 'onRequest' | 'onResponse' | 'onStoreCall' | 'watch'> {
  /** `undefined` where none of them asks for it. */
  readonly onDecision: Observer | undefined
}

const WARNING = 'A meter of the policy failed. Requests are not affected; what it measures may be wrong.'

/**
 * Makes one meter of those that a policy names; `undefined` for none, so that nothing is measured that nobody reads.
 *
 * They are called on the path of requests, and one may be of somebody's own: what it throws changes no answer, and is told
 * in one process warning (LOG-04).
 */
export function combineMeters(meters: readonly Meter[]): Metering | undefined {
  if (meters.length === 0) return undefined
  let isWarned = false
  /** Not `meters.forEach`: the first that throws would silence the rest. */
  function each<T>(those: readonly T[], tell: (one: T) => void): void {
    for (const one of those) {
      try {
        tell(one)
      } catch {
        if (isWarned) continue
        isWarned = true
        process.emitWarning(WARNING, { code: 'GATEHOUSE_METER' })
      }
    }
  }
  const atOnce = meters.filter((meter) => meter.onDecision !== undefined)
  return {
    onDecision: atOnce.length === 0 ? undefined : (event) => each(atOnce, (one) => one.onDecision?.(event)),
    onRequest: () => each(meters, (one) => one.onRequest()),
    onResponse: (rule, status, ms, check) => each(meters, (one) => one.onResponse(rule, status, ms, check)),
    onStoreCall: (ms, isAnswered, what) => each(meters, (one) => one.onStoreCall(ms, isAnswered, what)),
    watch(gauges) {
      const releases: (() => void)[] = []
      each(meters, (one) => releases.push(one.watch(gauges)))
      return () => each(releases, (release) => release())
    },
  }
}

/** Who hears the events: a meter does, and once where a policy says it twice. */
export function observersOf(observe: readonly Observer[], meters: readonly Meter[]): readonly Observer[] {
  const silent = meters.filter((meter) => !observe.includes(meter.observe))
  return [
    ...observe,
    ...silent.map(
      (meter): Observer =>
        (event) =>
          meter.observe(event),
    ),
  ]
}
