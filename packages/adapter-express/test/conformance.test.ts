import { createServer } from 'node:https'
import express5 from 'express'
import express4 from 'express4'
import type { Express, RequestHandler } from 'express'
import { adapterConformance, type Mount, StatusError, type Witness } from '@gatehouse/testkit'
import { tlsSettings } from '../../core/test/support/certificate.ts'
import { allow, fallback, guard, passOf, serverOptions } from '../src/index.ts'

/** The routes of the conformance cases, as an Express app has them. */
const on =
  (express: typeof express5) =>
  (gate: Parameters<Mount>[0], witness: Witness): Express => {
    const app = express()
    const ran: RequestHandler = (req, _res, next) => {
      witness.ran(passOf(gate, req))
      next()
    }
    const ok: RequestHandler = (_req, res) => void res.json({ ok: true })
    app.use(guard(gate))
    for (const path of ['/open', '/limited', '/admin/x', '/forgotten', '/office', '/partner', '/shed'])
      app.get(path, ran, ok)
    for (const path of ['/open', '/needed']) app.post(path, ran, ok)
    app.get('/secure', ran, (req, res) => void res.json({ for: passOf(gate, req).principal.subject }))
    app.get('/route-rule', allow(gate, { scopes: ['data:read'] }), ran, ok)
    app.get('/throws', ran, (_req, res) => {
      res.setHeader('X-Leak', 'yes')
      throw new Error('secret detail')
    })
    app.get('/throws-401', ran, () => {
      throw new StatusError(401, 'secret detail')
    })
    app.get('/rejects', ran, (_req, _res, next) => {
      Promise.reject(new Error('secret detail')).catch(next)
    })
    app.get('/teapot', ran, () => {
      throw new StatusError(418, 'secret detail')
    })
    app.get('/write-head', ran, (_req, res) => {
      res.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
      res.end('made')
    })
    app.get('/empty', ran, (_req, res) => void res.status(204).end())
    app.get('/unchanged', ran, (_req, res) => void res.status(304).end())
    for (const path of ['/stream', '/stream/broken', '/stream/failed', '/stream/endless'])
      app.get(path, ran, (req, res, next) => {
        witness.stream(passOf(gate, req)).on('error', next).pipe(res)
      })
    app.get('/late', ran, () => undefined)
    app.get('/waiting', ran, (req, _res, next) => {
      witness.wait(passOf(gate, req)).catch(next)
    })
    app.post('/noted', ran, (req, res) => void res.json({ content: req.body as unknown }))
    app.post('/keyed', express.json(), ran, ok)
    app.use(fallback(gate))
    return app
  }

const tls = await tlsSettings()
for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
] as const) {
  adapterConformance({ name, mount: on(express) })
  const mount: Mount = (gate, witness) => {
    const app = on(express)(gate, witness)
    return createServer({ ...tls, ...serverOptions(app) }, app)
  }
  adapterConformance({ name: `${name} over https, with its server options`, mount, tls, malformed: false })
}
