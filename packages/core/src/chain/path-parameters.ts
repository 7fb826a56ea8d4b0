import { refuse } from '../contract/check.ts'
import { withoutParameters } from '../lib/path.ts'
import type { Route, RouteTable } from './routes.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Step } from './runner.ts'

const REFUSAL = Object.freeze(
  refuse('request.path-ambiguous', 'without its parameters the path falls under another rule'),
)
const CHECK: Step['check'] = Object.freeze({ name: 'request', decide: () => REFUSAL })

/**
 * Whether a path with parameters falls under other rules without them: `/admin;x` is `/admin` to a server that takes them
 * off, and a path of its own to one that does not.
 */
export function fallsElsewhere<T>(table: RouteTable<T>, method: string, path: string): boolean {
  const sent = rulesOf(table, method, path)
  const plain = rulesOf(table, method, withoutParameters(path))
  return sent.length !== plain.length || sent.some((route, index) => route !== plain[index])
}

function rulesOf<T>(table: RouteTable<T>, method: string, path: string): readonly Route<T>[] {
  const passed: Route<T>[] = []
  const route = table.find(method, path, (each) => passed.push(each))
  return route === undefined ? passed : [...passed, route, ...table.alternatives(route, method, path)]
}

/** A rule that refuses, once the check of the request has found nothing else. */
export function refusingParameters(rule: CompiledRule, shadow: boolean): CompiledRule {
  const [request, ...rest] = rule.steps
  const first = request === undefined ? [] : [request]
  return { ...rule, steps: [...first, { check: CHECK, shadow }, ...rest] }
}
