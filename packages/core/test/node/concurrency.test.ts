import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'
import { until } from '../support/until.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(...args: Parameters<typeof guarded>): Promise<Guarded> {
  const made = await guarded(...args)
  open.push(made)
  return made
}

const ORIGIN = 'https://app.example.com'
const GET = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
const PUBLIC = { '/*': { public: 'a test' } }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Opens a connection and writes to it. */
async function dial(server: Guarded, bytes: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

/** A server whose handler answers nothing by itself. */
async function silent(policy: Parameters<typeof guarded>[0] = {}): Promise<{
  readonly server: Guarded
  readonly waiting: ServerResponse[]
}> {
  const waiting: ServerResponse[] = []
  const server = await serve({ routes: PUBLIC, ...policy }, (req, res) => {
    if (req.url === '/answer') res.end('ok')
    else waiting.push(res)
  })
  return { server, waiting }
}

const isFree = (server: Guarded) => async (): Promise<boolean> =>
  (await server.send({ path: '/answer' })).status === 200

describe('permits of concurrency', () => {
  test('RL-16: a response that streams holds its permit for as long as it lasts', async () => {
    const { server, waiting } = await silent({ concurrency: { limit: 1 } })
    const client = await dial(server, GET)
    await until(() => waiting.length === 1)
    waiting[0]?.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for (let i = 0; i < 3; i++) {
      waiting[0]?.write('data: 1\n\n')
      await once(client, 'data')
      assert.equal((await server.send({ path: '/answer' })).status, 429)
    }
    client.destroy()
    await until(isFree(server))
  })

  test('RL-16: responses that wait for their turn on a connection that ends give their permits back', async () => {
    const { server, waiting } = await silent({ concurrency: { limit: 20 } })
    const client = await dial(server, GET.repeat(20))
    await until(() => waiting.length === 20)
    assert.equal((await server.send({ path: '/answer' })).status, 429)
    client.destroy()
    await until(isFree(server))
    // All of them came back: as many fit again.
    waiting.length = 0
    await dial(server, GET.repeat(20))
    await until(() => waiting.length === 20)
  })

  test('RL-16: one that waited for its turn, and got it, gives one permit back', async () => {
    const { server, waiting } = await silent({ concurrency: { limit: 2 } })
    const client = await dial(server, GET.repeat(2))
    await until(() => waiting.length === 2)
    for (const res of waiting) res.end('ok')
    await until(isFree(server))
    client.destroy()
    await dial(server, GET.repeat(2))
    await until(() => waiting.length === 4)
    assert.equal((await server.send({ path: '/answer' })).status, 429)
  })

  test('RL-16: a request whose client is gone before a check has answered holds none', async () => {
    let go: (() => void) | undefined
    const { server } = await silent({
      concurrency: { limit: 1, by: 'principal' },
      routes: { '/slow': {}, '/answer': { public: 'a test' } },
      authenticate: {
        name: 'test',
        compile: () => ({
          name: 'test',
          fields: [],
          challenges: () => [],
          identify: () =>
            new Promise((resolve) => {
              go = () =>
                resolve({
                  type: 'principal',
                  principal: { scheme: 'test', subject: 'a', issuer: undefined, scopes: [], roles: [] },
                } as never)
            }),
        }),
      },
    })
    for (let i = 0; i < 3; i++) {
      const two = await dial(server, 'GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(2))
      await until(() => go !== undefined)
      two.destroy()
      await turn()
      go?.()
      go = undefined
    }
    await until(isFree(server))
  })

  for (const [what, path, status] of [
    ['refused by a later check', '/admin', 403],
    ['answered by a handler that throws', '/throws', 500],
  ] as const) {
    test(`RL-16: a request that is ${what} gives its permit back`, async () => {
      const server = await serve(
        { concurrency: { limit: 1 }, routes: { '/admin': { roles: ['admin'] } } },
        () => assert.fail('thrown'),
      )
      for (let i = 0; i < 5; i++) {
        assert.equal((await server.send({ path, fields: as('alice') })).status, status)
        await turn()
      }
    })
  }

  test("RL-16: a framework's own rule holds a permit to the end of the response, too", async () => {
    const waiting: ServerResponse[] = []
    const server = await serve({}, (req, res) => {
      if (rule(req, res) !== undefined) waiting.push(res)
    })
    const rule = server.gate.allow({ concurrency: { limit: 1 } })
    const first = server.send({ fields: as('alice') })
    await until(() => waiting.length === 1)
    assert.equal((await server.send({ fields: as('alice') })).status, 429)
    waiting[0]?.end('ok')
    assert.equal((await first).status, 200)
    const again = server.send({ fields: as('alice') })
    await until(() => waiting.length === 2)
    waiting[1]?.end('ok')
    assert.equal((await again).status, 200)
  })

  test('RL-16: 3,000 connections that end at random moments leave no permit behind', async () => {
    let held = 0
    const server = await serve({ concurrency: { limit: 64, by: 'server' }, routes: PUBLIC }, (req, res) => {
      held++
      res.on('close', () => held--)
      if (req.url === '/answer') res.end('ok')
      else if (req.url === '/write') res.write('half')
      else if (req.url === '/throw') assert.fail('thrown')
      else if (req.url === '/destroy') setImmediate(() => res.destroy())
    })
    let state = 7
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    const paths = ['/answer', '/write', '/throw', '/destroy', '/wait']
    async function one(): Promise<void> {
      const many = 1 + random(3)
      const bytes = Array.from(
        { length: many },
        () => `GET ${paths[random(paths.length)]} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
      )
      const socket = await dial(server, bytes.join('').slice(0, random(10) === 0 ? -10 : undefined))
      for (let i = random(6); i > 0; i--) await turn()
      socket.destroy()
    }
    for (let i = 0; i < 3_000; i += 50) await Promise.all(Array.from({ length: 50 }, one))
    await until(() => held === 0)
    await until(isFree(server))
    // As many as the limit fit, and not one more: nothing was lost, and nothing given back twice.
    const holding: Socket[] = []
    await turn()
    for (let i = 0; i < 64; i++)
      holding.push(await dial(server, 'GET /wait HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'))
    await until(() => held === 64)
    assert.equal((await server.send({ path: '/answer' })).status, 503)
    for (const socket of holding) socket.destroy()
    await until(isFree(server))
  })

  test('COR-19: a refusal has the CORS fields of a 200, and Retry-After is exposed', async () => {
    const { server, waiting } = await silent({
      concurrency: [
        { name: 'server', limit: 2, by: 'server' },
        { name: 'client', limit: 1, whenUnknown: 'share' },
      ],
      cors: { origins: [ORIGIN] },
    })
    void server.send({}).catch(() => undefined)
    await until(() => waiting.length === 1)
    const refused = await server.send({ fields: ['Origin', ORIGIN] })
    assert.equal(refused.status, 429)
    assert.equal(refused.headers['access-control-allow-origin'], ORIGIN)
    assert.match(String(refused.headers['access-control-expose-headers']), /Retry-After/)
    assert.equal(refused.headers['retry-after'], '1')
    const { type } = JSON.parse(refused.body) as { readonly type: string }
    assert.equal(type, 'https://iana.org/assignments/http-problem-types#quota-exceeded')
  })

  test('RL-18: what a rate limit refuses takes no permit, and what has no permit is not authenticated', async () => {
    const { server, waiting } = await silent({
      concurrency: { limit: 1 },
      rateLimit: { limit: 2, window: '1m' },
      routes: {},
    })
    void server.send({ fields: as('alice') }).catch(() => undefined)
    await until(() => waiting.length === 1)
    // The credentials are bad, and nobody looked.
    assert.equal((await server.send({ fields: ['Authorization', 'Test bad'] })).status, 429)
    const kinds = (await server.events()).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['request.allowed', 'concurrency.exceeded'])
    waiting[0]?.end()
    await turn()
    assert.equal((await server.send({ fields: as('alice') })).status, 429)
    assert.equal((await server.events()).at(-1)?.kind, 'limit.exceeded')
  })
})

describe('RL-17: an adaptive limit in front of a real server', () => {
  test('RL-17: of a server that works on eight at once, it keeps the queue short', async () => {
    const queue: ServerResponse[] = []
    const { clock, send } = await serve(
      { concurrency: { adaptive: { min: 4, max: 500 } }, routes: PUBLIC },
      (_req, res) => queue.push(res),
    )
    let longest = 0
    let answered = 0
    let refused = 0
    const atWork: Promise<void>[] = []
    for (let round = 0; round < 80; round++) {
      // Sixty clients: whoever was answered or refused comes again at once.
      let sent = queue.length
      const all = Array.from({ length: 60 - queue.length }, async () => {
        sent++
        const { status } = await send({})
        sent--
        if (status === 200) answered++
        else refused++
      })
      atWork.push(...all)
      // Each of them waits in the queue, or has its refusal.
      await until(() => queue.length === sent)
      longest = Math.max(longest, queue.length)
      // Eight take ten milliseconds, on a clock that nothing else moves.
      clock.advance(10)
      const done = queue.splice(0, 8)
      const before = answered
      for (const res of done) res.end('ok')
      await until(() => answered === before + done.length)
    }
    for (const res of queue.splice(0)) res.end('ok')
    await Promise.all(atWork)
    assert.ok(refused > 0, 'there was more load than it takes')
    assert.ok(answered > 400, `${answered} were answered`)
    // Without it all sixty would wait.
    assert.ok(longest <= 20, `${longest} were under way`)
  })
})

describe('shed on a real server', () => {
  test('REQ-15: health answers while load is shed, and the 503 has the fields of every response', async () => {
    let delay = 0
    const server = await serve({
      shed: { maxDelay: '100ms', delay: () => delay },
      cors: { origins: [ORIGIN], methods: ['PUT'] },
      rateLimit: { limit: 3, window: '1m' },
      routes: {
        '/health': { public: 'load balancers ask it', priority: 'critical', rateLimit: 'exempt' },
        '/report': { public: 'a test', priority: 'low' },
        '/open': { public: 'a test' },
      },
    })
    delay = 100
    assert.equal((await server.send({ path: '/report' })).status, 503)
    assert.equal((await server.send({ path: '/open' })).status, 200)
    delay = 1_000
    for (let i = 0; i < 5; i++) {
      assert.equal((await server.send({ path: '/health' })).status, 200)
      const refused = await server.send({ path: '/open', fields: ['Origin', ORIGIN] })
      assert.equal(refused.status, 503)
      assert.equal(refused.headers['access-control-allow-origin'], ORIGIN)
      assert.equal(refused.headers['x-content-type-options'], 'nosniff')
      assert.match(String(refused.headers['retry-after']), /^[123]$/)
      const { type } = JSON.parse(refused.body) as { readonly type: string }
      assert.equal(type, 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity')
    }
    // A preflight is answered all the same, or no page could read the 503; what was shed was counted by no limit.
    const preflight = ['Origin', ORIGIN, 'Access-Control-Request-Method', 'PUT']
    assert.equal((await server.send({ method: 'OPTIONS', path: '/open', fields: preflight })).status, 204)
    delay = 0
    assert.equal((await server.send({ path: '/open' })).status, 200)
    assert.equal((await server.send({ path: '/open' })).status, 200)
    assert.equal((await server.send({ path: '/open' })).status, 429)
  })

  test('REQ-15: a loop that is blocked in earnest is shed, and recovers', async () => {
    const server = await serve(
      {
        shed: { maxDelay: '50ms' },
        routes: { '/health': { public: 'a test', priority: 'critical' }, '/*': { public: 'a test' } },
        clock: { now: Date.now, monotonic: () => performance.now() },
      },
      (req, res) => {
        if (req.url === '/block') for (const end = performance.now() + 400; performance.now() < end;);
        res.end('ok')
      },
    )
    assert.equal((await server.send({ path: '/block' })).status, 200)
    assert.equal((await server.send({ path: '/open' })).status, 503)
    assert.equal((await server.send({ path: '/health' })).status, 200)
    await until(async () => (await server.send({ path: '/open' })).status === 200)
  })

  test('REQ-17: what measures the delay keeps no process alive, and ends with the gate', async () => {
    const server = await serve({ shed: {}, routes: PUBLIC })
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    assert.equal((await server.send({})).status, 200)
    assert.ok(timers() <= before)
    await server.gate.close()
    assert.equal((await server.send({})).status, 200)
  })
})

test('ERR-03: what comes too late in a rule of a framework, or does nothing, does not build', async () => {
  const server = await serve({ concurrency: { limit: 1 } })
  assert.throws(() => server.gate.allow({ concurrency: 'exempt' }), /rule\.concurrency/)
  assert.throws(() => server.gate.allow({ priority: 'low', authenticated: true }), /rule\.priority/)
  await assert.rejects(guarded({ routes: { '/a': { priority: 'low' } } }), /the policy sheds nothing/)
  await assert.rejects(guarded({ routes: { '/a': { priority: 'critical' } } }), /the policy sheds nothing/)
  await serve({ concurrency: { limit: 1 }, routes: { '/a': { priority: 'critical' } } })
})
