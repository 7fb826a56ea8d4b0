import type { Clock } from '../lib/clock.ts'
import type { Fields, Warning } from './check.ts'
import type { SchemeDescription } from './description.ts'
import type { Kind } from './kinds.ts'
import type { KeySet } from './meter.ts'
import type { Mistakes } from './mistakes.ts'
import type { Principal } from './principal.ts'
import type { RequestFacts } from './request.ts'
import type { Records, Store } from './store.ts'

/** The kinds that a scheme may refuse with; each row of the table names its RFC 6750 error. */
export type CredentialKind = Extract<
  Kind,
  `credentials.${string}` | `token.${string}` | `proof.${string}` | `login.${string}` | `dependency.${string}`
>

/** The request has nothing for this scheme. */
export interface NoCredentials {
  readonly type: 'none'
}

/** The credentials are good. */
export interface Authenticated<P extends Principal> {
  readonly type: 'authenticated'
  readonly principal: P
  /** Fields of the response, whatever it will be: a renewed `Set-Cookie`, a `DPoP-Nonce`. */
  readonly fields?: Fields | undefined
  /** What went wrong all the same, for the log: keys that are stale, say. */
  readonly warning?: Warning | undefined
}

/** The request has credentials for this scheme, and they are not good: refused, whatever else might accept it (AUT-14). */
export interface BadCredentials {
  readonly type: 'bad'
  readonly kind: CredentialKind
  /** Why, for the log alone: constant text, no part of the credential (AUT-07). */
  readonly reason: string
  /** What was thrown, where something was: for the events alone, never sent and never printed by itself (LOG-02). */
  readonly error?: unknown
  /**
   * The account that the credentials are for, as it was written, where they name one: `alice`. Events have a keyed hash of it
   * alone, so that many guesses on one account, or on many, can be told apart from other mistakes.
   */
  readonly account?: string | undefined
  /** Fields of the refusal besides its challenges: `DPoP-Nonce`, `Retry-After`, a `Set-Cookie` that clears. */
  readonly fields?: Fields | undefined
}

/** What a scheme makes of a request. */
export type Identification<P extends Principal> = NoCredentials | Authenticated<P> | BadCredentials

/** What a scheme is compiled with. */
export interface SchemeContext {
  /** Where to report unusable options, so that the author of the policy sees all of them at once. */
  readonly mistakes: Mistakes
  /** The path of the scheme's options in the policy, such as `authenticate`. */
  readonly path: string
  /** The clock of the policy. */
  readonly clock: Clock
  /** The store of the policy: what a scheme has to remember, unless its options name another. */
  readonly store: Records & Pick<Store, 'take' | 'reset'>
  /** Notes what is to be released when the gate closes: connections, requests under way (REQ-17). */
  readonly onClose: (release: () => void) => void
  /** Notes a set of keys that another server publishes, for the metrics of the policy; absent where it has none. */
  readonly onKeySet?: (keys: KeySet) => void
}

/** One parameter of a challenge, in the order it is sent. */
export type ChallengeParams = readonly (readonly [name: string, value: string])[]

/** A scheme that is ready to verify. */
export interface CompiledScheme<P extends Principal = Principal> {
  /** What it is called; of the members of `anyOf` and `allOf` no two have one name. */
  readonly name: string
  /** The request fields that carry its credentials, in lower case: in clear they are refused, not redirected (TLS-01). */
  readonly fields: readonly string[]
  /** The query parameters that carry its credentials, if any: in clear they are refused, too (TLS-01). */
  readonly queryFields?: readonly string[]
  /** Synchronous unless it truly waits. Never throws for what a client sent; a throw is a refusal (AUT-10). */
  readonly identify: (request: RequestFacts) => Identification<P> | Promise<Identification<P>>
  /**
   * The authentication schemes of the Authorization field that it takes, in lower case: `bearer`, `dpop`. Two schemes
   * that take the same one cannot stand side by side.
   */
  readonly authSchemes?: readonly string[]
  /**
   * One challenge for `WWW-Authenticate` (RFC 9110 §11.6.1) per authentication scheme; called when the policy is
   * compiled, never per refusal, unless {@link CompiledScheme.fresh} says so.
   */
  readonly challenges: (params: ChallengeParams) => readonly string[]
  /** Whether a challenge is good once alone, so that it is made for each refusal: the nonce of Digest. */
  readonly fresh?: boolean
  /** How OpenAPI writes it; a scheme without it is an `http` scheme of its name. */
  readonly describe?: () => SchemeDescription
}

/**
 * A way to learn who is calling: a description that the gate compiles with its own clock, and whose mistakes it
 * reports with all others of the policy.
 *
 * @typeParam P what the scheme knows about a caller; it becomes the type of `pass.principal`
 */
export interface Scheme<P extends Principal = Principal> {
  /** What it is called before it is compiled. */
  readonly name: string
  /** Makes it ready to verify. It reports what is wrong with its options, and throws nothing but a ConfigError. */
  readonly compile: (context: SchemeContext) => CompiledScheme<P>
}

/**
 * What a scheme gives for a request that has nothing for it.
 *
 * @example
 * if (request.headers['x-caller'] === undefined) return NO_CREDENTIALS
 */
export const NO_CREDENTIALS: NoCredentials = Object.freeze({ type: 'none' })

/**
 * What a scheme gives for credentials that are good.
 *
 * @example
 * return authenticated({ scheme: 'own', subject: 'alice', issuer: undefined, scopes: [], roles: ['admin'] })
 */
export function authenticated<P extends Principal>(principal: P): Authenticated<P> {
  return { type: 'authenticated', principal }
}

/**
 * What a scheme gives for credentials that are not good: the request is refused, whatever else might accept it.
 *
 * @param kind what happened; it decides the code and status that the client sees
 * @param reason why, for the log alone: constant text, no part of the credential (AUT-07)
 * @example
 * return bad('credentials.expired', 'the ticket has expired')
 * @see RFC 6750 §3.1
 */
export function bad(kind: CredentialKind, reason: string): BadCredentials {
  return { type: 'bad', kind, reason }
}
