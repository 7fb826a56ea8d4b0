import type { Check, Fields } from './check.ts'
import type { RequestFacts } from './request.ts'

/**
 * Fields that a guard adds to *every* response, whoever wrote it: handler, framework, refusal.
 *
 * The finisher writes them at the last moment, since a framework's error path clears what was set earlier.
 */
export interface ResponseFields {
  /** Who adds them, for conflict events. */
  readonly name: string
  /**
   * Whose value stays when the handler set one of {@link ResponseFields.names} itself: `gate` where two values would
   * be a hole (CORS, HSTS), `handler` where the handler knows better (HDR-04). Either way a conflict is reported.
   */
  readonly wins: 'gate' | 'handler'
  /** Names of all fields that it may add, in lower case. */
  readonly names: readonly string[]
  /** The fields for the response to this request: a list made when the policy was compiled, picked here. */
  readonly fields: (request: RequestFacts) => Fields
  /** The same fields for a response that a nonce was made for; absent where they have no room for one. */
  readonly withNonce?: (nonce: string) => Fields
  /** The request field that {@link ResponseFields.fields} depends on, for `Vary`; `undefined` when on none. */
  readonly vary: string | undefined
}

/** What a guard is compiled to: a check, fields for every response, both, or nothing. */
export interface Guard {
  readonly check: Check | undefined
  readonly response: ResponseFields | undefined
}

/** A guard that does nothing: what an option that was not given compiles to. */
export const NO_GUARD: Guard = Object.freeze({ check: undefined, response: undefined })
