import { challengeFields } from '../checks/authenticate.ts'
import { compileAuthorize } from '../checks/authorize.ts'
import { compileRateLimits } from '../checks/rate-limit.ts'
import { type CompiledSecurityHeaders, compileSecurityHeaders } from '../checks/security-headers.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import { at, type Place, report } from '../options/read.ts'
import type { FinishPlan } from '../respond/finisher.ts'
import { type CheckName, ORDER } from './order.ts'
import type { RuleRead } from './read-policy.ts'
import type { Step } from './runner.ts'
import type { Shared } from './shared.ts'

/** A rule ready to run. */
export interface CompiledRule {
  /** Its pattern, or `default`: how events name it. */
  readonly name: string
  readonly steps: readonly Step[]
  /** What the gate adds to its responses. */
  readonly plan: FinishPlan
}

function authenticateFor(rule: RuleRead, shared: Shared): Guard {
  if (rule.public !== undefined) return NO_GUARD
  return rule.optional === undefined ? shared.authenticate : shared.authenticateOptional
}

/** The rule of a framework's own route: what it leaves out stays as the policy has it. */
export interface CompiledRouteRule extends Omit<CompiledRule, 'plan'> {
  readonly plan: FinishPlan | undefined
}

/** Compiles the rule of a pattern of the policy: the whole chain, from the shape of the request to the predicate. */
export function compileRule(place: Place, name: string, rule: RuleRead, shared: Shared): CompiledRule {
  if (shared.read.public !== undefined && shared.scheme === undefined) openRule(place, rule)
  const limits = compileRateLimits(
    [
      {
        place: { mistakes: place.mistakes, path: 'rateLimit' },
        value: shared.read.rateLimit,
        scope: 'policy',
      },
      { place: at(place, 'rateLimit'), value: rule.rateLimit, scope: name },
    ],
    shared,
  )
  return assemble(place, name, rule, shared, {
    request: shared.request,
    hosts: shared.hosts,
    https: shared.https,
    cors: shared.cors,
    'client-limits': limits.client,
    authenticate: authenticateFor(rule, shared),
    'caller-limits': limits.caller,
    authorize: compileAuthorize(place, rule, shared),
  })
}

/**
 * Compiles the rule of a framework's own route. It comes after the rule that the policy has for the path, so it adds
 * to what was asked: it narrows and never opens.
 */
export function compileRouteRule(
  place: Place,
  name: string,
  rule: RuleRead,
  shared: Shared,
): CompiledRouteRule {
  for (const part of ['public', 'optional'] as const) {
    if (rule[part] === undefined) continue
    report(
      at(place, part),
      'contradiction',
      'cannot open a route that the policy has guarded already.',
      `Write it in the policy: routes: { 'GET /path': { ${part}: 'why' } }.`,
    )
  }
  if (Object.values(rule).every((part) => part === undefined)) {
    report(
      place,
      'missing_option',
      'asks for nothing.',
      'Write what it asks: { scopes: [...] }, { authenticated: true }, ...',
    )
  }
  if (rule.rateLimit === 'exempt') {
    report(
      at(place, 'rateLimit'),
      'contradiction',
      'comes after the limits of the policy have counted.',
      "Write it in the policy: routes: { 'GET /path': { rateLimit: 'exempt' } }.",
    )
  }
  if (shared.scheme === undefined) openRule(place, { ...rule, public: shared.read.public })
  const limits = compileRateLimits(
    [{ place: at(place, 'rateLimit'), value: rule.rateLimit, scope: name }],
    shared,
  )
  const compiled = assemble(place, name, rule, shared, {
    request: NO_GUARD,
    hosts: NO_GUARD,
    // These have decided already; what they put on responses stays.
    https: { check: undefined, response: shared.https.response },
    cors: { check: undefined, response: shared.cors.response },
    'client-limits': limits.client,
    authenticate: NO_GUARD,
    'caller-limits': limits.caller,
    authorize: compileAuthorize(place, { ...rule, public: undefined, optional: undefined }, shared),
  })
  return rule.headers === undefined ? { ...compiled, plan: undefined } : compiled
}

/** In a policy that authenticates nobody every route is open: a rule says so itself, and asks for no caller (AZ-01). */
function openRule(place: Place, rule: RuleRead): void {
  for (const part of ['optional', 'authenticated', 'scopes', 'roles', 'when'] as const) {
    if (rule[part] === undefined) continue
    report(
      at(place, part),
      'contradiction',
      'asks for a caller, and the policy authenticates nobody.',
      'Give the policy an "authenticate", or leave this out.',
    )
  }
  if (rule.public === undefined) {
    report(
      at(place, 'public'),
      'missing_option',
      'is missing: the route is open, and does not say so.',
      "Write public: 'why'.",
    )
  }
}

function assemble(
  place: Place,
  name: string,
  rule: RuleRead,
  shared: Shared,
  guards: Readonly<Record<CheckName, Guard>>,
): CompiledRule {
  const headers =
    rule.headers === undefined ? shared.headers : compileSecurityHeaders(at(place, 'headers'), rule.headers)
  return { name, steps: stepsOf(guards, shared), plan: planOf(guards, headers, shared) }
}

function stepsOf(guards: Readonly<Record<CheckName, Guard>>, shared: Shared): readonly Step[] {
  return ORDER.flatMap(({ name }) => {
    const { check } = guards[name]
    return check === undefined ? [] : [{ check, shadow: shared.read.shadow.has(name) }]
  })
}

function planOf(
  guards: Readonly<Record<CheckName, Guard>>,
  headers: CompiledSecurityHeaders,
  shared: Shared,
): FinishPlan {
  // A check in shadow mode adds no field to any response either (DEP-04).
  const enforced = ORDER.filter(({ name }) => !shared.read.shadow.has(name))
  const sources = [...headers.responses, ...enforced.map(({ name }) => guards[name].response)].filter(
    (source) => source !== undefined,
  )
  const names = sources.flatMap((source) => source.names)
  return {
    sources,
    names: new Set([...names, ...headers.removed, 'vary', 'cache-control']),
    removed: headers.removed,
    vary: sources.flatMap((source) => (source.vary === undefined ? [] : [source.vary])),
    noStore: headers.noStore,
    challenge: shared.scheme === undefined ? [] : challengeFields(shared.scheme, []),
  }
}
