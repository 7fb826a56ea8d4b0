import { METHODS } from '../lib/http.ts'
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
  /** Every route that was asked about, in the order of the question. */
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
    // For a route of every method one method without a rule is a hole, and so is one of its paths.
    const rules = (method === undefined ? ['GET', ...METHODS] : [method.toUpperCase()]).flatMap((each) =>
      samplesOf(path).map((sample) => policy.match({ method: each, path: sample, params: {} })),
    )
    const bare = rules.find((rule) => rule === policy.fallback)
    const name = (bare ?? rules[0] ?? policy.fallback).name
    return { route, rule: name, own: bare === undefined }
  })
  return { routes: covered, unruled: covered.filter(({ own }) => !own).map(({ route }) => route) }
}

/** A segment that stands for any number of them: `*`, `*rest`, `{*rest}`, `(.*)`, `:rest*`, `:rest+`. */
const REPEATED = /(?:^|[{(.])\*|^:\w+[*+]$/

/** A segment that need not be there: `:id?`, `:rest*`. */
const OPTIONAL = /^:\w+[*?]$/

/** Deeper than any pattern: what stands for so many segments, only a wildcard takes. */
const DEEP: readonly string[] = Object.freeze(Array.from({ length: 64 }, () => ':'))

/** Paths that a route takes: the plain one, the deepest, and the shortest. */
function samplesOf(path: string): readonly string[] {
  const segments = path.split('/')
  const deepest = segments.flatMap((segment) => (REPEATED.test(segment) ? DEEP : [segment]))
  const shortest = segments.filter((segment) => !OPTIONAL.test(segment)).join('/')
  return [...new Set([path, deepest.join('/'), shortest === '' ? '/' : shortest])].map(opaque)
}

/** A path whose named parts and wildcards are texts that no literal segment of a pattern can be. */
export function opaque(path: string): string {
  return path
    .split('/')
    .map((segment) => (/[:*{}()?]/.test(segment) ? ':' : segment))
    .join('/')
}
