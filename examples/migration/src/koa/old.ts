import { createServer, type Server } from 'node:http'
import cors from '@koa/cors'
import Router from '@koa/router'
import Koa, { type Context, type Next } from 'koa'
import helmet from 'koa-helmet'
import jwt from 'koa-jwt'
import ratelimit from 'koa-ratelimit'

const app = new Koa({ proxy: true, maxIpsCount: 1 }) // the load balancer that ends TLS
app.use(helmet())
app.use(
  cors({
    origin: (ctx) => (ctx.get('Origin') === 'https://app.example.com' ? 'https://app.example.com' : ''),
    maxAge: 600,
  }),
)
app.use(ratelimit({ driver: 'memory', db: new Map(), duration: 3_600_000, max: 20, id: (ctx) => ctx.ip }))

const open = new Router()
open.get('/health', (ctx) => {
  ctx.body = { status: 'ok' }
})
app.use(open.routes())
app.use(
  jwt({
    secret: process.env['TOKEN_SECRET'] ?? '',
    algorithms: ['HS256'],
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
  }),
)

const router = new Router()
router.get('/data', requireScope('data:read'), (ctx: Context) => {
  ctx.body = { data: 'Secure data', for: ctx.state['user'].sub }
})
app.use(router.routes())
const handle = app.callback()

export const server: Server = createServer((req, res) => void handle(req, res))

function requireScope(scope: string) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const granted: unknown = ctx.state['user'].scope
    if (typeof granted === 'string' && granted.split(' ').includes(scope)) await next()
    else ctx.throw(403, 'insufficient_scope')
  }
}
