import { denyCors } from '../checks/cors.ts'
import { isPreflight } from '../checks/cors/preflight.ts'
import { withSource } from '../respond/replace-source.ts'
import type { Facts } from '../request/facts.ts'
import { ORDER } from './order.ts'
import type { CompiledRule, RuleCors } from './compiled-rule.ts'
import type { Step } from './runner.ts'

const PLACES: ReadonlyMap<string, number> = new Map(ORDER.map(({ name }, place) => [name, place]))

/**
 * The rule of a request, in a policy whose routes have CORS settings of their own.
 *
 * A preflight is an OPTIONS request about another one. What it is answered with is what the rule of that one says: the
 * one that binds the method of `Access-Control-Request-Method` on the same path.
 */
export function ruleOf(
  match: (facts: Pick<Facts, 'method' | 'path' | 'params'>) => CompiledRule,
  facts: Facts,
): CompiledRule {
  const rule = match(facts)
  const method = facts.headers['access-control-request-method']
  if (method === undefined || !isPreflight(facts)) return rule
  const about: Pick<Facts, 'method' | 'path' | 'params'> = { method, path: facts.path, params: {} }
  const asked = match(about)
  const judged = withCors(rule, asked.cors)
  // A resolver is asked about the parts of the path that the rule of the other request names; where this one goes on, it has
  // those of its own.
  if (asked.cors.guard.check !== undefined)
    facts.params = asked.cors.shadow ? { ...about.params, ...facts.params } : about.params
  // In shadow mode the request goes on by its own rule, and no field changes (DEP-04).
  if (asked.cors.shadow) return judged
  const name = asked.name === rule.name ? rule.name : `${rule.name}, ${asked.name}`
  // Also where nobody has settings for it and the application answers: for another method somebody may (COR-07).
  const vary = [...judged.plan.vary, 'Access-Control-Request-Method']
  return { ...judged, name, plan: { ...judged.plan, vary } }
}

/**
 * The settings for a request that routers may take for one route or another: those that all have, or none. A spelling
 * that no page sends is not worth guessing about.
 */
export function joinCors(own: RuleCors, others: readonly RuleCors[]): RuleCors {
  const guards = [own, ...others].map(({ guard }) => guard)
  if (guards.every((guard) => guard === own.guard)) return own
  const blocks = guards.some((guard) => guard.blocks)
  const shows = guards.some((guard) => guard.shows)
  return { guard: denyCors({ blocks, shows }), shadow: own.shadow }
}

/** The rule with the CORS settings of another. */
export function withCors(rule: CompiledRule, cors: RuleCors): CompiledRule {
  if (cors.guard === rule.cors.guard) return rule
  const { check, response } = cors.guard
  const others = rule.steps.filter((step) => step.check.name !== 'cors')
  const own: readonly Step[] = check === undefined ? [] : [{ check, shadow: cors.shadow }]
  return {
    ...rule,
    cors,
    steps: [...others.filter(isBeforeCors), ...own, ...others.filter((step) => !isBeforeCors(step))],
    plan: withSource(rule.plan, 'cors', cors.shadow ? undefined : response),
  }
}

function isBeforeCors({ check }: Step): boolean {
  return (PLACES.get(check.name) ?? Infinity) < (PLACES.get('cors') ?? 0)
}
