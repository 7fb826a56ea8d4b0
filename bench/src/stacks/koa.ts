import { createServer } from 'node:http'
import cors from '@koa/cors'
import Koa, { type Context } from 'koa'
import helmet from 'koa-helmet'
import jwt from 'koa-jwt'
import rateLimit from 'koa-ratelimit'
import { BODY, CORS, EXPOSED, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { serve } from './serve.ts'
import { keyOf, readSetup } from './setup.ts'

/*
 * The usual middleware of Koa. In its favour: it checks no host, tells no events, has no router, and its key is made
 * beforehand. koa-ratelimit counts in memory in a Map that it is handed, and sweeps it by timers of its own.
 */

const setup = readSetup()
const limits = {
  driver: 'memory',
  db: new Map<string, number>(),
  max: setup.limit,
  duration: setup.seconds * 1000,
} as const

const app = new Koa()
app.silent = true
app.use(helmet())
app.use(
  cors({
    origin: ({ request }) => (ORIGINS.includes(request.get('Origin')) ? request.get('Origin') : ''),
    allowMethods: [...CORS.methods],
    allowHeaders: [...CORS.headers],
    exposeHeaders: [...EXPOSED],
    maxAge: CORS.maxAgeSeconds,
  }),
)
app.use(rateLimit(limits))
app.use(async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof Error) || !('status' in error) || error.status !== 401) throw error
    ctx.status = 401
    ctx.set('WWW-Authenticate', 'Bearer')
    ctx.body = { error: 'invalid_token' }
  }
})
app.use(
  jwt({
    secret: keyOf(setup) as unknown as Buffer,
    algorithms: [setup.algorithm],
    issuer: TOKEN.issuer,
    audience: TOKEN.audience,
  }),
)
app.use(rateLimit({ ...limits, db: new Map<string, number>(), id: ({ state }) => claimsOf(state).sub }))
app.use(handle)

const listener = app.callback()
serve(createServer((req, res) => void listener(req, res)))

interface Claims {
  readonly sub: string
  readonly scope?: string
}

function claimsOf(state: unknown): Claims {
  return (state as { readonly user: Claims }).user
}

function handle(ctx: Context): void {
  if (ctx.path !== PATH) return
  const { scope = '' } = claimsOf(ctx.state)
  if (scope.split(' ').includes(SCOPE)) {
    ctx.type = 'application/json'
    ctx.body = BODY
  } else {
    ctx.status = 403
    ctx.body = { error: 'insufficient_scope' }
  }
}
