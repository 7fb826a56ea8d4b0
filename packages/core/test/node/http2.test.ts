import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Stream, connect as connectHttp2, createSecureServer, createServer } from 'node:http2'
import { request as requestTls } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import type { ServerLimits } from '../../src/node/server-limits.ts'
import { makeCertificates } from '../support/certificates.ts'
import { testPolicy } from '../support/gate.ts'
import { type RunningHttp2, sendFrames, startHttp2 } from '../support/http2.ts'
import type { TestPrincipal } from '../support/scheme.ts'

const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

interface Served extends RunningHttp2 {
  readonly events: readonly SecurityEvent[]
  readonly kinds: () => Promise<readonly string[]>
}

async function serve(
  handle: Handler<TestPrincipal>,
  policy: Policy<TestPrincipal> = {},
  limits: ServerLimits = {},
): Promise<Served> {
  const events: SecurityEvent[] = []
  const gate = gatehouse(testPolicy({ routes: { '/*': { public: 'a test' } }, ...policy }))
  gate.events.on('event', (event) => events.push(event))
  const running = await startHttp2(gate.attach(createServer(gate.handler(handle)), limits))
  closers.push(() => running.close())
  return {
    ...running,
    events,
    async kinds() {
      await new Promise((resolve) => setImmediate(resolve))
      return events.map(({ outcome, kind }) => `${outcome} ${kind}`)
    },
  }
}

/** A promise and what settles it. */
function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}

const GET = { ':method': 'GET', ':path': '/', ':authority': '127.0.0.1' }

/** How a stream ended: its status, its content, and whether it was cut off. */
async function endOf(stream: ClientHttp2Stream): Promise<string> {
  let status = 0
  let text = ''
  stream.on('response', (headers) => (status = Number(headers[':status'])))
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  stream.on('error', () => undefined)
  await new Promise((resolve) => stream.once('close', resolve))
  const code = /"code":"(\w+)"/.exec(text)?.[1] ?? text
  return `${status} ${code}${stream.rstCode === 0 ? '' : ', cut off'}`
}

describe('a request over node:http2', () => {
  test('REQ-14: its handler hears that the client reset the stream', async () => {
    const aborted = deferred<unknown>()
    const server = await serve((_req, res, pass) => {
      pass.signal.addEventListener('abort', () => aborted.resolve(undefined))
      res.writeHead(200)
      res.write('half')
    })
    const stream = server.client.request(GET)
    const ended = endOf(stream)
    stream.once('data', () => stream.close(8))
    assert.equal(await ended, '200 half, cut off')
    await aborted.promise
  })

  test('REQ-14: a signal that is asked for after that is aborted already', async () => {
    const asked = deferred<boolean>()
    const server = await serve((_req, res, pass) => {
      res.once('close', () => asked.resolve(pass.signal.aborted))
      res.writeHead(200)
      res.write('half')
    })
    const stream = server.client.request(GET)
    stream.on('error', () => undefined)
    stream.once('data', () => stream.close(8))
    assert.equal(await asked.promise, true)
  })

  test('REQ-14: a response that was sent whole aborts nothing', async () => {
    let signal: AbortSignal | undefined
    const server = await serve((_req, res, pass) => {
      signal = pass.signal
      res.end('ok')
    })
    assert.equal(await endOf(server.client.request(GET)), '200 ok')
    assert.equal(signal?.aborted, false)
  })

  test('RL-16: permits are given back by whoever resets the stream, before or after the checks are done', async () => {
    const decided = deferred<void>()
    const asked = deferred<void>()
    const handled = deferred<void>()
    const server = await serve((req, res) => (req.url === '/' ? res.end('ok') : handled.resolve()), {
      concurrency: { limit: 1, by: 'client' },
      routes: {
        '/': { public: 'a test' },
        '/hangs': { public: 'a test' },
        '/asks': {
          when: async () => {
            asked.resolve()
            await decided.promise
            return true
          },
        },
      },
    })
    for (const path of ['/hangs', '/asks']) {
      const stream = server.client.request({ ...GET, ':path': path, authorization: 'Test alice' })
      const ended = endOf(stream)
      await (path === '/asks' ? asked : handled).promise
      stream.close(8)
      await ended
      decided.resolve()
      // The server hears of the reset with its next frames.
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(await endOf(server.client.request(GET)), '200 ok', path)
    }
  })

  test('ERR-01: half a response is cut off when its handler throws', async () => {
    const server = await serve(async (_req, res) => {
      res.writeHead(200)
      res.write('half')
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('too late')
    })
    assert.equal(await endOf(server.client.request(GET)), '200 half, cut off')
    assert.equal(await endOf(server.client.request(GET)), '200 half, cut off')
  })

  test('DEP-02, ERR-01: half a response is cut off when somebody destroys it, and a whole one is not', async () => {
    const asked = deferred<() => void>()
    const server = await serve((_req, res, pass) => {
      if (pass.path === '/whole') {
        res.end('whole', () => void res.destroy())
        return
      }
      res.writeHead(200)
      res.write('half')
      // As Fastify does with a stream that fails.
      asked.resolve(() => res.destroy())
    })
    const stream = server.client.request({ ...GET, ':path': '/half' })
    const ended = endOf(stream)
    await once(stream, 'data')
    ;(await asked.promise)()
    assert.equal(await ended, '200 half, cut off')
    assert.equal(await endOf(server.client.request({ ...GET, ':path': '/whole' })), '200 whole')
  })

  test('REQ-14: a handler that is late is answered for', async () => {
    const server = await serve(() => undefined, { timeout: '50ms' })
    assert.equal(await endOf(server.client.request(GET)), '503 handler_timeout')
  })

  test('TLS-01: a :scheme that lies does not make a connection secure', async () => {
    const server = await serve((_req, res, pass) => res.end(pass.scheme))
    const lines = [':method', 'GET', ':scheme', 'https', ':path', '/', ':authority', '127.0.0.1']
    assert.equal(await sendFrames(server.port, lines), '200 http')
  })
})

describe('a server of node:http2 that was attached', () => {
  test('REQ-06: CONNECT is a problem with the fields of the gate', async () => {
    const server = await serve((_req, res) => res.end('ok'))
    const lines = [':method', 'CONNECT', ':authority', '127.0.0.1']
    assert.equal(await sendFrames(server.port, lines), 'another method_not_allowed')
    assert.deepEqual(await server.kinds(), ['refused request.method-refused'])
  })

  test('REQ-14: a client has as many requests at once as it may, and the rest waits', async () => {
    let most = 0
    let open = 0
    const answers: (() => void)[] = []
    const server = await serve(
      (_req, res) => {
        most = Math.max(most, ++open)
        answers.push(() => {
          open--
          res.end('ok')
        })
        if (answers.length === 3) for (const answer of answers) answer()
        else if (answers.length > 3) answers.at(-1)?.()
      },
      {},
      { maxConcurrentStreams: 3 },
    )
    await once(server.client, 'remoteSettings')
    const all = Array.from({ length: 20 }, () => endOf(server.client.request(GET)))
    assert.deepEqual(new Set(await Promise.all(all)), new Set(['200 ok']))
    assert.ok(most <= 3, String(most))
  })

  test('REQ-10, REQ-14: content that does not end is answered with 408, and the connection goes on', async () => {
    const server = await serve(
      async (req, res) => {
        for await (const chunk of req) void chunk
        res.end('ok')
      },
      {},
      { headersTimeout: '20ms', requestTimeout: '50ms' },
    )
    const stream = server.client.request({ ...GET, ':method': 'POST' })
    stream.write('a')
    assert.match(await endOf(stream), /^408 request_timeout/)
    const other = server.client.request({ ...GET, ':method': 'POST' })
    other.end('a')
    assert.equal(await endOf(other), '200 ok')
  })

  test('REQ-10: a client that takes a few bytes at a time has all of its refusal', async () => {
    const server = await serve(
      async (req, res) => {
        for await (const chunk of req) void chunk
        res.end('ok')
      },
      {},
      { headersTimeout: '20ms', requestTimeout: '50ms' },
    )
    const client = connectHttp2(`http://127.0.0.1:${server.port}`, { settings: { initialWindowSize: 10 } })
    const stream = client.request({ ...GET, ':method': 'POST' })
    stream.write('a')
    assert.equal(await endOf(stream), '408 request_timeout')
    client.destroy()
  })

  test('REQ-14: a connection that says nothing is closed; one whose handler thinks is not', async () => {
    const answers: (() => void)[] = []
    const server = await serve((_req, res) => answers.push(() => res.end('ok')), {}, { drainTimeout: '60ms' })
    const stream = server.client.request(GET)
    const ended = endOf(stream)
    const silent = connect(server.port, '127.0.0.1')
    silent.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    silent.resume().on('error', () => undefined)
    await once(silent, 'close')
    assert.deepEqual(await server.kinds(), ['allowed request.allowed', 'warning connection.timeout'])
    assert.match(server.events.at(-1)?.reason ?? '', /"drainTimeout"/)
    for (const answer of answers) answer()
    assert.equal(await ended, '200 ok')
  })

  test('REQ-14: a handler that reads late is not at the mercy of a client that sends slowly', async () => {
    const server = await serve(
      async (req, res) => {
        await new Promise((resolve) => setTimeout(resolve, 80))
        for await (const chunk of req) void chunk
        res.end('ok')
      },
      {},
      { headersTimeout: '20ms', requestTimeout: '50ms' },
    )
    const stream = server.client.request({ ...GET, ':method': 'POST' })
    const drip = setInterval(() => stream.write('a'), 10)
    assert.match(await endOf(stream), /^408 request_timeout/)
    clearInterval(drip)
  })

  test('REQ-14: a client that takes nothing is cut off, though it sends frames that ask for nothing', async () => {
    const server = await serve((_req, res) => res.end(Buffer.alloc(1_000_000)), {}, { drainTimeout: '80ms' })
    const client = connectHttp2(`http://127.0.0.1:${server.port}`, { settings: { initialWindowSize: 0 } })
    client.on('error', () => undefined)
    const stream = client.request(GET)
    stream.on('error', () => undefined)
    const pings = setInterval(() => void (!client.destroyed && client.ping(() => undefined)), 10)
    await once(client, 'close')
    clearInterval(pings)
    assert.ok((await server.kinds()).includes('warning connection.stalled'))
  })

  test('REQ-14: a client that takes a large response slowly has all of it', async () => {
    const bytes = 400_000
    const server = await serve((_req, res) => res.end(Buffer.alloc(bytes)), {}, { drainTimeout: '2s' })
    const stream = server.client.request(GET)
    let taken = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      taken += chunk.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(taken, bytes)
  })

  test('REQ-14: a client that does not take its response is cut off', async () => {
    const server = await serve((_req, res) => res.end(Buffer.alloc(1_000_000)), {}, { drainTimeout: '60ms' })
    const client = connectHttp2(`http://127.0.0.1:${server.port}`, { settings: { initialWindowSize: 10 } })
    client.on('error', () => undefined)
    const stream = client.request(GET)
    stream.on('error', () => undefined)
    await once(client, 'close')
    assert.ok((await server.kinds()).includes('warning connection.stalled'))
  })

  test('DEP-02: one that speaks HTTP/1.1 as well has every limit for that, too', async () => {
    const { server: tls } = makeCertificates()
    const gate = gatehouse(testPolicy({ routes: { '/*': { public: 'a test' } } }))
    const handler = gate.handler((req, res, pass) => res.end(`${req.httpVersion} ${pass.scheme}`))
    const server = gate.attach(createSecureServer({ ...tls, allowHTTP1: true }, handler), {
      headersTimeout: '3s',
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const plain = requestTls({
      port,
      host: '127.0.0.1',
      headers: { host: '127.0.0.1' },
      rejectUnauthorized: false,
      agent: false,
    }).end()
    const [response] = (await once(plain, 'response')) as [AsyncIterable<Buffer>]
    let text = ''
    for await (const chunk of response) text += chunk.toString()
    assert.equal(text, '1.1 https')
    const client = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
    assert.equal(await endOf(client.request(GET)), '200 2.0 https')
    assert.equal((server as unknown as { readonly headersTimeout: number }).headersTimeout, 3_000)
    client.destroy()
    server.close()
  })
})
