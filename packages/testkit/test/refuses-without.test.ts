import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { gatehouse, type Gate, jwt, type JwtPrincipal, type Policy } from '@gatehouse/core'
import {
  fakeIssuer,
  type FakeIssuer,
  movableClock,
  refusalChecks,
  type RefusalOptions,
  refusesWithout,
} from '../src/index.ts'

let issuer: FakeIssuer
before(async () => {
  issuer = await fakeIssuer()
})
after(() => issuer.close())

const ROUTES = {
  'GET /orders/:id': { scopes: ['orders:read', 'data:read'] },
  'GET /me': { authenticated: true },
  'GET /news': { optional: 'more of it for who is known' },
  'POST /admin/*': { roles: ['admin'] },
} as const

type Changes = Partial<Policy<JwtPrincipal>>

/** A gate with a rule of each kind. */
function gateOf(changes: Changes = {}): Gate<JwtPrincipal> {
  return gatehouse({
    hosts: ['api.example.com'],
    https: 'dangerouslyAllowHttp',
    authenticate: jwt({
      ...issuer.jwtOptions,
      permissionsFrom: ({ permissions = [] }) => permissions as string[],
    }),
    roles: { auditor: {}, admin: { includes: ['auditor'], permissions: ['orders:delete'] } },
    routes: {
      'GET /health': { public: 'a probe' },
      'GET /orders/:id': { scopes: ['orders:read', 'data:read'] },
      'POST /orders': { scopes: { any: ['orders:write', 'orders:all'] } },
      'DELETE /orders/:id': { permissions: ['orders:delete'] },
      'GET /me': { authenticated: true },
      'GET /news': { optional: 'more of it for who is known' },
      'GET /audit': { roles: ['auditor'], deniedAs: 404 },
      '/admin/*': { roles: ['admin'] },
    },
    ...changes,
  })
}

/** A gate with few rules: most rows need no more. */
function smallGate(changes: Changes = {}): Gate<JwtPrincipal> {
  return gateOf({ routes: ROUTES, ...changes })
}

const serve = (gate: Gate<JwtPrincipal>): RequestListener => gate.handler((_req, res) => res.end('in'))

/** The titles of the checks that fail, and of what they say. */
async function failures(
  options: Omit<RefusalOptions, 'tokens'> & Partial<Pick<RefusalOptions, 'tokens'>>,
): Promise<readonly string[]> {
  const { checks, close } = refusalChecks({ tokens: issuer, ...options })
  const failed: string[] = []
  for (const { title, run } of checks) {
    await run().catch((error: unknown) =>
      failed.push(`${title} | ${(error as Error).message.split('\n')[0]}`),
    )
  }
  await close()
  return failed
}

describe('refusesWithout', () => {
  test('AZ-02, AZ-12: finds nothing in an API that is guarded, and says what it tried', async () => {
    const gate = gateOf()
    let ran = 0
    const target = gate.handler((_req, res) => {
      ran++
      res.end()
    }) as RequestListener
    const { checks, open, close } = refusalChecks({ target, gate, tokens: issuer })
    for (const { run } of checks) await run()
    await close()
    assert.equal(ran, 0, 'no handler ran')
    assert.deepEqual(open, [
      { route: 'GET /health', access: 'public', reason: 'a probe' },
      { route: 'GET /news', access: 'optional', reason: 'more of it for who is known' },
    ])
    const titles = checks.map(({ title }) => title)
    assert.equal(new Set(titles).size, titles.length)
    for (const title of [
      'GET /orders/:id: 401 without a token',
      'GET /orders/:id: 401 with an expired token',
      'GET /orders/:id: 401 with a token for another API',
      'GET /orders/:id: 403 without the scope orders:read',
      'GET /orders/:id: 403 without the scope data:read',
      'POST /orders: 403 without any of the scopes orders:write, orders:all',
      'DELETE /orders/:id: 403 without the permission orders:delete',
      'GET /news: 401 with a token of a forged signature',
      'GET /audit: 403 without the role auditor',
      '/admin/*: 401 without a token',
      'a path that no rule names: 401 without a token',
    ])
      assert.ok(titles.includes(title), `${title}, of ${titles.join('\n')}`)
    assert.ok(!titles.some((title) => title.startsWith('GET /health')))
    assert.ok(!titles.includes('GET /news: 401 without a token'))
  })

  /** What an API can get wrong, and the check that notices. */
  const broken: readonly (readonly [
    title: string,
    make: () => Omit<RefusalOptions, 'tokens'>,
    noticed: RegExp,
  ])[] = [
    [
      'AZ-02: notices an API that has no guard',
      () => ({ gate: smallGate(), target: (_req, res) => res.end('in') }),
      /^GET \/orders\/:id: 401 without a token \| .*200: it was let in/,
    ],
    [
      'AZ-12: notices an API that serves a route in front of the guard',
      () => {
        const gate = smallGate()
        return { gate, target: inFront(serve(gate), '/debug'), routes: ['GET /debug', 'GET /me'] }
      },
      /^GET \/debug \(bound by default\): 401 without a token \| .*let in/,
    ],
    [
      'JWT-15: notices an API that believes every token that it can read',
      () => ({ gate: smallGate(), target: decoding(() => true) }),
      /^GET \/me: 401 with a token of a forged signature \| .*let in/,
    ],
    [
      'JWT-12: notices an API that forgets that tokens end',
      () => ({
        gate: smallGate(),
        target: decoding(({ aud, sub }) => aud === issuer.audience && sub !== undefined),
      }),
      /^GET \/me: 401 with an expired token \| .*let in/,
    ],
    [
      'JWT-11: notices an API that takes tokens for another API',
      () => ({
        gate: smallGate(),
        target: decoding(({ exp, sub }) => Number(exp) * 1000 > Date.now() && sub !== undefined),
      }),
      /^GET \/me: 401 with a token for another API \| .*let in/,
    ],
    [
      'AZ-04: notices an API that does not ask for a scope',
      () => {
        const { 'GET /orders/:id': _, ...others } = ROUTES
        return {
          gate: smallGate(),
          target: serve(smallGate({ routes: { 'GET /orders/:id': { scopes: ['data:read'] }, ...others } })),
        }
      },
      /^GET \/orders\/:id: 403 without the scope orders:read \| .*let in/,
    ],
    [
      'AZ-02: notices an API that does not ask for a role',
      () => ({ gate: smallGate(), target: serve(smallGate({ routes: {} })) }),
      /^POST \/admin\/\*: 403 without the role admin \| .*let in/,
    ],
    [
      'AZ-02: notices an API that does not ask for a permission',
      () => ({ gate: gateOf(), target: serve(smallGate({ routes: {} })) }),
      /^DELETE \/orders\/:id: 403 without the permission orders:delete \| .*let in/,
    ],
    [
      'AZ-02: notices an API that refuses for another reason than it should',
      () => ({
        gate: smallGate(),
        target: serve(smallGate({ routes: { '/*': { scopes: ['something:else'] } } })),
      }),
      /^POST \/admin\/\*: 403 without the role admin \| .*another reason/,
    ],
    [
      'AZ-02: notices an API that sends whoever is nobody to a page',
      () => ({ gate: smallGate(), target: (_req, res) => res.writeHead(302, { Location: '/login' }).end() }),
      /^GET \/me: 401 without a token \| .*302: it was sent elsewhere/,
    ],
    [
      'AUT-01: notices an API that has a 401 without a challenge',
      () => ({ gate: smallGate(), target: (_req, res) => res.writeHead(401).end() }),
      /^GET \/me: 401 without a token \| .*without a challenge/,
    ],
    [
      'notices an API that is another one: nothing is there',
      () => ({ gate: smallGate(), target: (_req, res) => res.writeHead(404).end() }),
      /^GET \/me: 401 without a token \| .*404: nothing is there/,
    ],
    [
      'notices an API that goes by another host',
      () => ({ gate: smallGate(), target: serve(smallGate()), fields: { host: 'other.example' } }),
      /^GET \/me: 401 without a token \| .*421: the request was not taken/,
    ],
    [
      'notices an API that answers only over https',
      () => ({ gate: smallGate(), target: serve(smallGate({ https: 'redirect' })) }),
      /^GET \/me: 401 without a token \| .*(?:308: it was sent elsewhere|another reason)/,
    ],
    [
      'notices an API that limits before it authenticates, and nobody moves the clock',
      () => ({ gate: smallGate(), target: serve(smallGate({ rateLimit: { limit: 3, window: '1m' } })) }),
      /^a path that no rule names: .* \| .*429: a limit came first/,
    ],
    [
      'AUT-03: notices an API that refuses for another reason than the scope',
      () => {
        const gate = smallGate()
        const inner = smallGate({ routes: {} }).handler((_req, res) =>
          res.writeHead(403).end('a form without its token'),
        )
        return { gate, target: inner }
      },
      /\| .*refused by something else than the gate/,
    ],
    [
      'AZ-01: notices an API that opens what the list does not have',
      () => ({ gate: smallGate(), target: serve(smallGate()), open: ['GET /health'] }),
      /^nothing else is open to everybody/,
    ],
    [
      'AZ-12: notices an API that has a rule whose route nobody knows',
      () => {
        const gate = smallGate()
        gate.allow({ scopes: ['data:read'] })
        return { gate, target: serve(gate) }
      },
      /^route 1: can be tried \| .*nobody knows its path/,
    ],
    [
      'AZ-12: notices an API that has a path that the samples do not reach',
      () => {
        const gate = smallGate({
          routes: { 'GET /x/1': { public: 'a test' }, 'GET /x/:id': { authenticated: true } },
        })
        return { gate, target: serve(gate) }
      },
      /^GET \/x\/:id: can be tried \| .*bound by GET \/x\/1/,
    ],
    [
      'AZ-12: notices an API that has a route that is written as none',
      () => ({ target: serve(smallGate()), gate: smallGate(), routes: ['orders'] }),
      /^orders: can be tried \| .*no route/,
    ],
    [
      'AZ-12: notices an API that has a route with an expression in it',
      () => ({ target: serve(smallGate()), gate: smallGate(), routes: [String.raw`GET /orders/:id(\d+)`] }),
      /can be tried \| .*has no sample/,
    ],
  ]
  for (const [title, make, noticed] of broken) {
    test(title, async () => {
      const failed = await failures(make())
      assert.ok(
        failed.some((line) => noticed.test(line)),
        `only these failed:\n${failed.join('\n')}`,
      )
    })
  }

  test('notices that the good tokens are not good, where nothing but 401 is asked for', async () => {
    const gate = gateOf({ routes: {} })
    const other = await fakeIssuer()
    assert.deepEqual(await failures({ gate, target: serve(gate) }), [])
    const failed = await failures({ gate, target: serve(gate), tokens: other })
    await other.close()
    assert.match(
      failed.join('\n'),
      /^a token that is good is not refused with 401 \| .*refuses the tokens that should be good/,
    )
  })

  test('lets time pass where a limit refuses', async () => {
    const clock = movableClock(Date.UTC(2026, 0, 1))
    const own = await fakeIssuer({ clock })
    const gate = gateOf({
      authenticate: jwt(own.jwtOptions),
      rateLimit: { limit: 3, window: '1m' },
      clock,
      routes: ROUTES,
    })
    const target = serve(gate)
    assert.deepEqual(await failures({ gate, target, tokens: own, clock }), [])
    await own.close()
  })

  test('AZ-12: tries the rules of a framework by their names, beside the rules of the policy', async () => {
    const gate = gateOf()
    const rules = {
      'GET /admin/reports': gate.allow(
        { scopes: ['reports:read'], roles: ['auditor'] },
        'GET /admin/reports',
      ),
      'GET /me': gate.allow({ roles: ['auditor'] }, 'me'),
    }
    const app =
      (forgotten?: string): RequestListener =>
      (req, res) => {
        const rule = Object.entries(rules).find(([route]) => route === `${req.method} ${req.url}`)
        const admitted = (pass: unknown): void => void (pass !== undefined && res.end('in'))
        void Promise.resolve(gate.admit(req, res)).then((pass) => {
          if (pass === undefined) return
          if (rule === undefined || rule[0] === forgotten) return admitted(pass)
          void Promise.resolve(rule[1](req, res)).then(admitted)
        })
      }
    const at = { me: 'GET /me' }
    assert.deepEqual(await failures({ gate, target: app(), at }), [])
    const failed = await failures({ gate, target: app('GET /me'), at })
    assert.match(failed.join('\n'), /^me: 403 without the role auditor \| .*let in[^\n]*$/)
  })

  test('works on the URL of a server, without a gate, for credentials of another kind', async () => {
    const gate = gateOf()
    const server = createServer(serve(gate))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const options = {
      target: `http://127.0.0.1:${address.port}`,
      fields: { Host: 'api.example.com' },
      routes: [
        { route: 'GET /orders/:order', scopes: ['orders:read'] },
        'GET /me',
        { route: 'GET /health', public: 'a probe' },
      ],
      present: (token: string) => ({ authorization: `bearer ${token}` }),
      samples: { order: '7' },
      open: ['GET /health'],
    }
    assert.deepEqual(await failures({ ...options, target: server }), [])
    assert.ok(server.listening, 'a server that listened is left alone')
    const failed = await failures({
      ...options,
      routes: [...options.routes, { route: 'GET /me', roles: ['x'] }, 'GET /health'],
    })
    await new Promise((resolve) => server.close(resolve))
    assert.match(failed.join('\n'), /GET \/me: 403 without the role x \| .*let in/)
    assert.match(failed.join('\n'), /GET \/health: 401 without a token \| .*let in/)
  })

  test('AZ-06: tries each method of a route of the framework by the rule that binds it', async () => {
    const gate = gateOf({ routes: { 'GET /notes': { public: 'a test' }, '/notes': { authenticated: true } } })
    const routes = ['/notes']
    assert.deepEqual(
      await failures({ gate, target: serve(gate), routes, open: ['GET /notes', 'HEAD /notes'] }),
      [],
    )
    const target: RequestListener = (req, res) =>
      void (req.method === 'PUT' ? res.end('in') : serve(gate)(req, res))
    const failed = await failures({ gate, target, routes })
    assert.match(failed.join('\n'), /PUT \/notes \(bound by \/notes\): 401 without a token \| .*let in/)
  })

  test('mints a token anew where time had to pass', async () => {
    const clock = movableClock(Date.UTC(2026, 0, 1))
    const own = await fakeIssuer({ clock })
    const routes = { 'GET /a': { roles: ['admin'] } }
    const rateLimit = { limit: 1, window: '1h' } as const
    const gate = gateOf({ authenticate: jwt(own.jwtOptions), rateLimit, clock, routes })
    assert.deepEqual(await failures({ gate, target: serve(gate), tokens: own, clock }), [])
    await own.close()
  })

  test('is not content with nothing', () => {
    const gate = gatehouse({ hosts: ['127.0.0.1'], https: 'dangerouslyAllowHttp', public: 'all of it' })
    const target = gate.handler((_req, res) => res.end('in'))
    assert.throws(() => refusalChecks({ target, gate, tokens: issuer }), /Every route is open/)
    assert.throws(
      () => refusalChecks({ target: 'http://127.0.0.1:1', tokens: issuer }),
      /There is no route to try/,
    )
  })
})

function inFront(listener: RequestListener, path: string): RequestListener {
  return (req, res) => void (req.url === path ? res.end('debug') : listener(req, res))
}

/** A server that reads tokens, and believes what stands there. */
function decoding(
  believes: (claims: Readonly<Record<string, unknown>>) => boolean,
): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const [, payload = ''] = (req.headers.authorization ?? '').split('.')
    const claims = (payload === '' ? undefined : JSON.parse(Buffer.from(payload, 'base64url').toString())) as
      Record<string, unknown> | undefined
    if (claims === undefined || !believes(claims))
      return void res.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end()
    res.end('in')
  }
}

// As a user calls it: these are tests themselves.
const own = await fakeIssuer()
const gate = gatehouse({
  hosts: ['127.0.0.1'],
  https: 'dangerouslyAllowHttp',
  authenticate: jwt(own.jwtOptions),
  routes: { 'GET /health': { public: 'a probe' }, '/admin/*': { roles: ['admin'] } },
})
refusesWithout({ target: serve(gate), gate, tokens: own, open: ['GET /health'] })
