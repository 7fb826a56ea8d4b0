import { getRequestListener, serve } from '@hono/node-server'
import { Hono } from 'hono'
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { basic, gatehouse } from '@gatehouse/core'
import { allow, fallback, type GateEnv, guard, passOf } from '../src/index.ts'

const gate = gatehouse({
  dangerouslyAnyHost: true,
  https: 'dangerouslyAllowHttp',
  authenticate: basic({ verify: (user) => ({ subject: user }) }),
})

test('DEP-02: handlers of Hono know the caller of the policy by its type', () => {
  // Said of the app.
  interface Own {
    Bindings: GateEnv<typeof gate>['Bindings'] & { readonly region: string }
    Variables: GateEnv<typeof gate>['Variables'] & { trace: string }
  }
  const said = new Hono<Own>()
  said.use(guard(gate))
  said.get('/', allow(gate, { scopes: ['a'] }), (c) => {
    const incoming: IncomingMessage = c.env.incoming
    const username: string = c.var.pass.principal.username
    // @ts-expect-error -- there is no such member
    const none: unknown = c.get('pass').principal.none
    c.set('trace', c.env.region)
    return c.json([incoming.url, username, none])
  })
  // Learned from the middlewares, of an app of which nothing was said.
  const learned = new Hono().use(guard(gate)).get('/', (c) => c.text(c.var.pass.principal.username))
  learned.get('/of-the-rule', allow(gate, { scopes: ['a'] }), (c) => c.text(c.get('pass').principal.username))
  const unsaid = new Hono()
  unsaid.use(guard(gate))
  unsaid.get('/of-the-rule', allow(gate, { scopes: ['a'] }), (c) => c.text(c.var.pass.principal.username))
  // @ts-expect-error -- nobody told this route of the pass
  unsaid.get('/unknown', (c) => c.text(c.var.pass.principal.username))
  unsaid.get('/asked', (c) => c.text(passOf(gate, c).principal.username))
  for (const app of [said, learned, unsaid]) fallback(gate, app)

  assert.equal(typeof gate.handler(getRequestListener(said.fetch)), 'function')
  const served = (): unknown => serve({ fetch: said.fetch })
  assert.equal(typeof served, 'function')
})
