import Router from '@koa/router'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { Readable } from 'node:stream'
import { adapterConformance, type Mount, StatusError } from '@gatehouse/testkit'
import { allow, guard, passOf } from '../src/index.ts'

/** The routes of the conformance cases, as a Koa app has them. */
const on =
  (Koa: typeof Koa3): Mount =>
  (gate) => {
    const app = new Koa()
    app.silent = true
    app.use(guard(gate))
    const router = new Router()
    for (const path of ['/open', '/limited', '/admin/x', '/forgotten']) {
      router.get(path, (ctx) => {
        ctx.body = { ok: true }
      })
    }
    router.get('/secure', (ctx) => {
      ctx.body = { for: passOf(gate, ctx).principal.subject }
    })
    router.get('/route-rule', allow(gate, { scopes: ['data:read'] }), (ctx) => {
      ctx.body = { ok: true }
    })
    router.get('/throws', (ctx) => {
      ctx.set('X-Leak', 'yes')
      throw new Error('secret detail')
    })
    router.get('/throws-401', () => {
      throw new StatusError(401, 'secret detail')
    })
    router.get('/rejects', () => Promise.reject(new Error('secret detail')))
    router.get('/teapot', () => {
      throw new StatusError(418, 'secret detail')
    })
    router.get('/write-head', (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
      ctx.res.end('made')
    })
    router.get('/empty', (ctx) => {
      ctx.status = 204
    })
    router.get('/unchanged', (ctx) => {
      ctx.status = 304
    })
    router.get('/stream', (ctx) => {
      ctx.body = Readable.from(['a', 'b', 'c'])
    })
    router.get('/late', () => new Promise(() => undefined))
    router.post('/noted', (ctx) => {
      ctx.body = { content: (ctx.request as { readonly body?: unknown }).body }
    })
    router.post('/keyed', (ctx) => {
      ctx.body = { ok: true }
    })
    app.use(router.routes())
    const listener = app.callback()
    return (req, res) => void listener(req, res)
  }

adapterConformance({ name: 'Koa 3', mount: on(Koa3) })
adapterConformance({ name: 'Koa 2', mount: on(Koa2 as unknown as typeof Koa3) })
