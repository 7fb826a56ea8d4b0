import { PASS, type Passed, passGranting, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import type { CompiledScheme } from '../contract/scheme.ts'
import type { Clock } from '../lib/clock.ts'
import { type AccessRead, CALLER_PARTS, type DenyRule } from '../options/access-rule.ts'
import { at, type Place, report } from '../options/read.ts'
import { type Roles, rolesThatGrant, rolesThatSatisfy } from '../options/roles.ts'
import { missingCredentials } from './authenticate.ts'
import { objectPart } from './authorize/object.ts'
import { type Deny, type Part, type PartName, PARTS } from './authorize/part.ts'
import { denyPart, permissionsPart, rolesPart, scopesPart, whenPart } from './authorize/parts.ts'
import { stepUpPart } from './authorize/step-up.ts'
import { type TenantOf, tenantPart } from './authorize/tenant.ts'

/** What the rules of a policy share. */
export interface AccessContext {
  readonly roles: Roles
  /** The policy's `authenticate`; `undefined` when it has none. */
  readonly scheme: CompiledScheme | undefined
  readonly clock: Clock
  /** The deny rules of the policy. */
  readonly deny: readonly DenyRule[]
  /** The policy's `tenant`. */
  readonly tenant: TenantOf | undefined
  /** The parts of the path that the rule's pattern names; `undefined` when it has no pattern. */
  readonly params: readonly string[] | undefined
}

/** The access parts of a rule, compiled: the check, and what it is made of, for who asks why. */
export interface AccessGuard extends Guard {
  /** Whether it needs a caller, takes one, or asks nobody anything. */
  readonly caller: 'needed' | 'optional' | 'none'
  /** In the order in which they are asked. */
  readonly parts: readonly Part[]
}

/**
 * Compiles the access parts of one rule, in the order of {@link PARTS}.
 *
 * A caller that nobody vouches for gets the 401 of the authenticate check, one who may not pass a 403, or a 404 when
 * the rule says so (AZ-02, RFC 9110 §15.5.4). A public rule compiles to nothing.
 */
export function compileAuthorize(place: Place, rule: AccessRead, context: AccessContext): AccessGuard {
  const { scheme } = context
  const open = rule.public === undefined ? 'optional' : 'public'
  if (rule[open] !== undefined) return compileOpen(place, rule, open, context)
  const parts = compileParts(place, rule, context)
  if (scheme === undefined) {
    const asks = CALLER_PARTS.some((part) => rule[part] !== undefined)
    return asks ? guardOf('needed', parts, () => NOBODY) : { ...NO_GUARD, caller: 'none', parts: [] }
  }
  const nobody = missingCredentials(scheme)
  return guardOf('needed', parts, (request) => {
    const { principal } = request
    return principal === undefined ? nobody() : askAll(parts, principal, request)
  })
}

/** A rule that lets nobody in, too, asks nothing of anybody but the deny rules of who is known. */
function compileOpen(
  place: Place,
  rule: AccessRead,
  open: 'public' | 'optional',
  context: AccessContext,
): AccessGuard {
  for (const part of ['optional', ...CALLER_PARTS] as const) {
    if (part === open || rule[part] === undefined || (open === 'optional' && part === 'deny')) continue
    report(
      at(place, part),
      'contradiction',
      'is asked of a route that is open to everybody.',
      `Leave out "${part}" or "${open}".`,
    )
  }
  const deny = [...context.deny, ...(rule.deny ?? [])]
  if (open === 'public' || context.scheme === undefined || deny.length === 0) {
    return { ...NO_GUARD, caller: open === 'public' ? 'none' : 'optional', parts: [] }
  }
  const parts = deny.map((one) => denyPart(one, denyAs(rule)))
  return guardOf('optional', parts, (request) =>
    request.principal === undefined ? PASS : askAll(parts, request.principal, request),
  )
}

/** AZ-10: the log keeps the reason; a response that says "nothing here" must not carry a challenge. */
function denyAs(rule: AccessRead): Deny {
  return (kind, reason, fields) =>
    rule.deniedAs === 404 ? refuse('authorization.hidden', reason) : refuse(kind, reason, fields)
}

function compileParts(place: Place, rule: AccessRead, context: AccessContext): readonly Part[] {
  const { scopes, roles, permissions, tenant, stepUp, when, object } = rule
  const { scheme } = context
  const deny = denyAs(rule)
  const tenantOf = tenant === undefined ? undefined : findTenant(at(place, 'tenant'), tenant, context)
  const compiled: Readonly<Record<PartName, readonly Part[]>> = {
    deny: [...context.deny, ...(rule.deny ?? [])].map((one) => denyPart(one, deny)),
    scopes: scopes === undefined || scheme === undefined ? [] : [scopesPart(scopes, scheme, deny)],
    roles:
      roles === undefined
        ? []
        : [rolesPart(roles, rolesThatSatisfy(at(place, 'roles'), roles, context.roles), deny)],
    permissions:
      permissions === undefined
        ? []
        : [permissionsPart(rolesThatGrant(at(place, 'permissions'), permissions, context.roles), deny)],
    tenant: tenant === undefined || tenantOf === undefined ? [] : [tenantPart(tenant, tenantOf, deny)],
    stepUp: stepUp === undefined || scheme === undefined ? [] : [stepUpPart(stepUp, scheme, context.clock)],
    when: when === undefined ? [] : [whenPart(when, deny)],
    object: object === undefined || object === 'handler' ? [] : [objectPart(object, deny)],
  }
  return PARTS.flatMap(({ name }) => compiled[name])
}

/** What says whose tenant a caller is; reports a rule that can compare with nothing. */
function findTenant(
  place: Place,
  tenant: NonNullable<AccessRead['tenant']>,
  { tenant: tenantOf, params }: AccessContext,
): TenantOf | undefined {
  if (tenantOf === undefined) {
    report(
      place,
      'unknown_reference',
      'compares with the tenant of the caller, and the policy does not say how it is known.',
      'Write tenant: (principal) => the tenant, in the policy.',
    )
  }
  if (typeof tenant === 'string' && !(params ?? []).includes(tenant)) {
    report(
      place,
      'unknown_reference',
      params === undefined
        ? `names "${tenant}", and the rule has no pattern of its own.`
        : `names "${tenant}", which the pattern does not.`,
      params === undefined || params.length === 0
        ? 'Write (request) => the tenant.'
        : `Write one of ${params.map((name) => `'${name}'`).join(', ')}, or (request) => the tenant.`,
    )
  }
  return tenantOf
}

/** A rule that asks for a caller in a policy that knows none is a mistake of the policy; it refuses all the same. */
const NOBODY: Refusal = Object.freeze(
  refuse('authorization.failed', 'the rule asks for a caller, and the policy authenticates nobody'),
)

function guardOf(
  caller: AccessGuard['caller'],
  parts: readonly Part[],
  decide: (request: RequestFacts) => Verdict | Promise<Verdict>,
): AccessGuard {
  return { check: { name: 'authorize', decide }, response: undefined, caller, parts }
}

/** Asks the parts in their order, to the first refusal. Synchronous until one returns a promise, and again after it. */
function askAll(
  parts: readonly Part[],
  principal: Principal,
  request: RequestFacts,
  from = 0,
  before: Passed = PASS,
): Verdict | Promise<Verdict> {
  let granted = before
  for (let i = from; i < parts.length; i++) {
    const verdict = parts[i]?.decide(principal, request) ?? PASS
    if (verdict instanceof Promise) {
      const sofar = granted
      return verdict.then((late) =>
        late.type === 'pass' ? askAll(parts, principal, request, i + 1, both(sofar, late)) : late,
      )
    }
    if (verdict.type !== 'pass') return verdict
    granted = both(granted, verdict)
  }
  return granted
}

/** What two parts granted, as one. */
function both(first: Passed, second: Passed): Passed {
  if (second.grant === undefined) return first
  if (first.grant === undefined) return second
  const reasons = [first.grant.reason, second.grant.reason].filter((reason) => reason !== undefined)
  return passGranting({
    reason: reasons.length === 0 ? undefined : reasons.join('; '),
    object: second.grant.object ?? first.grant.object,
  })
}
