// Compiled, never run: what a route of Hono knows of its caller, and what its rule is told.
import { getRequestListener, serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { IncomingMessage } from 'node:http'
import { basic, type BasicPrincipal, gatehouse, type Pass } from '@gatehouse/core'
import { assertType, type Equals } from '../../../core/test/support/types.ts'
import { allow, fallback, type GateEnv, guard, passOf } from '../../src/index.ts'

const gate = gatehouse({
  hosts: ['api.example.com'],
  authenticate: basic({ verify: (user) => ({ subject: user }) }),
})

// Said of the app.
interface Own {
  Bindings: GateEnv<typeof gate>['Bindings'] & { readonly region: string }
  Variables: GateEnv<typeof gate>['Variables'] & { trace: string }
}
const said = new Hono<Own>()
said.use(guard(gate))
said.get('/users/:id', allow(gate, { when: ({ username }) => username === 'alice' }), (c) => {
  const { pass } = c.var
  assertType<Equals<typeof pass, Pass<BasicPrincipal>>>()
  assertType<Equals<typeof c.env.incoming, IncomingMessage>>()
  // What Hono says of the route is as it was.
  const id: string = c.req.param('id')
  // @ts-expect-error: there is no such member
  const none: unknown = c.get('pass').principal.none
  c.set('trace', c.env.region)
  return c.json([id, pass.principal.username, none])
})

// Learned from the middlewares, of an app of which nothing was said.
const learned = new Hono().use(guard(gate)).get('/', (c) => c.text(c.var.pass.principal.username))
learned.get('/of-the-rule', allow(gate, { scopes: ['a'] }), (c) => c.text(c.get('pass').principal.username))
const unsaid = new Hono()
unsaid.use(guard(gate))
unsaid.get('/of-the-rule', allow(gate, { scopes: ['a'] }), (c) => c.text(c.var.pass.principal.username))
// @ts-expect-error: nobody told this route of the pass
unsaid.get('/unknown', (c) => c.text(c.var.pass.principal.username))
unsaid.get('/asked', (c) => c.text(passOf(gate, c).principal.username))

for (const app of [said, learned, unsaid]) fallback(gate, app)
gate.handler(getRequestListener(said.fetch))
serve({ fetch: said.fetch })

// @ts-expect-error: the caller has no such member
allow(gate, { when: (principal) => principal.none === true })
// @ts-expect-error: not an option of a rule
allow(gate, { scope: ['data:read'] })
