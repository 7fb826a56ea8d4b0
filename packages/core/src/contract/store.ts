/** One limit as a store counts it. Both numbers are integers. */
export interface Quota {
  /** How many requests (or units of cost) a key may spend at once, and per window. */
  readonly limit: number
  /** In how many milliseconds a spent limit is whole again. */
  readonly windowMs: number
}

/** A request's claim on one limit. */
export interface Charge {
  /** Which counter: unique per limit and per key, built by the limiter so that no two identities share one (RL-27). */
  readonly key: string
  readonly quota: Quota
  /** Units to take; a positive integer. */
  readonly cost: number
}

/** What became of one {@link Charge}. */
export interface Outcome {
  readonly allowed: boolean
  /** Whole units left now. */
  readonly remaining: number
  /** Milliseconds until the limit is whole again; an integer, rounded up. */
  readonly resetMs: number
  /** Milliseconds until the same charge would be allowed; 0 when it was. Exact: one less is refused (RL-03). */
  readonly retryAfterMs: number
}

/**
 * Where counters live.
 *
 * One call decides all limits of one request, all or nothing: when one charge is refused, none is taken. A
 * store on this machine answers at once; a shared one returns a promise.
 */
export interface Store {
  readonly name: string
  /** Decides every charge; outcomes come in the same order. */
  readonly take: (charges: readonly Charge[]) => readonly Outcome[] | Promise<readonly Outcome[]>
  /** Releases connections and timers. */
  readonly close: () => void | Promise<void>
}
