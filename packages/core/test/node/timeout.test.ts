import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

const ORIGIN = 'https://app.example.com'
const LATE = 'The request was not answered within the "timeout" of its rule.'
/** More than any test waits: what takes so long, takes too long. */
const NEVER = new Promise<never>(() => undefined)

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

async function serve(policy: Policy<TestPrincipal>, handle: Handler<TestPrincipal>): Promise<Guarded> {
  const made = await guarded(
    {
      timeout: '100ms',
      cors: { origins: [ORIGIN, 'https://other.example.com'] },
      routes: { '/*': { public: 'a test' } },
      ...policy,
    },
    handle,
  )
  open.push(made)
  return made
}

/** What a handler did, once it is told. */
function kept<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => (resolve = done))
  return { promise, resolve }
}

describe('the timeout of a rule', () => {
  test('REQ-14: content that a wrapper of end holds back never comes without its header section', async () => {
    let send = (): void => undefined
    const server = await serve({ timeout: '20ms' }, (_req, res) => {
      const inner = res.end.bind(res) as (...args: unknown[]) => typeof res
      res.end = (...args: unknown[]) => ((send = () => void inner(...args)), res)
      throw new Error('secret detail')
    })
    server.gate.events.on('event', ({ kind }) => kind === 'handler.timeout' && send())
    const text = await server.raw('GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n')
    assert.match(text, /^(?:$|HTTP\/1\.1 )/)
    assert.ok((await server.events()).some(({ kind }) => kind === 'handler.timeout'))
  })

  test('REQ-14, COR-19: a handler that never answers is answered for, with every field of the gate', async () => {
    const server = await serve({}, () => undefined)
    const { status, headers, body } = await server.send({ fields: ['Origin', ORIGIN] })
    assert.equal(status, 503)
    assert.equal(headers['content-type'], 'application/problem+json')
    assert.equal(headers['access-control-allow-origin'], ORIGIN)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal((JSON.parse(body) as { code: string }).code, 'handler_timeout')
    const refused = (await server.events()).filter(({ outcome }) => outcome === 'refused')
    assert.deepEqual(
      refused.map(({ kind, reason, status: told }) => [kind, reason, told]),
      [['handler.timeout', LATE, 503]],
    )
  })

  test('REQ-14: the signal of the pass aborts with a TimeoutError, once the client has its answer', async () => {
    const aborted = kept<AbortSignal>()
    const server = await serve({}, (_req, res, pass) => {
      pass.signal.addEventListener('abort', () => {
        assert.equal(res.headersSent, true)
        aborted.resolve(pass.signal)
      })
    })
    assert.equal((await server.send({})).status, 503)
    assert.equal(((await aborted.promise).reason as Error).name, 'TimeoutError')
  })

  test('REQ-14: a request whose content is still coming ends its connection, for nobody reads the rest of it', async () => {
    const server = await serve({ content: { types: 'json', deadline: '10s' } }, () => undefined)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    )
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
    await once(socket, 'close')
    assert.match(text, /^HTTP\/1\.1 503 [^]*Connection: close[^]*"code":"handler_timeout"/)
  })

  test('REQ-14: a signal that is asked for when the time is over has aborted', async () => {
    const late = kept<AbortSignal>()
    const server = await serve({}, (_req, res, pass) => {
      res.once('close', () => late.resolve(pass.signal))
    })
    await server.send({})
    assert.equal(((await late.promise).reason as Error).name, 'TimeoutError')
  })

  test('REQ-14: what a handler writes after its time is dropped, and throws at nobody', async () => {
    const done = kept<readonly string[]>()
    const server = await serve({}, (_req, res) => {
      res.once('close', () => {
        res.statusCode = 200
        res.setHeader('X-Late', '1').appendHeader('X-Late', '2').removeHeader('X-Late')
        res.writeHead(200, { 'X-Late': '1' })
        res.writeContinue()
        res.flushHeaders()
        const heard: string[] = []
        assert.equal(
          res.write('late', (error) => heard.push(error?.message ?? 'none')),
          true,
        )
        assert.equal(res.write('late'), true)
        res.addTrailers({ late: '1' })
        assert.equal(
          res.end('late', () => heard.push('end')),
          res,
        )
        res.end()
        setImmediate(() => done.resolve(heard))
      })
    })
    const { status, headers, body } = await server.send({})
    assert.equal(status, 503)
    assert.equal(headers['x-late'], undefined)
    assert.equal(body.includes('late'), false)
    assert.deepEqual(await done.promise, ['The response was over', 'end'])
  })

  test('REQ-14: a stream that is piped after the time ends, and a late throw changes nothing', async () => {
    const ended = kept<boolean>()
    const server = await serve({}, async (_req, res) => {
      await once(res, 'close')
      const source = Readable.from(['a', 'b', 'c'])
      source.once('end', () => ended.resolve(true))
      source.pipe(res)
      throw new Error('late')
    })
    assert.equal((await server.send({})).status, 503)
    assert.equal(await ended.promise, true)
    const events = await server.events()
    assert.equal(events.find(({ kind }) => kind === 'handler.failed')?.outcome, 'warning')
  })

  test('REQ-14: a response that has begun is cut off, so that nobody takes half of it for the whole', async () => {
    const server = await serve({}, (_req, res) => {
      res.write('the first half')
    })
    await assert.rejects(server.send({}), /aborted|hang up|ECONNRESET/)
    assert.ok((await server.events()).some(({ kind }) => kind === 'handler.timeout'))
  })

  test('REQ-14: a response that is whole is left to its client, however slowly that reads', async () => {
    const size = 40_000_000
    const server = await serve({}, (req, res) =>
      req.url === '/never' ? undefined : res.end(Buffer.alloc(size, 'x')),
    )
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
    socket.pause()
    await once(server.server, 'request')
    // It is answered when the time of the first one is over, too.
    assert.equal((await server.send({ path: '/never' })).status, 503)
    let bytes = 0
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
    socket.resume()
    await once(socket, 'close')
    assert.ok(bytes > size)
    const late = (await server.events()).filter(({ kind }) => kind === 'handler.timeout')
    assert.deepEqual(
      late.map(({ path }) => path),
      ['/never'],
    )
  })

  test('REQ-14: a rule has a time of its own, or none', async () => {
    const server = await serve(
      {
        timeout: '20ms',
        routes: {
          '/stream': { public: 'a test', timeout: 'exempt' },
          '/slow': { public: 'a test', timeout: '5m' },
          '/*': { public: 'a test' },
        },
      },
      (_req, res) => void setTimeout(() => res.end('whole'), 100),
    )
    assert.equal((await server.send({ path: '/stream' })).status, 200)
    assert.equal((await server.send({ path: '/slow' })).status, 200)
    assert.equal((await server.send({ path: '/' })).status, 503)
  })

  test('REQ-14: the rule of a route of a framework has a time of its own', async () => {
    const gate = gatehouse(testPolicy({ timeout: '5m' }))
    const allow = gate.allow({ timeout: '30ms' })
    const server = await guarded()
    open.push(server)
    server.server.removeAllListeners('request')
    server.server.on('request', (req, res) => {
      if (gate.admit(req, res) !== undefined) void allow(req, res)
    })
    assert.equal((await server.send({ fields: as('ann') })).status, 503)
  })

  test('REQ-14: a check that waits is answered for, and its handler is never called', async () => {
    let isCalled = false
    const release = kept<undefined>()
    const aborted = kept<unknown>()
    const server = await serve(
      {
        routes: {
          '/*': {
            when: async (_caller, request) => {
              request.signal.addEventListener('abort', () => aborted.resolve(request.signal.reason))
              await release.promise
              return true
            },
          },
        },
      },
      () => (isCalled = true),
    )
    const { status, body } = await server.send({ fields: as('ann') })
    assert.deepEqual([status, body.includes('handler_timeout')], [503, true])
    assert.equal(((await aborted.promise) as Error).name, 'TimeoutError')
    release.resolve(undefined)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isCalled, false)
    const told = (await server.events()).map(({ kind }) => kind)
    assert.deepEqual(told, ['handler.timeout'])
  })

  test('REQ-14: a permit comes back when the time is over, though the handler still works', async () => {
    const server = await serve({ concurrency: { limit: 1 } }, () => NEVER)
    for (let i = 0; i < 3; i++) {
      assert.equal((await server.send({})).status, 503)
      assert.equal((await server.events()).at(-1)?.kind, 'handler.timeout')
    }
  })

  test('REQ-14: a handler that ran out of time may have done its work, so its key stays taken', async () => {
    const server = await serve({ routes: { '/*': { public: 'a test', idempotency: true } } }, () => undefined)
    const post = { method: 'POST', fields: ['Idempotency-Key', '"k"'], body: '' }
    assert.equal((await server.send(post)).status, 503)
    assert.equal((await server.send(post)).status, 409)
  })

  test('REQ-14: a key that was taken too late is given up, since no handler saw the request', async () => {
    const memory = memoryStore()
    const release = kept<undefined>()
    const removed = kept<undefined>()
    const server = await serve(
      {
        routes: { '/*': { public: 'a test', idempotency: true } },
        store: {
          name: 'late',
          take: (charges) => memory.take(charges),
          peek: (charges) => memory.peek(charges),
          adjust: (adjustments) => memory.adjust(adjustments),
          block: (keys, ms) => memory.block(keys, ms),
          reset: (keys) => memory.reset(keys),
          add: async (key, value, ttlMs) => (await release.promise, memory.add(key, value, ttlMs)),
          read: (keys) => memory.read(keys),
          write: (key, value, ttlMs) => memory.write(key, value, ttlMs),
          remove: (key) => (removed.resolve(undefined), memory.remove(key)),
          close: () => undefined,
        },
      },
      (_req, res) => res.end('done'),
    )
    const post = { method: 'POST', fields: ['Idempotency-Key', '"k"'], body: '' }
    assert.equal((await server.send(post)).status, 503)
    release.resolve(undefined)
    await removed.promise
    assert.equal((await server.send(post)).body, 'done')
  })

  test('REQ-14: a pipelined request has its own time, and its answer comes in its turn', async () => {
    const server = await serve({}, (req, res) => (req.url === '/fast' ? res.end('fast') : undefined))
    const text = await server.raw(
      'GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /fast HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    )
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 503', 'HTTP/1.1 200'])
    assert.ok(text.endsWith('fast'))
  })

  test('REQ-14: a connection that was upgraded lasts for longer', async () => {
    const server = await serve({}, () => undefined)
    let signal: AbortSignal | undefined
    server.server.on(
      'upgrade',
      server.gate.upgrade((_req, socket, _head, pass) => {
        signal = pass.signal
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
        setTimeout(() => socket.end(`aborted: ${String(signal?.aborted)}`), 300)
      }),
    )
    const text = await server.raw(
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
    )
    assert.ok(text.endsWith('aborted: false'))
    assert.ok((await server.events()).every(({ kind }) => kind !== 'handler.timeout'))
  })

  test('REQ-14: a look-up that is given up aborts, without a timeout, by the deadline of the policy', async () => {
    const aborted = kept<unknown>()
    const server = await serve(
      {
        timeout: '5m',
        deadline: '50ms',
        routes: {
          '/*': {
            when: async (_caller, { signal }) => {
              signal.addEventListener('abort', () => aborted.resolve(signal.reason))
              return NEVER
            },
          },
        },
      },
      (_req, res) => res.end(),
    )
    assert.equal((await server.send({ fields: as('ann') })).status, 503)
    assert.equal(((await aborted.promise) as Error).name, 'TimeoutError')
  })

  test('REQ-14: in shadow mode the handler has a signal that nothing has aborted', async () => {
    const server = await serve(
      {
        timeout: '5m',
        deadline: '50ms',
        shadow: ['authorize'],
        routes: { '/*': { when: async () => NEVER } },
      },
      (_req, res, pass) => res.end(String(pass.signal.aborted)),
    )
    assert.equal((await server.send({ fields: as('ann') })).body, 'false')
  })

  test('a time that is none does not build', () => {
    const build = (): unknown =>
      gatehouse(
        testPolicy({ timeout: '0s', routes: { '/': { timeout: '2h' }, '/b': { timeout: true as never } } }),
      )
    assert.throws(build, (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(
        error.mistakes.map(({ path, code }) => [path, code]),
        [
          ['timeout', 'out_of_range'],
          ['routes["/"].timeout', 'out_of_range'],
          ['routes["/b"].timeout', 'wrong_type'],
        ],
      )
      return true
    })
  })
})
