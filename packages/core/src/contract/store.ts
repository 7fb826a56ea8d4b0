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
 * Short texts that are remembered for a time: a proof that was used, a token that was revoked, a session that ended.
 *
 * What is remembered is what keeps an attacker out, so a store that has no room for a record throws, and whoever asked
 * refuses; it never makes room by forgetting one that has not expired.
 */
export interface Records {
  /**
   * Keeps a record unless there is one under this key: whether it was kept. Of any number of callers at once, in any
   * number of processes, one alone is told so.
   *
   * @param ttlMs after how many milliseconds the record is gone; a positive integer
   */
  readonly add: (key: string, value: string, ttlMs: number) => boolean | Promise<boolean>
  /** The records under these keys, in their order; `undefined` for one that is not there, or no longer. */
  readonly read: (
    keys: readonly string[],
  ) => readonly (string | undefined)[] | Promise<readonly (string | undefined)[]>
  /** Keeps a record, in place of the one under this key if there is one. */
  readonly write: (key: string, value: string, ttlMs: number) => void | Promise<void>
  /** Forgets the record under this key, if there is one: whether there was. Of callers at once one alone is told so. */
  readonly remove: (key: string) => boolean | Promise<boolean>
}

/**
 * Where a gate keeps what outlives a request: counters, and {@link Records}. The keys of the two never meet.
 *
 * A store on this machine answers at once; a shared one returns a promise.
 */
export interface Store extends Records {
  readonly name: string
  /**
   * Decides every charge; outcomes come in the same order. One call decides all limits of one request, all or nothing:
   * when one charge is refused, none is taken.
   */
  readonly take: (charges: readonly Charge[]) => readonly Outcome[] | Promise<readonly Outcome[]>
  /** Makes the counters of these keys whole again: after a login that was right, say. */
  readonly reset: (keys: readonly string[]) => void | Promise<void>
  /** Releases connections and timers. */
  readonly close: () => void | Promise<void>
}
