import fastify from 'fastify'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError, type Rule } from '@gatehouse/core'
import { allow, fallback, guard, passOf } from '../src/index.ts'
import { as, ask, gateFor } from './support.ts'

const NOT_FIRST = /guard is not first/

describe('guard has to be first', () => {
  test('AZ-01: an app with a route before the guard does not get ready', async () => {
    const app = fastify()
    app.get('/', () => 'open')
    void app.register(guard(gateFor()))
    await assert.rejects(async () => app.ready(), NOT_FIRST)
  })

  test('AZ-01: nor one whose guard nobody awaits, and whose routes come first for that', async () => {
    const app = fastify()
    void app.register(guard(gateFor()))
    app.get('/', { config: { gate: { scopes: ['data:read'] } } }, () => 'open')
    await assert.rejects(async () => app.ready(), NOT_FIRST)
  })

  for (const name of ['onRequest', 'preParsing'] as const) {
    test(`AZ-01: nor one with a hook of ${name} before the guard`, async () => {
      const app = fastify()
      if (name === 'onRequest') app.addHook(name, (_request, _reply, done) => done())
      else app.addHook(name, (_request, _reply, payload, done) => done(null, payload))
      await app.register(guard(gateFor()))
      app.get('/', () => 'open')
      await assert.rejects(async () => app.ready(), NOT_FIRST)
    })
  }

  test('AZ-01: nor one whose guard is in a plugin that encapsulates it: the rest would be open', async () => {
    const app = fastify()
    void app.register(async (security) => {
      await security.register(guard(gateFor()))
    })
    await assert.rejects(async () => app.ready(), NOT_FIRST)
  })
})

describe('rules of routes', () => {
  test('ERR-03: a wrong rule is a ConfigError where its route is written', async () => {
    const app = fastify()
    await app.register(guard(gateFor()))
    for (const gate of [{}, { public: 'no' }, { scope: 'a' }, null, 'data:read'])
      assert.throws(
        () => app.get('/', { config: { gate: gate as Rule } }, () => 'open'),
        (error: unknown) => error instanceof ConfigError || error instanceof TypeError,
        JSON.stringify(gate),
      )
  })

  test('ERR-03: and in a plugin the app does not get ready', async () => {
    const app = fastify()
    void app.register(guard(gateFor()))
    // oxlint-disable-next-line typescript/require-await -- what a plugin with a callback throws ends the process
    void app.register(async (routes) => {
      routes.get('/', { config: { gate: { public: 'no' } } }, () => 'open')
    })
    await assert.rejects(async () => app.ready(), ConfigError)
  })

  test('AZ-02: a rule binds its route in every context, HEAD and both spellings of a prefix', async () => {
    const app = fastify()
    await app.register(guard(gateFor()))
    await app.register(
      (routes, _options, done) => {
        routes.get('/', { config: { gate: { scopes: ['data:read'] } } }, () => 'data')
        routes.route({
          method: ['PUT', 'POST'],
          url: '/many',
          config: { gate: { roles: ['admin'] } },
          handler: () => 'many',
        })
        done()
      },
      { prefix: '/api' },
    )
    for (const url of ['/api', '/api/']) {
      for (const method of ['GET', 'HEAD'] as const) {
        assert.match(await ask(app, { method, url }), /^401/)
        assert.match(await ask(app, { method, url, headers: as('other') }), /^403/)
        assert.match(await ask(app, { method, url, headers: as('reader') }), /^200/)
      }
    }
    for (const method of ['PUT', 'POST'] as const) {
      assert.match(await ask(app, { method, url: '/api/many', headers: as('reader') }), /^403/)
      assert.equal(await ask(app, { method, url: '/api/many', headers: as('admin') }), '200 many')
    }
  })

  test('RL-01: HEAD counts with its GET', async () => {
    const app = fastify()
    await app.register(guard(gateFor()))
    app.get('/', { config: { gate: { rateLimit: { limit: 2, window: '1m' } } } }, () => 'data')
    const seen = []
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD'] as const)
      seen.push((await app.inject({ method, url: '/', headers: as('reader') })).statusCode)
    assert.deepEqual(seen, [200, 200, 429, 429])
  })

  test('AZ-02: a rule that another plugin gives to a route afterwards is not taken for none', async () => {
    const app = fastify()
    await app.register(guard(gateFor()))
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, gate: { roles: ['admin'] } }
    })
    app.get('/', () => 'open')
    assert.equal(await ask(app, { url: '/', headers: as('reader') }), '500 internal_error')
  })

  test('AZ-02: allow is a rule for all of a context, what nobody serves included', async () => {
    const gate = gateFor()
    const app = fastify()
    await app.register(guard(gate))
    await app.register(
      (admin, _options, done) => {
        admin.addHook('onRequest', allow(gate, { roles: ['admin'] }))
        admin.setNotFoundHandler((_request, reply) => reply.code(404).send('my own'))
        admin.get('/users', (request) => passOf(gate, request).principal.subject)
        done()
      },
      { prefix: '/admin' },
    )
    for (const url of ['/admin/users', '/admin/missing'])
      assert.equal(await ask(app, { url, headers: as('reader') }), '403 access_denied')
    assert.equal(await ask(app, { url: '/admin/users', headers: as('admin') }), '200 admin')
    assert.equal(await ask(app, { url: '/admin/missing', headers: as('admin') }), '404 my own')
  })

  test('AZ-01: allow without a guard refuses', async () => {
    const app = fastify()
    app.get('/', { onRequest: allow(gateFor(), { roles: ['admin'] }) }, () => 'open')
    assert.equal(await ask(app, { url: '/', headers: as('admin') }), '500 internal_error')
  })

  test('AZ-06: the routes of the app are those that gate.coverage asks about', async () => {
    const gate = gateFor({
      routes: { 'GET /orders/:id': { roles: ['admin'] }, '/files/*': { roles: ['admin'] } },
    })
    const app = fastify()
    const plugin = guard(gate)
    await app.register(plugin)
    app.get('/orders/:id(^[^/]+$)', () => 'order')
    app.get('/files/*', () => 'file')
    await app.register((routes, _options, done) => {
      routes.post('/orders', () => 'made')
      done()
    })
    await app.ready()
    assert.deepEqual(gate.coverage(plugin.routes), {
      routes: [
        { route: 'GET /orders/:id', rule: 'GET /orders/:id', own: true },
        { route: 'HEAD /orders/:id', rule: 'GET /orders/:id', own: true },
        { route: 'GET /files/*', rule: '/files/*', own: true },
        { route: 'HEAD /files/*', rule: '/files/*', own: true },
        { route: 'POST /orders', rule: 'default', own: false },
      ],
      unruled: ['POST /orders'],
    })
  })
})

describe("the framework's own ways", () => {
  test('ERR-01: what is refused meets no other hook, and the hooks at the end hear of it once', async () => {
    const app = fastify()
    const heard: string[] = []
    await app.register(guard(gateFor()))
    app.addHook('onRequest', (_request, _reply, done) => done(void heard.push('onRequest')))
    app.addHook('onSend', (_request, _reply, _payload, done) => done(null, void heard.push('onSend')))
    app.addHook('onResponse', (_request, reply, done) => done(void heard.push(String(reply.statusCode))))
    app.get('/', () => 'data')
    assert.equal(await ask(app, { url: '/' }), '401 authentication_required')
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(heard, ['401'])
  })

  test('ERR-01: a schema that content does not meet is a 400 that says nothing', async () => {
    const app = fastify()
    await app.register(guard(gateFor()))
    const schema = { body: { type: 'object', required: ['secretName'] } }
    app.post('/', { schema }, () => 'made')
    const { statusCode, body, headers } = await app.inject({
      method: 'POST',
      url: '/',
      headers: as('reader'),
      payload: { a: 1 },
    })
    assert.deepEqual([statusCode, headers['content-type']], [400, 'application/problem+json'])
    assert.doesNotMatch(body, /secretName/)
  })

  test('ERR-01: an error handler of a context answers its own, and what it throws comes to the gate', async () => {
    const app = fastify()
    await app.register(guard(gateFor()))
    await app.register((routes, _options, done) => {
      routes.setErrorHandler((error: Error, _request, reply) => {
        if (error.message === 'mine') return reply.code(409).send('my own')
        throw error
      })
      routes.get('/mine', () => Promise.reject(new Error('mine')))
      routes.get('/other', () => Promise.reject(new Error('secret detail')))
      done()
    })
    const mine = await app.inject({ url: '/mine', headers: as('reader') })
    assert.deepEqual([mine.statusCode, mine.body], [409, 'my own'])
    assert.equal(mine.headers['x-content-type-options'], 'nosniff')
    assert.equal(await ask(app, { url: '/other', headers: as('reader') }), '500 internal_error')
  })

  test('ERR-01: errors are logged, and those of the client are no errors of the server', async () => {
    const lines: { readonly level: number; readonly err?: { readonly message: string } }[] = []
    const stream = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) }
    const app = fastify({ logger: { stream } })
    await app.register(guard(gateFor()))
    app.get('/', () => Promise.reject(new Error('a detail')))
    app.get('/client', () => Promise.reject(Object.assign(new Error('a mistake'), { statusCode: 409 })))
    assert.equal(await ask(app, { url: '/', headers: as('reader') }), '500 internal_error')
    assert.equal(await ask(app, { url: '/client', headers: as('reader') }), '409 rejected')
    const told = lines.filter(({ err }) => err !== undefined).map(({ level, err }) => [level, err?.message])
    assert.deepEqual(told, [
      [50, 'a detail'],
      [30, 'a mistake'],
    ])
  })

  for (const [what, url] of [
    ['a path that cannot be decoded', '/%zz'],
    ['a parameter that is too long', `/p/${'a'.repeat(200)}`],
  ] as const) {
    test(`ERR-01: ${what} is answered by the gate, and only after its policy`, async () => {
      const gate = gateFor()
      const app = fastify({ frameworkErrors: fallback(gate) })
      await app.register(guard(gate))
      app.get('/p/:p', () => 'data')
      const nobody = await app.inject({ url })
      const somebody = await app.inject({ url, headers: as('reader') })
      assert.equal(nobody.statusCode, url === '/%zz' ? 400 : 401)
      assert.equal(somebody.statusCode, url === '/%zz' ? 400 : 414)
      for (const { headers } of [nobody, somebody])
        assert.equal(headers['content-type'], 'application/problem+json')
    })
  }
})
