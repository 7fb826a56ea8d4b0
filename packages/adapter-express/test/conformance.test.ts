import express5 from 'express'
import express4 from 'express4'
import { Readable } from 'node:stream'
import { adapterConformance, type Mount, StatusError } from '@gatehouse/testkit'
import { allow, fallback, guard, passOf } from '../src/index.ts'

/** The routes of the conformance cases, as an Express app has them. */
const on =
  (express: typeof express5): Mount =>
  (gate) => {
    const app = express()
    app.use(guard(gate))
    for (const path of ['/open', '/limited', '/admin/x', '/forgotten']) {
      app.get(path, (_req, res) => void res.json({ ok: true }))
    }
    app.get('/secure', (req, res) => void res.json({ for: passOf(gate, req).principal.subject }))
    app.get('/route-rule', allow(gate, { scopes: ['data:read'] }), (_req, res) => void res.json({ ok: true }))
    app.get('/throws', (_req, res) => {
      res.setHeader('X-Leak', 'yes')
      throw new Error('secret detail')
    })
    app.get('/throws-401', () => {
      throw new StatusError(401, 'secret detail')
    })
    app.get('/rejects', (_req, _res, next) => {
      Promise.reject(new Error('secret detail')).catch(next)
    })
    app.get('/teapot', () => {
      throw new StatusError(418, 'secret detail')
    })
    app.get('/write-head', (_req, res) => {
      res.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
      res.end('made')
    })
    app.get('/empty', (_req, res) => void res.status(204).end())
    app.get('/unchanged', (_req, res) => void res.status(304).end())
    app.get('/stream', (_req, res) => void Readable.from(['a', 'b', 'c']).pipe(res))
    app.get('/late', () => undefined)
    app.post('/noted', (req, res) => void res.json({ content: req.body as unknown }))
    app.post('/keyed', express.json(), (_req, res) => void res.json({ ok: true }))
    app.use(fallback(gate))
    return app
  }

adapterConformance({ name: 'Express 5', mount: on(express5) })
adapterConformance({ name: 'Express 4', mount: on(express4 as unknown as typeof express5) })
