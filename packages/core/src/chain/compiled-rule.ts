import { challengeFields } from '../checks/authenticate.ts'
import type { AccessGuard } from '../checks/authorize.ts'
import type { CorsGuard } from '../checks/cors.ts'
import { fieldNames } from '../checks/rate-limit/field-modes.ts'
import { type CompiledSecurityHeaders, compileSecurityHeaders } from '../checks/security-headers.ts'
import type { Guard } from '../contract/guard.ts'
import { at, type Place } from '../options/read.ts'
import type { FinishPlan } from '../respond/finisher.ts'
import { varyOf } from '../respond/replace-source.ts'
import { type CheckName, ORDER } from './order.ts'
import type { RuleRead } from './read-policy.ts'
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

/** The rule of a framework's own route: what it leaves out stays as the policy has it. */
export interface CompiledRouteRule extends Omit<CompiledRule, 'plan'> {
  readonly plan: FinishPlan | undefined
}

/** A guard for each row of the order. */
export type Guards = Readonly<Record<CheckName, Guard>> & {
  readonly authorize: AccessGuard
  readonly cors: CorsGuard
}

/** Makes a rule of its guards: its steps in their order, and what its responses carry. */
export function assembleRule(
  place: Place,
  name: string,
  rule: RuleRead,
  shared: Shared,
  guards: Guards,
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
  const steps: Step[] = []
  // Neither an iterator nor a list for each check: this is done for each route, by code that is not compiled yet.
  ORDER.forEach(({ name }) => {
    const { check } = guards[name]
    if (check !== undefined) steps.push({ check, shadow: shared.read.shadow.has(name) })
  })
  return steps
}

/** What limits tell clients: of this rule, or of one that a framework's route adds. */
function limitFields({ read }: Shared): readonly string[] {
  return fieldNames(read.rateLimitFields).map((name) => name.toLowerCase())
}

function planOf(
  guards: Readonly<Record<CheckName, Guard>>,
  headers: CompiledSecurityHeaders,
  shared: Shared,
): FinishPlan {
  const sources = [...headers.responses]
  ORDER.forEach(({ name }) => {
    const { response } = guards[name]
    // A check in shadow mode adds no field to any response either (DEP-04).
    if (response !== undefined && !shared.read.shadow.has(name)) sources.push(response)
  })
  // Most rules have the fields of the policy: one plan for all of them, and not two sets of names each.
  const known = shared.plans.find((each) => each.headers === headers && isSame(each.plan.sources, sources))
  if (known !== undefined) return known.plan
  const names = sources.flatMap((source) => source.names)
  const plan: FinishPlan = {
    sources,
    names: new Set([...names, ...headers.removed, ...limitFields(shared), 'vary', 'cache-control']),
    offered: new Set(names),
    removed: headers.removed,
    vary: Object.freeze([
      ...varyOf(sources),
      // RFC 9111 §4.1: what may be stored is the answer to these credentials, and to no others.
      ...(headers.cache === 'no-store' ? [] : (shared.scheme?.fields ?? [])),
    ]),
    cache: headers.cache,
    nonced: headers.nonced,
    challenge: shared.scheme === undefined ? [] : challengeFields(shared.scheme, []),
  }
  shared.plans.push({ headers, plan })
  return plan
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i])
}
