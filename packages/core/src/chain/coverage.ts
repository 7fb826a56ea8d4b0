import { METHODS } from 'node:http'
import type { CompiledPolicy } from './compile.ts'

/** One route of a framework, and the rule of the policy that binds it. */
export interface RouteCovered {
  /** As it was given. */
  readonly route: string
  /** The pattern of the rule, or `default`. */
  readonly rule: string
  /** Whether a pattern of the policy binds it, be it a wildcard. */
  readonly own: boolean
}

/** Which rules bind the routes of a framework. */
export interface Coverage {
  readonly routes: readonly RouteCovered[]
  /** The routes that nothing but the default binds: nobody has said who may call them. */
  readonly unruled: readonly string[]
}

/**
 * Tells which rule binds each route of a framework: `'GET /orders/:id'`, or `'/orders/:id'` for every method. A named
 * part stands for any text, so a route counts as bound only when a named part or a wildcard of a pattern takes it.
 *
 * @throws TypeError for what is no route
 */
export function coverage(
  policy: Pick<CompiledPolicy, 'match' | 'fallback'>,
  routes: readonly string[],
): Coverage {
  const covered = routes.map((route): RouteCovered => {
    const [, method, path] = /^(?:([A-Za-z-]+) )?(\/\S*)$/.exec(route) ?? []
    if (path === undefined)
      throw new TypeError("A route is written 'GET /path', or '/path' for every method.")
    // For a route of every method one method without a rule is a hole.
    const rules = (method === undefined ? METHODS : [method.toUpperCase()]).map((each) =>
      policy.match({ method: each, path: opaque(path), params: {} }),
    )
    const bare = rules.find((rule) => rule === policy.fallback)
    const name = (bare ?? rules[METHODS.indexOf('GET')] ?? rules[0] ?? policy.fallback).name
    return { route, rule: name, own: bare === undefined }
  })
  return { routes: covered, unruled: covered.filter(({ own }) => !own).map(({ route }) => route) }
}

/** A path whose named parts and wildcards are texts that no literal segment of a pattern can be. */
export function opaque(path: string): string {
  return path
    .split('/')
    .map((segment) => (/[:*{}()?]/.test(segment) ? ':' : segment))
    .join('/')
}
