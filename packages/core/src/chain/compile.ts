import { policyLimit } from '../checks/rate-limit/control.ts'
import type { RequestGuard } from '../checks/request.ts'
import type { Observer } from '../contract/event.ts'
import type { PolicyLimit } from '../contract/limits.ts'
import type { Gauges } from '../contract/meter.ts'
import { Mistakes } from '../contract/mistakes.ts'
import type { CompiledScheme } from '../contract/scheme.ts'
import type { Store } from '../contract/store.ts'
import type { Clock } from '../lib/clock.ts'
import { startTimer } from '../lib/timer.ts'
import { at, type Place, readOptions, report } from '../options/read.ts'
import type { Facts } from '../request/facts.ts'
import type { ProxyTrust } from '../request/proxy.ts'
import type { UntrustedFields } from '../request/untrusted-fields.ts'
import type { CompiledRouteRule, CompiledRule } from './compiled-rule.ts'
import { describePolicy, describeRuleInFull, type PolicyDescription } from './describe-policy.ts'
import { describeRule, type RouteDescription } from './describe.ts'
import { boundBy } from './bound-rule.ts'
import { type Metering, observersOf } from './meters.ts'
import type { CheckName } from './order.ts'
import { fallsElsewhere, refusingParameters } from './path-parameters.ts'
import { POLICY_READERS, type PolicyRead, RULE_READERS, type RuleRead } from './read-policy.ts'
import { compileRouteRule } from './route-rule.ts'
import { ruleOf } from './rule-cors.ts'
import { readPattern, type RoutePattern, RouteTable } from './routes.ts'
import { compileRule } from './rule.ts'
import type { Deadline } from './runner.ts'
import { compileShared, type Shared } from './shared.ts'

/** A policy ready to run. */
export interface CompiledPolicy {
  readonly clock: Clock
  readonly store: Store
  /** What its schemes hold, to be released when the gate closes. */
  readonly releases: readonly (() => void)[]
  readonly trust: ProxyTrust
  readonly untrustedFields: UntrustedFields
  readonly scheme: CompiledScheme | undefined
  readonly observers: readonly Observer[]
  /** Who measures; `undefined` where nobody does. */
  readonly meter: Metering | undefined
  /** What it may ask. */
  readonly gauges: Gauges
  readonly deadline: Deadline
  /** How requests are read, beyond what the check of them says. */
  readonly request: Pick<RequestGuard, 'overriding' | 'counts'>
  readonly shadow: ReadonlySet<CheckName>
  /** The limits of the policy and of its rules, by name. */
  readonly limitNames: () => readonly string[]
  readonly limit: (name: string) => PolicyLimit | undefined
  /** The rule of a request that no pattern binds. */
  readonly fallback: CompiledRule
  /** The rule of a request; notes on the facts which parts of the path it named. */
  readonly match: (facts: Pick<Facts, 'method' | 'path' | 'params'>) => CompiledRule
  /** The rule that a request goes by: for a preflight, with the CORS settings of what it asks about. */
  readonly ruleOf: (facts: Facts) => CompiledRule
  /** Every rule, in the order they were written: those of patterns, the fallback, those that routes added. */
  readonly describe: () => readonly RouteDescription[]
  /** All that can be told of the policy. */
  readonly describeInFull: () => PolicyDescription
  /** Compiles the rule of a framework's own route; throws one ConfigError with every mistake in it. */
  readonly compileRoute: (rule: unknown, name?: string) => CompiledRouteRule
}

/** What the rule of what no pattern binds has in the place of one. */
const EVERY_PATH: RoutePattern = Object.freeze({
  text: 'default',
  method: undefined,
  segments: [],
  wild: true,
  params: [],
})

/** Compiles a policy; throws one ConfigError with every mistake in it. */
export function compilePolicy(policy: unknown): CompiledPolicy {
  return collecting('', (root) => {
    const read = readOptions(root, policy, POLICY_READERS)
    return read === undefined ? undefined : compile(root, read)
  })
}

/** Compiles something, and throws when that noted a mistake; without one, it was compiled. */
function collecting<T>(path: string, compiling: (place: Place) => T | undefined): T {
  const mistakes = new Mistakes()
  const compiled = compiling({ mistakes, path })
  mistakes.throwIfAny()
  if (compiled === undefined) throw new TypeError('Nothing was compiled, and no mistake was noted.')
  return compiled
}

function compile(root: Place, read: PolicyRead): CompiledPolicy {
  const shared = compileShared(root, read)
  if (read.authenticate === undefined && read.public !== undefined) refuseCallerOptions(root, read)
  const described: (readonly [CompiledRule | CompiledRouteRule, RoutePattern | undefined])[] = []
  const table = compileRoutes(root, shared, (rule, pattern) => described.push([rule, pattern]))
  // What no pattern binds is public only when the whole policy is.
  const empty = readOptions(root, read.public === undefined ? {} : { public: read.public }, RULE_READERS)
  if (empty === undefined) throw new TypeError('An empty rule cannot be read.')
  const fallback = compileRule(root, 'default', empty, shared)
  const rest = { pattern: EVERY_PATH, value: fallback, exact: isOpen(empty) }
  described.push([fallback, undefined])
  let added = 0
  const describe: CompiledPolicy['describe'] = () =>
    described.map(([rule, pattern]) => {
      const source = pattern !== undefined ? 'routes' : rule === fallback ? 'default' : 'allow'
      return describeRule(rule, { source, pattern, policy: read, scheme: shared.scheme })
    })
  const match: CompiledPolicy['match'] = (facts) => {
    const rule = boundBy(table, facts, rest)
    return facts.path.includes(';') && fallsElsewhere(table, facts.method, facts.path)
      ? refusingParameters(rule, read.shadow.has('request'))
      : rule
  }
  return {
    clock: read.clock,
    store: shared.store,
    releases: shared.releases,
    trust: shared.trust,
    untrustedFields: shared.untrustedFields,
    limitNames: () => shared.registry.names(),
    limit: (name) => {
      const limit = shared.registry.named(name)
      return limit && policyLimit(limit, shared.counting.line)
    },
    scheme: shared.scheme,
    observers: observersOf(read.observe, read.metrics),
    meter: shared.meter,
    gauges: shared.gauges,
    deadline: { ms: read.deadline, startTimer },
    request: shared.request,
    shadow: read.shadow,
    fallback,
    describe,
    describeInFull: () => {
      const rules = describe().map((route, index) => describeRuleInFull(route, described[index]?.[0]))
      return describePolicy(read, root.mistakes.said, { rules, store: shared.store.name })
    },
    match,
    ruleOf: shared.hasRuleCors ? (facts) => ruleOf(match, facts) : match,
    compileRoute: (value, name = `route ${++added}`) =>
      collecting('rule', (place) => {
        const rule = readOptions(place, value, RULE_READERS)
        const compiled = rule === undefined ? undefined : compileRouteRule(place, name, rule, shared)
        if (compiled !== undefined) described.push([compiled, undefined])
        return compiled
      }),
  }
}

/** Whether a rule lets anybody in who presents nothing. */
function isOpen(rule: RuleRead): boolean {
  return rule.public !== undefined || rule.optional !== undefined
}

/** What speaks of callers says nothing in a policy that authenticates nobody, and would look as if it did. */
function refuseCallerOptions(root: Place, read: PolicyRead): void {
  for (const option of ['deny', 'tenant'] as const) {
    if (read[option] === undefined) continue
    report(
      at(root, option),
      'contradiction',
      'is about callers, and the policy authenticates nobody.',
      'Give the policy an "authenticate", or leave this out.',
    )
  }
}

function compileRoutes(
  root: Place,
  shared: Shared,
  note: (rule: CompiledRule, pattern: RoutePattern) => void,
): RouteTable<CompiledRule> {
  const table = new RouteTable<CompiledRule>()
  for (const [text, value] of shared.read.routes) {
    const place = at(at(root, 'routes'), text)
    const pattern = readPattern(place, text)
    const rule = readOptions(place, value, RULE_READERS)
    if (pattern === undefined || rule === undefined) continue
    const compiled = compileRule(place, text, rule, shared, pattern)
    note(compiled, pattern)
    const other = table.add({ pattern, value: compiled, exact: isOpen(rule) })
    if (other !== undefined) {
      report(
        place,
        'duplicate_value',
        `binds the same requests as "${other.pattern.text}".`,
        'Write one rule for both.',
      )
    }
  }
  return table
}
