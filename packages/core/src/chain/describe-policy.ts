import type { Said } from '../contract/mistakes.ts'
import type { RoleGrant } from '../options/roles.ts'
import { AskedFacts } from './asked.ts'
import type { RouteDescription } from './describe.ts'
import { ORDER } from './order.ts'
import type { PolicyRead } from './read-policy.ts'
import type { CompiledRouteRule, CompiledRule } from './compiled-rule.ts'

/** A rule as it was compiled, with what its printout has no column for. */
export interface RuleDescription extends RouteDescription {
  /** How events and options call it: its pattern as it was written, `default`, the name of an added rule. */
  readonly name: string
  /**
   * The security headers of its responses, by name as it is sent. Where a policy has room for a nonce, one stands there that
   * is none; without those that other parts of the policy decide, such as HSTS.
   */
  readonly fields: Readonly<Record<string, string>>
}

/** A policy as it was compiled, for tools that judge it: nothing of it is a secret. */
export interface PolicyDescription {
  /** The hosts as they were written; empty when any will do. */
  readonly hosts: readonly string[]
  /**
   * Every option that was given to the policy and to its schemes, by its path: `rateLimit.window`,
   * `routes["POST /token"].rateLimit.limit`, `authenticate.clockSkew`. With its value where that can be no secret: a number,
   * a boolean, a word of the house, a duration in milliseconds. What was left out is not there.
   */
  readonly options: Readonly<Record<string, Said | undefined>>
  /** Every rule, in the order of {@link RouteDescription}. */
  readonly rules: readonly RuleDescription[]
  /** The names of all checks, in the order in which they run: a rule has those of them that it needs. */
  readonly checks: readonly string[]
  /** The roles of the policy, each with what it includes and permits. */
  readonly roles: Readonly<Record<string, Required<RoleGrant>>>
  /** What the store calls itself: `memory`. */
  readonly store: string
  /** How many hear the events. */
  readonly observers: number
}

/** Stands for a nonce: as long as one, and none. */
const NO_NONCE = 'AAAAAAAAAAAAAAAAAAAAAA'

/** Describes a rule in full. */
export function describeRuleInFull(
  route: RouteDescription,
  rule: CompiledRule | CompiledRouteRule | undefined,
): RuleDescription {
  const fields: Record<string, string> = {}
  for (const source of rule?.plan?.sources ?? []) {
    if (source.name !== 'headers') continue
    const list = source.withNonce?.(NO_NONCE) ?? source.fields(new AskedFacts({ method: 'GET', path: '/' }))
    for (let index = 0; index + 1 < list.length; index += 2) fields[list[index] ?? ''] = list[index + 1] ?? ''
  }
  return {
    ...route,
    name: rule?.name ?? route.pattern,
    fields,
  }
}

/** Describes what all rules share. */
export function describePolicy(
  read: PolicyRead,
  said: ReadonlyMap<string, Said | undefined>,
  { rules, store }: Pick<PolicyDescription, 'rules' | 'store'>,
): PolicyDescription {
  return {
    hosts: Array.isArray(read.hosts) ? read.hosts.map(String) : [],
    options: Object.fromEntries(said),
    rules,
    checks: ORDER.map(({ name }) => name),
    roles: rolesOf(read.roles),
    store,
    observers: read.observe.length,
  }
}

/** The roles as they were written: they were read when the policy was compiled, and mistakes were reported then. */
function rolesOf(roles: unknown): PolicyDescription['roles'] {
  const written = Object.entries((roles ?? {}) as Readonly<Record<string, readonly string[] | RoleGrant>>)
  return Object.fromEntries(
    written.map(([role, grant]) => {
      const { includes = [], permissions = [] } = isList(grant) ? { includes: grant } : grant
      return [role, { includes: [...includes], permissions: [...permissions] }]
    }),
  )
}

function isList(grant: readonly string[] | RoleGrant): grant is readonly string[] {
  return Array.isArray(grant)
}
