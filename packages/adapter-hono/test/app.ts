import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Gate, JwtPrincipal } from '@gatehouse/core'
import { StatusError } from '@gatehouse/testkit'
import { Hono } from 'hono'
import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { allow, fallback, type GateEnv, guard } from '../src/index.ts'

/** The routes of the conformance cases, as a Hono app has them. */
export function appOf(gate: Gate<JwtPrincipal>): Hono<GateEnv<typeof gate>> {
  const app = new Hono<GateEnv<typeof gate>>()
  app.use(guard(gate))
  for (const path of ['/open', '/limited', '/admin/x', '/forgotten'])
    app.get(path, (c) => c.json({ ok: true }))
  app.get('/secure', (c) => c.json({ for: c.var.pass.principal.subject }))
  app.get('/route-rule', allow(gate, { scopes: ['data:read'] }), (c) => c.json({ ok: true }))
  app.get('/throws', (c) => {
    c.header('X-Leak', 'yes')
    throw new Error('secret detail')
  })
  app.get('/throws-401', () => {
    throw new StatusError(401, 'secret detail')
  })
  app.get('/rejects', () => Promise.reject(new Error('secret detail')))
  app.get('/teapot', () => {
    throw new StatusError(418, 'secret detail')
  })
  app.get('/write-head', (c) => {
    const { outgoing } = c.env
    outgoing.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
    outgoing.end('made')
    return RESPONSE_ALREADY_SENT
  })
  app.get('/empty', (c) => c.body(null, 204))
  app.get('/unchanged', (c) => c.body(null, 304))
  app.get('/stream', (c) => c.body(Readable.toWeb(Readable.from(['a', 'b', 'c'])) as ReadableStream))
  app.get('/late', () => new Promise(() => undefined))
  app.post('/noted', async (c) => c.json({ content: await c.req.json() }))
  app.post('/keyed', (c) => c.json({ ok: true }))
  fallback(gate, app)
  return app
}

/** What node-server serves. */
export interface Served {
  readonly fetch: Parameters<typeof getRequestListener>[0]
}

/** An app as node-server serves it, with nothing in front. */
export function listenerOf({ fetch }: Served): RequestListener {
  const listener = getRequestListener(fetch)
  return (req, res) => void listener(req, res)
}
