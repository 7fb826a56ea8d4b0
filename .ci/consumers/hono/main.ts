import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { basic, gatehouse } from '@gatehouse/core'
import { allow, fallback, type GateEnv, guard } from '@gatehouse/adapter-hono'

const gate = gatehouse({
  dangerouslyAnyHost: true,
  https: 'dangerouslyAllowHttp',
  authenticate: basic({ verify: (user) => ({ subject: user, scopes: ['data:read'] }) }),
})

// What is shipped says who calls, and knows no other caller.
const app = new Hono<GateEnv<typeof gate>>()
app.use(guard(gate))
app.get('/', allow(gate, { scopes: ['data:read'] }), (c) => {
  // @ts-expect-error -- there is no such member
  const nothing: unknown = c.var.pass.principal.nothing
  return c.json([c.var.pass.principal.username satisfies string, nothing])
})
fallback(gate, app)

const server = createServer(gate.handler(getRequestListener(app.fetch)))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
const headers = { Authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` }
assert.equal((await fetch(url)).status, 401)
assert.equal(await (await fetch(url, { headers })).text(), '["alice",null]')
server.closeAllConnections()
server.close()
