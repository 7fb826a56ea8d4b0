import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ORDER } from '../../src/chain/order.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { start } from '../support/http.ts'
import { as, testScheme } from '../support/scheme.ts'

const ORIGIN = 'https://app.example.com'
const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(...args: Parameters<typeof guarded>): Promise<Guarded> {
  const made = await guarded(...args)
  open.push(made)
  return made
}
const codeOf = (body: string): unknown => (JSON.parse(body) as { readonly code?: unknown }).code
const preflight = ['Origin', ORIGIN, 'Access-Control-Request-Method', 'POST']

describe('the order of the checks', () => {
  test('the table gives a reason for each place, and names each check once', () => {
    assert.equal(new Set(ORDER.map((row) => row.name)).size, ORDER.length)
    for (const row of ORDER) assert.ok(row.reason.length > 20, row.name)
  })

  test('COR-23: a preflight is answered before authentication and limits, whatever order the user wrote', async () => {
    const server = await serve({
      rateLimit: { limit: 1, window: '1m' },
      authenticate: testScheme(),
      cors: { origins: [ORIGIN], methods: ['POST'] },
    })
    for (let i = 0; i < 3; i++) {
      const received = await server.send({ method: 'OPTIONS', fields: preflight })
      assert.equal(received.status, 204)
      assert.equal(received.headers['access-control-allow-origin'], ORIGIN)
      assert.equal(received.body, '')
    }
  })

  test('COR-25, AUT-12: a plain OPTIONS is no preflight: it is counted, authenticated, and reaches the application', async () => {
    const server = await serve({ cors: { origins: [ORIGIN] } }, (_req, res) => res.end('mine'))
    assert.equal((await server.send({ method: 'OPTIONS', fields: ['Origin', ORIGIN] })).status, 401)
    const reached = await server.send({ method: 'OPTIONS', fields: ['Origin', ORIGIN, ...as('alice')] })
    assert.equal(reached.body, 'mine')
  })

  test('RL-18: a limit by client is counted before authentication, one by principal after it', async () => {
    const before = await serve({ rateLimit: { limit: 1, window: '1m' } })
    assert.equal((await before.send({})).status, 401)
    assert.equal((await before.send({ fields: as('alice') })).status, 429)
    const behind = await serve({ rateLimit: { limit: 1, window: '1m', by: 'principal' } })
    for (let i = 0; i < 3; i++) assert.equal((await behind.send({})).status, 401)
    assert.equal((await behind.send({ fields: as('alice') })).status, 200)
    assert.equal((await behind.send({ fields: as('alice') })).status, 429)
    assert.equal((await behind.send({ fields: as('bob') })).status, 200)
  })

  test('PRX-09: limits by several prefixes make a ladder that an IPv6 network cannot walk around', async () => {
    const server = await serve({
      proxy: { trustedHops: 1 },
      rateLimit: [
        { name: 'host', limit: 2, window: '1m' },
        { name: 'site', limit: 3, window: '1m', ipv6Prefix: 48 },
      ],
      routes: { '/': { public: 'a test' } },
    })
    const from = async (address: string): Promise<number> =>
      (await server.send({ fields: ['X-Forwarded-For', address] })).status
    const rows: readonly (readonly [address: string, status: number])[] = [
      ['2001:db8:1:1::1', 200],
      ['2001:db8:1:1::2', 200],
      ['2001:db8:1:1::3', 429],
      ['2001:db8:1:2::1', 200],
      ['2001:db8:1:3::1', 429],
      ['2001:db8:2::1', 200],
      ['192.0.2.1', 200],
    ]
    for (const [address, status] of rows) assert.equal(await from(address), status, address)
  })

  test('RL-19: a route is exempt only when it says so', async () => {
    const server = await serve({
      rateLimit: { limit: 1, window: '1m' },
      routes: { '/health': { public: 'a test', rateLimit: 'exempt' }, '/open': { public: 'a test' } },
    })
    for (let i = 0; i < 3; i++) assert.equal((await server.send({ path: '/health' })).status, 200)
    assert.equal((await server.send({ path: '/open' })).status, 200)
    assert.equal((await server.send({ path: '/open' })).status, 429)
  })

  test('RL-25: the limits of both tiers report on 200 and on 429', async () => {
    const server = await serve({
      rateLimit: [
        { name: 'address', limit: 10, window: '1m' },
        { name: 'caller', limit: 1, window: '1m', by: 'principal' },
      ],
    })
    for (const status of [200, 429]) {
      const received = await server.send({ fields: as('alice') })
      assert.equal(received.status, status)
      for (const name of ['address', 'caller']) {
        assert.match(String(received.headers['ratelimit']), new RegExp(`"${name}";r=`))
        assert.match(String(received.headers['ratelimit-policy']), new RegExp(`"${name}";q=`))
      }
    }
  })

  test('RL-20: a client that goes away is counted all the same', async () => {
    const server = await serve(
      { rateLimit: { limit: 1, window: '1m' }, routes: { '/': { public: 'a test' } } },
      (_req, res) => {
        setImmediate(() => res.destroy())
      },
    )
    await assert.rejects(server.send({}))
    assert.equal((await server.send({})).status, 429)
  })

  test('a request for another host is refused before everything of it is looked at', async () => {
    const server = await serve({ cors: { origins: [ORIGIN] } })
    const received = await server.send({ method: 'OPTIONS', fields: ['Host', 'evil.example', ...preflight] })
    assert.equal(codeOf(received.body), 'misdirected_request')
  })

  test('everything waits when a scheme does, and nothing else changes', async () => {
    const server = await serve({ authenticate: testScheme({ late: true }) }, (_req, res, pass) =>
      res.end(pass.principal.subject),
    )
    assert.equal((await server.send({ fields: as('alice') })).body, 'alice')
    assert.equal((await server.send({ fields: ['Authorization', 'Test bad'] })).status, 401)
  })

  test('AUT-10: an optional route knows who says so, lets nobody in as nobody, and refuses bad credentials', async () => {
    const server = await serve(
      { routes: { '/greet': { optional: 'greets guests, too' } } },
      (_req, res, pass) => res.end(pass.authenticated ? pass.principal.subject : 'guest'),
    )
    assert.equal((await server.send({ path: '/greet' })).body, 'guest')
    assert.equal((await server.send({ path: '/greet', fields: as('alice') })).body, 'alice')
    for (const bad of ['Test bad', 'Other x']) {
      assert.equal((await server.send({ path: '/greet', fields: ['Authorization', bad] })).status, 401, bad)
    }
    // Open to everybody, so only in its exact spelling (AZ-01).
    assert.equal((await server.send({ path: '/Greet' })).status, 401)
  })

  test('AUT-10: a scheme that throws is 503, on no account an anonymous pass', async () => {
    const server = await serve()
    const received = await server.send({ fields: ['Authorization', 'Test throw'] })
    assert.equal(received.status, 503)
    assert.equal(received.body.includes('secret detail'), false)
  })
})

test('TLS-01: a token in the query travels in clear: it is refused, and in no Location', async () => {
  const keys = { alg: 'HS256', key: 'a secret of thirty-two bytes, yes' } as const
  const options = { issuer: 'https://id.example.com', audience: 'a', keys, dangerouslyAllowQueryToken: true }
  for (const scheme of [jwt(options), anyOf(jwt(options), apiKey({ keys: () => undefined }))]) {
    const gate = gatehouse({ hosts: ['127.0.0.1'], authenticate: scheme })
    const server = await start(gate.handler((_req, res) => res.end()))
    const received = await server.send({ path: '/x?access_token=eyJ', fields: ['Host', '127.0.0.1'] })
    await server.close()
    assert.equal(received.status, 403)
    assert.equal(received.headers.location, undefined)
    assert.equal(codeOf(received.body), 'https_required')
  }
})
