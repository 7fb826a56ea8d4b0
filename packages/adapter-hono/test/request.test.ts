import { Hono } from 'hono'
import { methodOverride } from 'hono/method-override'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { basic, type BasicPrincipal, gatehouse, type SecurityEvent } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { listenerOf, type Served } from './app.ts'
import { allow, fallback, type GateEnv, guard } from '../src/index.ts'

const CALLER = ['Authorization', `Basic ${Buffer.from('alice:secret').toString('base64')}`]
const FORM = ['Content-Type', 'application/x-www-form-urlencoded']

const open: Running[] = []
const told: SecurityEvent[] = []
beforeEach(() => void (told.length = 0))
after(async () => {
  for (const each of open) await each.close()
})

function gateOf() {
  return gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    authenticate: basic({ verify: (user) => ({ subject: user }) }),
    observe: (event) => told.push(event),
    request: { methodOverride: ['DELETE'] },
    routes: {
      'POST /notes': { public: 'a test' },
      'PUT /notes': { roles: ['admin'] },
      'DELETE /notes': { public: 'a test' },
      '/admin/*': { roles: ['admin'] },
      'GET /items/:id/edit': { roles: ['admin'] },
      'GET /v1/admin/x': { public: 'a test' },
      '/inner/*': { public: 'a test' },
    },
  })
}
type OurGate = ReturnType<typeof gateOf>

async function serve(app: Served, gate?: OurGate): Promise<Running> {
  const listener = listenerOf(app)
  const running = await start(gate === undefined ? listener : gate.handler(listener))
  open.push(running)
  return running
}

describe('what the app routes is what the gate judged', () => {
  function appOf(gate: OurGate): Hono<GateEnv<OurGate>> {
    const app = new Hono<GateEnv<OurGate>>()
    app.use(guard(gate))
    app.use('/notes', methodOverride({ app }))
    for (const method of ['post', 'put', 'delete'] as const)
      app[method]('/notes', (c) => c.json([method, c.req.method, c.var.pass.method, c.var.pass.rule]))
    app.get('/admin/x', (c) => c.text('reached'))
    app.get('/v1/*', (c) => app.fetch(new Request(c.req.url.replace('/v1', ''), c.req.raw), c.env))
    app.get('/self', (c) => app.request('/admin/x', {}, c.env))
    fallback(gate, app)
    return app
  }
  let inFront: Running
  let alone: Running
  before(async () => {
    const gate = gateOf()
    inFront = await serve(appOf(gate), gate)
    alone = await serve(appOf(gate))
  })

  test('REQ-07: in front of node-server, Hono takes the route of the method that the rules saw', async () => {
    const fields = ['X-HTTP-Method-Override', 'DELETE']
    const { body } = await inFront.send({ method: 'POST', path: '/notes', fields })
    assert.equal(body, '["delete","DELETE","DELETE","DELETE /notes"]')
    const plain = await inFront.send({ method: 'POST', path: '/notes' })
    assert.equal(plain.body, '["post","POST","POST","POST /notes"]')
  })

  test('REQ-07: behind it, Hono has taken a route already: the request fails', async () => {
    const fields = ['X-HTTP-Method-Override', 'DELETE']
    const { status, body } = await alone.send({ method: 'POST', path: '/notes', fields })
    assert.equal(status, 500, body)
    assert.match(String(told.at(-1)?.error), /another request than the one the gate judged/)
  })

  test('REQ-07: a pass for POST is good for no other method that Hono takes from a form', async () => {
    for (const server of [inFront, alone]) {
      for (const method of ['PUT', 'put', 'DELETE', 'GET']) {
        const sent = { method: 'POST', path: '/notes', fields: FORM, body: `_method=${method}` }
        const { status, body } = await server.send(sent)
        assert.equal(status, 500, body)
        assert.match(body, /"code":"internal_error"/)
      }
      const plain = await server.send({ method: 'POST', path: '/notes', fields: FORM, body: 'a=1' })
      assert.equal(plain.status, 200, plain.body)
    }
  })

  test('REQ-04: a pass for one path is good for no other that the app sends itself', async () => {
    for (const path of ['/v1/admin/x', '/self']) {
      const { status, body } = await inFront.send({ path, fields: CALLER })
      assert.equal(status, 500, body)
      assert.doesNotMatch(body, /reached/)
    }
  })
})

describe('spellings', () => {
  /** Ways to write a path that a router could take for it. */
  function* spellings(path: string): Generator<string> {
    const pieces = [
      '/',
      '//',
      '/.',
      '/./',
      '/..',
      '%2f',
      '%2e',
      '%00',
      '%20',
      '%25',
      '%',
      '%zz',
      ';a=b',
      '?',
      '%3f',
      '#',
    ]
    for (let i = 1; i <= path.length; i++) {
      for (const piece of pieces) yield path.slice(0, i) + piece + path.slice(i)
      const code = path.charCodeAt(i).toString(16)
      if (i === path.length) continue
      for (const coded of [`%${code}`, `%25${code}`, `%${code.toUpperCase()}`, (path[i] ?? '').toUpperCase()])
        yield path.slice(0, i) + coded + path.slice(i + 1)
    }
  }

  for (const strict of [true, false]) {
    test(`REQ-04: no spelling of a path that Hono takes gets by its rule (strict: ${strict})`, async () => {
      const gate = gateOf()
      const server = await serve(routed(guard(gate)))
      const bare = await serve(routed())
      let taken = 0
      for (const path of ['/admin', '/admin/x', '/items/1/edit']) {
        const written = [...spellings(path)]
        const answers = await Promise.all(
          written.map(async (spelling) => {
            const line = `GET ${spelling} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`
            const [judged, plain] = await Promise.all([
              server.raw(`${line}${CALLER.join(': ')}\r\n\r\n`),
              bare.raw(`${line}\r\n`),
            ])
            return { spelling, judged, plain }
          }),
        )
        for (const { spelling, judged, plain } of answers) {
          if (plain.endsWith('reached')) taken++
          assert.doesNotMatch(judged, /reached/, spelling)
        }
      }
      // Without the gate Hono takes many of them.
      assert.ok(taken > 50, String(taken))
      function routed(first?: ReturnType<typeof guard<BasicPrincipal>>): Hono {
        const app = new Hono({ strict })
        if (first !== undefined) app.use(first)
        for (const path of ['/admin', '/admin/*', '/items/:id/edit']) app.get(path, (c) => c.text('reached'))
        return app
      }
    })
  }

  test('REQ-04: base paths, routes of another app and mounted apps are judged by the path that came in', async () => {
    const gate = gateOf()
    const inner = new Hono<GateEnv<OurGate>>()
    inner.use(guard(gate))
    inner.get('/x', (c) => c.text(`${c.req.path} ${c.var.pass.path} ${c.var.pass.rule}`))
    inner.get('/refused', allow(gate, { roles: ['admin'] }), (c) => c.text('reached'))
    const sub = new Hono<GateEnv<OurGate>>()
    sub.get('/x', (c) => c.text('reached'))
    const app = new Hono<GateEnv<OurGate>>()
    app.use(guard(gate))
    app.mount('/inner', inner.fetch)
    app.route('/admin', sub)
    app.basePath('/items/:id').get('/edit', (c) => c.text('reached'))
    fallback(gate, inner)
    fallback(gate, app)
    const server = await serve(app, gate)
    assert.equal((await server.send({ path: '/inner/x' })).body, '/x /inner/x /inner/*')
    assert.equal((await server.send({ path: '/inner/refused' })).status, 401)
    assert.equal((await server.send({ path: '/inner/none' })).status, 404)
    for (const path of ['/admin/x', '/items/1/edit', '/inner/refused'])
      assert.equal(
        (await server.send({ path, fields: CALLER })).status,
        path === '/inner/refused' ? 401 : 403,
        path,
      )
  })
})

test('PRX-11: an app is told nothing that a client made up', async () => {
  const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })
  const app = new Hono<GateEnv<typeof gate>>()
  app.use(guard(gate))
  app.get('/', (c) => {
    const names = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Remote-User', 'X-Own']
    return c.json([names.map((name) => c.req.header(name) ?? ''), Object.keys(c.req.header()).join()])
  })
  const server = await start(listenerOf(app))
  open.push(server)
  const fields = [
    'X-Forwarded-For',
    '203.0.113.7',
    'X-Forwarded-Proto',
    'https',
    'X-Forwarded-Host',
    'evil.example',
  ]
  const { body } = await server.send({ fields: [...fields, 'Remote-User', 'root', 'X-Own', 'yes'] })
  assert.equal(body, '[["","","","","yes"],"connection,host,x-own"]')
})
