import type { Policy } from '@gatehouse/core'
import { HOST, SCOPE } from '../workload.ts'
import { nanosOf } from './calls.ts'
import { routes, schemeOf } from './requests.ts'
import type { Row, Rows } from './row.ts'

/*
 * Rows of the matching of a path, by itself. No function that is shipped does that and nothing more: what is measured is the
 * source of the core, which the build puts into one file as it is.
 */

const COMPILE = new URL('../../../packages/core/src/chain/compile.ts', import.meta.url)
const COUNT = 1000

/** What is used of it. */
interface Compile {
  readonly compilePolicy: (policy: Policy) => {
    readonly match: (facts: Facts) => { readonly name: string }
  }
}
interface Facts {
  readonly method: string
  readonly path: string
  params: Readonly<Record<string, string>>
}

export const MATCHES: Rows = {
  'match of a static path': matching('a path, one of 1,000 without parameters', {
    pattern: (text) => text.replace('/:id', ''),
    path: (route) => `/api/v1/resource-${route}/items`,
    rule: 'GET /api/v1/resource-1/items',
  }),
  'match of a path with a parameter': matching('a path that one of 1,000 patterns names a part of', {
    pattern: (text) => text,
    path: (route) => `/api/v1/resource-${route}/${route * 13}/items`,
    rule: 'GET /api/v1/resource-1/:id/items',
  }),
  'match of no path': matching('a path that none of 1,000 patterns binds', {
    pattern: (text) => text,
    path: (route) => `/api/v1/resource-${route}/${route * 13}/item`,
    rule: 'default',
  }),
}

/** Routes, and the paths that are asked for. */
interface Asked {
  readonly pattern: (text: string) => string
  readonly path: (route: number) => string
  /** What binds the path of route 1. */
  readonly rule: string
}

function matching(what: string, { pattern, path, rule }: Asked): Row {
  return {
    group: 'routes',
    what: `to find the rule of ${what}`,
    unit: 'ns',
    bound: { must: 1000, aim: 300 },
    prepare: async (core) => {
      const { compilePolicy } = (await import(COMPILE.href)) as Compile
      // Guarded: of an open route only the one spelling is looked for.
      const guarded = Object.keys(routes(COUNT)).map((text) => [pattern(text), { scopes: [SCOPE] }] as const)
      const { match } = compilePolicy({
        hosts: [HOST],
        authenticate: schemeOf(core, 'HS256', true),
        routes: Object.fromEntries(guarded),
      })
      const find = (asked: string): string => match({ method: 'GET', path: asked, params: {} }).name
      const found = find(path(1))
      if (found !== rule) throw new Error(`${path(1)} is bound by ${found}, and not by ${rule}`)
      let next = 0
      // A text of its own each time, flat and not hashed yet, as it comes with a request.
      const fresh = (): string => Buffer.from(path(next++ % COUNT), 'latin1').toString('latin1')
      return (ms) =>
        nanosOf(ms, function* () {
          yield { 0: fresh, bench: find }
        })
    },
  }
}
