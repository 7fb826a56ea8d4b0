import { type Fields, PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { Kind } from '../contract/kinds.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import type { CompiledScheme } from '../contract/scheme.ts'
import { isPromiseLike } from '../lib/promise.ts'
import type { AccessRead, Predicate, ScopeDemand } from '../options/access-rule.ts'
import { at, type Place, report } from '../options/read.ts'
import { type Roles, rolesThatSatisfy } from '../options/roles.ts'
import { challengeFields, missingCredentials } from './authenticate.ts'

/** What the rules of a policy share. */
export interface AccessContext {
  readonly roles: Roles
  /** The policy's `authenticate`; `undefined` when it has none. */
  readonly scheme: CompiledScheme | undefined
}

/**
 * Compiles the access parts of one rule: scopes, then roles, then the predicate.
 *
 * A caller that nobody vouches for gets the 401 of the authenticate check, one who may not pass a 403, or a 404 when
 * the rule says so (AZ-02, RFC 9110 §15.5.4). A public rule compiles to nothing.
 */
export function compileAuthorize(place: Place, rule: AccessRead, context: AccessContext): Guard {
  const { scopes, roles, when } = rule
  const open = rule.public === undefined ? 'optional' : 'public'
  const asked = (['optional', 'authenticated', 'scopes', 'roles', 'when'] as const).filter(
    (part) => part !== open && rule[part] !== undefined,
  )
  if (rule[open] !== undefined) {
    for (const part of asked) {
      report(
        at(place, part),
        'contradiction',
        'is asked of a route that is open to everybody.',
        `Leave out "${part}" or "${open}".`,
      )
    }
    return NO_GUARD
  }
  const accepted =
    roles === undefined ? undefined : rolesThatSatisfy(at(place, 'roles'), roles, context.roles)
  const { scheme } = context
  if (scheme === undefined) return asked.length === 0 ? NO_GUARD : guard(() => NOBODY)

  // AZ-10: the log keeps the reason; a response that says "nothing here" must not carry a challenge.
  const deny: Deny = (kind, reason, fields) =>
    rule.deniedAs === 404 ? refuse('authorization.hidden', reason) : refuse(kind, reason, fields)
  const nobody = missingCredentials(scheme)
  const scopeChallenge = scopes === undefined ? undefined : challengeFields(scheme, scopeParams(scopes))
  const roleMissing = deny('authorization.role-missing', `has none of the roles ${roles?.join(', ')}`)
  const ask = when === undefined ? undefined : asking(when, deny)

  return guard((request) => {
    const { principal } = request
    if (principal === undefined) return nobody
    if (scopes !== undefined) {
      const lack = lacking(scopes, principal.scopes)
      if (lack !== undefined) return deny('authorization.scope-missing', lack, scopeChallenge)
    }
    if (accepted !== undefined && !holdsOneOf(accepted, principal.roles)) return roleMissing
    return ask === undefined ? PASS : ask(principal, request)
  })
}

/** A rule that asks for a caller in a policy that knows none is a mistake of the policy; it refuses all the same. */
const NOBODY: Refusal = Object.freeze(
  refuse('authorization.failed', 'the rule asks for a caller, and the policy authenticates nobody'),
)

function guard(decide: (request: RequestFacts) => Verdict | Promise<Verdict>): Guard {
  return { check: { name: 'authorize', decide }, response: undefined }
}

/** What a challenge says of missing scopes. */
function scopeParams(scopes: ScopeDemand): readonly (readonly [string, string])[] {
  const named = scopes.needs === 'all' ? scopes.names : scopes.names.slice(0, 1)
  // RFC 6750 §3.1: "the scope necessary to access the protected resource".
  return [
    ['error', 'insufficient_scope'],
    ['scope', named.join(' ')],
  ]
}

/** Why the scopes that a caller has do not suffice; `undefined` when they do. Whole texts, no prefixes (AZ-04). */
function lacking(demand: ScopeDemand, has: readonly string[]): string | undefined {
  if (demand.needs === 'any') {
    for (const name of demand.names) if (has.includes(name)) return undefined
    return `has none of the scopes ${demand.names.join(', ')}`
  }
  for (const name of demand.names) {
    if (!has.includes(name)) return `lacks ${demand.names.filter((each) => !has.includes(each)).join(', ')}`
  }
  return undefined
}

function holdsOneOf(accepted: ReadonlySet<string>, roles: readonly string[]): boolean {
  for (const role of roles) if (accepted.has(role)) return true
  return false
}

type Deny = (kind: Kind, reason: string, fields?: Fields) => Refusal

/** The predicate of a rule, with its three refusals made beforehand. */
function asking(
  when: Predicate,
  deny: Deny,
): (principal: Principal, request: RequestFacts) => Verdict | Promise<Verdict> {
  const denied = deny('authorization.denied', 'the predicate of the rule said no')
  const failed = deny('authorization.failed', 'the predicate of the rule threw or rejected')
  const unclear = deny('authorization.failed', 'the predicate of the rule gave no boolean')
  const judge = (said: unknown): Verdict => (said === true ? PASS : said === false ? denied : unclear)
  async function settle(pending: PromiseLike<unknown>): Promise<Verdict> {
    try {
      return judge(await pending)
    } catch {
      return failed
    }
  }
  return (principal, request) => {
    try {
      const said: unknown = when(principal, request)
      return isPromiseLike(said) ? settle(said) : judge(said)
    } catch {
      return failed
    }
  }
}
