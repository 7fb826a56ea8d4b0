import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Gate, JwtPrincipal } from '@gatehouse/core'
import { StatusError, type Witness } from '@gatehouse/testkit'
import { type Context, Hono } from 'hono'
import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { allow, fallback, type GateEnv, guard } from '../src/index.ts'

/** The routes of the conformance cases, as a Hono app has them. */
export function appOf(gate: Gate<JwtPrincipal>, witness: Witness): Hono<GateEnv<typeof gate>> {
  type App = Context<GateEnv<typeof gate>>
  const app = new Hono<GateEnv<typeof gate>>()
  app.use(guard(gate))
  const ran = async (c: App, next: () => Promise<void>): Promise<void> => {
    witness.ran(c.var.pass)
    await next()
  }
  const ok = (c: App): Response => c.json({ ok: true })
  for (const path of ['/open', '/limited', '/admin/x', '/forgotten', '/office', '/partner', '/shed'])
    app.get(path, ran, ok)
  for (const path of ['/open', '/needed', '/keyed']) app.post(path, ran, ok)
  app.get('/secure', ran, (c) => c.json({ for: c.var.pass.principal.subject }))
  app.get('/route-rule', allow(gate, { scopes: ['data:read'] }), ran, ok)
  app.get('/throws', ran, (c) => {
    c.header('X-Leak', 'yes')
    throw new Error('secret detail')
  })
  app.get('/throws-401', ran, () => {
    throw new StatusError(401, 'secret detail')
  })
  app.get('/rejects', ran, () => Promise.reject(new Error('secret detail')))
  app.get('/teapot', ran, () => {
    throw new StatusError(418, 'secret detail')
  })
  app.get('/write-head', ran, (c) => {
    const { outgoing } = c.env
    outgoing.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
    outgoing.end('made')
    return RESPONSE_ALREADY_SENT
  })
  app.get('/empty', ran, (c) => c.body(null, 204))
  app.get('/unchanged', ran, (c) => c.body(null, 304))
  // Node-server gives what has no type one of its own, but not with HEAD.
  const type = { 'Content-Type': 'application/octet-stream' }
  for (const path of ['/stream', '/stream/broken', '/stream/failed', '/stream/endless'])
    app.get(path, ran, (c) => c.body(Readable.toWeb(witness.stream(c.var.pass)) as ReadableStream, 200, type))
  app.get('/waiting', ran, (c) => witness.wait(c.var.pass))
  app.get('/late', ran, () => new Promise(() => undefined))
  app.post('/noted', ran, async (c) => c.json({ content: await c.req.json() }))
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
