import { PASS, type Refusal, type Verdict } from '../../contract/check.ts'
import type { CompiledScheme } from '../../contract/scheme.ts'
import { remembered } from '../../lib/remembered.ts'
import type { AccessRead, DenyRule, ScopeDemand } from '../../options/access-rule.ts'
import { challenger } from '../authenticate.ts'
import { asking, judging } from './ask.ts'
import type { Deny, Part } from './part.ts'

/** What shuts a caller out: `true`, and whatever is not `false` (AZ-03). */
export function denyPart({ name, applies }: DenyRule, deny: Deny): Part {
  const applied = deny('authorization.deny-rule', `the deny rule "${name}" applies`)
  const unclear = deny('authorization.failed', `the deny rule "${name}" gave no boolean`)
  const failed = deny('authorization.failed', `the deny rule "${name}" threw or rejected`)
  const judge = (said: unknown): Verdict => (said === false ? PASS : said === true ? applied : unclear)
  return {
    name: 'deny',
    asks: `that the deny rule "${name}" does not apply`,
    calls: true,
    decide: asking(applies, judge, failed),
  }
}

/** So many refusals of one rule are kept ready: two scopes can be lacked in three ways, three in seven. */
const MAX_LACKS = 8

/** Scopes, as whole texts: no prefixes, no wildcards (AZ-04). */
export function scopesPart(demand: ScopeDemand, scheme: CompiledScheme, deny: Deny): Part {
  const named = demand.needs === 'all' ? demand.names : demand.names.slice(0, 1)
  // RFC 6750 §3.1: "the scope necessary to access the protected resource".
  const challenge = challenger(scheme, [
    ['error', 'insufficient_scope'],
    ['scope', named.join(' ')],
  ])
  const make = (lack: string): Refusal => deny('authorization.scope-missing', lack, challenge())
  // Of the lacks that there can be, most callers have the same few; a challenge that is good only once is made each time.
  const refusal = scheme.fresh === true ? make : remembered(MAX_LACKS, make)
  return {
    name: 'scopes',
    asks: `${demand.needs} of the scopes ${demand.names.join(', ')}`,
    calls: false,
    decide({ scopes }) {
      const lack = lacking(demand, scopes)
      return lack === undefined ? PASS : refusal(lack)
    },
  }
}

/** Why the scopes that a caller has do not suffice; `undefined` when they do. */
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

/** Roles, of which one is needed: whoever has one that satisfies it. */
export function rolesPart(wanted: readonly string[], accepted: ReadonlySet<string>, deny: Deny): Part {
  const missing = deny('authorization.role-missing', `has none of the roles ${wanted.join(', ')}`)
  return {
    name: 'roles',
    asks: `one of the roles ${wanted.join(', ')}`,
    calls: false,
    decide: ({ roles }) => (holdsOneOf(accepted, roles) ? PASS : missing),
  }
}

/** Permissions, all of them: each by a role that brings it, or by the caller's own list. */
export function permissionsPart(
  wanted: readonly (readonly [permission: string, roles: ReadonlySet<string>])[],
  deny: Deny,
): Part {
  const names = wanted.map(([permission]) => permission).join(', ')
  const demands = wanted.map(([permission, granting]) => ({
    permission,
    granting,
    missing: deny('authorization.permission-missing', `lacks the permission ${permission}`),
  }))
  return {
    name: 'permissions',
    asks: `the permissions ${names}`,
    calls: false,
    decide({ roles, permissions }) {
      for (const { permission, granting, missing } of demands) {
        if (holdsOneOf(granting, roles)) continue
        // A text has `includes`, too, and would find a part of itself (AZ-04).
        if (Array.isArray(permissions) && permissions.includes(permission)) continue
        return missing
      }
      return PASS
    },
  }
}

function holdsOneOf(accepted: ReadonlySet<string>, roles: readonly string[]): boolean {
  for (const role of roles) if (accepted.has(role)) return true
  return false
}

/** The predicate of a rule. */
export function whenPart(when: NonNullable<AccessRead['when']>, deny: Deny): Part {
  const who = 'the predicate of the rule'
  const failed = deny('authorization.failed', `${who} threw or rejected`)
  return {
    name: 'when',
    asks: 'that the predicate of the rule says yes',
    calls: true,
    decide: asking(when, judging(who, 'authorization.denied', deny), failed),
  }
}
