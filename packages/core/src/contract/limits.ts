import type { Duration } from '../lib/duration.ts'
import type { Principal } from './principal.ts'

/** Where a key stands with one limit. */
export interface LimitState {
  /** The limit itself. */
  readonly limit: number
  /** Whole units left now. */
  readonly remaining: number
  /** Milliseconds until the limit is whole again. */
  readonly resetMs: number
  /** Milliseconds until one unit would be allowed; 0 when it is now. */
  readonly retryAfterMs: number
  /** Whether the key is shut out by a ban or by {@link LimitControl.block}, whatever it has spent. */
  readonly blocked: boolean
}

/**
 * One limit, for one key: what an application looks at and changes by itself.
 *
 * Each call asks the store, and rejects when the store does not answer; with a RangeError for units that are no positive
 * integer, and for a time that is no duration.
 */
export interface LimitControl {
  /** Looks, and takes nothing. */
  readonly peek: () => Promise<LimitState>
  /** Takes units that nobody asked for, 1 unless said, as far as there are any: after a wrong answer to a challenge, say. */
  readonly penalize: (units?: number) => Promise<LimitState>
  /** Gives units back, 1 unless said, up to the whole limit. */
  readonly reward: (units?: number) => Promise<LimitState>
  /** Makes the limit whole for this key, and lifts its block and what led to it. */
  readonly reset: () => Promise<void>
  /** Refuses everything for this key for a time, whatever it has spent; a later call replaces an earlier one. */
  readonly block: (duration: Duration) => Promise<void>
}

/** One limit, for the key of a request that it has counted. */
export interface RequestLimit extends LimitControl {
  /**
   * Says what the request has cost in the end: the difference to what was taken is taken, or given back. For work whose
   * cost is known afterwards: take a guess with `cost`, and settle it here. Said again, the last word counts.
   *
   * @param units what it has cost; 0 for nothing, else a positive integer. More than is left takes all that is left; of what
   *   left nothing, nothing is given back later, since nobody knows how much of it was taken
   * @example
   * await pass.limit('tokens').settle(completion.usage.total_tokens)
   */
  readonly settle: (units: number) => Promise<LimitState>
}

/**
 * Whom a limit counts, in the words of its `by`: an address for `'client'`, a caller for `'principal'` (or an address, for
 * those whom nobody has authenticated), a text for
 * `'key'`, `'tenant'` and functions, the name of the rule for `'route'`.
 */
export type Counted = string | Pick<Principal, 'subject' | 'issuer'>

/** One limit of a policy. */
export interface PolicyLimit {
  /**
   * The limit for one key, outside of a request: to lift a ban, to look at an account.
   *
   * @param who one for each word of the limit's `by`, in its order
   * @throws TypeError when they do not fit the limit
   * @example
   * await gate.limit('login').of('203.0.113.7').reset()
   */
  readonly of: (...who: readonly Counted[]) => LimitControl
}
