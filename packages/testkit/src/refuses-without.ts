import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Gate } from '@gatehouse/core'
import type { Received } from './http.ts'
import type { MovableClock } from './movable-clock.ts'
import { type ExpectedRoute, OF_NO_RULE, type RouteToTry, routesToTry } from './refusals/routes.ts'
import type { Granted, TokenSource } from './refusals/tokens.ts'
import { reaching, type Target } from './target.ts'

/** Options of {@link refusesWithout}. */
export interface RefusalOptions {
  /** The API: its listener, its server, or a URL of it. */
  readonly target: Target
  /**
   * Its gate, after the app was built: every rule of its policy is tried, the default, and the rules of routes of a framework
   * (`allow`), which have to be named by their route.
   */
  readonly gate?: Pick<Gate, 'describe' | 'coverage'>
  /**
   * The routes that the framework has, as `'GET /orders/:id'`: each must refuse, unless a rule of the gate that binds it is
   * public. So a route is found that the policy forgot, or that stands in front of the guard. Without a gate, with what
   * each must ask for.
   *
   * @default []
   */
  readonly routes?: readonly (string | ExpectedRoute)[]
  /** Who makes the tokens: what `fakeIssuer` made. */
  readonly tokens: TokenSource
  /**
   * The fields that carry a token.
   *
   * @default (token) => ({ Authorization: `Bearer ${token}` })
   */
  readonly present?: (token: string) => Readonly<Record<string, string>>
  /**
   * Values for the parts of paths, by name; `'*'` for a wildcard.
   *
   * @default '1' for each
   */
  readonly samples?: Readonly<Record<string, string>>
  /**
   * The route of each rule that was added by `allow` without one, by the name of the rule.
   *
   * @default {}
   */
  readonly at?: Readonly<Record<string, string>>
  /**
   * Fields of every request: what a proxy would say of https, for instance. A `Host` among them is sent instead of the first
   * host of the policy.
   *
   * @default {}
   */
  readonly fields?: Readonly<Record<string, string>>
  /** All routes that may be open to everybody, as the policy or `routes` write them: any other that is fails. */
  readonly open?: readonly string[]
  /** The clock of the policy: where a limit refuses (429), time passes until it does not. */
  readonly clock?: Pick<MovableClock, 'advance'>
}

/** One thing that an API must refuse. */
export interface RefusalCheck {
  /** The route, and what is missing or wrong: `GET /orders: 401 without a token`. */
  readonly title: string
  /** Asks, and rejects when the API lets in, or refuses for another reason. */
  readonly run: () => Promise<void>
}

/** A route that is open to everybody, or to whoever presents nothing. */
export interface OpenRoute {
  /** As the policy or the option `routes` writes it: `'GET /health'`. */
  readonly route: string
  /** Whether nobody is asked who they are, or only those who present something. */
  readonly access: 'public' | 'optional'
  /** Why, in the words of the policy. */
  readonly reason: string | undefined
}

/** The checks of an API, and what they leave alone. */
export interface Refusals {
  /** One for each thing that a route asks of its callers, route by route. */
  readonly checks: readonly RefusalCheck[]
  /** What no check can try, since nobody is refused there: for a person to look over. */
  readonly open: readonly OpenRoute[]
  /** Stops what was started here. */
  readonly close: () => Promise<void>
}

/**
 * Registers tests with `node:test` that an API refuses everybody whom it must: each of its routes is asked without a token and with
 * every token that is refused (401), and by a caller who lacks a scope, the roles or a permission that the route needs (403).
 * Nothing else is taken for a refusal, no redirect, no 404 and no 429; and a route that cannot be tried is a failure.
 *
 * No request is one that should get through, so that no handler of a sound API runs; but one `GET` with a good token where nothing
 * else could tell that the tokens are good: for a path that no rule names, if there is a gate. The routes that are open to everybody
 * are named in the tests, and compared with `open` where it is given.
 *
 * @returns the routes that are open, with their reasons
 * @throws TypeError when there is nothing to try
 * @example
 * const issuer = await fakeIssuer()
 * const { gate, listener } = api({ authenticate: jwt(issuer.jwtOptions) })
 * refusesWithout({ target: listener, gate, tokens: issuer, open: ['GET /health'] })
 */
export function refusesWithout(options: RefusalOptions): readonly OpenRoute[] {
  const { checks, open, close } = refusalChecks(options)
  describe('refuses', () => {
    after(close)
    for (const { title, run } of checks) test(title, run)
    for (const { route, access, reason } of open)
      test(`leaves alone ${route}: ${access}${reason === undefined ? '' : `, "${reason}"`}`, () => undefined)
  })
  return open
}

/**
 * The same as plain functions, for another runner.
 *
 * @throws TypeError when there is nothing to try
 * @example
 * const { checks, close } = refusalChecks({ target: listener, gate, tokens: issuer })
 * for (const { title, run } of checks) it(title, run)
 * afterAll(close)
 */
export function refusalChecks(options: RefusalOptions): Refusals {
  const { gate, samples = {}, at = {}, routes = [] } = options
  const all = routesToTry({ gate, routes, samples, at })
  const open = all.filter(({ access }) => access !== 'caller').map(openRoute)
  if (all.length === 0) throw new TypeError('There is no route to try: give a gate, or routes.')
  if (all.every(({ access }) => access === 'public')) throw new TypeError('Every route is open to everybody.')
  const { reach, close } = reaching(options.target)
  const host = hostOf(gate)

  async function ask(method: string, path: string, token: () => string | undefined): Promise<Received> {
    const { present = bearer, fields = {}, clock } = options
    const { send } = await reach()
    const once = (): Promise<Received> => {
      const carried = token()
      const sent = { ...fields, ...(carried !== undefined && present(carried)) }
      const named = Object.keys(sent).some((name) => name.toLowerCase() === 'host')
      const lines = [...(named || host === undefined ? [] : ['Host', host]), ...Object.entries(sent).flat()]
      return send({ method, path, fields: lines })
    }
    const received = await once()
    if (received.status !== 429 || clock === undefined) return received
    clock.advance(Number(received.headers['retry-after'] ?? '60') * 1000)
    // With another token: the first may have ended meanwhile.
    return once()
  }

  const checkOf =
    (route: RouteToTry, wanted: Wanted) =>
    (title: string, token: () => string | undefined): RefusalCheck => ({
      title: `${route.title}: ${title}`,
      async run() {
        for (const method of route.methods)
          assertRefused(method, route.path, await ask(method, route.path, token), wanted)
      },
    })

  const refused = options.tokens.refused()
  const checks = all.flatMap((route) => {
    if (route.problem !== undefined) return untried(route.title, route.problem)
    if (route.access === 'public') return []
    const unknown = checkOf(route, UNKNOWN)
    const bad = refused.map((each) => unknown(`401 with ${each.name}`, () => each.token))
    if (route.access === 'optional') return bad
    const lacking = (code: string, title: string, less: Partial<Granted>): RefusalCheck =>
      checkOf(route, { status: 403, code, hides: route.hides })(title, () =>
        options.tokens.token({ ...everything(all, route), ...less }),
      )
    return [
      unknown('401 without a token', () => undefined),
      ...bad,
      ...lessScopes(route, all).map(([names, scope]) =>
        lacking('insufficient_scope', `403 without ${names}`, { scope }),
      ),
      ...(route.roles.length === 0
        ? []
        : [
            lacking('access_denied', `403 without ${nameAll('role', route.roles)}`, { roles: route.besides }),
          ]),
      ...(route.permissions.length === 0
        ? []
        : [
            lacking('access_denied', `403 without ${nameAll('permission', route.permissions)}`, {
              // A role could grant it.
              roles: [],
              permissions: [],
            }),
          ]),
    ]
  })
  return { checks: [...known(all, options, ask), ...onlyOpen(open, options), ...checks], open, close }
}

interface Wanted {
  readonly status: number
  /** Of the problem, where the answer is one. */
  readonly code: string | undefined
  /** Whether a 404 of the gate is as good. */
  readonly hides: boolean
}

const UNKNOWN: Wanted = { status: 401, code: undefined, hides: false }

function bearer(token: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${token}` }
}

function openRoute({ name, access, reason }: RouteToTry): OpenRoute {
  return { route: name, access: access === 'optional' ? 'optional' : 'public', reason }
}

/** The first host of the policy that can be sent as it is. */
function hostOf(gate: RefusalOptions['gate']): string | undefined {
  return gate?.describe().hosts.find((host) => !host.includes('*'))
}

function untried(title: string, problem: string): readonly RefusalCheck[] {
  return [
    {
      title: `${title}: can be tried`,
      run: () => Promise.reject(new assert.AssertionError({ message: `${title}: ${problem}` })),
    },
  ]
}

/**
 * Were the good tokens not good, every token would be refused, and the 401s would say nothing. A path that nobody serves can be
 * asked for without that anything happens.
 */
function known(
  all: readonly RouteToTry[],
  options: RefusalOptions,
  ask: (method: string, path: string, token: () => string | undefined) => Promise<Received>,
): readonly RefusalCheck[] {
  // What a scope or a role is missing for is a 403, and says it already.
  if (
    all.some(
      ({ scopes, roles, permissions }) => scopes !== undefined || roles.length + permissions.length > 0,
    )
  )
    return []
  const guarded = all.filter(({ access, problem }) => access !== 'public' && problem === undefined)
  const gets = guarded.filter(({ methods }) => methods.includes('GET'))
  const route = gets.find(({ name }) => name === OF_NO_RULE) ?? gets[0]
  if (guarded.length === 0) return []
  return [
    {
      title: 'a token that is good is not refused with 401',
      async run() {
        assert.ok(
          route !== undefined,
          'there is no guarded route for GET to try a good token with: name one in routes',
        )
        const good = (): string => options.tokens.token(everything(all, route))
        const { status, body } = await ask('GET', route.path, good)
        assert.notEqual(status, 401, `GET ${route.path} refuses the tokens that should be good: ${body}`)
      },
    },
  ]
}

function onlyOpen(open: readonly OpenRoute[], { open: wanted }: RefusalOptions): readonly RefusalCheck[] {
  if (wanted === undefined) return []
  const found = [...new Set(open.map(({ route }) => route))].sort()
  const run = async (): Promise<void> => assert.deepEqual(found, [...new Set(wanted)].sort())
  return [{ title: 'nothing else is open to everybody', run }]
}

/** What a caller has who lacks nothing, as far as tokens can say it. */
function everything(all: readonly RouteToTry[], { stepUp }: RouteToTry): Granted {
  const every = (list: (route: RouteToTry) => readonly string[]): readonly string[] => [
    ...new Set(all.flatMap(list)),
  ]
  const permissions = every((route) => route.permissions)
  return {
    scope: every(({ scopes }) => scopes?.names ?? []),
    roles: every(({ roles }) => roles),
    ...(permissions.length > 0 && { permissions }),
    ...(stepUp?.acr !== undefined && { acr: stepUp.acr[0] }),
  }
}

/** For each scope that a route needs, all other scopes; where one of several is enough, all but these. */
function lessScopes(
  { scopes }: RouteToTry,
  all: readonly RouteToTry[],
): readonly (readonly [names: string, scope: readonly string[]])[] {
  if (scopes === undefined) return []
  const every = [...new Set(all.flatMap((route) => route.scopes?.names ?? []))]
  const without = (names: readonly string[]): readonly string[] =>
    every.filter((name) => !names.includes(name))
  return scopes.needs === 'any'
    ? [[nameAll('scope', scopes.names), without(scopes.names)]]
    : scopes.names.map((name) => [`the scope ${name}`, without([name])])
}

function nameAll(what: string, names: readonly string[]): string {
  return names.length === 1 ? `the ${what} ${names[0]}` : `any of the ${what}s ${names.join(', ')}`
}

function assertRefused(
  method: string,
  path: string,
  received: Received,
  { status, code, hides }: Wanted,
): void {
  const { body, headers } = received
  const asked = `${method} ${path}`
  if (hides && received.status === 404 && (method === 'HEAD' || body.includes('"code":"not_found"'))) return
  const hint = HINTS.find(([holds]) => holds(received.status))?.[1] ?? 'it was refused for another reason'
  assert.equal(
    received.status,
    status,
    `${asked} was answered with ${received.status}: ${hint}. ${body.slice(0, 300)}`,
  )
  // RFC 9110 §15.5.2
  if (status === 401)
    assert.ok(headers['www-authenticate'] !== undefined, `${asked} has a 401 without a challenge`)
  // Of a HEAD there is nothing to look at.
  if (code === undefined || method === 'HEAD') return
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  assert.equal(
    type,
    'application/problem+json',
    `${asked} was refused by something else than the gate: ${body}`,
  )
  const problem = JSON.parse(body) as { readonly code?: unknown }
  assert.equal(problem.code, code, `${asked} was refused for another reason: ${body}`)
}

/** What an answer means that is no refusal. */
const HINTS: readonly (readonly [holds: (status: number) => boolean, hint: string])[] = [
  [(status) => status >= 200 && status < 300, 'it was let in. Is the guard in front of this route?'],
  [
    (status) => status >= 300 && status < 400,
    'it was sent elsewhere. Does the policy want https? Say in fields what its proxy would',
  ],
  [(status) => status === 404, 'nothing is there. Is the guard in front of all routes?'],
  [(status) => status === 429, 'a limit came first. Give the movable clock of the policy as clock'],
  [(status) => status === 400 || status === 421, 'the request was not taken. Is its Host one of the policy?'],
  [(status) => status === 403, 'the token was taken for a good one'],
  [(status) => status >= 500, 'the API failed'],
]
