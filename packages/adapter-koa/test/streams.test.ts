import Koa3 from 'koa'
import Koa2 from 'koa2'
import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { guard } from '../src/index.ts'

/** What a stream fails with: Koa 2 would send its message with its status. */
const rejected = (): Error => Object.assign(new Error('secret detail'), { status: 400, expose: true })

/** A stream that fails when it is read, or after a first piece. */
function failing(first?: string): Readable {
  let sent = first === undefined
  return new Readable({
    read() {
      if (sent) setImmediate(() => this.destroy(rejected()))
      else this.push(first)
      sent = true
    },
  })
}

const BODIES: Readonly<Record<string, () => Readable>> = {
  '/at-once': () => failing(),
  '/half-way': () => failing('half'),
  '/before': () => {
    const stream = new PassThrough()
    stream.destroy(rejected())
    return stream
  },
  '/no-error': () => {
    const stream = new PassThrough()
    setImmediate(() => stream.emit('error', 'secret detail'))
    return stream
  },
  '/whole': () => Readable.from(['a', 'b']),
}

/** Events are delivered at the end of the turn. */
const delivered = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Got {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly body: string
  readonly complete: boolean
}

for (const [name, Koa] of [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2 as unknown as typeof Koa3],
] as const) {
  describe(name, () => {
    const told: string[] = []
    const gate = gatehouse({
      hosts: ['api.example.com'],
      public: 'a test',
      https: 'dangerouslyAllowHttp',
      observe: ({ kind, outcome }) => {
        if (outcome === 'refused') told.push(kind)
      },
    })
    const errors: unknown[] = []
    const app = new Koa()
    app.on('error', (error: unknown) => errors.push(error))
    app.use(guard(gate))
    app.use((ctx) => {
      ctx.body = BODIES[ctx.path]?.()
    })
    const listener = app.callback()
    const server = createServer((req, res) => void listener(req, res))
    before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
    after(async () => {
      server.closeAllConnections()
      server.close()
      await gate.close()
    })

    /** What a client gets; a response that never ends is told as such. */
    function get(path: string): Promise<Got> {
      errors.length = 0
      told.length = 0
      return new Promise((resolve, reject) => {
        const { port } = server.address() as AddressInfo
        const nothing: Got = { status: undefined, type: undefined, body: '', complete: false }
        const sent = request(
          { port, host: '127.0.0.1', path, headers: { Host: 'api.example.com' } },
          (res) => {
            let body = ''
            res.setEncoding('utf8').on('data', (piece: string) => (body += piece))
            res.on('error', () => undefined)
            res.on('close', () => {
              const { statusCode: status, complete } = res
              resolve({ status, type: res.headers['content-type'], body, complete })
            })
          },
        )
        sent.setTimeout(1000, () => {
          reject(new Error('the request does not end'))
          sent.destroy()
        })
        sent.on('error', () => resolve(nothing))
        sent.end()
      })
    }

    // Koa 3 has no listener yet on a body that was destroyed before it was handed over: it is an uncaught exception in
    // an app without any gate, and nothing that an adapter could catch.
    for (const path of name === 'Koa 3' ? ['/at-once'] : ['/at-once', '/before']) {
      test(`ERR-01: ${name}: no word of a body that fails ${path.slice(1)} is sent, and the request ends`, async () => {
        const got = await get(path)
        assert.doesNotMatch(JSON.stringify(got), /secret/)
        // Koa 3 destroys the response before it tells of the error: the connection is all that is left to end.
        if (name === 'Koa 3') assert.equal(got.status, undefined)
        else assert.deepEqual([got.status, got.type], [400, 'application/problem+json'])
        await delivered()
        assert.deepEqual(told, ['handler.rejected'])
        assert.equal(errors.length, 1)
      })
    }

    test(`ERR-04: ${name}: a body that fails half-way is cut, and told once`, async () => {
      const got = await get('/half-way')
      assert.deepEqual([got.status, got.body, got.complete], [200, 'half', false])
      await delivered()
      assert.deepEqual(told, ['handler.rejected'])
      assert.equal(errors.length, 1)
    })

    test(`ERR-04: ${name}: what fails a body without being an Error does not end the process`, async () => {
      await get('/no-error')
      await delivered()
      assert.ok(errors[0] instanceof Error)
    })

    test(`ERR-04: ${name}: a body that does not fail is whole, and no error is told`, async () => {
      const got = await get('/whole')
      assert.deepEqual([got.status, got.body, got.complete], [200, 'ab', true])
      assert.deepEqual([told, errors], [[], []])
    })
  })
}
