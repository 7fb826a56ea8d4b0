import Router from '@koa/router'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { adapterConformance, type Mount, StatusError } from '@gatehouse/testkit'
import { tlsSettings } from '../../core/test/support/certificate.ts'
import { allow, guard, type Middleware, passOf } from '../src/index.ts'

/** The routes of the conformance cases, as a Koa app has them. */
const on =
  (Koa: typeof Koa3): Mount =>
  (gate, witness) => {
    const app = new Koa()
    app.silent = true
    app.use(guard(gate))
    const router = new Router()
    const ran: Middleware = async (ctx, next) => {
      witness.ran(passOf(gate, ctx))
      await next()
    }
    const ok: Middleware = async (ctx) => {
      ctx.body = { ok: true }
    }
    for (const path of ['/open', '/limited', '/admin/x', '/forgotten', '/office', '/partner', '/shed'])
      router.get(path, ran, ok)
    for (const path of ['/open', '/needed', '/keyed']) router.post(path, ran, ok)
    router.get('/secure', ran, (ctx) => {
      ctx.body = { for: passOf(gate, ctx).principal.subject }
    })
    router.get('/route-rule', allow(gate, { scopes: ['data:read'] }), ran, ok)
    router.get('/throws', ran, (ctx) => {
      ctx.set('X-Leak', 'yes')
      throw new Error('secret detail')
    })
    router.get('/throws-401', ran, () => {
      throw new StatusError(401, 'secret detail')
    })
    router.get('/rejects', ran, () => Promise.reject(new Error('secret detail')))
    router.get('/teapot', ran, () => {
      throw new StatusError(418, 'secret detail')
    })
    router.get('/write-head', ran, (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
      ctx.res.end('made')
    })
    router.get('/empty', ran, (ctx) => {
      ctx.status = 204
    })
    router.get('/unchanged', ran, (ctx) => {
      ctx.status = 304
    })
    for (const path of ['/stream', '/stream/broken', '/stream/failed', '/stream/endless'])
      router.get(path, ran, (ctx) => {
        ctx.body = witness.stream(passOf(gate, ctx))
      })
    router.get('/waiting', ran, (ctx) => witness.wait(passOf(gate, ctx)))
    router.get('/late', ran, () => new Promise(() => undefined))
    router.post('/noted', ran, (ctx) => {
      ctx.body = { content: (ctx.request as { readonly body?: unknown }).body }
    })
    app.use(router.routes())
    const listener = app.callback()
    return (req, res) => void listener(req, res)
  }

const tls = await tlsSettings()
for (const [name, Koa, cutsFailed] of [
  // It has destroyed the response by the time it tells of a stream that failed.
  ['Koa 3', Koa3, true],
  ['Koa 2', Koa2 as unknown as typeof Koa3, false],
] as const) {
  adapterConformance({ name, mount: on(Koa), cutsFailed })
  adapterConformance({ name: `${name} over https`, mount: on(Koa), cutsFailed, tls, malformed: false })
  adapterConformance({ name: `${name} over HTTP/2`, mount: on(Koa), cutsFailed, tls, http2: true })
}
