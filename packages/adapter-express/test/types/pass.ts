// Compiled, never run: what a route of Express knows of its caller, and what its rule is told.
import express from 'express'
import { basic, type BasicPrincipal, gatehouse, type Pass } from '@gatehouse/core'
import { assertType, type Equals } from '../../../core/test/support/types.ts'
import { allow, fallback, guard, passOf } from '../../src/index.ts'

const gate = gatehouse({
  hosts: ['api.example.com'],
  authenticate: basic({ verify: (user) => ({ subject: user }) }),
})
const app = express()
app.use(guard(gate))
app.get('/users/:id', allow(gate, { when: ({ username }) => username === 'alice' }), (req, res) => {
  const pass = passOf(gate, req)
  assertType<Equals<typeof pass, Pass<BasicPrincipal>>>()
  // What Express says of the route is as it was.
  assertType<Equals<typeof req.params, { id: string }>>()
  // @ts-expect-error: there is no such member
  res.json(pass.principal.none)
})
app.use(fallback(gate))

// @ts-expect-error: the caller has no such member
allow(gate, { when: (principal) => principal.none === true })
// @ts-expect-error: not an option of a rule
allow(gate, { scope: ['data:read'] })
