import { compileAddress, readAddressRules } from '../checks/address.ts'
import { challengeFields } from '../checks/authenticate.ts'
import { type AccessContext, type AccessGuard, compileAuthorize } from '../checks/authorize.ts'
import { compileCors, type CorsGuard } from '../checks/cors.ts'
import { compileConcurrencyLimits } from '../checks/concurrency.ts'
import { compileContent } from '../checks/content.ts'
import { compileIdempotency } from '../checks/idempotency.ts'
import { compileRateLimits } from '../checks/rate-limit.ts'
import { type CompiledSecurityHeaders, compileSecurityHeaders } from '../checks/security-headers.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import { CALLER_PARTS } from '../options/access-rule.ts'
import { at, type Place, report } from '../options/read.ts'
import type { FinishPlan } from '../respond/finisher.ts'
import { varyOf } from '../respond/replace-source.ts'
import { type CheckName, ORDER } from './order.ts'
import type { RuleRead } from './read-policy.ts'
import { isSpelled, type RoutePattern } from './routes.ts'
import type { Step } from './runner.ts'
import type { Shared } from './shared.ts'

/** The CORS settings of a rule: its own, or the policy's. */
export interface RuleCors {
  readonly guard: CorsGuard
  /** Whether they only tell. */
  readonly shadow: boolean
}

/** A rule ready to run. */
export interface CompiledRule {
  /** Its pattern, or `default`: how events name it. */
  readonly name: string
  readonly steps: readonly Step[]
  /** What the gate adds to its responses. */
  readonly plan: FinishPlan
  /** Which pages may call it: they are in its steps and in its plan, too. */
  readonly cors: RuleCors
  /** Who may pass, part by part. */
  readonly access: AccessGuard
  /** What was written. */
  readonly read: RuleRead
  /** Whether it asks for the content of requests with an idempotency key. */
  readonly readsContent: boolean
  /** How many of its checks take the content, to read or to bound it. */
  readonly takesContent: number
  /** What becomes of a success that the handler decided nothing about; `undefined` where it need not. */
  readonly undecided: 'report' | 'block' | undefined
  /** How long a request may take, in milliseconds; `undefined` for as long as it likes. */
  readonly timeoutMs: number | undefined
}

function authenticateFor(rule: RuleRead, shared: Shared): Guard {
  if (rule.public !== undefined) return NO_GUARD
  return rule.optional === undefined ? shared.authenticate : shared.authenticateOptional
}

/** The rule of a framework's own route: what it leaves out stays as the policy has it. */
export interface CompiledRouteRule extends Omit<CompiledRule, 'plan'> {
  readonly plan: FinishPlan | undefined
}

/** What the parts of one rule are compiled with. */
function accessContext(shared: Shared, own: Pick<AccessContext, 'deny' | 'params'>): AccessContext {
  const { roles, scheme, read } = shared
  return { roles, scheme, clock: read.clock, tenant: read.tenant, ...own }
}

/**
 * Compiles the rule of a pattern of the policy: the whole chain, from the shape of the request to the object.
 *
 * @param pattern `undefined` for the rule of what no pattern binds
 */
export function compileRule(
  place: Place,
  name: string,
  rule: RuleRead,
  shared: Shared,
  pattern?: RoutePattern,
): CompiledRule {
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
  const concurrency = compileConcurrencyLimits(
    [
      {
        place: { mistakes: place.mistakes, path: 'concurrency' },
        value: shared.read.concurrency,
        scope: 'policy',
      },
      { place: at(place, 'concurrency'), value: rule.concurrency, scope: name },
    ],
    shared,
    rule.priority === 'critical',
  )
  findIdlePriority(place, rule, shared)
  const params = pattern?.params.map(([param]) => param) ?? []
  const context = accessContext(shared, { deny: shared.read.deny ?? [], params })
  const cors = corsFor(place, rule, shared)
  return assemble(place, name, rule, shared, {
    request: shared.request,
    address: compileAddress(shared.addresses, readAddressRules(at(place, 'addresses'), rule.addresses)),
    hosts: shared.hosts,
    https: shared.https,
    cors,
    'cross-site': crossSiteFor(place, rule, shared, { pattern, cors }),
    shed: shared.shed[rule.priority ?? 'normal'],
    'protected-resource': shared.protectedResource,
    'client-limits': limits.client,
    'client-concurrency': concurrency.client,
    authenticate: authenticateFor(rule, shared),
    'caller-limits': limits.caller,
    'caller-concurrency': concurrency.caller,
    authorize: compileAuthorize(place, rule, context),
    content: contentFor(place, rule, shared),
    idempotency: idempotencyFor(place, name, rule, shared),
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
  for (const option of ['rateLimit', 'concurrency', 'content'] as const) {
    if (rule[option] !== 'exempt') continue
    report(
      at(place, option),
      'contradiction',
      option === 'content'
        ? 'comes after the content was read by the policy.'
        : 'comes after the limits of the policy have counted.',
      `Write it in the policy: routes: { 'GET /path': { ${option}: 'exempt' } }.`,
    )
  }
  if (rule.priority !== undefined) {
    report(
      at(place, 'priority'),
      'contradiction',
      'comes after load has been shed.',
      `Write it in the policy: routes: { 'GET /path': { priority: '${rule.priority}' } }.`,
    )
  }
  if (rule.cors !== undefined) {
    report(
      at(place, 'cors'),
      'contradiction',
      'comes after preflights have been answered.',
      "Write it in the policy: routes: { 'GET /path': { cors: { ... } } }.",
    )
  }
  if (rule.dangerouslyCrossSite !== undefined) {
    report(
      at(place, 'dangerouslyCrossSite'),
      'contradiction',
      'comes after requests of other sites have been refused.',
      "Write it in the policy: routes: { 'POST /path': { dangerouslyCrossSite: 'why' } }.",
    )
  }
  if (shared.scheme === undefined) openRule(place, { ...rule, public: shared.read.public })
  const limits = compileRateLimits(
    [{ place: at(place, 'rateLimit'), value: rule.rateLimit, scope: name }],
    shared,
  )
  const concurrency = compileConcurrencyLimits(
    [{ place: at(place, 'concurrency'), value: rule.concurrency, scope: name }],
    shared,
  )
  // The policy's deny rules were asked by the rule of the policy that came before.
  const context = accessContext(shared, { deny: [], params: undefined })
  const compiled = assemble(place, name, rule, shared, {
    request: NO_GUARD,
    address: compileAddress(readAddressRules(at(place, 'addresses'), rule.addresses)),
    hosts: NO_GUARD,
    // These have decided already; what they put on responses stays.
    https: { check: undefined, response: shared.https.response },
    cors: { ...shared.cors, check: undefined },
    'cross-site': { check: undefined, response: shared.crossSite.enforced.response },
    shed: NO_GUARD,
    'protected-resource': NO_GUARD,
    'client-limits': limits.client,
    'client-concurrency': concurrency.client,
    authenticate: NO_GUARD,
    'caller-limits': limits.caller,
    'caller-concurrency': concurrency.caller,
    authorize: compileAuthorize(place, { ...rule, public: undefined, optional: undefined }, context),
    content: compileContent(at(place, 'content'), rule.content, shared.read.shadow.has('content')),
    idempotency: idempotencyFor(place, name, rule, shared),
  })
  return rule.headers === undefined ? { ...compiled, plan: undefined } : compiled
}

/** The settings of the rule take the place of the policy's. */
function corsFor(place: Place, { cors }: RuleRead, shared: Shared): CorsGuard {
  if (cors === undefined) return shared.cors
  return compileCors(at(place, 'cors'), cors, { ...shared.corsContext, denying: shared.cors })
}

/** A rule that is exempt is so for the path as it is spelled, and for no other that a router may take for it (CSR-03). */
function crossSiteFor(
  place: Place,
  { dangerouslyCrossSite }: RuleRead,
  { crossSite: ofPolicy, cors: corsOfPolicy, read }: Shared,
  { pattern, cors }: { readonly pattern: RoutePattern | undefined; readonly cors: CorsGuard },
): Guard {
  const crossSite = cors === corsOfPolicy ? ofPolicy : ofPolicy.withCors(at(place, 'cors'), cors.trust)
  if (dangerouslyCrossSite === undefined || pattern === undefined) return crossSite.enforced
  if (read.dangerouslyCrossSite !== undefined) {
    report(
      at(place, 'dangerouslyCrossSite'),
      'duplicate_value',
      'is said by the policy, for every route.',
      'Leave one of the two out.',
    )
  }
  return crossSite.exempt((path) => isSpelled(pattern, path))
}

/** What no option of the policy looks at would only look as if it protected something. */
function findIdlePriority(place: Place, { priority }: RuleRead, { read }: Shared): void {
  if (priority === undefined || read.shed !== undefined) return
  if (priority === 'critical' && read.concurrency !== undefined) return
  report(
    at(place, 'priority'),
    'contradiction',
    'says what is shed first, and the policy sheds nothing.',
    "Write shed: { maxDelay: '200ms' } in the policy, or leave it out.",
  )
}

/** What a rule says of content stands in place of what the policy says. */
function contentFor(place: Place, rule: RuleRead, { read }: Shared): Guard {
  if (rule.content === 'exempt') return NO_GUARD
  const shadow = read.shadow.has('content')
  return rule.content === undefined
    ? compileContent({ mistakes: place.mistakes, path: 'content' }, read.content, shadow)
    : compileContent(at(place, 'content'), rule.content, shadow)
}

function idempotencyFor(place: Place, name: string, rule: RuleRead, { store, read }: Shared): Guard {
  return compileIdempotency(at(place, 'idempotency'), rule.idempotency, {
    route: name,
    store,
    clock: read.clock,
    tenant: read.tenant,
    shadow: read.shadow.has('idempotency'),
  })
}

/** In a policy that authenticates nobody every route is open: a rule says so itself, and asks for no caller (AZ-01). */
function openRule(place: Place, rule: RuleRead): void {
  for (const part of ['optional', ...CALLER_PARTS] as const) {
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
  guards: Readonly<Record<CheckName, Guard>> & {
    readonly authorize: AccessGuard
    readonly cors: CorsGuard
  },
): CompiledRule {
  const headers =
    rule.headers === undefined
      ? shared.headers
      : compileSecurityHeaders(at(place, 'headers'), rule.headers, shared.headers)
  return {
    name,
    steps: stepsOf(guards, shared),
    plan: planOf(guards, headers, shared),
    cors: { guard: guards.cors, shadow: shared.read.shadow.has('cors') },
    access: guards.authorize,
    read: rule,
    readsContent: guards.idempotency.check !== undefined,
    takesContent: guards.content.check === undefined ? 0 : 1,
    undecided: rule.object === 'handler' ? undecidedOf(shared) : undefined,
    timeoutMs: rule.timeout === 'exempt' ? undefined : (rule.timeout ?? shared.read.timeout),
  }
}

/** Shadow mode changes no response (DEP-04). */
function undecidedOf({ read }: Shared): 'report' | 'block' {
  return read.shadow.has('authorize') ? 'report' : read.undecided
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
    vary: [
      ...varyOf(sources),
      // RFC 9111 §4.1: what may be stored is the answer to these credentials, and to no others.
      ...(headers.cache === 'no-store' ? [] : (shared.scheme?.fields ?? [])),
    ],
    cache: headers.cache,
    nonced: headers.nonced,
    challenge: shared.scheme === undefined ? [] : challengeFields(shared.scheme, []),
  }
}
