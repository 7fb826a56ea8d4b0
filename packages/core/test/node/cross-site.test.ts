import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { session } from '../../src/identity/session.ts'
import { crossSiteToken } from '../../src/checks/cross-site.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { reportCollector } from '../../src/node/report-collector.ts'
import { formatRoutes } from '../../src/chain/format-routes.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { type Running, start } from '../support/http.ts'
import { as } from '../support/scheme.ts'

const EVIL = 'https://evil.example'
const APP = 'https://app.example.com'
const KEY = { id: 'a', secret: Buffer.from('a secret of thirty-two bytes, yes') }
/** What a browser sends for a form on a page of a stranger. */
const FORGED = ['Origin', EVIL, 'Sec-Fetch-Site', 'cross-site', 'Cookie', 'session=1']

const open: { close: () => Promise<void> }[] = []
after(async () => {
  for (const each of open) await each.close()
})

async function serve(policy: Parameters<typeof guarded>[0] = {}): Promise<Guarded> {
  const server = await guarded(policy)
  open.push(server)
  return server
}

/** The mistakes of a policy, as `code path`. */
function mistakesOf(policy: object): readonly string[] {
  try {
    gatehouse(testPolicy(policy))
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(({ code, path }) => `${code} ${path}`)
    throw error
  }
  return []
}

describe('a policy that says nothing of other sites', () => {
  test('CSR-01: refuses what they send, before it costs their visitor anything', async () => {
    const server = await serve({
      rateLimit: { limit: 1, window: '1m' },
      routes: { '/open': { public: 'a test' } },
    })
    for (let i = 0; i < 3; i++) {
      const refused = await server.send({ method: 'POST', path: '/open', fields: FORGED })
      assert.equal(refused.status, 403)
      assert.equal((JSON.parse(refused.body) as { code: string }).code, 'cross_site_request')
    }
    assert.equal((await server.send({ method: 'POST', path: '/open' })).status, 200)
    const [event] = await server.events()
    assert.deepEqual([event?.kind, event?.check, event?.status], ['cross-site.refused', 'cross-site', 403])
    assert.match(
      event?.reason ?? '',
      /^Sec-Fetch-Site is "cross-site", and the origin "https:\/\/evil\.example"/,
    )
  })

  test('CSR-01: lets them read what they may, and answers their preflights', async () => {
    const server = await serve({ cors: { origins: [APP] }, routes: { '/*': { public: 'a test' } } })
    assert.equal((await server.send({ fields: FORGED })).status, 200)
    const asked = ['Origin', EVIL, 'Access-Control-Request-Method', 'POST', 'Sec-Fetch-Site', 'cross-site']
    const { body } = await server.send({ method: 'OPTIONS', fields: asked })
    assert.match(body, /cors_preflight_denied/)
  })

  test('CSR-01: has no Vary for it, as nothing that caches keep depends on it', async () => {
    const server = await serve({ routes: { '/*': { public: 'a test' } } })
    assert.equal((await server.send({})).headers.vary, undefined)
  })

  test('CSR-11: behind a proxy that ends TLS, the origin is compared with what the browser sees', async () => {
    const server = await serve({
      hosts: ['api.example.com'],
      proxy: { trustedRanges: ['loopback'], header: 'forwarded', host: true },
      routes: { '/*': { public: 'a test' } },
    })
    const behind = (origin: string, proto: string) =>
      server.send({
        method: 'POST',
        fields: [
          'Host',
          'inner:8080',
          'Forwarded',
          `for=203.0.113.7;proto=${proto};host=api.example.com`,
          'Origin',
          origin,
        ],
      })
    assert.equal((await behind('https://api.example.com', 'https')).status, 200)
    assert.equal((await behind('http://api.example.com', 'https')).status, 403)
    assert.equal((await behind('http://inner:8080', 'https')).status, 403)
    assert.equal((await behind(EVIL, 'https')).status, 403)
  })

  test('CSR-07: the field of an API key is known from the scheme, and a cookie with a key is not free of it', async () => {
    const keys = [{ id: 'k1', hash: hashApiKey('k-0123456789abcdef'), subject: 'robot' }]
    const page = ['Host', '127.0.0.1', 'Origin', EVIL, 'Sec-Fetch-Site', 'cross-site']
    for (const [scheme, fields, status] of [
      [apiKey({ keys, header: 'X-Robot' }), ['X-Robot', 'k-0123456789abcdef'], 200],
      [apiKey({ keys, header: 'X-Robot' }), ['X-API-Key', 'k-0123456789abcdef'], 403],
      [apiKey({ keys, cookie: '__Host-key' }), ['Cookie', '__Host-key=k-0123456789abcdef'], 403],
    ] as const) {
      const gate = gatehouse({ hosts: ['127.0.0.1'], https: 'dangerouslyAllowHttp', authenticate: scheme })
      const running: Running = await start(gate.handler((_req, res) => res.end('ok')))
      open.push(running)
      assert.equal((await running.send({ method: 'POST', fields: [...page, ...fields] })).status, status)
    }
  })
})

describe('rules that are exempt', () => {
  const why = 'the bank calls it, and signs its calls'
  const policy = {
    routes: {
      'POST /hook': { public: 'a test', dangerouslyCrossSite: why },
      'POST /hooks/:id': { authenticated: true, dangerouslyCrossSite: why },
      'POST /hooks/admin': { roles: ['admin'] },
      'POST /folder/*': { authenticated: true, dangerouslyCrossSite: why },
      'POST /other': { authenticated: true },
    },
  } as const

  const rows: readonly (readonly [method: string, path: string, exempt: boolean])[] = [
    ['POST', '/hook', true],
    ['POST', '/hook?a=1', true],
    ['PUT', '/hook', false],
    ['POST', '/hook/', false],
    ['POST', '/Hook', false],
    ['POST', '/h%6fok', false],
    ['POST', '/hookah', false],
    ['POST', '/hook/x', false],
    ['POST', '/', false],
    ['POST', '/hooks/7', true],
    ['POST', '/hooks/7/', false],
    ['POST', '/HOOKS/7', false],
    ['POST', '/hooks/admin', false],
    ['POST', '/hooks/adm%69n', false],
    ['POST', '/folder/a', true],
    ['POST', '/folder/a/b', true],
    ['POST', '/folder', false],
    ['POST', '/Folder/a', false],
    ['POST', '/other', false],
  ]
  for (const [method, path, exempt] of rows) {
    test(`CSR-03: ${method} ${path} is ${exempt ? 'exempt' : 'not exempt'}`, async () => {
      const server = await serve(policy)
      const { status, body } = await server.send({ method, path, fields: [...as('alice'), ...FORGED] })
      assert.equal(body.includes('cross_site_request'), !exempt)
      assert.equal(status, exempt ? 200 : 403)
    })
  }

  test('CSR-10: an exempt route, and protected ones that are named, leave every other protected', async () => {
    const server = await serve(policy)
    for (const path of ['/unnamed', '/other', '/hooks'])
      assert.equal(
        (await server.send({ method: 'DELETE', path, fields: [...as('alice'), ...FORGED] })).status,
        403,
      )
  })

  test('WS-01, CSR-03: an exempt route takes upgrades of every page', async () => {
    const server = await serve({ routes: { '/ws': { public: 'a test', dangerouslyCrossSite: why } } })
    server.server.on(
      'upgrade',
      server.gate.upgrade((_req, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')),
    )
    const bytes = (path: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: ${EVIL}\r\n\r\n`
    assert.match(await server.raw(bytes('/ws')), /^HTTP\/1\.1 101 /)
    assert.match(await server.raw(bytes('/ws/')), /^HTTP\/1\.1 403 /)
  })

  test('CSR-03: a rule says why, and the list of routes tells it', () => {
    const routes = gatehouse(testPolicy(policy)).routes()
    assert.deepEqual(
      routes.map(({ pattern, crossSite }) => [pattern, crossSite]),
      [
        ['/hook', why],
        ['/hooks/:id', why],
        ['/hooks/admin', undefined],
        ['/folder/*', why],
        ['/other', undefined],
        ['default', undefined],
      ],
    )
    assert.match(formatRoutes(routes), /other sites: "the bank calls it, and signs its calls"/)
  })

  test('CSR-03: a policy can be, as a whole, and says why', async () => {
    const server = await serve({
      dangerouslyCrossSite: 'it knows nobody',
      routes: { '/*': { public: 'a test' } },
    })
    assert.equal((await server.send({ method: 'POST', fields: FORGED })).status, 200)
  })

  const mistakes: readonly (readonly [name: string, policy: object, expected: readonly string[]])[] = [
    [
      'a rule without a reason',
      { routes: { '/a': { authenticated: true, dangerouslyCrossSite: true } } },
      ['wrong_type routes["/a"].dangerouslyCrossSite'],
    ],
    [
      'a rule with an empty one',
      { routes: { '/a': { authenticated: true, dangerouslyCrossSite: ' ' } } },
      ['malformed_value routes["/a"].dangerouslyCrossSite'],
    ],
    [
      'a policy that is exempt, and says who may',
      { dangerouslyCrossSite: 'a test', crossSite: { trustedOrigins: [APP] } },
      ['contradiction crossSite'],
    ],
    [
      'a rule of a policy that is exempt',
      {
        dangerouslyCrossSite: 'a test',
        routes: { '/a': { authenticated: true, dangerouslyCrossSite: 'too' } },
      },
      ['duplicate_value routes["/a"].dangerouslyCrossSite'],
    ],
    [
      'isolation, and cors for everybody',
      { cors: { origins: '*' }, crossSite: { isolate: 'resources' } },
      ['contradiction crossSite.isolate'],
    ],
    ['the check switched off', { crossSite: false }, ['unsafe_value crossSite']],
    ['an unknown word', { crossSite: { trusted: [APP] } }, ['unknown_option crossSite.trusted']],
  ]
  for (const [name, given, expected] of mistakes)
    test(`CSR-02: ${name} does not build`, () => assert.deepEqual(mistakesOf(given), expected))

  test("CSR-03: a rule of a framework's own route cannot be: it comes too late", () => {
    const gate = gatehouse(testPolicy())
    assert.throws(
      () => gate.allow({ authenticated: true, dangerouslyCrossSite: why }),
      (error) => error instanceof ConfigError && error.mistakes[0]?.path === 'rule.dangerouslyCrossSite',
    )
  })
})

describe('isolation', () => {
  test('CSR-09: is told to caches, beside the Vary of others, and by the rules of routes, too', async () => {
    const server = await serve({
      cors: { origins: [APP, 'https://admin.example.com'] },
      crossSite: { isolate: 'resources' },
      routes: { '/*': { public: 'a test' } },
    })
    const vary = 'Origin, Sec-Fetch-Dest, Sec-Fetch-Mode, Sec-Fetch-Site'
    assert.equal((await server.send({})).headers.vary, vary)
    const image = ['Sec-Fetch-Site', 'cross-site', 'Sec-Fetch-Mode', 'no-cors', 'Sec-Fetch-Dest', 'image']
    const refused = await server.send({ fields: image })
    assert.deepEqual([refused.status, refused.headers.vary], [403, vary])
    assert.equal(refused.headers['cache-control'], 'no-store')
    assert.equal((await server.events()).at(-1)?.kind, 'cross-site.load-refused')
  })
})

describe('a token and a session', () => {
  test('HDR-09, CSR-03: reports of browsers, with cookies and without a token, come to a route that is exempt', async () => {
    const server = await guarded(
      {
        crossSite: { token: crossSiteToken({ keys: [KEY], session: () => undefined }) },
        routes: {
          'POST /reports': { public: 'a test', dangerouslyCrossSite: 'browsers report here' },
          'POST /others': { public: 'a test' },
        },
      },
      reportCollector(),
    )
    open.push(server)
    const type = ['Content-Type', 'application/csp-report']
    const fields = [...type, 'Sec-Fetch-Site', 'same-origin', 'Cookie', 'session=1']
    const report = async (path: string): Promise<number> =>
      (await server.send({ method: 'POST', path, fields, body: '{"csp-report":{}}' })).status
    assert.deepEqual([await report('/reports'), await report('/others')], [204, 403])
  })

  test('CSR-01: a token is of the session that was begun with it, and of no earlier one', async () => {
    const sessions = session({ keys: [KEY], store: memoryStore(), dangerouslyAllowHttp: true })
    const csrf = crossSiteToken({
      keys: [KEY],
      session: (req) => sessions.idOf(req),
      dangerouslyAllowHttp: true,
    })
    const gate = gatehouse({
      hosts: ['127.0.0.1'],
      https: 'dangerouslyAllowHttp',
      authenticate: sessions,
      crossSite: { token: csrf },
      routes: { 'GET /login': { public: 'the form' }, 'POST /login': { public: 'users log in here' } },
    })
    const running = await start(
      gate.handler(async (req, res) => {
        if (req.method === 'POST' && req.url === '/login')
          await sessions.start(req, res, { subject: 'alice' })
        res.end(csrf.issue(req, res))
      }),
    )
    open.push(running)
    const cookies = new Map<string, string>()
    const send = async (method: string, path: string, token?: string) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const fields = ['Host', '127.0.0.1', ...(cookie === '' ? [] : ['Cookie', cookie])]
      if (token !== undefined) fields.push('X-CSRF-Token', token)
      const received = await running.send({ method, path, fields })
      for (const text of received.headers['set-cookie'] ?? []) {
        const [name = '', value = ''] = text.split(';', 1)[0]?.split('=') ?? []
        cookies.set(name, value)
      }
      return received
    }
    const before = (await send('GET', '/login')).body
    assert.match((await send('POST', '/login')).body, /invalid_csrf_token/)
    const logged = await send('POST', '/login', before)
    assert.equal(logged.status, 200)
    assert.deepEqual([...cookies.keys()], ['csrf', 'session'])
    assert.equal((await send('POST', '/change', before)).status, 403)
    assert.equal((await send('POST', '/change', logged.body)).status, 200)
    assert.equal((await send('POST', '/change')).status, 403)
    assert.equal((await send('GET', '/read')).status, 200)
  })
})
