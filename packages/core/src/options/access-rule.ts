import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import { optional, type OptionReader, type Place, readOptions, report } from './read.ts'
import { callback, distinctList, roleName, scopeName } from './readers.ts'

/**
 * Decides about one request when scopes and roles do not suffice.
 *
 * Only `true` lets the request through: one that throws, rejects or gives anything but a boolean is a refusal
 * (AZ-03).
 */
export type Predicate<P extends Principal = Principal> = (
  principal: P,
  request: RequestFacts,
) => boolean | Promise<boolean>

/**
 * The parts of a rule that say who may pass. All that are given must hold.
 *
 * A rule with none of them needs an authenticated caller as soon as the policy has an `authenticate`.
 *
 * @typeParam P the principal of the policy's `authenticate`
 * @example
 * routes: {
 *   'GET /health': { public: 'load balancers ask it' },
 *   'GET /orders': { scopes: ['orders:read'] },
 *   'DELETE /orders/:id': { roles: ['admin'], when: (caller) => caller.subject !== 'intern', deniedAs: 404 },
 * }
 */
export interface AccessRule<P extends Principal = Principal> {
  /** Nobody needs to be authenticated, and why that is right. Excludes every other part but {@link AccessRule.deniedAs}. */
  readonly public?: string
  /**
   * A caller who presents credentials is known, and refused when they are bad (AUT-10); whoever presents none is
   * nobody, and why that is right. Excludes every other part. The handler asks `pass.authenticated`.
   */
  readonly optional?: string
  /** Anybody who is authenticated may pass: what holds anyway, said aloud. */
  readonly authenticated?: true
  /**
   * Scopes that the caller needs: a list means all of them. Compared as whole texts, case included (RFC 6749 §3.3).
   * The challenge of a refusal names all of `all`, and the first of `any`: a client asks for no more than it needs.
   */
  readonly scopes?:
    readonly string[] | { readonly all: readonly string[] } | { readonly any: readonly string[] }
  /** Roles of which the caller needs one; the policy's `roles` may say which roles include them. */
  readonly roles?: readonly string[]
  /** Asked last, with a caller who has the scopes and roles. */
  readonly when?: Predicate<P>
  /**
   * What a caller sees who is known and may not pass: 403, or 404 where even the existence of a thing is a secret.
   *
   * @default 403
   */
  readonly deniedAs?: 403 | 404
}

/** Scopes of a rule, read. */
export interface ScopeDemand {
  readonly needs: 'all' | 'any'
  readonly names: readonly string[]
}

/** An {@link AccessRule}, read. */
export interface AccessRead {
  readonly public: string | undefined
  readonly optional: string | undefined
  readonly authenticated: true | undefined
  readonly scopes: ScopeDemand | undefined
  readonly roles: readonly string[] | undefined
  readonly when: Predicate | undefined
  readonly deniedAs: 403 | 404 | undefined
}

const SCOPES = distinctList(scopeName(), { min: 1, example: "at least one scope, such as ['data:read']" })
const ROLES = distinctList(roleName(), { min: 1, example: "at least one role, such as ['admin']" })

/** Reads the access parts of a rule; spread it among the readers of the rule's other parts. */
export const ACCESS_READERS: { readonly [K in keyof AccessRead]: OptionReader<AccessRead[K]> } = {
  public: optional<string>(readReason),
  optional: optional<string>(readReason),
  authenticated: optional<true>(readAuthenticated),
  scopes: optional<ScopeDemand>(readScopes),
  roles: optional(ROLES),
  when: optional(callback<Predicate>('(principal, request) => true or false')),
  deniedAs: optional<403 | 404>(readDeniedAs),
}

function readReason(value: unknown, place: Place): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value
  return report(
    place,
    'malformed_value',
    'does not say why.',
    "Write the reason, such as 'load balancers ask it'.",
  )
}

function readAuthenticated(value: unknown, place: Place): true | undefined {
  if (value === true) return value
  if (value !== false) return report(place, 'wrong_type', 'is not true.', 'Write true, or leave it out.')
  return report(place, 'unsafe_value', 'would open the route in passing.', "Write public: 'why' instead.")
}

function readDeniedAs(value: unknown, place: Place): 403 | 404 | undefined {
  return value === 403 || value === 404
    ? value
    : report(place, 'out_of_range', 'is not a status of a denial.', 'Write 403 or 404.')
}

function readScopes(value: unknown, place: Place): ScopeDemand | undefined {
  const before = place.mistakes.count
  const read = Array.isArray(value)
    ? { all: SCOPES(value, place), any: undefined }
    : readOptions(place, value, { all: optional(SCOPES), any: optional(SCOPES) })
  if (read === undefined) return undefined
  const { all, any } = read
  if (all !== undefined && any !== undefined) {
    return report(place, 'contradiction', 'asks for all and for any.', 'Write one of the two.')
  }
  if (all !== undefined) return { needs: 'all', names: all }
  if (any !== undefined) return { needs: 'any', names: any }
  // An empty object would ask for nothing, and read as if it asked for something.
  if (place.mistakes.count > before) return undefined
  return report(place, 'missing_option', 'names no scopes.', "Write ['data:read'] or { any: ['data:read'] }.")
}
