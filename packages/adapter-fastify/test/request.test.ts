import fastify, { type FastifyInstance } from 'fastify'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:http2'
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { fallback, guard, passOf } from '../src/index.ts'
import { as, ask, gateFor } from './support.ts'

const OPEN = { dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' } as const

/** Ways of routers to take one path for another. */
const ROUTERS: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  'of its defaults': {},
  'that ignores case': { caseSensitive: false },
  'that ignores a slash at the end': { ignoreTrailingSlash: true },
  'that ignores slashes in a row': { ignoreDuplicateSlashes: true },
  'that ends a path at a semicolon': { useSemicolonDelimiter: true },
  'that does all of it': {
    caseSensitive: false,
    ignoreTrailingSlash: true,
    ignoreDuplicateSlashes: true,
    useSemicolonDelimiter: true,
  },
}

/** Spellings of /admin/x, and of what might be taken for it. */
const SPELLINGS = ['/admin/x', '/open/x'].flatMap((path) => {
  const [, first = ''] = path.split('/')
  return [
    path,
    path.toUpperCase(),
    `${path}/`,
    `/${path}`,
    `/${first}//x`,
    `${path};a=1`,
    `/${first};a=1/x`,
    `${path};/y`,
    `/%${first.charCodeAt(0).toString(16)}${first.slice(1)}/x`,
    `/%25${first.charCodeAt(0).toString(16)}${first.slice(1)}/x`,
    `/${first}%2fx`,
    `/${first}%2Fx`,
    `/${first}%5cx`,
    `/${first}\\x`,
    `/${first}/%78`,
    `/${first}/x%20`,
    `/${first}/x%00`,
    `/${first}/x%3f`,
    `/${first}/x%23`,
    `/${first}/x#y`,
    `/${first}/x?`,
    `/${first}/./x`,
    `/open/../${first}/x`,
    `/open/%2e%2e/${first}/x`,
    `/open/..;/${first}/x`,
    `/${first}/x.`,
    `/${first}/\u017f`,
    `/${first}/%c5%bf`,
    `http://localhost${path}`,
    `http://localhost/${path}`,
    `HTTP://localhost${path}`,
    `http:${path}`,
    `*${path}`,
  ]
})

describe('spellings of a path', () => {
  for (const [name, routerOptions] of Object.entries(ROUTERS)) {
    test(`AZ-05: a router ${name} takes nobody past a rule of the policy, or of a route`, async () => {
      const gate = gateFor({
        routes: { '/admin/*': { roles: ['admin'] }, '/open/*': { public: 'a test' } },
      })
      const app = fastify({ routerOptions, frameworkErrors: fallback(gate) })
      const reached: string[] = []
      await app.register(guard(gate))
      app.get('/admin/:x', (request) => `${reached.push(`admin ${request.url}`)}`)
      app.get('/open/:x', { config: { gate: { roles: ['admin'] } } }, (request) =>
        String(reached.push(`open ${request.url}`)),
      )
      await app.listen({ port: 0, host: '127.0.0.1' })
      try {
        for (const spelling of SPELLINGS) {
          for (const headers of [[], ['Authorization: ' + as('reader').authorization]]) {
            const lines = [`GET ${spelling} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers]
            const answer = await raw(app, `${lines.join('\r\n')}\r\n\r\n`)
            assert.match(answer, /^HTTP\/1\.1 4\d\d /, `${spelling}: ${answer}`)
          }
        }
        assert.deepEqual(reached, [])
        const admin = [`GET /admin/x HTTP/1.1`, 'Host: localhost', 'Connection: close']
        const answer = await raw(
          app,
          [...admin, `Authorization: ${as('admin').authorization}`, '', ''].join('\r\n'),
        )
        assert.match(answer, /^HTTP\/1\.1 200 /)
      } finally {
        await app.close()
      }
    })
  }
})

/** Writes bytes and gives back all that comes until the connection ends. */
function raw(app: FastifyInstance, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp((app.server.address() as AddressInfo).port, '127.0.0.1', () =>
      socket.write(bytes, 'latin1'),
    )
    let received = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
    socket.on('error', reject).on('close', () => resolve(received))
  })
}

describe('what Fastify does to a request', () => {
  test('REQ-07: the router takes the route of the method that the rules saw', async () => {
    const gate = gatehouse({
      ...OPEN,
      request: { methodOverride: ['DELETE'] },
      routes: { 'DELETE /notes': { public: 'a test' }, 'POST /notes': { public: 'a test' } },
    })
    const app = fastify({ rewriteUrl: (req) => (req.url ?? '').replace(/^\/v1/, '') })
    await app.register(guard(gate))
    for (const method of ['POST', 'DELETE'] as const) {
      app.route({
        method,
        url: '/notes',
        handler: (request) => [method, request.method, passOf(gate, request).rule, request.url],
      })
    }
    const headers = { 'x-http-method-override': 'DELETE' }
    const deleted = await app.inject({ method: 'POST', url: '/v1/notes', headers })
    assert.deepEqual(deleted.json(), ['DELETE', 'DELETE', 'DELETE /notes', '/notes'])
    const posted = await app.inject({ method: 'POST', url: '/v1/notes' })
    assert.deepEqual(posted.json(), ['POST', 'POST', 'POST /notes', '/notes'])
  })

  test('AZ-05: where an app rewrites paths, the rules see the one that the router sees', async () => {
    const gate = gateFor({ routes: { '/admin/*': { roles: ['admin'] } } })
    const app = fastify({ rewriteUrl: (req) => (req.url ?? '').replace(/^\/v1/, '') })
    await app.register(guard(gate))
    app.get('/admin/x', () => 'secret')
    for (const url of ['/v1/admin/x', '/admin/x'])
      assert.equal(await ask(app, { url, headers: as('reader') }), '403 access_denied')
    assert.equal(await ask(app, { url: '/v1/admin/x', headers: as('admin') }), '200 secret')
  })

  test('PRX-11: an app that trusts every proxy is told nothing that a client made up', async () => {
    const app = fastify({ trustProxy: true })
    await app.register(guard(gatehouse(OPEN)))
    app.get('/', ({ ip, protocol, host, headers }) => [ip, protocol, host, headers['remote-user'] ?? ''])
    const headers = {
      host: 'localhost',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      'remote-user': 'root',
    }
    const { body } = await app.inject({ url: '/', headers })
    assert.deepEqual(JSON.parse(body), ['127.0.0.1', 'http', 'localhost', ''])
  })

  test('CSR-01: an upgrade that a plugin hands to a route is refused', async () => {
    const app = fastify()
    await app.register(guard(gatehouse(OPEN)))
    let calls = 0
    app.get('/', () => String(++calls))
    // As @fastify/websocket does it.
    app.server.on('upgrade', (req: IncomingMessage, socket: Socket) => {
      const res = new ServerResponse(req)
      res.assignSocket(socket)
      res.once('finish', () => socket.end())
      app.routing(req, res)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const fields = 'Host: a\r\nOrigin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket'
    assert.match(await raw(app, `GET / HTTP/1.1\r\n${fields}\r\n\r\n`), /^HTTP\/1\.1 500 .*internal_error/s)
    assert.equal(calls, 0)
    await app.close()
  })

  test('DEP-02: HTTP/2', async () => {
    const gate = gateFor()
    const app = fastify({ http2: true, frameworkErrors: fallback(gate) })
    await app.register(guard(gate))
    app.get('/', { config: { gate: { scopes: ['data:read'] } } }, (request) => passOf(gate, request).rule)
    gate.attach(app.server)
    await app.listen({ port: 0, host: '127.0.0.1' })
    const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
    try {
      for (const [user, status] of [
        ['other', 403],
        ['reader', 200],
      ] as const) {
        const stream = client.request({ ':path': '/', ...as(user) })
        const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
        stream.resume()
        await once(stream, 'close')
        assert.equal(headers[':status'], status)
        assert.equal(headers['x-content-type-options'], 'nosniff')
      }
    } finally {
      client.close()
      await app.close()
      await gate.close()
    }
  })

  test('REQ-14: a client that goes away aborts the work for it', async () => {
    const gate = gatehouse(OPEN)
    const app = fastify()
    await app.register(guard(gate))
    const aborted = new Promise((resolve) => {
      app.get('/', (request) => {
        passOf(gate, request).signal.addEventListener('abort', resolve)
        return new Promise(() => undefined)
      })
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connectTcp((app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(app.server, 'request')
    socket.destroy()
    await aborted
    await app.close()
  })
})

/** What a stream fails with: Fastify would send its message with its status. */
const rejected = (): Error => Object.assign(new Error('secret detail'), { statusCode: 400 })

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

describe('streams', () => {
  for (const [name, make, want] of [
    ['at once', () => failing(), '400 application/problem+json'],
    ['before', () => new PassThrough().destroy(rejected()), '400 application/problem+json'],
    ['half-way', () => failing('half'), 'cut'],
    ['never', () => Readable.from(['a', 'b']), '200 application/octet-stream'],
  ] as const) {
    test(`ERR-04: a stream that fails ${name} tells nothing of it, and the request ends`, async () => {
      const app = fastify()
      await app.register(guard(gatehouse(OPEN)))
      app.get('/', (_request, reply) => reply.type('application/octet-stream').send(make()))
      await app.listen({ port: 0, host: '127.0.0.1' })
      const answer = await raw(app, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      await app.close()
      assert.doesNotMatch(answer, /secret/)
      if (want === 'cut') assert.doesNotMatch(answer, /\r\n0\r\n/)
      else assert.equal(`${answer.slice(9, 12)} ${/content-type: (\S+)\r/i.exec(answer)?.[1]}`, want)
    })
  }
})
