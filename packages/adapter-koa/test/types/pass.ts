// Compiled, never run: what a route of Koa knows of its caller, and what its rule is told.
import Router from '@koa/router'
import Koa from 'koa'
import { basic, type BasicPrincipal, gatehouse, type Pass } from '@gatehouse/core'
import { assertType, type Equals } from '../../../core/test/support/types.ts'
import { allow, guard, passOf } from '../../src/index.ts'

const gate = gatehouse({
  hosts: ['api.example.com'],
  authenticate: basic({ verify: (user) => ({ subject: user }) }),
})
interface State {
  trace: string
}
const app = new Koa<State>()
app.use(guard(gate))
const router = new Router<State>()
router.get('/users/:id', allow(gate, { when: ({ username }) => username === 'alice' }), (ctx) => {
  const pass = passOf(gate, ctx)
  assertType<Equals<typeof pass, Pass<BasicPrincipal>>>()
  // What Koa says of the context is as it was.
  assertType<Equals<typeof ctx.state.trace, string>>()
  // @ts-expect-error: there is no such member
  ctx.body = pass.principal.none
})
app.use(router.routes())

// @ts-expect-error: the caller has no such member
allow(gate, { when: (principal) => principal.none === true })
// @ts-expect-error: not an option of a rule
allow(gate, { scope: ['data:read'] })
