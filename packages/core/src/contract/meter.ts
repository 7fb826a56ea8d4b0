import type { SecurityEvent } from './event.ts'

/** A set of keys that another server publishes. */
export interface KeySet {
  /** Whose keys they are. */
  readonly issuer: string
  /** How many milliseconds ago they were fetched; `undefined` while there are none. */
  readonly ageMs: () => number | undefined
}

/** What the store of a policy is used for. */
export type StoreUse = 'limits' | 'records'

/** What a gate can be asked at any time. */
export interface Gauges {
  /** Whether the store of the limits answers: it is not left alone after failures. */
  readonly storeUp: () => boolean
  /** The sets of keys that are fetched from issuers. */
  readonly keySets: () => readonly KeySet[]
}

/**
 * Measures a gate: the option `metrics` of a policy. {@link Policy.metrics}
 *
 * Everything is called on the path of requests, but for `observe`: it has to be cheap, and must not throw. What it throws
 * changes nothing, and is told in a process warning.
 */
export interface Meter {
  /** Hears every event, after the fact, like an observer of the policy. */
  readonly observe: (event: SecurityEvent) => void
  /** Hears every event at once, in the asynchronous context of its request: where a trace knows the span. */
  readonly onDecision?: (event: SecurityEvent) => void
  /** A request came. */
  readonly onRequest: () => void
  /**
   * A response is over.
   *
   * @param rule the rule of the request: from the policy, so that there are few of them
   * @param status 0 when none was sent
   * @param ms how long it took, from the header section of the request on
   * @param check the check that refused the request or answered it; not there where it went on to the handler
   */
  readonly onResponse: (rule: string, status: number, ms: number, check?: string) => void
  /**
   * The store of the policy has answered, or failed to.
   *
   * @param what what it was asked for: `limits`, or the `records` of schemes and idempotency keys
   */
  readonly onStoreCall: (ms: number, isAnswered: boolean, what: StoreUse) => void
  /** A gate is there to be asked, until what this gives is called. */
  readonly watch: (gauges: Gauges) => () => void
}
