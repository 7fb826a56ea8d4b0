import { compileAddress, readAddressRules } from '../checks/address.ts'
import { compileAuthorize } from '../checks/authorize.ts'
import { compileConcurrencyLimits } from '../checks/concurrency.ts'
import { compileContent } from '../checks/content.ts'
import { compileRateLimits } from '../checks/rate-limit.ts'
import { NO_GUARD } from '../contract/guard.ts'
import { at, type Place, report } from '../options/read.ts'
import { assembleRule, type CompiledRouteRule } from './compiled-rule.ts'
import type { RuleRead } from './read-policy.ts'
import { accessContext, idempotencyFor, openRule } from './rule-parts.ts'
import type { Shared } from './shared.ts'

/** An option about something that is over when the rule of a framework's own route is asked. */
interface Decided {
  readonly option: keyof RuleRead
  /** The one value that it is said with; every other adds to what the policy says. */
  readonly only?: 'exempt'
  readonly why: string
  /** Where it is said instead. */
  readonly instead: string
}

const OPENS = 'cannot open a route that the policy has guarded already.'
const COUNTED = 'comes after the limits of the policy have counted.'

const DECIDED: readonly Decided[] = [
  { option: 'public', why: OPENS, instead: "'GET /path': { public: 'why' }" },
  { option: 'optional', why: OPENS, instead: "'GET /path': { optional: 'why' }" },
  { option: 'rateLimit', only: 'exempt', why: COUNTED, instead: "'GET /path': { rateLimit: 'exempt' }" },
  { option: 'concurrency', only: 'exempt', why: COUNTED, instead: "'GET /path': { concurrency: 'exempt' }" },
  {
    option: 'content',
    only: 'exempt',
    why: 'comes after the content was read by the policy.',
    instead: "'POST /path': { content: 'exempt' }",
  },
  {
    option: 'priority',
    why: 'comes after load has been shed.',
    instead: "'GET /path': { priority: 'low' }",
  },
  {
    option: 'cors',
    why: 'comes after preflights have been answered.',
    instead: "'GET /path': { cors: { ... } }",
  },
  {
    option: 'dangerouslyCrossSite',
    why: 'comes after requests of other sites have been refused.',
    instead: "'POST /path': { dangerouslyCrossSite: 'why' }",
  },
]

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
  if (Object.values(rule).every((part) => part === undefined)) {
    report(
      place,
      'missing_option',
      'asks for nothing.',
      'Write what it asks: { scopes: [...] }, { authenticated: true }, ...',
    )
  }
  for (const { option, only, why, instead } of DECIDED) {
    if (rule[option] === undefined || (only !== undefined && rule[option] !== only)) continue
    report(at(place, option), 'contradiction', why, `Write it in the policy: routes: { ${instead} }.`)
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
  const compiled = assembleRule(place, name, rule, shared, {
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
