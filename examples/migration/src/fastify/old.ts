import type { Server } from 'node:http'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'

const app = fastify({ trustProxy: 'loopback' }) // the load balancer that ends TLS
await app.register(helmet)
await app.register(cors, { origin: ['https://app.example.com'], maxAge: 600 })
await app.register(rateLimit, { max: 20, timeWindow: '1 hour' })
await app.register(jwt, {
  secret: process.env['TOKEN_SECRET'] ?? '',
  verify: {
    algorithms: ['HS256'],
    allowedIss: 'https://id.example.com',
    allowedAud: 'https://api.example.com',
  },
})

app.get('/health', () => ({ status: 'ok' }))
app.get('/data', { onRequest: [authenticate, requireScope('data:read')] }, (request) => ({
  data: 'Secure data',
  for: (request.user as { readonly sub: string }).sub,
}))

await app.ready()
export const server: Server = app.server

async function authenticate(request: FastifyRequest): Promise<void> {
  await request.jwtVerify()
}

function requireScope(scope: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { scope: granted } = request.user as { readonly scope?: unknown }
    if (typeof granted === 'string' && granted.split(' ').includes(scope)) return
    await reply.code(403).send({ error: 'insufficient_scope' })
  }
}
