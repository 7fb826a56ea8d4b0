import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { Readable } from 'node:stream'
import type { Policy } from '../../src/chain/policy.ts'
import type { Store } from '../../src/contract/store.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import type { Handler } from '../../src/node/gate.ts'
import { movableClock } from '../support/clock.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { type Received, type Running, type Sent, start } from '../support/http.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

/** A server whose handler counts its calls. */
interface Counted extends Guarded {
  readonly calls: () => number
  /** A POST with a key. */
  readonly post: (body?: string, sent?: Sent) => Promise<Received>
}

async function counted(
  handle: Handler<TestPrincipal>,
  idempotency: NonNullable<Policy['routes']>[string]['idempotency'] = true,
  policy: Policy<TestPrincipal> = {},
): Promise<Counted> {
  let calls = 0
  const server = await guarded(
    { routes: { '/pay': { authenticated: true, ...(idempotency && { idempotency }) } }, ...policy },
    (req, res, pass) => {
      calls++
      return handle(req, res, pass)
    },
  )
  open.push(server)
  return {
    ...server,
    calls: () => calls,
    post: (body = 'content', { fields = as('alice'), ...sent } = {}) =>
      server.send({
        method: 'POST',
        path: '/pay',
        body,
        ...sent,
        fields: ['Idempotency-Key', '"one"', ...fields],
      }),
  }
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

const echo: Handler<TestPrincipal> = async (req, res) => {
  res.statusCode = 201
  res.setHeader('Content-Type', 'text/plain')
  res.end(`made of ${await read(req)}`)
}

function codeOf({ status, body }: Received): string {
  return `${status} ${(JSON.parse(body) as { readonly code: string }).code}`
}

/** What does not differ between an answer and its repetition. */
function lines({ raw }: Received): readonly string[] {
  const found: string[] = []
  for (let i = 0; i < raw.length; i += 2)
    if (raw[i] !== 'Idempotency-Replayed' && raw[i] !== 'Date') found.push(`${raw[i]}: ${raw[i + 1]}`)
  return found.toSorted()
}

describe('IDM-01: a request that is repeated', () => {
  test('IDM-01: is carried out once, and answered alike', async () => {
    const { post, calls, events } = await counted(echo)
    const first = await post()
    const second = await post()
    assert.deepEqual([first.status, first.body], [201, 'made of content'])
    assert.deepEqual([second.status, second.body], [201, 'made of content'])
    assert.deepEqual(lines(second), lines(first))
    assert.deepEqual(
      [first, second].map(({ headers }) => headers['idempotency-replayed']),
      [undefined, 'true'],
    )
    assert.equal(calls(), 1)
    const event = (await events()).find(({ kind }) => kind === 'idempotency.replayed')
    assert.deepEqual([event?.outcome, event?.check, event?.status], ['answered', 'idempotency', 201])
  })

  test('IDM-01: of which the first was a problem, is answered with the same problem, and its type', async () => {
    const { post, calls } = await counted(() => {
      throw Object.assign(new Error('secret detail'), { status: 422 })
    })
    const first = await post()
    const second = await post()
    assert.deepEqual([second.status, second.body], [422, first.body])
    assert.equal(second.headers['content-type'], 'application/problem+json')
    assert.deepEqual(lines(second), lines(first))
    assert.equal(calls(), 1)
  })

  test('IDM-01: with another content of the same length is 422', async () => {
    const { post, calls } = await counted(echo)
    await post('one')
    assert.equal(codeOf(await post('two')), '422 idempotency_key_reused')
    assert.equal(calls(), 1)
  })

  test('IDM-01: without a key is carried out each time, or refused where one is required', async () => {
    const { send, calls } = await counted(echo)
    const sent: Sent = { method: 'POST', path: '/pay', body: 'content', fields: as('alice') }
    assert.deepEqual([(await send(sent)).status, (await send(sent)).status, calls()], [201, 201, 2])
    const strict = await counted(echo, { required: true })
    assert.equal(codeOf(await strict.send(sent)), '400 idempotency_key_required')
    assert.equal(strict.calls(), 0)
  })

  test('IDM-01: by another caller is a request of theirs', async () => {
    const { post, calls } = await counted((_req, res, pass) => res.end(pass.principal.subject))
    assert.equal((await post()).body, 'alice')
    assert.equal((await post('content', { fields: as('mallory') })).body, 'mallory')
    assert.equal((await post()).body, 'alice')
    assert.equal(calls(), 2)
  })

  test('IDM-01: while the first is under way is 409', async () => {
    let finish = (): void => undefined
    const { post, calls } = await counted(async (_req, res) => {
      await new Promise<void>((resolve) => (finish = resolve))
      res.end('done')
    })
    const first = post()
    while (calls() === 0) await new Promise((resolve) => setImmediate(resolve))
    const second = await post()
    assert.equal(codeOf(second), '409 idempotency_key_in_use')
    assert.equal(second.headers['retry-after'], '1')
    finish()
    assert.equal((await first).body, 'done')
    assert.deepEqual([(await post()).body, calls()], ['done', 1])
  })

  test('IDM-01: by 50 clients at once is carried out once', async () => {
    const { post, calls } = await counted(echo)
    const all = await Promise.all(Array.from({ length: 50 }, () => post()))
    assert.equal(calls(), 1)
    assert.ok(all.every(({ status }) => status === 201 || status === 409))
  })

  test('IDM-01: with a content that comes in while the limits wait for their store', async () => {
    const { post, calls } = await counted(
      echo,
      { maxResponseBytes: 100_000 },
      { rateLimit: { limit: 100, window: '1m' }, store: lateStore() },
    )
    assert.equal((await post('a'.repeat(40_000))).status, 201)
    assert.equal((await post('a'.repeat(40_000))).headers['idempotency-replayed'], 'true')
    assert.equal((await post('b'.repeat(40_000))).status, 422)
    assert.equal(calls(), 1)
  })

  test('IDM-01: with no content at all', async () => {
    const { post, send, calls } = await counted((_req, res) => res.end('done'))
    const sent: Sent = {
      method: 'POST',
      path: '/pay',
      fields: [...as('alice'), 'Idempotency-Key', 'one', 'Content-Length', '0'],
    }
    assert.equal((await send(sent)).status, 200)
    assert.equal((await send(sent)).headers['idempotency-replayed'], 'true')
    assert.equal((await post('content')).status, 422)
    assert.equal(calls(), 1)
  })

  test('REQ-16: with more content than is compared is read without being kept, and is another one', async () => {
    const { post, calls } = await counted(echo, { maxBodyBytes: 1_000 })
    await post('a'.repeat(1_000))
    assert.equal((await post('a'.repeat(1_000))).headers['idempotency-replayed'], 'true')
    assert.equal((await post('a'.repeat(200_000))).status, 422)
    const large = await counted(echo, { maxBodyBytes: 1_000 })
    assert.equal((await large.post('a'.repeat(1_001))).status, 201)
    assert.equal(codeOf(await large.post('a'.repeat(1_001))), '409 idempotency_response_not_kept')
    assert.deepEqual([calls(), large.calls()], [1, 1])
  })
})

/** A store that answers late, as one on another machine does. */
function lateStore(part: Partial<Store> = {}): Store {
  const memory = memoryStore()
  return {
    name: 'late',
    take: async (charges) => memory.take(charges),
    peek: async (charges) => memory.peek(charges),
    adjust: async (adjustments) => memory.adjust(adjustments),
    block: async (keys, ms) => memory.block(keys, ms),
    reset: async (keys) => memory.reset(keys),
    add: async (...args) => memory.add(...args),
    read: async (keys) => memory.read(keys),
    write: async (...args) => memory.write(...args),
    remove: async (key) => memory.remove(key),
    close: () => undefined,
    ...part,
  }
}

describe('IDM-01: a response', () => {
  const ways: readonly (readonly [name: string, answer: (res: ServerResponse) => unknown])[] = [
    ['ended at once', (res) => res.end('bytes \u00ff')],
    ['ended in an encoding', (res) => res.end('c3bf', 'hex')],
    ['written in pieces', (res) => [res.write('é', 'latin1'), res.write(Buffer.from([0, 255])), res.end()]],
    ['written and ended with calls back', (res) => res.write('a', () => res.end('b', () => undefined))],
    [
      'with a head as an object',
      (res) => res.writeHead(202, { 'X-Own': ['a', 'b'], 'X-Number': 7 }).end('x'),
    ],
    ['with a head as a list', (res) => res.writeHead(202, ['X-Own', 'a', 'X-Own', 'b']).end('x')],
    ['with a head and a phrase', (res) => res.writeHead(202, 'Fine', { 'X-Own': 'a' }).end('x')],
    [
      'with a head that replaces',
      (res) => {
        res.setHeader('X-Own', 'before')
        res.setHeader('X-Kept', ['a', 'b'])
        res.writeHead(202, { 'x-own': 'after' }).end('x')
      },
    ],
    ['without content', (res) => res.writeHead(204).end()],
    ['with an empty content', (res) => res.end()],
    ['of a stream', (res) => Readable.from([Buffer.from('a'), Buffer.from('b')]).pipe(res)],
    ['of a head that went first', (res) => [res.flushHeaders(), res.end('x')]],
  ]
  for (const [name, answer] of ways) {
    test(`IDM-01: ${name} is sent again as it was`, async () => {
      const { post, calls } = await counted((_req, res) => void answer(res))
      const [first, second] = [await post(), await post()]
      assert.equal(second.headers['idempotency-replayed'], 'true')
      assert.equal(calls(), 1)
      assert.deepEqual([second.status, second.body], [first.status, first.body])
      const framing = /^(?:Transfer-Encoding|Content-Length):/i
      const own = (received: Received): readonly string[] =>
        lines(received).filter((line) => !framing.test(line))
      assert.deepEqual(own(second), own(first))
    })
  }

  test('IDM-01: is sent again without what belonged to its moment or its connection', async () => {
    const { post } = await counted((_req, res) => {
      res.setHeader('Set-Cookie', 'secret=1')
      res.setHeader('Connection', 'close, X-Hop')
      res.setHeader('X-Hop', 'one connection')
      res.setHeader('Date', 'Thu, 01 Jan 1970 00:00:00 GMT')
      res.setHeader('X-Own', 'stays')
      res.end('x')
    })
    await post()
    const { headers } = await post()
    assert.deepEqual(
      [headers['idempotency-replayed'], headers['set-cookie'], headers['x-hop'], headers['x-own']],
      ['true', undefined, undefined, 'stays'],
    )
    assert.notEqual(headers.date, 'Thu, 01 Jan 1970 00:00:00 GMT')
  })

  test('IDM-01: carries the fields of the gate as they are for the request that asks, and not as they were', async () => {
    const { post } = await counted(
      (_req, res) => {
        res.setHeader('Access-Control-Allow-Origin', '*')
        res.setHeader('X-Content-Type-Options', 'nothing')
        res.end('x')
      },
      true,
      { cors: { origins: ['https://app.example.com'], headers: ['idempotency-key'] } },
    )
    await post()
    const origin = ['Origin', 'https://app.example.com']
    const { headers } = await post('content', { fields: [...as('alice'), ...origin] })
    assert.deepEqual(
      [headers['access-control-allow-origin'], headers['x-content-type-options'], headers['cache-control']],
      ['https://app.example.com', 'nosniff', 'no-store'],
    )
    assert.match(String(headers['access-control-expose-headers']), /Idempotency-Replayed/)
  })

  test('IDM-01: has one line of each field, whatever somebody set before the gate was asked', async () => {
    const gate = gatehouse(testPolicy({ routes: { '/pay': { authenticated: true, idempotency: true } } }))
    const listener = gate.handler((_req, res) => {
      res.setHeader('Content-Type', 'application/json')
      res.end('{}')
    })
    const server = await start((req, res) => {
      res.setHeader('Content-Type', 'text/html')
      res.setHeader('X-Before', 'a')
      listener(req, res)
    })
    open.push(server)
    const fields = ['Host', '127.0.0.1', 'Idempotency-Key', 'one', ...as('alice')]
    const post = (): Promise<Received> => server.send({ method: 'POST', path: '/pay', fields })
    const [first, second] = [await post(), await post()]
    assert.equal(second.headers['idempotency-replayed'], 'true')
    const own = (received: Received): readonly string[] =>
      lines(received).filter((line) => /^(?:Content-Type|X-Before):/i.test(line))
    assert.deepEqual([own(first).length, own(second).toSorted()], [2, own(first).toSorted()])
  })

  test('IDM-01: that is too large is not kept, and its request not carried out again', async () => {
    const { post, calls } = await counted((_req, res) => res.end('a'.repeat(101)), { maxResponseBytes: 100 })
    assert.equal((await post()).body.length, 101)
    assert.equal(codeOf(await post()), '409 idempotency_response_not_kept')
    assert.equal(calls(), 1)
  })

  test('IDM-01: that goes out before its request has come in is kept when it has', async () => {
    const { port, post, calls } = await counted((_req, res) => res.end('done'))
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'POST /pay HTTP/1.1\r\nHost: 127.0.0.1\r\nIdempotency-Key: "one"\r\nContent-Length: 7\r\n' +
        `${as('alice')[0]}: ${as('alice')[1]}\r\n\r\ncon`,
    )
    await once(socket, 'data')
    assert.equal((await post()).status, 409)
    socket.end('tent')
    await once(socket, 'close')
    assert.equal((await post()).headers['idempotency-replayed'], 'true')
    assert.equal(calls(), 1)
  })
})

describe('IDM-01: what goes wrong', () => {
  test('IDM-01: a handler that fails has been carried out: its 500 is the answer', async () => {
    const { post, calls } = await counted(() => {
      throw new Error('secret detail')
    })
    const [first, second] = [await post(), await post()]
    assert.deepEqual([first.status, second.status, second.body], [500, 500, first.body])
    assert.equal(second.headers['idempotency-replayed'], 'true')
    assert.equal(calls(), 1)
  })

  test('IDM-01: a handler that says to try again is asked again', async () => {
    const { post, calls } = await counted((_req, res) => res.writeHead(503, { 'Retry-After': '1' }).end())
    assert.deepEqual([(await post()).status, (await post()).status, calls()], [503, 503, 2])
  })

  test('IDM-01: a path without a route uses no key up', async () => {
    const store = memoryStore()
    const gate = gatehouse(
      testPolicy({ store, routes: { '/pay': { authenticated: true, idempotency: true } } }),
    )
    let found = false
    const server = await start(
      gate.handler((req, res) => (found ? res.end('found') : gate.notFound(req, res))),
    )
    open.push(server)
    const sent: Sent = {
      method: 'POST',
      path: '/pay',
      fields: ['Host', '127.0.0.1', 'Idempotency-Key', 'one', ...as('alice')],
    }
    assert.equal((await server.send(sent)).status, 404)
    found = true
    assert.equal((await server.send(sent)).body, 'found')
  })

  test('IDM-01: what a rule of the route refuses uses no key up', async () => {
    const gate = gatehouse(testPolicy({ routes: { '/pay': { authenticated: true, idempotency: true } } }))
    let limit = true
    const narrow = gate.allow({ when: () => !limit })
    const server = await start(
      gate.handler(async (req, res) => {
        if ((await narrow(req, res)) !== undefined) res.end('done')
      }),
    )
    open.push(server)
    const fields = ['Host', '127.0.0.1', 'Idempotency-Key', 'one', ...as('alice')]
    const sent: Sent = { method: 'POST', path: '/pay', fields }
    assert.equal((await server.send(sent)).status, 403)
    limit = false
    assert.deepEqual([(await server.send(sent)).body, (await server.send(sent)).body], ['done', 'done'])
  })

  test('IDM-01: a response that is stopped is not the answer, and the refusal in its place is', async () => {
    const { post, calls } = await counted((_req, res) => res.end('secret'), true, {
      undecided: 'block',
      routes: { '/pay': { object: 'handler', idempotency: true } },
    })
    const [first, second] = [await post(), await post()]
    assert.deepEqual(
      [codeOf(first), codeOf(second), calls()],
      ['500 internal_error', '500 internal_error', 1],
    )
    assert.equal(second.headers['idempotency-replayed'], 'true')
  })

  /** Sends a request, and goes away as soon as the handler has it. */
  async function leave({ port }: Counted, reached: Promise<unknown>): Promise<void> {
    const req = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/pay',
      headers: ['Host', '127.0.0.1', 'Idempotency-Key', 'one', 'Content-Length', '7', ...as('alice')],
      agent: false,
    })
    req.on('error', () => undefined)
    req.end('content')
    await reached
    req.destroy()
  }

  test('IDM-01: what a handler completes after the client has gone is kept', async () => {
    let reached = (_res: ServerResponse): void => undefined
    const arrived = new Promise<ServerResponse>((resolve) => (reached = resolve))
    const server = await counted(async (req, res) => {
      const content = await read(req)
      reached(res)
      await once(res, 'close')
      res.statusCode = 201
      res.setHeader('X-Own', 'yes')
      res.end(`made of ${content}`)
      finished()
    })
    let finished = (): void => undefined
    const done = new Promise<void>((resolve) => (finished = resolve))
    await leave(server, arrived)
    await done
    const { status, body, headers } = await server.post()
    assert.deepEqual([status, body, headers['x-own']], [201, 'made of content', 'yes'])
    assert.equal(server.calls(), 1)
  })

  test('IDM-01: what is never completed holds the key until the lock is over', async () => {
    let reached = (): void => undefined
    let arrived = new Promise<void>((resolve) => (reached = resolve))
    const server = await counted(
      () => {
        reached()
      },
      { lock: '1m' },
    )
    await leave(server, arrived)
    assert.equal(codeOf(await server.post()), '409 idempotency_key_in_use')
    server.clock.advance(60_000)
    arrived = new Promise<void>((resolve) => (reached = resolve))
    await leave(server, arrived)
    assert.equal(server.calls(), 2)
  })

  test('IDM-01: a process that ends holds it for another one until the lock is over', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    const [first, second] = [
      await counted(() => undefined, { lock: '1m' }, { store, clock }),
      await counted(echo, { lock: '1m' }, { store, clock }),
    ]
    const lost = assert.rejects(first.post())
    while (first.calls() === 0) await new Promise((resolve) => setImmediate(resolve))
    first.server.closeAllConnections()
    await lost
    assert.equal((await second.post()).status, 409)
    clock.advance(60_000)
    assert.equal((await second.post()).status, 201)
  })

  test('IDM-01: a store that does not keep the response is told of, and the key stays held', async () => {
    const fails = [() => Promise.reject(new Error('down')), (): never => assert.fail('down')]
    for (const write of fails) {
      const { post, calls, events } = await counted(echo, true, { store: lateStore({ write }) })
      assert.equal((await post()).status, 201)
      const event = (await events()).find(({ kind }) => kind === 'dependency.failed')
      assert.deepEqual([event?.outcome, event?.check], ['warning', 'idempotency'])
      assert.deepEqual([(await post()).status, calls()], [409, 1])
    }
  })

  test('IDM-01: a store that fails is 503, and nothing is carried out', async () => {
    const { post, calls } = await counted(echo, true, {
      store: lateStore({ add: () => Promise.reject(new Error('down')) }),
    })
    assert.deepEqual([codeOf(await post()), calls()], ['503 dependency_unavailable', 0])
  })
})

describe('IDM-01: a rule of a route', () => {
  test('IDM-01: takes keys after the content was read', async () => {
    const gate = gatehouse(testPolicy())
    const keyed = gate.allow({ idempotency: true }, 'POST /pay')
    let calls = 0
    const server = await start(
      gate.handler(async (req, res) => {
        const content = await read(req)
        if ((await keyed(req, res)) === undefined) return
        calls++
        res.end(content)
      }),
    )
    open.push(server)
    const fields = ['Host', '127.0.0.1', 'Idempotency-Key', 'one', ...as('alice')]
    const post = (body: string): Promise<Received> =>
      server.send({ method: 'POST', path: '/pay', fields, body })
    assert.equal((await post('a')).body, 'a')
    assert.equal((await post('a')).headers['idempotency-replayed'], 'true')
    assert.equal((await post('b')).status, 422)
    assert.equal(calls, 1)
  })

  test('IDM-01: besides a rule of the policy that takes keys, too', async () => {
    const gate = gatehouse(testPolicy({ routes: { '/pay': { authenticated: true, idempotency: true } } }))
    const again = gate.allow({ idempotency: true })
    const server = await start(
      gate.handler(async (req, res) => {
        if ((await again(req, res)) !== undefined) res.end('done')
      }),
    )
    open.push(server)
    const fields = ['Host', '127.0.0.1', 'Idempotency-Key', 'one', ...as('alice')]
    const sent: Sent = { method: 'POST', path: '/pay', fields }
    assert.equal((await server.send(sent)).body, 'done')
    assert.equal((await server.send(sent)).headers['idempotency-replayed'], 'true')
  })

  test('IDM-01: a gate that is asked after the content was read keeps nothing, and carries nothing out twice', async () => {
    const gate = gatehouse(testPolicy({ routes: { '/pay': { authenticated: true, idempotency: true } } }))
    const listener = gate.handler((_req, res) => res.end('done'))
    const server = await start((req, res) => void read(req).then(() => listener(req, res)))
    open.push(server)
    const fields = ['Host', '127.0.0.1', 'Idempotency-Key', 'one', ...as('alice')]
    const post = (body?: string): Promise<Received> =>
      server.send({ method: 'POST', path: '/pay', fields, ...(body !== undefined && { body }) })
    assert.equal((await post('a')).status, 200)
    assert.equal(codeOf(await post('a')), '409 idempotency_response_not_kept')
  })

  for (const [mine, any] of [
    [true, undefined],
    [undefined, true],
  ] as const) {
    test(`IDM-01: a path that may be one of two routes is asked by both before a key is taken by ${mine ?? 'the other'}`, async () => {
      const { send, calls } = await counted(echo, true, {
        routes: {
          'POST /pay/mine': { authenticated: true, ...(mine && { idempotency: mine }) },
          'POST /pay/:id': { roles: ['admin'], ...(any && { idempotency: any }) },
        },
      })
      const post = (roles: string): Promise<Received> =>
        send({
          method: 'POST',
          path: '/pay/%6dine',
          fields: [...as('alice', '-', roles), 'Idempotency-Key', 'one'],
          body: 'x',
        })
      assert.equal((await post('user')).status, 403)
      assert.equal((await post('admin')).status, 201)
      assert.equal((await post('admin')).headers['idempotency-replayed'], 'true')
      // Who may no longer do it is not told what it came to either.
      assert.equal((await post('user')).status, 403)
      assert.equal(calls(), 1)
    })
  }

  test('IDM-01: the content of other requests is left alone', async () => {
    let own: boolean | undefined
    const { send } = await counted((req, res) => {
      own = Object.hasOwn(req, 'push')
      res.end()
    })
    await send({ method: 'POST', path: '/pay', fields: as('alice'), body: 'x' })
    assert.equal(own, false)
    await send({
      method: 'POST',
      path: '/else',
      fields: [...as('alice'), 'Idempotency-Key', 'one'],
      body: 'x',
    })
    assert.equal(own, false)
    await send({
      method: 'POST',
      path: '/pay',
      fields: [...as('alice'), 'Idempotency-Key', 'one'],
      body: 'x',
    })
    assert.equal(own, true)
  })
})
