import { createServer } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { rateLimiter } from 'hono-rate-limiter'
import { cors } from 'hono/cors'
import { jwt, type JwtVariables } from 'hono/jwt'
import { secureHeaders } from 'hono/secure-headers'
import { BODY, CORS, EXPOSED, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { serve } from './serve.ts'
import { readSetup } from './setup.ts'

/*
 * Hono's own middleware on @hono/node-server. In its favour: it checks no host and tells no events. Its jwt verifies with
 * WebCrypto, and imports a key given as text in every request; it takes a CryptoKey, so it is given one.
 */

interface Env {
  readonly Bindings: HttpBindings
  readonly Variables: JwtVariables<{ readonly sub: string; readonly scope?: string }>
}

const setup = readSetup()
const limits = { windowMs: setup.seconds * 1000, limit: setup.limit, standardHeaders: 'draft-7' } as const

const app = new Hono<Env>()
app.use(secureHeaders())
app.use(
  cors({
    origin: [...ORIGINS],
    allowMethods: [...CORS.methods],
    allowHeaders: [...CORS.headers],
    exposeHeaders: [...EXPOSED],
    maxAge: CORS.maxAgeSeconds,
  }),
)
app.use(rateLimiter<Env>({ ...limits, keyGenerator: ({ env }) => env.incoming.socket.remoteAddress ?? '' }))
app.use(
  jwt({
    secret: await cryptoKey(),
    alg: setup.algorithm,
    verification: { iss: TOKEN.issuer, aud: TOKEN.audience },
  }),
)
app.use(rateLimiter<Env>({ ...limits, keyGenerator: (c) => c.get('jwtPayload').sub }))
app.get(PATH, (c) => {
  const { scope = '' } = c.get('jwtPayload')
  if (!scope.split(' ').includes(SCOPE)) return c.json({ error: 'insufficient_scope' }, 403)
  return c.body(BODY, 200, { 'Content-Type': 'application/json' })
})

const listener = getRequestListener(app.fetch)
serve(createServer((req, res) => void listener(req, res)))

function cryptoKey(): Promise<CryptoKey> {
  const { algorithm, key } = setup
  const { subtle } = globalThis.crypto
  const hash = 'SHA-256'
  if (algorithm === 'HS256')
    return subtle.importKey('raw', Buffer.from(key), { name: 'HMAC', hash }, false, ['verify'])
  const der = Buffer.from(key.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const how = algorithm === 'RS256' ? { name: 'RSASSA-PKCS1-v1_5', hash } : { name: 'Ed25519' }
  return subtle.importKey('spki', der, how, false, ['verify'])
}
