import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import type { ServerLimits } from '../../src/node/server-limits.ts'
import { makeCertificates } from '../support/certificates.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'
import type { TestPrincipal } from '../support/scheme.ts'
import { dial, type Dialed } from '../support/sockets.ts'

const ORIGIN = 'https://app.example.com'
const GET = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n'
const BIG = Buffer.alloc(64 * 1024 * 1024, 'x')

const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

const policyOf = (policy: Policy<TestPrincipal>): Policy<TestPrincipal> => ({
  // Of several origins the fields depend on the one that asks.
  cors: { origins: [ORIGIN, 'https://other.example.com'] },
  routes: { '/*': { public: 'a test' } },
  ...policy,
})

async function serve(
  limits: ServerLimits,
  handle?: Handler<TestPrincipal>,
  policy: Policy<TestPrincipal> = {},
): Promise<Guarded> {
  const made = await guarded(policyOf(policy), handle, limits)
  closers.push(() => made.close())
  return made
}

const big: Handler<TestPrincipal> = (req, res) => res.end(req.url === '/big' ? BIG : 'ok')

async function kinds(server: {
  readonly events: () => Promise<readonly SecurityEvent[]>
}): Promise<string[]> {
  return (await server.events()).map(({ outcome, kind }) => `${outcome} ${kind}`)
}

describe('a client that sends slowly', () => {
  test('REQ-10, REQ-14: a header section that does not end is answered with 408, and the connection ends', async () => {
    const server = await serve({ headersTimeout: '100ms' })
    const slow = dial(server.port, GET)
    // A field line now and then, as slowloris sends them.
    const drip = setInterval(() => slow.socket.write('X-A: b\r\n'), 10)
    const text = await slow.ended
    clearInterval(drip)
    assert.match(text, /^HTTP\/1\.1 408 [^]*Connection: close[^]*"code":"request_timeout"/)
    assert.match(text, /X-Content-Type-Options: nosniff/i)
    assert.deepEqual(await kinds(server), ['refused connection.timeout'])
    assert.match((await server.events()).at(-1)?.reason ?? '', /"headersTimeout"/)
  })

  test('REQ-14: a connection that says nothing is closed without a word, and told of once', async () => {
    const server = await serve({ headersTimeout: '100ms' })
    const idle = [dial(server.port), dial(server.port), dial(server.port)]
    assert.deepEqual(await Promise.all(idle.map(({ ended }) => ended)), ['', '', ''])
    assert.deepEqual(await kinds(server), ['warning connection.timeout'])
  })

  test('REQ-10, REQ-14, COR-19: content that does not end is answered with 408, with the fields of its rule', async () => {
    const server = await serve({ headersTimeout: '100ms', requestTimeout: '200ms' }, () => undefined)
    const slow = dial(
      server.port,
      `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${ORIGIN}\r\nContent-Length: 1000\r\n\r\n`,
    )
    const drip = setInterval(() => slow.socket.write('x'), 10)
    const text = await slow.ended
    clearInterval(drip)
    assert.match(text, /^HTTP\/1\.1 408 [^]*"code":"request_timeout"/)
    assert.match(text, new RegExp(`Access-Control-Allow-Origin: ${ORIGIN}`, 'i'))
    assert.match(text, /Connection: close/i)
    assert.deepEqual(await kinds(server), ['allowed request.allowed', 'refused connection.timeout'])
    assert.match((await server.events()).at(-1)?.reason ?? '', /"requestTimeout"/)
  })

  test('REQ-14: a handler that answers from a timer after the 408 breaks nothing, and hears that nobody waits', async () => {
    let answer: (() => void) | undefined
    let aborted: Promise<unknown> = Promise.resolve()
    const server = await serve({ headersTimeout: '100ms', requestTimeout: '200ms' }, (_req, res, pass) => {
      aborted = once(pass.signal, 'abort')
      answer = () => {
        res.setHeader('X-Late', '1')
        res.writeHead(200)
        res.end('late')
      }
    })
    const slow = dial(server.port, 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n')
    await aborted
    // As from a timer: what it throws is caught by nobody.
    assert.doesNotThrow(() => answer?.())
    const text = await slow.ended
    assert.match(text, /^HTTP\/1\.1 408 /)
    assert.doesNotMatch(text, /late/i)
    assert.deepEqual(await kinds(server), ['allowed request.allowed', 'refused connection.timeout'])
  })

  test('REQ-14: a response that has begun is cut off when the content does not end', async () => {
    const server = await serve({ headersTimeout: '100ms', requestTimeout: '200ms' }, (_req, res) => {
      res.write('half')
    })
    const slow = dial(server.port, 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n')
    const text = await slow.ended
    assert.match(text, /^HTTP\/1\.1 200 [^]*half\r\n$/)
    assert.deepEqual(await kinds(server), ['allowed request.allowed', 'warning connection.timeout'])
  })

  test('REQ-14: a request that is late behind one without an answer ends the connection, and answers neither', async () => {
    let aborted: Promise<unknown> = Promise.resolve()
    const server = await serve({ headersTimeout: '100ms' }, (_req, _res, pass) => {
      aborted = once(pass.signal, 'abort')
    })
    assert.equal(await dial(server.port, `${GET}\r\n${GET}`).ended, '')
    await aborted
    assert.deepEqual(await kinds(server), ['allowed request.allowed', 'refused connection.timeout'])
  })

  test('REQ-14: the signal of the pass aborts when the content does not end', async () => {
    let aborted: Promise<unknown> = Promise.resolve()
    const server = await serve({ headersTimeout: '50ms', requestTimeout: '100ms' }, (_req, res, pass) => {
      res.write('half')
      aborted = once(pass.signal, 'abort')
    })
    await dial(server.port, 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n').ended
    await aborted
  })

  test('REQ-10: a header section over maxHeaderSize is 431 with CORS, and one below is not', async () => {
    const server = await serve({ maxHeaderSize: 2048 })
    const of = (size: number): string =>
      `${GET}Origin: ${ORIGIN}\r\nConnection: close\r\nX-Big: ${'x'.repeat(size)}\r\n\r\n`
    const text = await dial(server.port, of(2048)).ended
    assert.match(text, /^HTTP\/1\.1 431 [^]*"code":"fields_too_large"/)
    assert.match(text, new RegExp(`Access-Control-Allow-Origin: ${ORIGIN}`, 'i'))
    assert.match(await dial(server.port, of(1500)).ended, /^HTTP\/1\.1 200 /)
  })

  test('REQ-10, COR-19: more field lines than the gate takes are 431 with CORS', async () => {
    const server = await serve({})
    const lines = Array.from({ length: 300 }, (_, index) => `X-${index}: y\r\n`).join('')
    const text = await dial(server.port, `${GET}Origin: ${ORIGIN}\r\n${lines}\r\n`).ended
    assert.match(text, /^HTTP\/1\.1 431 /)
    assert.match(text, new RegExp(`Access-Control-Allow-Origin: ${ORIGIN}`, 'i'))
  })
})

describe('a client that reads slowly', () => {
  test('REQ-14: a connection whose client takes nothing is cut, and what waited for it is gone', async () => {
    const server = await serve({ drainTimeout: '200ms' }, big)
    const reader = dial(server.port, `GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    reader.socket.pause()
    const [socket] = (await once(server.server, 'connection')) as [Socket]
    await once(socket, 'close')
    assert.equal(socket.destroyed, true)
    reader.socket.destroy()
    assert.ok((await kinds(server)).includes('warning connection.stalled'))
  })

  test('REQ-14: a client that takes a little now and then is served to the end', async () => {
    const server = await serve({ drainTimeout: '400ms' }, big)
    const reader = dial(server.port, `GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    // For three times as long as it may take nothing.
    const until = Date.now() + 1_200
    reader.socket.on('data', () => {
      if (Date.now() > until) return
      reader.socket.pause()
      setTimeout(() => reader.socket.resume(), 5)
    })
    const text = await reader.ended
    assert.ok(text.length > BIG.length, `${text.length} bytes came`)
    assert.equal((await kinds(server)).includes('warning connection.stalled'), false)
  })

  test('REQ-14: a stream whose handler has nothing to say is not a client that takes nothing', async () => {
    const server = await serve({ drainTimeout: '100ms' }, (_req, res) => {
      res.write('first')
      setTimeout(() => res.end('last'), 600)
    })
    assert.equal((await server.send({})).body, 'firstlast')
  })

  test('REQ-14: over TLS, too', async () => {
    const { key, cert } = makeCertificates().server
    const events: SecurityEvent[] = []
    const gate = gatehouse(testPolicy(policyOf({ observe: (event) => void events.push(event) })))
    const server = gate.attach(createSecureServer({ key, cert }, gate.handler(big)), {
      drainTimeout: '200ms',
      // Enough for those that shake hands, however busy this machine is.
      handshakeTimeout: '1s',
      headersTimeout: '500ms',
    })
    const running = await start(server)
    closers.push(() => running.close())

    const mute = dial(running.port)
    assert.equal(await mute.ended, '')

    const idle = connectTls({ port: running.port, host: '127.0.0.1', rejectUnauthorized: false })
    idle.on('error', () => undefined)
    idle.on('data', () => assert.fail('nobody asked anything'))
    await once(idle, 'close')

    const reader = connectTls({ port: running.port, host: '127.0.0.1', rejectUnauthorized: false })
    reader.on('error', () => undefined)
    reader.write('GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    reader.pause()
    const [socket] = (await once(server, 'secureConnection')) as [Socket]
    await once(socket, 'close')
    reader.destroy()
    const told = events.map(({ outcome, kind }) => `${outcome} ${kind}`)
    assert.deepEqual(told, [
      'warning connection.timeout',
      'allowed request.allowed',
      'warning connection.stalled',
    ])
  })
})

describe('many connections', () => {
  test('REQ-14: more than maxConnections are closed as they come, and told of once', async () => {
    const server = await serve({ maxConnections: 2, maxConnectionsPerClient: 2 })
    const kept = [dial(server.port), dial(server.port)]
    await Promise.all(kept.map(({ socket }) => once(socket, 'connect')))
    const more = [dial(server.port, `${GET}\r\n`), dial(server.port, `${GET}\r\n`)]
    assert.deepEqual(await Promise.all(more.map(({ ended }) => ended)), ['', ''])
    assert.deepEqual(await kinds(server), ['warning connection.refused'])
    kept[0]?.socket.write(`${GET}Connection: close\r\n\r\n`)
    assert.match((await kept[0]?.ended) ?? '', /^HTTP\/1\.1 200 /)
    kept[1]?.socket.destroy()
  })

  test('REQ-14: a client has no more than maxConnectionsPerClient, and another one is served', async () => {
    const server = await serve({ maxConnectionsPerClient: 3 })
    const served: Socket[] = []
    server.server.on('connection', (socket: Socket) => served.push(socket))
    const kept = [dial(server.port), dial(server.port), dial(server.port)]
    await Promise.all(kept.map(({ socket }) => once(socket, 'connect')))
    assert.equal(await dial(server.port, `${GET}\r\n`).ended, '')
    const other = dial(server.port, `${GET}Connection: close\r\n\r\n`, '127.0.0.2')
    assert.match(await other.ended, /^HTTP\/1\.1 200 /)
    const event = (await server.events()).find(({ kind }) => kind === 'connection.refused')
    assert.equal(event?.peer, '127.0.0.1')
    assert.match(event?.reason ?? '', /maxConnectionsPerClient/)
    // One that goes makes room for the next.
    const [first] = served
    kept[0]?.socket.destroy()
    if (first?.closed === false) await once(first, 'close')
    assert.match(await dial(server.port, `${GET}Connection: close\r\n\r\n`).ended, /^HTTP\/1\.1 200 /)
    for (const { socket } of kept) socket.destroy()
  })

  test('REQ-14: whose connections have all ended may have others', async () => {
    const server = await serve({ maxConnectionsPerClient: 1 })
    for (let i = 0; i < 3; i++) {
      const accepted = once(server.server, 'connection') as Promise<[Socket]>
      const one = dial(server.port, `${GET}Connection: close\r\n\r\n`)
      const [socket] = await accepted
      if (!socket.closed) await once(socket, 'close')
      assert.match(await one.ended, /^HTTP\/1\.1 200 /)
    }
  })

  test('REQ-14: proxies that the policy trusts may have more, and nobody else', async () => {
    const server = await serve({ maxConnectionsPerClient: 1 }, undefined, {
      proxy: { trustedRanges: ['127.0.0.1'] },
    })
    const one = dial(server.port, `${GET}\r\n`)
    const two = dial(server.port, `${GET}Connection: close\r\n\r\n`)
    assert.match(await two.ended, /^HTTP\/1\.1 200 /)
    one.socket.destroy()
    const other = dial(server.port, '', '127.0.0.2')
    await once(other.socket, 'connect')
    assert.equal(await dial(server.port, `${GET}\r\n`, '127.0.0.2').ended, '')
    other.socket.destroy()
  })

  test('REQ-14: behind proxies that are known by their number everybody is one', async () => {
    const server = await serve({ maxConnectionsPerClient: 1 }, undefined, { proxy: { trustedHops: 1 } })
    const one = dial(server.port)
    await once(one.socket, 'connect')
    const two = dial(server.port, `${GET}Connection: close\r\n\r\n`)
    assert.match(await two.ended, /^HTTP\/1\.1 200 /)
    one.socket.destroy()
  })

  test('REQ-14: thousands of idle connections keep nobody waiting, and are all closed in time', async () => {
    const count = 3_000
    const server = await serve({ headersTimeout: '2s', maxConnectionsPerClient: count })
    const idle: Dialed[] = []
    while (idle.length < count) {
      // Half of them begin a request, and none ends it.
      const some = Array.from({ length: 250 }, (_, index) =>
        dial(server.port, index % 2 === 0 ? '' : GET, `127.0.0.${2 + (idle.length % 6)}`),
      )
      idle.push(...some)
      await Promise.all(some.map(async ({ socket }) => once(socket, 'connect')))
    }
    const began = performance.now()
    assert.equal((await server.send({})).status, 200)
    const took = performance.now() - began
    // Far longer than it takes, and far shorter than if it waited for those.
    assert.ok(took < 1_500, `a client waited ${took} ms`)
    const texts = await Promise.all(idle.map(({ ended }) => ended))
    const answered = texts.filter((text) => text.startsWith('HTTP/1.1 408 ')).length
    assert.deepEqual([answered, texts.filter((text) => text === '').length], [count / 2, count / 2])
  })
})

describe('what the limits hold', () => {
  test('REQ-17: no timer of theirs keeps the process alive, and closing the gate ends it', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
    const before = timers()
    const server = await serve({}, () => undefined, { timeout: '5m' })
    const client = dial(server.port, `${GET}\r\n`)
    await once(server.server, 'request')
    assert.equal(timers(), before)
    await server.gate.close()
    assert.equal(server.server.listenerCount('connection'), 1)
    client.socket.destroy()
  })
})
