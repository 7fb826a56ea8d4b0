import { compileAddress, readAddressRules } from '../checks/address.ts'
import { compileAuthorize } from '../checks/authorize.ts'
import { compileCors, type CorsGuard } from '../checks/cors.ts'
import { compileConcurrencyLimits } from '../checks/concurrency.ts'
import { compileContent } from '../checks/content.ts'
import { compileRateLimits } from '../checks/rate-limit.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import { at, type Place, report } from '../options/read.ts'
import { assembleRule, type CompiledRule } from './compiled-rule.ts'
import type { RuleRead } from './read-policy.ts'
import { isSpelled, type RoutePattern } from './routes.ts'
import { accessContext, idempotencyFor, openRule } from './rule-parts.ts'
import type { Shared } from './shared.ts'

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
  return assembleRule(place, name, rule, shared, {
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

function authenticateFor(rule: RuleRead, shared: Shared): Guard {
  if (rule.public !== undefined) return NO_GUARD
  return rule.optional === undefined ? shared.authenticate : shared.authenticateOptional
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
