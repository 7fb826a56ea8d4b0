import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { stream, streamSSE } from 'hono/streaming'
import assert from 'node:assert/strict'
import { type IncomingMessage, request } from 'node:http'
import { after, before, beforeEach, describe, test } from 'node:test'
import { gatehouse, type SecurityEvent } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { startHttp2 } from '../../core/test/support/http2.ts'
import { fallback, type GateEnv, guard } from '../src/index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Called when a client has what was sent so far. */
let received = (): void => undefined

/** A stream that fails when it is read, or after a piece that its client has. */
function failing(piece?: string): ReadableStream {
  let sent: Promise<void> | undefined
  return new ReadableStream({
    async pull(controller) {
      if (piece === undefined || sent !== undefined) {
        await sent
        throw new Error('secret detail')
      }
      sent = new Promise((resolve) => (received = resolve))
      controller.enqueue(bytes(piece))
    },
  })
}

/** What becomes of a stream whose client goes away. */
interface Left {
  readonly cancelled: Promise<void>
  readonly aborted: Promise<void>
}

for (const [name, overrideGlobalObjects] of [
  // First: node-server puts its own Response in the place of Node's once and for all.
  ['with the globals of Node', false],
  ['with those of node-server', true],
] as const) {
  describe(name, () => {
    const told: SecurityEvent[] = []
    const gate = gatehouse({
      hosts: ['api.example.com'],
      public: 'a test',
      https: 'dangerouslyAllowHttp',
      observe: (event) => told.push(event),
    })
    const NativeResponse = Object.getPrototypeOf(Response.error()).constructor as typeof Response
    let left: Left | undefined
    const app = new Hono<GateEnv<typeof gate>>()
    app.use(guard(gate))
    app.get('/first', (c) => c.body(failing()))
    app.get('/first-of-fetch', () => new NativeResponse(failing()))
    app.get('/at-once', (c) =>
      c.body(new ReadableStream({ pull: (at) => at.error(new Error('secret detail')) })),
    )
    app.get('/half', (c) => c.body(failing('half')))
    app.get('/half-of-fetch', () => new NativeResponse(failing('half')))
    app.get('/locked', (c) => {
      const locked = failing()
      locked.getReader()
      return c.body(locked)
    })
    app.get('/whole', (c) => stream(c, async (out) => void (await out.write('ab'))))
    app.get('/sse', (c) =>
      streamSSE(c, async (out) => {
        for (const data of ['1', '2']) await out.writeSSE({ data })
      }),
    )
    app.get('/endless', (c) => {
      let cancel = (): void => undefined
      let abort = (): void => undefined
      const cancelled = new Promise<void>((resolve) => (cancel = resolve))
      const aborted = new Promise<void>((resolve) => (abort = resolve))
      c.var.pass.signal.addEventListener('abort', abort)
      left = { cancelled, aborted }
      const out = new ReadableStream({ start: (at) => at.enqueue(bytes('begun')), cancel })
      return c.body(out)
    })
    fallback(gate, app)
    let server: Running
    before(async () => {
      const listener = getRequestListener(app.fetch, { overrideGlobalObjects })
      server = await start(gate.handler(listener))
    })
    after(async () => {
      await server.close()
      await gate.close()
    })
    beforeEach(() => void (told.length = 0))

    const HEAD = 'HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n'
    const failures = async (): Promise<readonly string[]> => {
      await new Promise((resolve) => setImmediate(resolve))
      return told.filter(({ outcome }) => outcome !== 'allowed').map(({ kind }) => kind)
    }

    /** Asks for what may not end. */
    const begin = (path: string): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const to = { host: '127.0.0.1', port: server.port, agent: false }
        const sent = request({ ...to, path, headers: { Host: 'api.example.com' } }, resolve)
        sent.on('error', reject).end()
      })

    for (const path of ['/first', '/first-of-fetch', '/at-once', '/locked']) {
      test(`ERR-01: ${name}: no word of a stream that fails is sent: ${path}`, async () => {
        const text = await server.raw(`GET ${path} ${HEAD}`)
        assert.doesNotMatch(text, /secret|locked/i)
        assert.deepEqual(await failures(), ['handler.failed'])
        // Node-server sends the header section of most before it has read.
        if (text.startsWith('HTTP/1.1 200 ')) assert.doesNotMatch(text, /\r\n0\r\n\r\n$/)
        else assert.match(text, /^HTTP\/1\.1 500 [^]*"code":"internal_error"/)
      })
    }

    for (const path of ['/half', '/half-of-fetch']) {
      test(`ERR-04: ${name}: a stream that fails half-way is cut, and told once: ${path}`, async () => {
        const res = await begin(path)
        assert.equal(res.headers['x-content-type-options'], 'nosniff')
        let text = ''
        res.on('data', (piece: Buffer) => {
          text += piece.toString()
          received()
        })
        await new Promise<void>((resolve) => res.on('error', () => undefined).on('close', resolve))
        assert.deepEqual([res.statusCode, text, res.complete], [200, 'half', false])
        assert.deepEqual(await failures(), ['handler.failed'])
      })
    }

    test(`ERR-04: ${name}: a stream that does not fail is whole, and no error is told`, async () => {
      assert.match(await server.raw(`GET /whole ${HEAD}`), /\r\nab(?:\r\n0\r\n\r\n)?$/)
      const events = await server.raw(`GET /sse ${HEAD}`)
      assert.match(events, /^content-type: text\/event-stream\r$/im)
      assert.match(events, /^X-Content-Type-Options: nosniff\r$/im)
      assert.match(events, /data: 1\n\n[^]*data: 2\n\n/)
      assert.deepEqual(await failures(), [])
    })

    test(`ERR-04: ${name}: a client that goes away ends the stream of its handler, and aborts the signal of its pass`, async () => {
      const res = await begin('/endless')
      await new Promise<void>((resolve) => res.on('error', () => undefined).once('data', () => resolve()))
      res.destroy()
      await left?.cancelled
      await left?.aborted
      assert.deepEqual(await failures(), [])
    })

    test(`ERR-04: ${name}: over HTTP/2 a stream that fails half-way is reset`, async () => {
      const running = await startHttp2(gate.handler(getRequestListener(app.fetch, { overrideGlobalObjects })))
      try {
        const sent = running.client.request({ ':path': '/half', ':authority': 'api.example.com' })
        sent.on('data', () => received())
        const error = await new Promise<Error | undefined>((resolve) => sent.on('error', resolve))
        assert.match(String(error), /NGHTTP2_INTERNAL_ERROR/)
        assert.deepEqual(await failures(), ['handler.failed'])
      } finally {
        await running.close()
      }
    })
  })
}
