import type { Policy } from '@gatehouse/core'
import { BODY, CORS, HOST, LIMIT, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { answerOf, ExchangeLoop, type Listen } from './exchange-loop.ts'
import { type Core, wholePolicy } from '../whole-policy.ts'
import { listenerOf } from './listener.ts'
import type { Measure, Row, Rows } from './row.ts'
import { ALGORITHMS, type AlgorithmName, keyFor, tokensBy } from './tokens.ts'
import { type Wire, wiresOf } from './wire.ts'

/*
 * Rows of requests that go through a gate, or meet a floor that writes the same bytes. Each side has a process of its own:
 * a gate adds members to a response, and node:http, once it has seen both kinds, is slower with either.
 */

/** A gate, what comes to it, and what it must answer. */
export interface Scene {
  readonly policy: (core: Core) => Policy
  readonly wires: () => readonly Wire[]
  readonly status: number
  readonly handle?: Listen
}

const ALLOWED: Scene = {
  policy: (core) => wholePolicy(core, [countEvent]),
  wires: () => wiresOf(tokensBy('HS256')),
  status: 200,
}

/** The refusals of the whole policy, and its answers to preflights. */
const OTHERS = {
  '401': { ...ALLOWED, wires: () => wiresOf([undefined]), status: 401 },
  '403': { ...ALLOWED, wires: () => wiresOf(tokensBy('HS256', 'other:read')), status: 403 },
  '429': {
    ...ALLOWED,
    policy: (core) => ({ ...wholePolicy(core, [countEvent]), rateLimit: { limit: 1, window: '1h' } }),
    status: 429,
  },
  preflight: {
    ...ALLOWED,
    wires: () => wiresOf([undefined], { method: 'OPTIONS', fields: PREFLIGHT }),
    status: 204,
  },
  'preflight refused': {
    ...ALLOWED,
    wires: () =>
      wiresOf([undefined], { method: 'OPTIONS', fields: { ...PREFLIGHT, Origin: 'https://evil.example' } }),
    status: 403,
  },
} as const satisfies Readonly<Record<string, Scene>>

const PREFLIGHT = {
  'Access-Control-Request-Method': 'GET',
  'Access-Control-Request-Headers': 'authorization',
}

/** A policy of which one thing more is measured each time: hosts, https, the security headers, and what is always looked at. */
export const LEAST: Policy = { hosts: [HOST], public: 'it is a bench' }

export function least(more: (core: Core) => Partial<Policy>, authenticated = false): Scene {
  return {
    policy: (core) => {
      const { public: _open, ...closed } = LEAST
      return { ...(authenticated ? closed : LEAST), ...more(core) }
    },
    wires: () => wiresOf(authenticated ? tokensBy('HS256') : [undefined]),
    status: 200,
  }
}

const CACHED = (core: Core): Partial<Policy> => ({ authenticate: schemeOf(core, 'HS256', true) })
const PRINCIPAL = 'HS256, remembered'

/** What one check adds to a policy that lacks it, with the fields that it puts on the response. */
const CHECKS: Readonly<Record<string, readonly [what: string, over: string, scene: Scene]>> = {
  cors: [
    'CORS with two origins',
    'least',
    least(() => ({ cors: { origins: ORIGINS, methods: CORS.methods, headers: CORS.headers } })),
  ],
  address: ['a list of a hundred networks', 'least', least(() => ({ addresses: { deny: networks() } }))],
  'client limit': [
    'a limit by address, and its fields',
    'least',
    least(() => ({ rateLimit: { limit: LIMIT.limit, window: LIMIT.seconds * 1000 } })),
  ],
  concurrency: [
    'at most so many at a time of each client',
    'least',
    least(() => ({ concurrency: { limit: 1000, by: 'client' } })),
  ],
  event: ['an observer that counts', 'least', least(() => ({ observe: [countEvent] }))],
  metrics: ['a meter', 'least', least((core) => ({ metrics: core.metrics() }))],
  'caller limit': [
    'a limit by caller, and its fields',
    PRINCIPAL,
    least(
      (core) => ({
        ...CACHED(core),
        rateLimit: { limit: LIMIT.limit, window: LIMIT.seconds * 1000, by: 'principal' },
      }),
      true,
    ),
  ],
  scope: [
    'a route, and the scope that it asks for',
    PRINCIPAL,
    least((core) => ({ ...CACHED(core), routes: { [`GET ${PATH}`]: { scopes: [SCOPE] } } }), true),
  ],
}

/** A hundred networks that nobody of the bench is in. */
function networks(): readonly string[] {
  return Array.from({ length: 100 }, (_, index) => `198.51.${index}.0/24`)
}

export function routes(count: number): NonNullable<Policy['routes']> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `GET /api/v1/resource-${index}/:id/items`,
      { public: 'it is a bench' },
    ]),
  )
}

/** Requests of routes that lie all over a table of so many. */
export function routedWires(count = 1000): readonly Wire[] {
  return Array.from({ length: 32 }, (_, index) => Math.floor((index * count) / 32)).flatMap((route) =>
    wiresOf([undefined], { target: `/api/v1/resource-${route}/${route * 13}/items` }),
  )
}

export const REQUESTS: Rows = {
  'floor of allowed': floor(ALLOWED, 'request'),
  allowed: {
    ...gate(ALLOWED, 'request', 'the whole policy, tokens remembered; the handler sets one field'),
    over: 'floor of allowed',
  },
  'allowed, writeHead': {
    // As the floor writes: to set a field one by one costs node:http more, with a gate or without one.
    ...gate({ ...ALLOWED, handle: writesHead }, 'request', 'the same, the field handed to writeHead'),
    over: 'floor of allowed',
    bound: { must: 3, aim: 2 },
  },
  ...Object.fromEntries(
    Object.entries(OTHERS).flatMap(([name, scene]) => [
      [`floor of ${name}`, floor(scene, 'refusals')],
      [
        name,
        { ...gate(scene, 'refusals', `answered by the gate with ${scene.status}`), over: `floor of ${name}` },
      ],
    ]),
  ),
  least: gate(
    least(() => ({})),
    'checks',
    'hosts, https, security headers, the shape of a request: with what node:http takes',
  ),
  ...Object.fromEntries(
    Object.entries(CHECKS).map(([name, [what, over, scene]]) => [
      name,
      { ...gate(scene, 'checks', what), over },
    ]),
  ),
  ...Object.fromEntries(
    ALGORITHMS.flatMap((alg) => [
      [
        `${alg}, remembered`,
        { ...gate(tokenScene(alg, true), 'tokens', 'a token that was verified before'), over: 'least' },
      ],
      [
        `${alg}, verified`,
        {
          ...gate(tokenScene(alg, false), 'tokens', 'its signature each time: no memory of tokens'),
          over: 'least',
        },
      ],
    ]),
  ),
  'match of 1,000': {
    ...gate(
      { ...least(() => ({ routes: routes(1000) })), wires: () => routedWires() },
      'routes',
      'to find the rule of one of 1,000 routes',
    ),
    unit: 'ns',
    over: 'no routes',
    bound: { must: 1000, aim: 300 },
  },
  'no routes': {
    ...gate(
      { ...least(() => ({})), wires: () => routedWires() },
      'routes',
      'the same requests, and no routes',
    ),
    unit: 'ns',
    isFloor: true,
  },
  'compile of 1,000': {
    ...compileOf(1000),
    what: 'gatehouse() of a policy with 1,000 routes, the first in its process',
    bound: { must: 50, aim: 20 },
  },
}

/** What it takes to compile a policy of so many routes, where nothing was compiled before. */
export function compileOf(count: number): Row {
  return {
    group: 'routes',
    what: `a policy of ${count} routes`,
    unit: 'ms',
    cold: true,
    prepare: (core) => {
      const policy: Policy = { ...LEAST, routes: routes(count) }
      return () => {
        const before = process.cpuUsage()
        core.gatehouse(policy)
        const { user, system } = process.cpuUsage(before)
        return (user + system) * 1000
      }
    },
  }
}

let events = 0
function countEvent(): void {
  events += 1
}

function writesHead(...[, res]: Parameters<Listen>): void {
  res.writeHead(200, { 'Content-Type': 'application/json' })
  res.end(BODY)
}

export function schemeOf(
  core: Core,
  alg: AlgorithmName,
  remembered: boolean,
): NonNullable<Policy['authenticate']> {
  return core.jwt({
    issuer: TOKEN.issuer,
    audience: TOKEN.audience,
    keys: keyFor(alg),
    ...(!remembered && { maxCachedTokens: 0 }),
  }) as NonNullable<Policy['authenticate']>
}

function tokenScene(alg: AlgorithmName, remembered: boolean): Scene {
  return {
    ...least((core) => ({ authenticate: schemeOf(core, alg, remembered) }), true),
    wires: () => wiresOf(tokensBy(alg)),
  }
}

/** A gate that is seen to answer as it should. */
export function gate(scene: Scene, group: Row['group'], what: string): Row {
  return {
    group,
    what,
    unit: 'µs',
    prepare: async (core) => {
      const loop = await loopOf(core, scene)
      return (ms) => loop.measure(ms)
    },
  }
}

/** What writes the answer of a gate, and looks at nothing. */
function floor(scene: Scene, group: Row['group']): Row {
  return {
    group,
    what: 'the very fields and body of the gate, and no look at the request',
    unit: 'µs',
    isFloor: true,
    prepare: async (core): Promise<Measure> => {
      const { status, fields, body } = answerOf(await (await loopOf(core, scene)).one())
      const flat = [...fields]
      const loop = new ExchangeLoop((_req, res) => {
        res.writeHead(status, flat)
        res.end(body)
      }, scene.wires())
      return (ms) => loop.measure(ms)
    },
  }
}

/** @throws Error when the gate does not do what is to be measured */
async function loopOf(core: Core, { policy, wires, status, handle }: Scene): Promise<ExchangeLoop> {
  const loop = new ExchangeLoop(listenerOf(core, policy(core), handle), wires())
  // Twice: a limit lets the first pass.
  await loop.one()
  const answer = answerOf(await loop.one())
  if (answer.status === status) return loop
  throw new Error(`the gate answered ${answer.status} instead of ${status}: ${answer.body}`)
}
