import { createServer, type Server } from 'node:http'
import { allow, guard, passOf } from '@gatehouse/adapter-koa'
import { gatehouse, jwt } from '@gatehouse/core'
import Router from '@koa/router'
import Koa from 'koa'

const gate = gatehouse({
  hosts: ['api.example.com'],
  proxy: { trustedRanges: ['loopback'] }, // the load balancer that ends TLS
  cors: { origins: ['https://app.example.com'] },
  rateLimit: { limit: 20, window: '1h' },
  authenticate: jwt({
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    keys: { alg: 'HS256', key: process.env['TOKEN_SECRET'] ?? '' },
  }),
  routes: { 'GET /health': { public: 'load balancers ask it' } },
})

const router = new Router()
router.get('/health', (ctx) => {
  ctx.body = { status: 'ok' }
})
router.get('/data', allow(gate, { scopes: ['data:read'] }), (ctx) => {
  ctx.body = { data: 'Secure data', for: passOf(gate, ctx).principal.subject }
})

const app = new Koa()
app.use(guard(gate))
app.use(router.routes())
const handle = app.callback()

export const server: Server = gate.attach(createServer((req, res) => void handle(req, res)))
