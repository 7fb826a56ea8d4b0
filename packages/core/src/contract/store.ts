/**
 * How a limit is counted.
 *
 * - `'gcra'`: a burst and a rate. No W milliseconds hold more than `limit + floor(W * limit / windowMs)` units (RL-01).
 * - `'sliding-window'`: no trailing window ever holds more than the limit (RL-02). The window is cut into sixteen slices,
 *   and a slice counts until all of it is older than a window, so up to a seventeenth of the rate is not used.
 * - `'fixed-window'`: a window begins with the first charge after the one before it has ended. Two neighbours may hold
 *   their limits close together, so a trailing window may hold twice the limit.
 */
export type Algorithm = 'gcra' | 'sliding-window' | 'fixed-window'

/** One limit as a store counts it. Both numbers are integers. */
export interface Quota {
  /** How many requests (or units of cost) a key may spend at once, and per window. */
  readonly limit: number
  /** In how many milliseconds a spent limit is whole again. */
  readonly windowMs: number
  /** @default 'gcra' */
  readonly algorithm?: Algorithm
}

/** A request's claim on one limit. */
export interface Charge {
  /** Which counter: unique per limit and per key, built by the limiter so that no two identities share one (RL-27). */
  readonly key: string
  /** The limit that it counts towards. */
  readonly quota: Quota
  /** Units to take; a positive integer. */
  readonly cost: number
}

/** A change of what a key has spent, that is not asked for but made. */
export interface Adjustment {
  /** Whose units they are: the key as {@link Charge} has it. */
  readonly key: string
  /** The limit by which they are counted: that of the charges of the key. */
  readonly quota: Quota
  /** Units to add to what is spent (a penalty), or, when negative, to give back; an integer that is not 0. */
  readonly units: number
  /**
   * How many milliseconds ahead what is given back has not come back by itself yet: no more than that is given. Of a
   * charge it is the `resetMs` of its outcome, less the time since. 0 gives nothing. Left out, all is given back.
   */
  readonly withinMs?: number
}

/** What became of one {@link Charge}. */
export interface Outcome {
  /** Whether there is room for it; it was taken only when there was for every charge of the call. */
  readonly allowed: boolean
  /** Whole units left now. */
  readonly remaining: number
  /** Milliseconds until the limit is whole again; an integer, rounded up. */
  readonly resetMs: number
  /**
   * Milliseconds until the same charge would be allowed; 0 when it was. Exact: one less is refused (RL-03).
   * `Number.MAX_SAFE_INTEGER` for a cost above the limit, which no time allows.
   */
  readonly retryAfterMs: number
  /** Whether the key is blocked, whatever it has spent: then nothing remains, and neither time ends before the block. */
  readonly blocked?: true
  /** Whether the store has no room for the key: it is refused for that, and not for what it has spent. */
  readonly noRoom?: true
}

/** What a store may know of a call, besides what it is for. Facts of a request are one. */
export interface StoreCall {
  /**
   * Aborts when nobody waits for the answer any longer. A store may hand it to its client, or not send what has not been
   * sent; it rejects then. It may as well do what was asked, since nobody knows whether it was done. The signal is made
   * when it is asked for.
   */
  readonly signal: AbortSignal
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
  readonly add: (key: string, value: string, ttlMs: number, call?: StoreCall) => boolean | Promise<boolean>
  /** The records under these keys, in their order; `undefined` for one that is not there, or no longer. */
  readonly read: (
    keys: readonly string[],
    call?: StoreCall,
  ) => readonly (string | undefined)[] | Promise<readonly (string | undefined)[]>
  /** Keeps a record, in place of the one under this key if there is one. */
  readonly write: (key: string, value: string, ttlMs: number) => void | Promise<void>
  /** Forgets the record under this key, if there is one: whether there was. Of callers at once one alone is told so. */
  readonly remove: (key: string) => boolean | Promise<boolean>
}

/**
 * Counts limits, by key. Every call is atomic: of any number of callers at once, in any number of processes, each finds
 * what those before it left. A counter is kept for as long as it says something, and no longer (RL-26).
 *
 * A call with no charges, keys or adjustments does nothing. A quota that changes under a key keeps what the key owes, as
 * far as the new one can say it: the time until it is whole, at most a window of it. Another algorithm begins anew.
 *
 * @throws RangeError for a quota, cost, time or number of units that is no such number
 * @throws TypeError for one key with two quotas in one call
 */
export interface Counters {
  /**
   * Decides every charge; outcomes come in the same order. One call decides all limits of one request, all or nothing:
   * when one charge is refused, none is taken (RL-07).
   */
  readonly take: (
    charges: readonly Charge[],
    call?: StoreCall,
  ) => readonly Outcome[] | Promise<readonly Outcome[]>
  /**
   * Whether {@link Counters.take} would allow each charge, were it called now. It takes nothing, so what remains, and the
   * time until a limit is whole, are those of now.
   */
  readonly peek: (
    charges: readonly Charge[],
    call?: StoreCall,
  ) => readonly Outcome[] | Promise<readonly Outcome[]>
  /**
   * Changes what keys have spent, unasked: never beyond the limit, never below nothing. Each adjustment stands for itself.
   * The outcome is that of a charge of one unit after it.
   *
   * What is given back comes off what has been spent the longest, so that no window is ever thought emptier than it is.
   */
  readonly adjust: (adjustments: readonly Adjustment[]) => readonly Outcome[] | Promise<readonly Outcome[]>
  /**
   * Refuses every charge on these keys for a time, whatever they have spent; a later call replaces an earlier one.
   *
   * @param ms for how many milliseconds; a positive integer
   */
  readonly block: (keys: readonly string[], ms: number) => void | Promise<void>
  /** Makes the counters of these keys whole again, and lifts their blocks: after a login that was right, say. */
  readonly reset: (keys: readonly string[]) => void | Promise<void>
}

/**
 * Where a gate keeps what outlives a request: {@link Counters}, and {@link Records}. The keys of the two never meet.
 *
 * A store on this machine answers at once; a shared one returns a promise.
 */
export interface Store extends Counters, Records {
  /** What it is called where people read of it: `memory`. */
  readonly name: string
  /** Releases connections and timers that the store made itself. */
  readonly close: () => void | Promise<void>
}
