import { createAdaptorServer, serve, upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import assert from 'node:assert/strict'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { createServer as createServer2, type Http2Server } from 'node:http2'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { basic, gatehouse, type SecurityEvent } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { startHttp2 } from '../../core/test/support/http2.ts'
import { listenerOf } from './app.ts'
import { allow, fallback, type GateEnv, guard, passOf } from '../src/index.ts'

const AUTHORIZATION = `Basic ${Buffer.from('alice:secret').toString('base64')}`
const CALLER = ['Authorization', AUTHORIZATION]

const told: SecurityEvent[] = []
beforeEach(() => void (told.length = 0))

const gate = gatehouse({
  dangerouslyAnyHost: true,
  https: 'dangerouslyAllowHttp',
  authenticate: basic({ verify: (user) => ({ subject: user }) }),
  undecided: 'block',
  observe: (event) => told.push(event),
  routes: { '/orders/:id': { object: 'handler' } },
})

const refused = async (): Promise<readonly string[]> => {
  await new Promise((resolve) => setImmediate(resolve))
  return told.filter(({ outcome }) => outcome === 'refused').map(({ kind }) => kind)
}

describe('answers of the gate behind node-server', () => {
  let running: Running
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  before(async () => {
    const app = new Hono<GateEnv<typeof gate>>()
    // What stands before the guard writes into what it is given, or copies it.
    app.use('/written/*', async (c, next) => {
      await next()
      c.res.headers.append('X-Trace', 'a'.repeat(1000))
      c.header('X-Other', 'b')
    })
    app.use('/copied/*', async (c, next) => {
      await next()
      c.res = new Response(c.res.body, c.res)
    })
    app.use(guard(gate))
    for (const where of ['', '/written', '/copied']) {
      app.get(`${where}/refused`, allow(gate, { roles: ['admin'] }), (c) => c.text('reached'))
      app.get(`${where}/throws`, () => {
        throw new Error('secret detail')
      })
      app.get(`${where}/whole`, (c) => c.text('whole'))
    }
    fallback(gate, app)
    running = await start(listenerOf(app))
  })
  after(async () => {
    agent.destroy()
    await running.close()
  })

  /** Over the one connection that is kept. */
  function get(
    method: string,
    path: string,
  ): Promise<readonly [number | undefined, string, IncomingHttpHeaders, boolean]> {
    return new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port: running.port, agent, method, path }
      const sent = request({ ...to, headers: { Authorization: AUTHORIZATION } }, (res) => {
        let body = ''
        res.on('data', (piece: Buffer) => (body += piece.toString()))
        res.on('end', () =>
          setImmediate(() => resolve([res.statusCode, body, res.headers, sent.reusedSocket])),
        )
      })
      sent.on('error', reject).end()
    })
  }

  for (const where of ['', '/written', '/copied']) {
    test(`ERR-01: what the gate answers stands, and its connection: ${where === '' ? 'plain' : where.slice(1)}`, async () => {
      const rows = [
        ['/refused', 403, 'access_denied'],
        ['/throws', 500, 'internal_error'],
        ['/none', 404, 'not_found'],
      ] as const
      await get('GET', `${where}/whole`)
      for (const [path, status, code] of rows) {
        for (const method of ['GET', 'HEAD']) {
          const [got, body, headers, reused] = await get(method, `${where}${path}`)
          assert.deepEqual([got, headers['content-type'], reused], [status, 'application/problem+json', true])
          assert.match(body, method === 'HEAD' ? /^$/ : new RegExp(`"code":"${code}"`))
          assert.doesNotMatch(JSON.stringify([body, headers]), /secret|x-hono|x-trace/)
        }
      }
      assert.equal((await get('GET', `${where}/whole`))[1], 'whole')
    })
  }
})

describe('what a handler throws', () => {
  let running: Running
  before(async () => {
    const app = new Hono<GateEnv<typeof gate>>()
    app.use(guard(gate))
    const own = new Response('own', { status: 409, headers: { 'X-Own': 'yes' } })
    app.get('/own', () => {
      throw new HTTPException(409, { res: own })
    })
    app.get('/words', () => {
      throw new HTTPException(409, { message: 'secret detail' })
    })
    app.get('/text', () => {
      // oxlint-disable-next-line typescript/only-throw-error -- what handlers in JavaScript do
      throw 'secret detail'
    })
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- and this
    app.get('/nothing', () => Promise.reject(undefined))
    const sub = new Hono<GateEnv<typeof gate>>()
    sub.get('/x', () => {
      throw new Error('secret detail')
    })
    sub.onError((_error, c) => c.text('of the sub-app', 500))
    app.route('/sub', sub)
    fallback(gate, app)
    running = await start(listenerOf(app))
  })
  after(() => running.close())

  test('ERR-01: an HTTPException with a response of its own is answered with that, finished by the gate', async () => {
    const { status, body, headers } = await running.send({ path: '/own', fields: CALLER })
    assert.deepEqual([status, body, headers['x-own']], [409, 'own', 'yes'])
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cache-control'], 'no-store')
  })

  test('ERR-04: the message of an HTTPException stays here, and its status is kept', async () => {
    const { status, body } = await running.send({ path: '/words', fields: CALLER })
    assert.equal(status, 409)
    assert.match(body, /"code":"rejected"/)
    assert.doesNotMatch(body, /secret/)
    assert.deepEqual(await refused(), ['handler.rejected'])
  })

  test('ERR-04: what is no Error is a 500 problem, too', async () => {
    for (const path of ['/text', '/nothing']) {
      told.length = 0
      const { status, body } = await running.send({ path, fields: CALLER })
      assert.equal(status, 500)
      assert.match(body, /"code":"internal_error"/)
      assert.deepEqual(await refused(), ['handler.failed'])
    }
  })

  for (const [name, given] of [
    ['a number', 5],
    ['what looks like a response', { status: 200, headers: [], body: 'secret detail' }],
    ['a network error', Response.error()],
  ] as const)
    test(`ERR-01: ${name} in the place of a response is a 500 problem, told once`, async () => {
      const app = new Hono<GateEnv<typeof gate>>()
      app.use(guard(gate))
      app.get('/odd', () => given as unknown as Response)
      fallback(gate, app)
      const odd = await start(listenerOf(app))
      const received = await odd.send({ path: '/odd', fields: CALLER })
      assert.equal(received.status, 500)
      assert.match(received.body, /"code":"internal_error"/)
      assert.doesNotMatch(received.body, /secret detail|Error/)
      assert.equal((await odd.send({ method: 'HEAD', path: '/odd', fields: CALLER })).status, 500)
      assert.deepEqual(await refused(), ['handler.failed', 'handler.failed'])
      await odd.close()
    })

  test('HDR-01: what another app of the same server answers for its errors has the fields', async () => {
    const { body, headers } = await running.send({ path: '/sub/x', fields: CALLER })
    assert.deepEqual([body, headers['x-content-type-options']], ['of the sub-app', 'nosniff'])
  })
})

describe('a decision that is due', () => {
  const SECRET = 'the price is 4711'
  const answers: Readonly<Record<string, () => Response>> = {
    json: () => Response.json({ SECRET }),
    text: () => new Response(SECRET, { headers: { 'X-Secret': SECRET } }),
    bytes: () => new Response(new TextEncoder().encode(SECRET)),
    stream: () => new Response(new Blob([SECRET]).stream()),
    blob: () => new Response(new Blob([SECRET])),
    empty: () => new Response(null, { status: 204, headers: { 'X-Secret': SECRET } }),
  }
  for (const [name, answer] of Object.entries(answers)) {
    test(`AZ-07: an answer that is ${name} is stopped without a decision, and leaves with one`, async () => {
      const app = new Hono<GateEnv<typeof gate>>()
      app.use(guard(gate))
      app.get('/orders/:id', (c) => {
        if (c.req.param('id') === 'mine') passOf(gate, c).owns('alice')
        return answer()
      })
      const running = await start(listenerOf(app))
      try {
        const stopped = await running.send({ path: '/orders/1', fields: CALLER })
        assert.equal(stopped.status, 500)
        assert.equal(stopped.headers['content-type'], 'application/problem+json')
        assert.doesNotMatch(JSON.stringify(stopped), /4711/)
        const left = await running.send({ path: '/orders/mine', fields: CALLER })
        assert.match(JSON.stringify(left), /4711/)
      } finally {
        await running.close()
      }
    })
  }
})

describe('without the request of Node', () => {
  const app = new Hono<GateEnv<typeof gate>>()
  app.use(guard(gate))
  let reached = false
  app.get('/', (c) => {
    reached = true
    return c.text('reached')
  })
  app.get(
    '/ws',
    upgradeWebSocket(() => {
      reached = true
      return {}
    }),
  )
  beforeEach(() => void (reached = false))
  const open: { readonly close: () => unknown }[] = []
  afterEach(() => {
    for (const each of open.splice(0)) each.close()
  })

  test('DEP-02: an app that something else serves lets nobody in, and says what is missing', async (t) => {
    const logged = t.mock.method(console, 'error', () => undefined)
    for (const env of [undefined, {}, { incoming: {} }]) {
      const { status } = await app.request('/', { headers: { Authorization: AUTHORIZATION } }, env)
      assert.equal(status, 500)
    }
    assert.match(String(logged.mock.calls[0]?.arguments[0]), /serve the app with @hono\/node-server/)
    const fallen = new Hono()
    fallen.use(guard(gate))
    fallback(gate, fallen)
    await assert.rejects(async () => fallen.request('/'), /serve the app with @hono\/node-server/)
    assert.equal(reached, false)
  })

  test('DEP-02: an upgrade that node-server hands to the app is refused', async (t) => {
    const logged = t.mock.method(console, 'error', () => undefined)
    let upgraded = false
    const websocket = {
      server: {
        options: { noServer: true },
        on: () => websocket.server,
        off: () => websocket.server,
        emit: () => true,
        close: () => undefined,
        handleUpgrade: () => void (upgraded = true),
      },
    } as unknown as NonNullable<Parameters<typeof serve>[0]['websocket']>
    const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
      const made = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', websocket }, () => resolve(made))
    })
    open.push(server)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const { port } = server.address() as { readonly port: number }
      const headers = { Connection: 'Upgrade', Upgrade: 'websocket', Authorization: AUTHORIZATION }
      const sent = request({ host: '127.0.0.1', port, path: '/ws', headers, agent: false }, (res) => {
        res.resume()
        resolve(res.statusCode)
      })
      sent
        .on('upgrade', () => reject(new Error('upgraded')))
        .on('error', reject)
        .end()
    })
    assert.equal(status, 500)
    assert.match(String(logged.mock.calls[0]?.arguments[0]), /no upgrades/)
    assert.deepEqual([reached, upgraded], [false, false])
  })

  test('DEP-02: a server of node:http2 that node-server makes is guarded', async () => {
    const server = createAdaptorServer({ fetch: app.fetch, createServer: createServer2 })
    const running = await startHttp2(server as Http2Server)
    open.push(running)
    assert.equal((await running.send({ path: '/' })).status, 401)
    assert.equal((await running.send({ path: '/', fields: CALLER })).body, 'reached')
  })
})

test('REQ-02: what node-server refuses before there is a request is answered by the gate that stands in front of it', async () => {
  const app = new Hono<GateEnv<typeof gate>>()
  app.use(guard(gate))
  const listener = listenerOf(app)
  const [alone, inFront] = [await start(listener), await start(gate.handler(listener))]
  try {
    const sent = { path: '/', fields: ['Host', 'a b'] }
    const bare = await alone.send(sent)
    assert.deepEqual([bare.status, bare.body, bare.headers['x-content-type-options']], [400, '', undefined])
    const answered = await inFront.send(sent)
    assert.deepEqual([answered.status, answered.headers['x-content-type-options']], [400, 'nosniff'])
    assert.match(answered.body, /"code":"invalid_host"/)
  } finally {
    await alone.close()
    await inFront.close()
  }
})
