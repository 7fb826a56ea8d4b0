import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { BODY, CORS, EXPOSED, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { serve } from './serve.ts'
import { readSetup } from './setup.ts'

/*
 * The plugins of Fastify. In its favour: it checks no host, tells no events, logs nothing. The plugin of limits counts
 * a request once, so the limit of callers is its own `createRateLimit`, which writes no fields. With `cache` as its
 * second word it remembers verified tokens, as @fastify/jwt does when it is told to.
 */

const setup = readSetup()
const [, , , word] = process.argv
const limits = { max: setup.limit, timeWindow: setup.seconds * 1000 }

const app = fastify()
await app.register(helmet)
await app.register(cors, {
  origin: [...ORIGINS],
  methods: [...CORS.methods],
  allowedHeaders: [...CORS.headers],
  exposedHeaders: [...EXPOSED],
  maxAge: CORS.maxAgeSeconds,
})
await app.register(rateLimit, { ...limits, enableDraftSpec: true })
await app.register(jwt, {
  // @fastify/jwt takes no KeyObject; it reads a text once, and keeps the key.
  secret: setup.algorithm === 'HS256' ? setup.key : { private: '', public: setup.key },
  verify: {
    algorithms: [setup.algorithm],
    allowedIss: TOKEN.issuer,
    allowedAud: TOKEN.audience,
    ...(word === 'cache' && { cache: 10_000 }),
  },
})
const limitCaller = app.createRateLimit({
  ...limits,
  keyGenerator: ({ user }) => (user as Claims).sub,
})
app.get(PATH, { onRequest: [authenticate, countCaller, requireScope] }, (_request, reply) =>
  reply.type('application/json').send(BODY),
)
await app.ready()

serve(app.server)

interface Claims {
  readonly sub: string
  readonly scope?: string
}

async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    await request.jwtVerify()
  } catch {
    await reply.code(401).header('WWW-Authenticate', 'Bearer').send({ error: 'invalid_token' })
  }
}

async function countCaller(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const told = await limitCaller(request)
  if (!told.isAllowed && told.isExceeded) await reply.code(429).send({ error: 'too_many_requests' })
}

async function requireScope({ user }: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { scope = '' } = user as Claims
  if (!scope.split(' ').includes(SCOPE)) await reply.code(403).send({ error: 'insufficient_scope' })
}
