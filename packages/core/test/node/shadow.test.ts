import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, describe, test } from 'node:test'
import { type CheckName, ORDER } from '../../src/chain/order.ts'
import { crossSiteToken } from '../../src/checks/cross-site.ts'
import type { Handler } from '../../src/node/gate.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'
import type { Sent } from '../support/http.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

const CSRF = crossSiteToken({
  keys: [{ id: 'a', secret: Buffer.from('a secret of thirty-two bytes, yes') }],
  session: () => undefined,
})
const POSTED = { method: 'POST', path: '/open' } as const

const policy = {
  cors: { origins: ['https://app.example.com'], block: true },
  crossSite: { token: CSRF },
  rateLimit: [
    { limit: 1, window: '1m' },
    { name: 'caller', limit: 1, window: '1m', by: 'principal' },
  ],
  routes: {
    '/open': { public: 'a test' },
    '/office': { public: 'a test', addresses: { allow: ['192.0.2.0/24'] } },
    '/admin': { roles: ['admin'] },
    '/full': { concurrency: { limit: 1 } },
    '/full/caller': { concurrency: { limit: 1, by: 'principal' } },
    '/banned': { public: 'a test', addresses: { deny: ['loopback'] } },
    '/notes': { public: 'a test', content: { types: 'json', maxBytes: 64 } },
    '/pay': { authenticated: true, idempotency: { required: true } },
  },
} as const

/** Answers; of the routes that may be full, two requests together, when the second has come. */
function inPairs(): Handler<TestPrincipal> {
  let first: ServerResponse | undefined
  return (req, res) => {
    if (req.url?.startsWith('/full') !== true) res.end('ok')
    else if (first === undefined) first = res
    else for (const each of [first, res]) each.end('ok')
  }
}

const rows: readonly (readonly [check: CheckName, kind: string, sent: Sent, times?: number])[] = [
  ['request', 'request.path-ambiguous', { path: '/a//b', fields: as('alice') }],
  ['request', 'request.query-ambiguous', { path: '/open?a[__proto__]=1' }],
  ['request', 'request.method-overridden', { ...POSTED, fields: ['X-HTTP-Method-Override', 'DELETE'] }],
  ['request', 'request.target-too-long', { path: `/open?${'a'.repeat(9000)}` }],
  ['address', 'address.not-allowed', { path: '/office' }],
  ['address', 'address.denied', { path: '/banned' }],
  ['hosts', 'host.unknown', { path: '/open', fields: ['Host', 'evil.example'] }],
  ['https', 'https.refused', { path: '/open' }],
  ['cors', 'cors.origin-denied', { path: '/open', fields: ['Origin', 'https://evil.example'] }],
  ['cross-site', 'cross-site.refused', { ...POSTED, fields: ['Sec-Fetch-Site', 'cross-site'] }],
  ['cross-site', 'cross-site.token-missing', { ...POSTED, fields: ['Cookie', 'session=1'] }],
  ['client-limits', 'limit.exceeded', { path: '/open' }, 2],
  ['caller-limits', 'limit.exceeded', { path: '/', fields: as('alice') }, 2],
  ['shed', 'load.shed', { path: '/open' }],
  ['client-concurrency', 'concurrency.exceeded', { path: '/full', fields: as('alice') }],
  ['caller-concurrency', 'concurrency.exceeded', { path: '/full/caller', fields: as('alice') }],
  ['authorize', 'authorization.role-missing', { path: '/admin', fields: as('alice') }],
  ['content', 'content.type-refused', { method: 'POST', path: '/notes', body: '{}' }],
  ['content', 'content.coding-refused', noted('{}', ['Content-Encoding', 'gzip'])],
  ['content', 'content.too-large', noted(JSON.stringify('x'.repeat(100)))],
  ['idempotency', 'idempotency.key-missing', { method: 'POST', path: '/pay', fields: as('alice') }],
]

function noted(body: string, fields: readonly string[] = []): Sent {
  return { method: 'POST', path: '/notes', fields: ['Content-Type', 'application/json', ...fields], body }
}

describe('DEP-04: shadow mode', () => {
  test('is tried of every check that refuses, but for authenticate, which has its own tests', () => {
    const tried = new Set(rows.map(([check]) => check))
    const others = ORDER.map(({ name }) => name).filter((name) => !tried.has(name))
    assert.deepEqual(others, ['protected-resource', 'authenticate'])
  })

  for (const [check, kind, sent, times = 1] of rows) {
    test(`of ${check}: ${kind}: the request goes on, and the event says what would have been refused`, async () => {
      const shadow: readonly CheckName[] = check.endsWith('-limits')
        ? ['client-limits', 'caller-limits']
        : [check]
      const server = await guarded(
        {
          ...policy,
          ...(check === 'https' ? { https: 'refuse' } : {}),
          ...(check === 'shed' ? { shed: { delay: () => 1_000 } } : {}),
          ...(check.endsWith('-concurrency') ? { rateLimit: { limit: 9, window: '1m' } } : {}),
          shadow,
        },
        inPairs(),
      )
      open.push(server)
      const received = check.endsWith('-concurrency')
        ? await Promise.all([server.send(sent), server.send(sent)])
        : [await server.send(sent)]
      for (let i = 1; i < times; i++) received.push(await server.send(sent))
      for (const { status } of received) assert.equal(status, 200)
      const event = (await server.events()).find(
        (each) => each.outcome === 'would-refuse' && each.check === check,
      )
      assert.equal(event?.kind, kind)
      assert.equal(event?.status, undefined)
    })
  }

  test('RL-15: of client-limits, a handler settles what a request costs, whether it would have been refused or not', async () => {
    const rateLimit = { name: 'tokens', limit: 10, window: '1h', cost: 4 } as const
    const server = await guarded(
      { rateLimit, shadow: ['client-limits'], routes: { '/open': { public: 'a test' } } },
      async (_req, res, pass) => {
        const { remaining } = await pass.limit('tokens').settle(3)
        res.end(String(remaining))
      },
    )
    open.push(server)
    const left: string[] = []
    for (let i = 0; i < 4; i++) left.push((await server.send({ path: '/open' })).body)
    // The fourth would have been refused: nothing was taken of it, and it has cost what it has cost.
    assert.deepEqual(left, ['7', '4', '1', '0'])
  })

  test('of authenticate and authorize together: nobody gets through as nobody', async () => {
    const server = await guarded({ shadow: ['authenticate', 'authorize'] }, (_req, res, pass) =>
      res.end(String(pass.authenticated)),
    )
    open.push(server)
    assert.equal((await server.send({})).body, 'false')
  })

  test('of cors: a preflight reaches the application, and no response has a CORS field', async () => {
    const server = await guarded(
      { ...policy, routes: { '/*': { public: 'a test' } }, shadow: ['cors'] },
      (_req, res) => res.end('mine'),
    )
    open.push(server)
    const fields = ['Origin', 'https://app.example.com', 'Access-Control-Request-Method', 'POST']
    const received = await server.send({ method: 'OPTIONS', path: '/x', fields })
    assert.equal(received.body, 'mine')
    assert.equal(received.headers['access-control-allow-origin'], undefined)
    assert.equal(received.headers.vary, undefined)
  })

  test("of content: the content is the handler's to read, whatever it is", async () => {
    const server = await guarded({ routes: policy.routes, shadow: ['content'] }, async (req, res, pass) => {
      let text = ''
      for await (const chunk of req) text += String(chunk)
      res.end(`${text} ${String(pass.content)}`)
    })
    open.push(server)
    const fields = ['Content-Type', 'application/json']
    for (const body of ['{"a":1}', '{"__proto__":1}']) {
      const received = await server.send({ method: 'POST', path: '/notes', fields, body })
      assert.equal(received.body, `${body} undefined`)
    }
  })

  test('RL-15: of a limit changes no status and no field', async () => {
    const server = await guarded({ ...policy, shadow: true })
    open.push(server)
    for (let i = 0; i < 3; i++) {
      const received = await server.send({ path: '/open' })
      assert.equal(received.status, 200)
      assert.equal(received.headers['ratelimit'], undefined)
      assert.equal(received.headers['ratelimit-policy'], undefined)
    }
  })
})
