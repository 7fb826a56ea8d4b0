import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CorsOptions, CorsSetting } from '../../src/checks/cors.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { testPolicy } from '../support/gate.ts'
import { type Received, start } from '../support/http.ts'

/** What a script asks of its browser. */
interface Asked {
  readonly origin: string
  readonly method: string
  readonly path: string
  /** The fields that it sets, of those that need a preflight. */
  readonly headers: readonly string[]
  /** `credentials: 'include'`. */
  readonly credentials: boolean
}

/** What becomes of it: which field of the response the script may read besides the safelisted, or nothing at all. */
type Outcome = 'blocked' | { readonly reads: boolean }

/** Sends a request as the browser would. */
type Network = (method: string, path: string, fields: readonly string[]) => Promise<Received>

/** A browser by the letter of Fetch, and no faster. It knows nothing of the code that is tested. */
async function browser(asked: Asked, network: Network): Promise<Outcome> {
  // Fetch, "normalize a method".
  const upper = asked.method.toUpperCase()
  const method = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'].includes(upper) ? upper : asked.method
  const unsafe = [...new Set(asked.headers.map((name) => name.toLowerCase()))].sort()
  const isSimple = ['GET', 'HEAD', 'POST'].includes(method) && unsafe.length === 0
  // Fetch, "CORS-preflight fetch".
  if (!isSimple) {
    const fields = ['Origin', asked.origin, 'Access-Control-Request-Method', method]
    if (unsafe.length > 0) fields.push('Access-Control-Request-Headers', unsafe.join(','))
    const answer = await network('OPTIONS', asked.path, fields)
    if (!passesCheck(asked, answer) || answer.status < 200 || answer.status > 299) return 'blocked'
    const methods = listOf(answer, 'access-control-allow-methods')
    const names = listOf(answer, 'access-control-allow-headers').map((name) => name.toLowerCase())
    const isAny = (list: readonly string[]): boolean => !asked.credentials && list.includes('*')
    if (!methods.includes(method) && !['GET', 'HEAD', 'POST'].includes(method) && !isAny(methods))
      return 'blocked'
    if (unsafe.includes('authorization') && !names.includes('authorization')) return 'blocked'
    if (!unsafe.every((name) => names.includes(name) || isAny(names))) return 'blocked'
  }
  const sent = ['Origin', asked.origin, ...unsafe.flatMap((name) => [name, 'x'])]
  const response = await network(method, asked.path, [
    ...sent,
    ...(asked.credentials ? ['Cookie', 'a=b'] : []),
  ])
  if (!passesCheck(asked, response)) return 'blocked'
  const exposed = new Set(listOf(response, 'access-control-expose-headers').map((name) => name.toLowerCase()))
  return { reads: exposed.has('etag') || (!asked.credentials && exposed.has('*')) }
}

/** Fetch, "CORS check". */
function passesCheck({ origin, credentials }: Asked, { headers }: Received): boolean {
  const allowed = headers['access-control-allow-origin']
  if (allowed === undefined) return false
  if (!credentials && allowed === '*') return true
  if (allowed !== origin) return false
  return !credentials || headers['access-control-allow-credentials'] === 'true'
}

function listOf({ headers }: Received, name: string): readonly string[] {
  const text = headers[name]
  return typeof text === 'string' ? text.split(',').map((each) => each.trim()) : []
}

/** The settings of a policy and of its routes, in the few words that are tried. */
interface Tried {
  readonly policy: CorsSetting | undefined
  readonly routes: Readonly<Record<string, CorsSetting | undefined>>
}

/** What the settings mean, said again and by hand. */
function meaning({ policy, routes }: Tried, asked: Asked): Outcome {
  const upper = asked.method.toUpperCase()
  const method = upper === 'PATCH' ? asked.method : upper
  const patterns = [method, ...(method === 'HEAD' ? ['GET'] : [])].map((name) => `${name} ${asked.path}`)
  const pattern = [...patterns, asked.path].find((text) => text in routes)
  const setting = (pattern === undefined ? undefined : routes[pattern]) ?? policy ?? 'none'
  const entries: readonly CorsOptions[] = setting === 'none' ? [] : [setting].flat()
  const entry = entries.find((each) => isNamed(each, asked.origin))
  if (entry === undefined || (asked.credentials && entry.credentials !== true)) return 'blocked'
  const methods = ['GET', 'HEAD', 'POST', ...(entry.methods ?? [])]
  const headers = [entry.headers ?? ['authorization', 'content-type']].flat()
  const names = new Set(headers.map((name) => name.toLowerCase()))
  const mayHave = (name: string): boolean =>
    names.has(name.toLowerCase()) || (names.has('*') && name.toLowerCase() !== 'authorization')
  if (!methods.includes(method) || !asked.headers.every(mayHave)) return 'blocked'
  return { reads: ['*', 'ETag'].some((name) => [entry.expose ?? []].flat().includes(name)) }
}

function isNamed({ origins, dangerouslyAllowNullOrigin }: CorsOptions, origin: string): boolean {
  if (origins === '*') return true
  if (origin === 'null') return dangerouslyAllowNullOrigin === true
  const { protocol, hostname, port } = new URL(origin)
  return (origins as readonly string[]).some((text) => {
    if (text === 'https://*.p.example')
      return protocol === 'https:' && port === '' && hostname.endsWith('.p.example')
    if (text === 'http://localhost:*') return protocol === 'http:' && hostname === 'localhost'
    return text === origin
  })
}

const POOL = [
  'https://a.example',
  'https://b.example',
  'http://c.test:8080',
  'https://*.p.example',
  'http://localhost:*',
]
const ORIGINS = [
  ...POOL.slice(0, 3),
  'https://x.p.example',
  'https://y.x.p.example',
  'https://p.example',
  'https://x.p.example:8443',
  'http://localhost',
  'http://localhost:3000',
  'https://evil.example',
  'https://ba.example',
  'null',
]

/** Those among them that the pool names, more often. */
const NAMED = ['https://a.example', 'https://b.example', 'https://x.p.example', 'http://localhost:3000']

const some = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values])

/** Entries of a list share no origin: what is named twice does not build. */
const setting: fc.Arbitrary<CorsSetting> = fc
  .record({
    pool: fc.shuffledSubarray(POOL, { minLength: 3 }),
    cuts: fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })),
    any: fc.boolean(),
    entries: fc.array(
      fc.record({
        credentials: fc.boolean(),
        block: fc.boolean(),
        dangerouslyAllowNullOrigin: fc.boolean(),
        methods: fc.option(some(['PUT', 'DELETE', 'PATCH']), { nil: undefined }),
        headers: fc.option(fc.oneof(some(['X-A', 'x-b', 'Authorization']), fc.constant('*' as const)), {
          nil: undefined,
        }),
        expose: fc.option(fc.oneof(some(['ETag', 'Link']), fc.constant('*' as const)), { nil: undefined }),
      }),
      { minLength: 4, maxLength: 4 },
    ),
  })
  .map(({ pool, cuts, any, entries }) => {
    const [one, two] = cuts.toSorted()
    const groups: (string[] | '*')[] = [pool.slice(0, one), pool.slice(one, two), pool.slice(two)].filter(
      (group) => group.length > 0,
    )
    if (any) groups.push('*')
    let hasNull = false
    return groups.map((origins, index): CorsOptions => {
      const { credentials, block, dangerouslyAllowNullOrigin, ...rest } = entries[index] ?? {}
      const isOpen = origins === '*' || credentials !== true
      const asksNull = dangerouslyAllowNullOrigin === true && isOpen && origins !== '*' && !hasNull
      hasNull ||= asksNull
      const narrow = Object.fromEntries(
        Object.entries(rest).filter(([, value]) => value !== undefined && (isOpen || value !== '*')),
      )
      return {
        origins,
        credentials: !isOpen,
        dangerouslyAllowNullOrigin: asksNull,
        block: block === true && !any,
        ...narrow,
      }
    })
  })

const any: fc.Arbitrary<CorsSetting> = fc.oneof(
  { weight: 4, arbitrary: setting },
  { weight: 1, arbitrary: fc.constant('none' as const) },
  {
    weight: 1,
    arbitrary: setting.map(
      (list) => (Array.isArray(list) ? (list as CorsOptions[])[0] : list) as CorsSetting,
    ),
  },
)

const tried: fc.Arbitrary<Tried> = fc.record({
  policy: fc.option(any, { nil: undefined }),
  routes: fc.dictionary(
    fc.constantFrom('/r', 'GET /r', 'POST /r', 'PUT /r', 'OPTIONS /r', 'PATCH /s', 'DELETE /s', '/s'),
    fc.option(any, { nil: undefined }),
    { noNullPrototype: true },
  ),
})

const asked: fc.Arbitrary<Asked> = fc.record({
  origin: fc.oneof(fc.constantFrom(...ORIGINS), fc.constantFrom(...NAMED)),
  method: fc.oneof(
    fc.constantFrom('GET', 'HEAD', 'POST'),
    fc.constantFrom('PUT', 'DELETE', 'PATCH', 'patch', 'delete', 'OPTIONS'),
  ),
  path: fc.constantFrom('/r', '/s', '/t'),
  headers: fc.oneof(
    fc.constant([]),
    fc.uniqueArray(fc.constantFrom('X-A', 'x-b', 'authorization', 'content-type'), { maxLength: 3 }),
  ),
  credentials: fc.boolean(),
})

test('COR-02, COR-04: a browser that goes by Fetch lets a page do what the policy means, and nothing else', async () => {
  let listener: RequestListener = () => undefined
  const server = await start(createServer((req, res) => listener(req, res)))
  const count = { blocked: 0, allowed: 0 }
  try {
    await fc.assert(
      fc.asyncProperty(tried, fc.array(asked, { minLength: 6, maxLength: 6 }), async (settings, requests) => {
        const { policy: own, routes } = settings
        const rules = Object.entries(routes).map(([pattern, each]) => [
          pattern,
          { public: 'a test', ...(each !== undefined && { cors: each }) },
        ])
        const gate = gatehouse({
          ...testPolicy(own === undefined ? {} : { cors: own }),
          routes: { '/t': { public: 'a test' }, ...Object.fromEntries(rules) },
        })
        listener = gate.handler((_req, res) => {
          res.setHeader('ETag', '"1"')
          res.end('ok')
        })
        const seen = new Map<string, Exchanged[]>()
        const network: Network = async (method, path, fields) => {
          const received = await server.send({ method, path, fields: ['Host', '127.0.0.1', ...fields] })
          const pairs = fields.flatMap((name, i) =>
            i % 2 === 0 ? [[name.toLowerCase(), fields[i + 1] ?? '']] : [],
          )
          const exchanged = { fields: new Map(pairs as [string, string][]), received }
          const isPreflight = fields.includes('Access-Control-Request-Method')
          const key = `${method} ${path} ${isPreflight}`
          seen.set(key, [...(seen.get(key) ?? []), exchanged])
          return received
        }
        for (const request of requests) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other, as a page sends them
          const outcome = await browser(request, network)
          assert.deepEqual(outcome, meaning(settings, request), JSON.stringify(request))
          count[outcome === 'blocked' ? 'blocked' : 'allowed']++
        }
        for (const [key, all] of seen) if (KEPT.has(key.split(' ')[0] ?? '')) agreesWithVary(all)
      }),
      { numRuns: 130 },
    )
  } finally {
    await server.close()
  }
  assert.ok(count.allowed > 50 && count.blocked > 50, JSON.stringify(count))
})

/**
 * The methods whose responses a cache may keep, and OPTIONS with them for the caches that keep preflights all the same. What
 * is answered to POST, PUT, PATCH and DELETE may hang on fields that Vary does not name: the cross-site check asks for Cookie
 * (RFC 9110 §9.3.3, without explicit freshness none of it is kept).
 */
const KEPT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** One request and its response, as a cache sees them. */
interface Exchanged {
  readonly fields: ReadonlyMap<string, string>
  readonly received: Received
}

/**
 * RFC 9111 §4.1: a cache takes a stored response for another request when the fields that its Vary names are the same in
 * both (COR-05, COR-07).
 */
function agreesWithVary(all: readonly Exchanged[]): void {
  for (const stored of all) {
    const names = listOf(stored.received, 'vary').map((name) => name.toLowerCase())
    for (const other of all) {
      const isTaken = names.every((name) => stored.fields.get(name) === other.fields.get(name))
      if (isTaken) assert.deepEqual(said(stored.received), said(other.received))
    }
  }
}

function said({ status, headers }: Received): readonly unknown[] {
  return [status, ...Object.entries(headers).filter(([name]) => name.startsWith('access-control-'))]
}
