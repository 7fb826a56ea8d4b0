import type { Gate, RouteDescription, RuleDescription } from '@gatehouse/core'

/** A route of an API without a gate at hand, and what it must ask for. */
export interface ExpectedRoute {
  /** As `'GET /orders/:id'`; `'/orders/:id'` for every method. */
  readonly route: string
  /** All of them are needed. */
  readonly scopes?: readonly string[]
  /** One of them is needed. */
  readonly roles?: readonly string[]
  /** Why it is open to everybody. */
  readonly public?: string
}

/** A route that can be asked for. */
export interface RouteToTry {
  /** The route as it was written, or the name of the rule. */
  readonly name: string
  /** Stands in titles. */
  readonly title: string
  readonly methods: readonly string[]
  readonly path: string
  readonly access: RouteDescription['access']
  readonly reason: string | undefined
  readonly scopes: RouteDescription['scopes']
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly stepUp: RouteDescription['stepUp']
  /** Roles of another rule that binds the path, too. */
  readonly besides: readonly string[]
  /** Whether it may answer 404 to whoever may not know of it: the rule says `deniedAs`. */
  readonly hides: boolean
  /** Why it cannot be tried, and what to write so that it can. */
  readonly problem: string | undefined
}

/** What is known of an API. */
export interface KnownRoutes {
  readonly gate: Pick<Gate, 'describe' | 'coverage'> | undefined
  readonly routes: readonly (string | ExpectedRoute)[]
  readonly samples: Readonly<Record<string, string>>
  readonly at: Readonly<Record<string, string>>
}

/** How the default rule is called. */
export const OF_NO_RULE = 'a path that no rule names'

/** A path that only the default rule can bind. */
const NOWHERE = '/a-path-that-no-rule-names'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const PLAIN = {
  access: 'caller',
  reason: undefined,
  scopes: undefined,
  roles: [],
  permissions: [],
  stepUp: undefined,
  besides: [],
  hides: false,
} as const

/** Lists all routes that are to be tried: those of the rules of a gate, and those that were named besides. */
export function routesToTry(known: KnownRoutes): readonly RouteToTry[] {
  const { gate } = known
  const named = known.routes
    .map((route): ExpectedRoute => (typeof route === 'string' ? { route } : route))
    .flatMap(eachMethod)
    .map((route) => namedRoute(route, known))
  if (gate === undefined) return named
  const { rules, options } = gate.describe()
  return [...rules.flatMap((rule) => ruleToTry(rule, known, gate, options) ?? []), ...named]
}

function ruleToTry(
  rule: RuleDescription,
  known: KnownRoutes,
  gate: Pick<Gate, 'coverage' | 'describe'>,
  options: Readonly<Record<string, unknown>>,
): RouteToTry | undefined {
  const { name, source, access, reason, scopes, roles, permissions, stepUp } = rule
  const written =
    source === 'default' ? NOWHERE : source === 'routes' ? rule.pattern : (known.at[name] ?? name)
  const { method, path, lacks } = sampled(written, known.samples)
  const hides = Object.hasOwn(options, `routes[${JSON.stringify(name)}].deniedAs`)
  const asks = {
    name: source === 'default' ? OF_NO_RULE : name,
    access,
    reason,
    scopes,
    roles,
    permissions,
    stepUp,
    hides,
  }
  if (path === undefined) {
    const problem = `nobody knows its path: name it when it is made, as allow(gate, rule, 'GET /orders'), or write at: { ${JSON.stringify(name)}: 'GET /orders' }`
    return { ...asks, title: name, methods: [], path: '', besides: [], problem }
  }
  const wanted =
    method === undefined ? rule.methods.flatMap((each) => (each === '*' ? METHODS : [each])) : [method]
  const boundBy = (each: string): string => gate.coverage([`${each} ${path}`]).routes[0]?.rule ?? ''
  const title = source === 'default' ? OF_NO_RULE : name
  if (source === 'allow') {
    const policy = gate.describe()
    const other = policy.rules.find((each) => each.name === boundBy(wanted[0] ?? 'GET'))
    const besides = (other?.roles ?? []).filter((role) => !includes(role, roles, policy.roles))
    return { ...asks, title, methods: wanted, path, besides, problem: lacks }
  }
  const methods = wanted.filter((each) => boundBy(each) === name)
  // A wildcard for everything leaves nothing to the default.
  if (methods.length === 0 && source === 'default') return undefined
  const problem =
    methods.length === 0
      ? `${path} is bound by ${boundBy(wanted[0] ?? 'GET')}: write other samples, as samples: { id: '7' }`
      : lacks
  return { ...asks, title, methods, path, besides: [], problem }
}

/** Whether a role is one of several, or includes one. */
function includes(
  role: string,
  wanted: readonly string[],
  known: ReturnType<Gate['describe']>['roles'],
): boolean {
  return (
    wanted.includes(role) || (known[role]?.includes ?? []).some((other) => includes(other, wanted, known))
  )
}

/** Of a route for every method, one for each: one may be public, and another not. */
function eachMethod(expected: ExpectedRoute): readonly ExpectedRoute[] {
  const { route } = expected
  return route.startsWith('/')
    ? METHODS.map((method) => ({ ...expected, route: `${method} ${route}` }))
    : [expected]
}

function namedRoute(expected: ExpectedRoute, { gate, samples }: KnownRoutes): RouteToTry {
  const { method, path, lacks } = sampled(expected.route, samples)
  const base = {
    ...PLAIN,
    name: expected.route,
    title: expected.route,
    methods: method === undefined ? [] : [method],
    path: path ?? '',
  }
  if (path === undefined) return { ...base, problem: "it is no route: write 'GET /path'" }
  const rule = gate?.coverage([`${base.methods[0]} ${path}`]).routes[0]?.rule
  const bound = gate?.describe().rules.find(({ name }) => name === rule)
  return {
    ...base,
    ...(bound && { access: bound.access, reason: bound.reason }),
    ...(expected.public !== undefined && { access: 'public', reason: expected.public }),
    title: bound === undefined ? expected.route : `${expected.route} (bound by ${rule})`,
    scopes: expected.scopes && { needs: 'all', names: expected.scopes },
    roles: expected.roles ?? [],
    problem: lacks,
  }
}

/** A route with values for what its path leaves open: `:id`, and `*` for any number of segments. */
function sampled(
  route: string,
  samples: Readonly<Record<string, string>>,
): {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly lacks: string | undefined
} {
  const [, method, pattern] = /^(?:([A-Za-z-]+) )?(\/\S*)$/.exec(route) ?? []
  let lacks: string | undefined
  const path = pattern
    ?.split('/')
    .map((segment) => {
      const [, name] = /^:([A-Za-z_]\w*)$/.exec(segment) ?? []
      if (name !== undefined || segment === '*') return encodeURIComponent(samples[name ?? '*'] ?? '1')
      if (/[:*{}()?+]/.test(segment)) lacks = `"${segment}" has no sample: write the path out, as '/orders/7'`
      return segment
    })
    .join('/')
  return { method: method?.toUpperCase(), path, lacks }
}
