import type { Decision } from '../contract/decision.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import type { Duration } from '../lib/duration.ts'
import { type ObjectRead, type ObjectRule, readDenialStatus, readObject } from './object-rule.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReader,
  type Place,
  plainObject,
  readOptions,
  report,
} from './read.ts'
import { callback, distinctList, duration, permissionName, roleName, scopeName } from './readers.ts'

/**
 * Decides about one request when scopes and roles do not suffice.
 *
 * Only `true`, or a {@link Decision} that allows, lets the request through: one that throws, rejects or gives anything
 * else is a refusal (AZ-03). What a Decision says besides goes to the log, and never to the client (AZ-08).
 */
export type Predicate<P extends Principal = Principal> = (
  principal: P,
  request: RequestFacts,
) => boolean | Decision | Promise<boolean | Decision>

/**
 * Says whether a deny rule applies: `true` shuts the caller out. Only `false` does not: one that throws, rejects or
 * gives anything else shuts out as well.
 */
export type DenyPredicate<P extends Principal = Principal> = (
  principal: P,
  request: RequestFacts,
) => boolean | Promise<boolean>

/** How well, and how lately, a user has to be authenticated (RFC 9470). All that is given must hold. */
export interface StepUp {
  /** The values of `acr` that suffice, compared exactly: one of them. A client is told them in this order. */
  readonly acr?: readonly string[]
  /** How long ago the user may have been authenticated: 1 second to a year, in whole seconds. */
  readonly maxAge?: Duration
}

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
 *   'GET /orders/:id': {
 *     object: { load: ({ id }) => orders.find(id), owner: (order: Order) => order.customer },
 *   },
 * }
 */
export interface AccessRule<P extends Principal = Principal> {
  /** Nobody needs to be authenticated, and why that is right. Excludes every other part but {@link AccessRule.deniedAs}. */
  readonly public?: string
  /**
   * A caller who presents credentials is known, and refused when they are bad (AUT-10); whoever presents none is
   * nobody, and why that is right. Excludes every other part but {@link AccessRule.deny}, which is asked about a caller
   * who is known. The handler asks `pass.authenticated`.
   */
  readonly optional?: string
  /** Anybody who is authenticated may pass: what holds anyway, said aloud. */
  readonly authenticated?: true
  /**
   * Who is shut out whatever else they may do, by names that the log tells. Asked first, besides the policy's `deny`.
   *
   * @example
   * deny: { 'frozen accounts': (caller) => accounts.isFrozen(caller.subject) }
   */
  readonly deny?: Readonly<Record<string, DenyPredicate<P>>>
  /**
   * Scopes that the caller needs: a list means all of them. Compared as whole texts, case included (RFC 6749 §3.3).
   * The challenge of a refusal names all of `all`, and the first of `any`: a client asks for no more than it needs.
   */
  readonly scopes?:
    | readonly string[]
    | {
        /** Every one of them is needed, as in a plain list. */
        readonly all: readonly string[]
      }
    | {
        /** One of them is enough. */
        readonly any: readonly string[]
      }
  /** Roles of which the caller needs one; the policy's `roles` may say which roles include them. */
  readonly roles?: readonly string[]
  /** Permissions that the caller needs, all of them: by the policy's `roles`, or of the caller's own. */
  readonly permissions?: readonly string[]
  /**
   * The tenant that the request is for: the name of a part of the path, or a function. It must be the very tenant that
   * the policy's `tenant` says the caller belongs to; where either is missing, the request is refused (ASVS 8.4.1).
   */
  readonly tenant?: string | ((request: RequestFacts) => string | undefined)
  /**
   * A stronger or more recent authentication than the caller may have. Who lacks it gets a 401 that says how to come
   * back, whatever {@link AccessRule.deniedAs} says: it is asked of callers who hold all of the above.
   */
  readonly stepUp?: StepUp
  /** Asked of a caller for whom all of the above holds. */
  readonly when?: Predicate<P>
  /**
   * The one object that the request is about: the gate loads it and decides about it before the handler runs, or, as
   * `'handler'`, the handler does, and says so with `pass.decide` or `pass.owns` before it answers with success (API1).
   */
  readonly object?: ObjectRule<P> | 'handler'
  /**
   * What a caller sees who is known and may not pass: 403, or 404 where even the existence of a thing is a secret. An
   * {@link AccessRule.object} says its own.
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

/** A deny rule, read. */
export interface DenyRule {
  readonly name: string
  readonly applies: DenyPredicate
}

/** A {@link StepUp}, read. */
export interface StepUpRead {
  readonly acr: readonly string[] | undefined
  /** In milliseconds. */
  readonly maxAge: number | undefined
}

/** An {@link AccessRule}, read. */
export interface AccessRead {
  readonly public: string | undefined
  readonly optional: string | undefined
  readonly authenticated: true | undefined
  readonly deny: readonly DenyRule[] | undefined
  readonly scopes: ScopeDemand | undefined
  readonly roles: readonly string[] | undefined
  readonly permissions: readonly string[] | undefined
  readonly tenant: AccessRule['tenant'] | undefined
  readonly stepUp: StepUpRead | undefined
  readonly when: Predicate | undefined
  readonly object: ObjectRead | 'handler' | undefined
  readonly deniedAs: 403 | 404 | undefined
}

/** The parts that ask something of a caller who is known, in the order of the options. */
export const CALLER_PARTS: readonly Exclude<keyof AccessRead, 'public' | 'optional' | 'deniedAs'>[] = [
  'authenticated',
  'deny',
  'scopes',
  'roles',
  'permissions',
  'tenant',
  'stepUp',
  'when',
  'object',
]

const SCOPES = distinctList(scopeName(), { min: 1, example: "at least one scope, such as ['data:read']" })
const ROLES = distinctList(roleName(), { min: 1, example: "at least one role, such as ['admin']" })
const PERMISSIONS = distinctList(permissionName(), {
  min: 1,
  example: "at least one permission, such as ['orders:delete']",
})
// RFC 9470 §3: "acr_values" is a list that spaces part, so a value is spelled like a scope.
const ACR = distinctList(scopeName(), {
  min: 1,
  example: "at least one acr value, such as ['urn:example:mfa']",
})

/** Reads the access parts of a rule; spread it among the readers of the rule's other parts. */
export const ACCESS_READERS: { readonly [K in keyof AccessRead]: OptionReader<AccessRead[K]> } = {
  public: optional<string>(readReason),
  optional: optional<string>(readReason),
  authenticated: optional<true>(readAuthenticated),
  deny: optional<readonly DenyRule[]>(readDeny),
  scopes: optional<ScopeDemand>(readScopes),
  roles: optional(ROLES),
  permissions: optional(PERMISSIONS),
  tenant: optional<NonNullable<AccessRule['tenant']>>(readTenant),
  stepUp: optional<StepUpRead>(readStepUp),
  when: optional(callback<Predicate>('(principal, request) => true or false')),
  object: optional<ObjectRead | 'handler'>(readObject),
  deniedAs: optional<403 | 404>(readDenialStatus),
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

/** Reads deny rules, of the policy or of a rule. */
export function readDeny(value: unknown, place: Place): readonly DenyRule[] | undefined {
  const instead = "Write { 'suspended accounts': (principal) => true or false }."
  const given = plainObject(place, value, 'an object of named deny rules', instead)
  if (given === undefined) return undefined
  const readApplies = callback<DenyPredicate>('(principal, request) => true or false')
  const rules = entriesOf(place, given).flatMap(([name, one]) => {
    const where = at(place, name)
    if (name.trim() === '') report(where, 'malformed_value', 'has no name.', instead)
    const applies = readApplies(one, where)
    return applies === undefined ? [] : [{ name, applies }]
  })
  // An empty object would look as if it shut somebody out.
  if (Object.keys(given).length === 0) report(place, 'missing_option', 'names no deny rule.', instead)
  return rules
}

function readTenant(value: unknown, place: Place): NonNullable<AccessRule['tenant']> | undefined {
  if (typeof value === 'function') return value as NonNullable<AccessRule['tenant']>
  const instead = "Write the name of a part of the path, such as 'tenantId', or (request) => the tenant."
  if (typeof value !== 'string') {
    return report(place, 'wrong_type', 'is neither a name nor a function.', instead)
  }
  // The name is written without the colon that marks it in the pattern.
  return /^[A-Za-z_]\w*$/.test(value)
    ? value
    : report(place, 'malformed_value', 'is not the name of a part.', instead)
}

function readStepUp(value: unknown, place: Place): StepUpRead | undefined {
  const before = place.mistakes.count
  const read = readOptions(place, value, {
    acr: optional(ACR),
    maxAge: optional(duration('1s', '365d')),
  })
  if (read === undefined) return undefined
  const { acr, maxAge } = read
  if (maxAge !== undefined && maxAge % 1000 !== 0) {
    // RFC 9470 §3: "max_age" is told in seconds, and what is told must be what is asked.
    report(at(place, 'maxAge'), 'out_of_range', 'is no whole number of seconds.', "Write '5m', say.")
  }
  if (acr === undefined && maxAge === undefined && place.mistakes.count === before) {
    report(place, 'missing_option', 'asks for nothing.', "Write { acr: ['urn:example:mfa'], maxAge: '5m' }.")
  }
  return { acr, maxAge }
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
