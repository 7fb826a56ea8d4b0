import type { RequestFacts } from '../../contract/request.ts'
import type { StartTimer } from '../../lib/timer.ts'

/**
 * Says whether an origin may read the API: a look-up among tenants, say.
 *
 * It is asked once per request that names an origin, preflights included, and only about origins in the form that
 * browsers send; `null` is never asked about. Anything but `true` is a no: a throw, a rejection, a late answer, a
 * truthy text.
 */
export type OriginResolver = (origin: string, request: RequestFacts) => boolean | Promise<boolean>

/** What became of one origin. */
export type OriginVerdict =
  | 'allowed'
  | 'denied'
  /** The resolver threw, rejected, or gave no boolean: denied (COR-21). */
  | 'failed'
  /** The resolver did not answer before its deadline: denied (COR-21). */
  | 'late'

/** Asks a resolver: at once when it answers at once, within `deadlineMs` when it waits, never by throwing. */
export function askResolver(
  resolver: OriginResolver,
  origin: string,
  request: RequestFacts,
  deadlineMs: number,
  start: StartTimer,
): OriginVerdict | Promise<OriginVerdict> {
  let given: unknown
  try {
    given = resolver(origin, request)
  } catch {
    return 'failed'
  }
  if (typeof given !== 'object' || given === null) return verdictOf(given)
  return new Promise((resolve) => {
    const cancel = start(deadlineMs, () => resolve('late'))
    const settle = (verdict: OriginVerdict): void => {
      cancel()
      resolve(verdict)
    }
    // What comes after the deadline settles nothing, and a late rejection is still handled: it must not end the process.
    Promise.resolve(given).then(
      (value) => settle(verdictOf(value)),
      () => settle('failed'),
    )
  })
}

function verdictOf(value: unknown): OriginVerdict {
  if (value === true) return 'allowed'
  return value === false ? 'denied' : 'failed'
}
