import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { dpop } from '../../src/identity/dpop.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { tokens } from '../support/dpop.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import type { Received } from '../support/http.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

const APP = 'https://app.example.com'
const ADMIN = 'https://admin.example.com'
const EVIL = 'https://evil.example'
const ASKED = 'Access-Control-Request-Method, Access-Control-Request-Headers'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

async function serve(...given: Parameters<typeof guarded>): Promise<Guarded> {
  const server = await guarded(...given)
  open.push(server)
  return server
}

const POLICY: Policy<TestPrincipal> = {
  cors: { origins: [APP, ADMIN], methods: ['PUT'] },
  rateLimit: { limit: 1000, window: '1m' },
  routes: {
    'GET /things': { public: 'everybody may read', cors: { origins: '*', maxAge: false } },
    'POST /things': { cors: { origins: [ADMIN], credentials: true, headers: ['x-admin'] } },
    'PUT /things': { scopes: ['write'] },
    'DELETE /things': { cors: 'none' },
    '/admin/*': { roles: ['admin'], cors: 'none' },
    '/files/:name': { cors: { origins: ['https://*.files.example'], methods: ['DELETE'] } },
    'OPTIONS /files/:name': { public: 'what can be done', cors: { origins: [EVIL] } },
  },
}

function preflight(server: Guarded, path: string, method: string, origin = APP, ...more: string[]) {
  const fields = ['Origin', origin, 'Access-Control-Request-Method', method, ...more]
  return server.send({ method: 'OPTIONS', path, fields })
}

/** What a preflight was answered with, as a text for tables. */
function told({ status, headers }: Received): string {
  const origin = headers['access-control-allow-origin']
  return origin === undefined ? `${status}` : `${status} ${origin}`
}

describe('the settings of a route', () => {
  const rows: readonly (readonly [path: string, method: string, origin: string, told: string])[] = [
    ['/things', 'GET', APP, '204 *'],
    ['/things', 'GET', EVIL, '204 *'],
    ['/things', 'HEAD', EVIL, '204 *'],
    ['/things', 'POST', ADMIN, `204 ${ADMIN}`],
    ['/things', 'POST', APP, '403'],
    ['/things', 'POST', EVIL, '403'],
    ['/things', 'PUT', APP, `204 ${APP}`],
    ['/things', 'PUT', EVIL, '403'],
    ['/things', 'DELETE', APP, '403'],
    // No rule binds it: the settings of the policy, which do not have the method.
    ['/things', 'PATCH', APP, '403'],
    ['/things', 'get', APP, '403'],
    ['/things', '*', APP, '403'],
    ['/things', '', APP, '403'],
    ['/admin/users', 'GET', APP, '403'],
    ['/admin', 'POST', ADMIN, '403'],
    ['/files/a', 'DELETE', 'https://x.files.example', '204 https://x.files.example'],
    ['/files/a', 'DELETE', APP, '403'],
    // The rule of OPTIONS is about OPTIONS requests, and not about what a preflight asks for.
    ['/files/a', 'GET', EVIL, '403'],
    ['/elsewhere', 'PUT', APP, `204 ${APP}`],
    ['/elsewhere', 'DELETE', APP, '403'],
  ]
  for (const [path, method, origin, expected] of rows) {
    test(`COR-02: a preflight for ${JSON.stringify(method)} ${path} from ${origin} is ${expected}`, async () => {
      const received = await preflight(await served, path, method, origin)
      assert.equal(told(received), expected)
      if (received.status !== 403) return
      const fields = Object.keys(received.headers).filter((name) => name.startsWith('access-control-'))
      assert.deepEqual(fields, [], 'COR-03')
    })
  }
  const served = serve(POLICY)

  test('COR-23: preflights are answered before authentication and limits, whichever rule answers', async () => {
    const server = await serve({
      ...POLICY,
      rateLimit: { limit: 1, window: '1m' },
      routes: {
        ...POLICY.routes,
        'POST /limited': { rateLimit: { limit: 1, window: '1m' }, cors: { origins: [APP] } },
      },
    })
    for (let i = 0; i < 3; i++) {
      const answers = [
        await preflight(server, '/things', 'POST', ADMIN),
        await preflight(server, '/things', 'GET'),
        await preflight(server, '/limited', 'POST'),
        await preflight(server, '/elsewhere', 'PUT'),
      ]
      assert.deepEqual(
        answers.map(({ status }) => status),
        [204, 204, 204, 204],
      )
      assert.ok(answers.every(({ headers }) => headers['ratelimit'] === undefined))
    }
  })

  test('COR-07: Vary says what the answer depends on: for a fixed answer the origin is not in it', async () => {
    const server = await served
    const vary = async (path: string, method: string) => (await preflight(server, path, method)).headers.vary
    assert.equal(await vary('/things', 'GET'), ASKED)
    assert.equal(await vary('/things', 'PUT'), `Origin, ${ASKED}`)
    assert.equal(await vary('/things', 'DELETE'), ASKED)
    assert.equal(await vary('/things', 'POST'), `Origin, ${ASKED}`)
    assert.equal(await vary('/admin/x', 'GET'), ASKED)
  })

  test('COR-05: each route has the Vary and the fields of its own settings, errors included', async () => {
    const server = await served
    const get = async (path: string, origin?: string, method = 'GET', caller: readonly string[] = []) => {
      const fields = [...(origin === undefined ? [] : ['Origin', origin]), ...caller]
      const { status, headers } = await server.send({ method, path, fields })
      return [
        status,
        headers['access-control-allow-origin'],
        headers['access-control-allow-credentials'],
        headers.vary,
      ]
    }
    assert.deepEqual(await get('/things'), [200, '*', undefined, undefined])
    assert.deepEqual(await get('/things', EVIL), [200, '*', undefined, undefined])
    assert.deepEqual(await get('/things', ADMIN, 'POST'), [401, ADMIN, 'true', undefined])
    assert.deepEqual(await get('/things', APP, 'PUT'), [401, APP, undefined, 'Origin'])
    assert.deepEqual(await get('/things', APP, 'PUT', as('alice')), [403, APP, undefined, 'Origin'])
    assert.deepEqual(await get('/things', undefined, 'PUT'), [401, undefined, undefined, 'Origin'])
    assert.deepEqual(await get('/admin/x', APP), [401, undefined, undefined, undefined])
    assert.deepEqual(await get('/elsewhere', APP), [401, APP, undefined, 'Origin'])
    assert.deepEqual(await get('/elsewhere', EVIL), [401, undefined, undefined, 'Origin'])
  })

  test('COR-25: OPTIONS that is no preflight goes by its own rule', async () => {
    const server = await serve(POLICY, (_req, res) => res.end('mine'))
    const plain = await server.send({ method: 'OPTIONS', path: '/files/a', fields: ['Origin', EVIL] })
    assert.deepEqual([plain.status, plain.body], [200, 'mine'])
    assert.equal(plain.headers['access-control-allow-origin'], EVIL)
    const none = await server.send({
      method: 'OPTIONS',
      path: '/files/a',
      fields: ['Access-Control-Request-Method', 'GET'],
    })
    assert.equal(none.body, 'mine')
  })

  test("COR-04: 'none' takes off what the handler sets, and the request runs", async () => {
    const server = await serve(POLICY, (_req, res) => {
      res.setHeader('Access-Control-Allow-Origin', '*')
      res.end('ran')
    })
    const fields = ['Origin', APP, ...as('root', '-', 'admin')]
    const received = await server.send({ path: '/admin/x', fields })
    assert.deepEqual([received.status, received.body], [200, 'ran'])
    assert.equal(received.headers['access-control-allow-origin'], undefined)
  })

  test("COR-04: 'none' in a policy that blocks is refused, and the page of the API itself is not", async () => {
    const server = await serve({
      cors: { origins: [APP], block: true },
      routes: { '/hook': { public: 'a test', cors: 'none' } },
    })
    const post = (origin: string) =>
      server.send({ method: 'POST', path: '/hook', fields: ['Origin', origin] })
    assert.equal((await post(APP)).status, 403)
    assert.equal((await post('http://127.0.0.1')).status, 200)
  })

  test('COR-01: where the policy has no cors, preflights of other routes reach the application as before', async () => {
    const server = await serve(
      {
        routes: {
          '/open/*': { public: 'a test' },
          'GET /open/shared': { public: 'a test', cors: { origins: [APP] } },
          '/mixed': { cors: { origins: [APP] } },
          'POST /mixed': { public: 'a test' },
          'OPTIONS /mixed': { public: 'answers by itself' },
        },
      },
      (_req, res) => res.end('mine'),
    )
    assert.equal((await preflight(server, '/open/x', 'GET')).body, 'mine')
    assert.equal(told(await preflight(server, '/open/shared', 'GET')), `204 ${APP}`)
    assert.equal((await preflight(server, '/open/shared', 'POST')).body, 'mine')
    assert.equal(told(await preflight(server, '/mixed', 'GET')), `204 ${APP}`)
    // POST has no settings: the gate says nothing about it, whatever the rule of other methods says.
    assert.equal((await preflight(server, '/mixed', 'POST')).body, 'mine')
    assert.equal((await preflight(server, '/elsewhere', 'GET')).status, 401)
  })

  test('COR-19: the rule whose settings answered is named in the event', async () => {
    const server = await serve(POLICY)
    await preflight(server, '/things', 'POST', EVIL)
    await preflight(server, '/things', 'PUT', APP)
    const events = (await server.events()).map(({ kind, rule, reason }) => [kind, rule, reason])
    assert.deepEqual(events, [
      ['cors.preflight-denied', 'default, POST /things', `The origin "${EVIL}" is not allowed.`],
      ['request.preflight', 'default, PUT /things', undefined],
    ])
  })

  test('COR-20: a rule exposes what the policy sends, and its own', async () => {
    const server = await serve({
      rateLimit: { limit: 10, window: '1m' },
      routes: { '/x': { public: 'a test', cors: { origins: '*', expose: ['ETag'] } } },
    })
    const { headers } = await server.send({ path: '/x' })
    assert.equal(
      headers['access-control-expose-headers'],
      'RateLimit-Policy, RateLimit, Retry-After, WWW-Authenticate, ETag',
    )
  })

  test('COR-20: Retry-After and DPoP-Nonce are exposed where a scheme may say them, and what a key may say', async () => {
    const exposed = async (policy: Policy<TestPrincipal>) => {
      const server = await serve({ cors: { origins: '*' }, ...policy })
      return (await server.send({})).headers['access-control-expose-headers']
    }
    assert.equal(await exposed({}), 'Retry-After, WWW-Authenticate')
    assert.equal(
      await exposed({ routes: { 'POST /x': { idempotency: true } } }),
      'Retry-After, Idempotency-Replayed, WWW-Authenticate',
    )
    // RFC 9449 §8
    assert.equal(
      await exposed({ authenticate: dpop(tokens()) as never }),
      'Retry-After, WWW-Authenticate, DPoP-Nonce',
    )
  })

  test('DEP-04: in shadow mode a preflight is told about, and goes on by the rule of OPTIONS', async () => {
    const server = await serve(
      { ...POLICY, routes: { ...POLICY.routes, 'OPTIONS /things': { public: 'a test' } }, shadow: ['cors'] },
      (_req, res, { rule }) => res.end(rule),
    )
    const received = await preflight(server, '/things', 'DELETE')
    assert.deepEqual([received.status, received.body], [200, 'OPTIONS /things'])
    assert.equal(received.headers['access-control-allow-origin'], undefined)
    assert.equal(received.headers.vary, undefined)
    const kinds = (await server.events()).map(({ outcome, kind }) => `${outcome} ${kind}`)
    assert.ok(kinds.includes('would-refuse cors.preflight-denied'), kinds.join())
    // A preflight that goes on is no request of the rule that it asks about: GET /things is public, OPTIONS /files not for APP.
    const other = await preflight(server, '/elsewhere', 'GET')
    assert.equal(other.status, 401)
  })

  test('COR-02: an upgrade goes by the settings of its route', async () => {
    const server = await serve({
      cors: { origins: [APP] },
      routes: {
        '/ws': { public: 'a test', cors: { origins: [ADMIN] } },
        '/closed': { public: 'a test', cors: 'none' },
      },
    })
    server.server.on(
      'upgrade',
      server.gate.upgrade((_req, socket) => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
      }),
    )
    const dial = async (path: string, origin: string) => {
      const socket = connect(server.port, '127.0.0.1')
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\nOrigin: ${origin}\r\n\r\n`,
      )
      const [data] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      return data.toString('latin1').slice(9, 12)
    }
    assert.equal(await dial('/ws', ADMIN), '101')
    assert.equal(await dial('/ws', APP), '403')
    assert.equal(await dial('/closed', APP), '403')
    assert.equal(await dial('/closed', 'http://127.0.0.1'), '101')
  })
})

describe('a resolver of a rule', () => {
  const asked: string[] = []
  const routes: Policy<TestPrincipal>['routes'] = {
    'PUT /tenants/:tenant/things': {
      authenticated: true,
      cors: {
        methods: ['PUT'],
        origins: (origin, { method, params }) => {
          asked.push(`${method} ${JSON.stringify(params)}`)
          return params['tenant'] === 'acme' && origin === APP
        },
      },
    },
    'OPTIONS /tenants/:id/:what': { public: 'what can be done' },
  }

  test('COR-21: is asked about the same parts of the path for a preflight and for its request', async () => {
    const server = await serve({ routes })
    asked.length = 0
    const path = '/tenants/acme/things'
    assert.equal(told(await preflight(server, path, 'PUT')), `204 ${APP}`)
    assert.equal(told(await preflight(server, '/tenants/other/things', 'PUT')), '403')
    const put = await server.send({ method: 'PUT', path, fields: ['Origin', APP, ...as('alice')] })
    assert.equal(put.headers['access-control-allow-origin'], APP)
    assert.deepEqual(asked, [
      'OPTIONS {"tenant":"acme"}',
      'OPTIONS {"tenant":"other"}',
      'PUT {"tenant":"acme"}',
    ])
  })

  test('DEP-04: leaves a preflight that goes on the parts that its own rule names', async () => {
    const seen: unknown[] = []
    const server = await serve({ routes, shadow: ['cors'] }, (_req, res, pass) => {
      seen.push(pass.params)
      res.end()
    })
    await preflight(server, '/tenants/acme/things', 'PUT')
    assert.deepEqual(seen, [{ id: 'acme', what: 'things', tenant: 'acme' }])
    assert.deepEqual(
      (await server.events()).filter(({ outcome }) => outcome === 'would-refuse'),
      [],
    )
    // Nobody has settings for a GET there.
    await preflight(server, '/tenants/acme/things', 'GET')
    assert.deepEqual(seen[1], { id: 'acme', what: 'things' })
  })
})

describe('a spelling that several rules bind', () => {
  const policy: Policy<TestPrincipal> = {
    cors: { origins: [APP, ADMIN] },
    routes: {
      'GET /users/me': { authenticated: true, cors: { origins: '*' } },
      'GET /users/:id': { authenticated: true, cors: { origins: [ADMIN], credentials: true } },
      'GET /same/me': { authenticated: true },
      'GET /same/:id': { authenticated: true },
    },
  }

  test('COR-03: has no CORS field, since the settings of its rules differ', async () => {
    const server = await serve(policy)
    // Some routers take it for /users/me, some for /users/:id.
    for (const path of ['/users/Me', '/users/%6de']) {
      for (const origin of [APP, ADMIN, EVIL]) {
        assert.equal(told(await preflight(server, path, 'GET', origin)), '403')
        const { status, headers } = await server.send({ path, fields: ['Origin', origin, ...as('alice')] })
        assert.deepEqual([status, headers['access-control-allow-origin']], [200, undefined])
      }
    }
    assert.equal(told(await preflight(server, '/users/me', 'GET', EVIL)), '204 *')
    assert.equal(told(await preflight(server, '/users/7', 'GET', ADMIN)), `204 ${ADMIN}`)
  })

  test('COR-02: has the settings that all its rules share', async () => {
    const server = await serve(policy)
    assert.equal(told(await preflight(server, '/same/Me', 'GET')), `204 ${APP}`)
    const { headers } = await server.send({ path: '/same/Me', fields: ['Origin', APP, ...as('alice')] })
    assert.equal(headers['access-control-allow-origin'], APP)
  })

  for (const [what, mine, theirs] of [
    ['the first', undefined, { origins: '*' }],
    ['another', { origins: '*' }, undefined],
  ] as const) {
    test(`COR-04: is blocked when ${what} of its rules blocks`, async () => {
      const server = await serve({
        cors: { origins: [APP], block: true },
        routes: {
          '/users/me': { authenticated: true, ...(mine && { cors: mine }) },
          '/users/:id': { authenticated: true, ...(theirs && { cors: theirs }) },
        },
      })
      const get = async (path: string) =>
        (await server.send({ path, fields: ['Origin', EVIL, ...as('alice')] })).status
      const each = [await get('/users/me'), await get('/users/7')]
      assert.deepEqual(each, mine === undefined ? [403, 200] : [200, 403])
      assert.equal(await get('/users/Me'), 403)
    })
  }

  test('COR-04: has no CORS field of the handler, though only one of its rules has settings', async () => {
    for (const ruled of ['/users/me', '/users/:id']) {
      const server = await serve(
        {
          routes: {
            '/users/me': { authenticated: true },
            '/users/:id': { authenticated: true },
            [ruled]: { authenticated: true, cors: { origins: [APP, ADMIN] } },
          },
        },
        (_req, res) => res.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end(),
      )
      const { headers } = await server.send({ path: '/users/Me', fields: ['Origin', EVIL, ...as('alice')] })
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
  })

  test('CSR-10: takes from a page only what each of its rules lets the page do', async () => {
    const trusting = { authenticated: true, cors: { origins: [APP], credentials: true } } as const
    const closed = { authenticated: true, cors: 'none' } as const
    for (const [mine, theirs] of [
      [trusting, closed],
      [closed, trusting],
    ] as const) {
      const server = await serve({ routes: { 'POST /users/me': mine, 'POST /users/:id': theirs } })
      const post = async (path: string): Promise<number> => {
        const fields = ['Cookie', 'session=1', 'Origin', APP, 'Sec-Fetch-Site', 'cross-site', ...as('alice')]
        return (await server.send({ method: 'POST', path, fields })).status
      }
      assert.deepEqual(
        [await post('/users/me'), await post('/users/7')],
        mine === trusting ? [200, 403] : [403, 200],
      )
      for (const path of ['/users/ME', '/users/%6de']) assert.equal(await post(path), 403, path)
    }
  })

  test('CSR-10: is refused once for what its rules share', async () => {
    const server = await serve({
      shadow: ['cross-site'],
      routes: { 'POST /users/me': { authenticated: true }, 'POST /users/:id': { authenticated: true } },
    })
    const fields = ['Origin', EVIL, 'Sec-Fetch-Site', 'cross-site', ...as('alice'), 'Cookie', 'session=1']
    assert.equal((await server.send({ method: 'POST', path: '/users/Me', fields })).status, 200)
    const refusals = (await server.events()).filter(({ kind }) => kind === 'cross-site.refused')
    assert.equal(refusals.length, 1)
  })

  test('DEP-04: in shadow mode has what the handler says, like every other', async () => {
    const server = await serve({ ...policy, shadow: ['cors'] }, (_req, res) => {
      res.setHeader('Access-Control-Allow-Origin', EVIL)
      res.end()
    })
    const { headers } = await server.send({ path: '/users/Me', fields: ['Origin', APP, ...as('alice')] })
    assert.equal(headers['access-control-allow-origin'], EVIL)
  })
})

describe("the rule of a framework's own route", () => {
  test('COR-23: cannot have settings: preflights have been answered before it is found', () => {
    const gate = gatehouse(testPolicy({ cors: { origins: [APP] } }))
    assert.throws(
      () => gate.allow({ authenticated: true, cors: { origins: [ADMIN] } }),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ code, path }) => `${code} ${path}`),
          ['contradiction rule.cors'],
        )
        return true
      },
    )
  })

  test('COR-05: leaves those of the policy’s rule on the response, also with headers of its own', async () => {
    const added: ReturnType<Guarded['gate']['allow']>[] = []
    const server = await serve(POLICY, (req, res) => {
      if (added.every((enter) => enter(req, res) !== undefined)) res.end('ok')
    })
    added.push(server.gate.allow({ authenticated: true, headers: 'page' }))
    const send = async (path: string, origin: string, method = 'POST') => {
      const received = await server.send({
        method,
        path,
        fields: ['Origin', origin, ...as('alice', 'write', 'admin')],
      })
      assert.match(String(received.headers['content-security-policy']), /default-src 'self'|script-src/)
      return [received.headers['access-control-allow-origin'], received.headers.vary]
    }
    assert.deepEqual(await send('/things', ADMIN), [ADMIN, undefined])
    assert.deepEqual(await send('/admin/x', APP), [undefined, undefined])
    assert.deepEqual(await send('/things', APP, 'PUT'), [APP, 'Origin'])
  })
})

describe('what is told of the settings', () => {
  test('AZ-12: gate.routes lists the origins of each rule', () => {
    const gate = gatehouse(
      testPolicy({
        cors: [
          { origins: [APP, /^https:\/\/a\.example$/], dangerouslyAllowNullOrigin: true },
          { origins: () => true },
        ],
        routes: {
          '/open': { public: 'a test', cors: { origins: '*' } },
          '/none': { cors: 'none' },
          '/files': { cors: { origins: ['https://*.files.example'] } },
        },
      }),
    )
    gate.allow({ scopes: ['a'] }, 'added')
    assert.deepEqual(
      gate.routes().map(({ pattern, origins }) => [pattern, origins]),
      [
        ['/open', ['*']],
        ['/none', []],
        ['/files', ['https://*.files.example']],
        ['default', [APP, '/^https:\\/\\/a\\.example$/', 'null', '(function)']],
        ['added', []],
      ],
    )
  })

  test('ERR-03: a mistake in the settings of a rule names where it is', () => {
    assert.throws(
      () =>
        gatehouse(
          testPolicy({
            routes: {
              'GET /x': { cors: [{ origins: '*', credentials: true }] },
              '/y': { cors: {} as never },
            },
          }),
        ),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ code, path }) => `${code} ${path}`),
          ['contradiction routes["GET /x"].cors[0].origins', 'missing_option routes["/y"].cors.origins'],
        )
        return true
      },
    )
  })
})
