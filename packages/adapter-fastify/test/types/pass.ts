// Compiled, never run: what a route of Fastify knows of its caller, and what its rule is told.
import fastify from 'fastify'
import { basic, type BasicPrincipal, gatehouse, type Pass } from '@gatehouse/core'
import { assertType, type Equals } from '../../../core/test/support/types.ts'
import { allow, fallback, guard, passOf } from '../../src/index.ts'

const gate = gatehouse({
  hosts: ['api.example.com'],
  authenticate: basic({ verify: (user) => ({ subject: user }) }),
})
const app = fastify({ frameworkErrors: fallback(gate) })
await app.register(guard(gate))
app.get<{ Params: { id: string } }>('/users/:id', { config: { gate: { scopes: ['a'] } } }, (request) => {
  const pass = passOf(gate, request)
  assertType<Equals<typeof pass, Pass<BasicPrincipal>>>()
  // What Fastify says of the route is as it was.
  assertType<Equals<typeof request.params, { id: string }>>()
  // @ts-expect-error: there is no such member
  return pass.principal.none
})
// Fastify infers the rest of `config` from what is written, so an option that there is not is told when the route is made.
// @ts-expect-error: scopes are a list
app.get('/wrong', { config: { gate: { scopes: 'a' } } }, () => 'ok')
// @ts-expect-error: not an option of a rule
allow(gate, { scope: ['a'] })

// Of a server over HTTP/2, too, whose requests have another type.
const secure = fastify({ http2: true, https: { allowHTTP1: true }, frameworkErrors: fallback(gate) })
await secure.register(guard(gate))
secure.addHook('onRequest', allow(gate, { when: ({ username }) => username === 'alice' }))
secure.get('/', (request) => {
  const { principal } = passOf(gate, request)
  assertType<Equals<typeof principal, BasicPrincipal>>()
  return principal.username
})

// @ts-expect-error: the caller has no such member
allow(gate, { when: (principal) => principal.none === true })
