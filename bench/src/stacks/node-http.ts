import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import cors from 'cors'
import type { Request, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import { jwtVerify } from 'jose'
import { BODY, CORS, EXPOSED, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { serve } from './serve.ts'
import { keyOf, readSetup } from './setup.ts'

/*
 * node:http with the packages that need no framework, one after the other. In its favour: it checks no host, tells no
 * events, and has no router. express-rate-limit is written for Express: it is told what it would read there, and
 * writes the fields of an older draft, since for the newest it asks for `res.append`.
 */

type Middleware = (req: Request, res: Response, next: (error?: unknown) => void) => unknown

interface Called extends IncomingMessage {
  subject?: string
}

const setup = readSetup()
const key = keyOf(setup)
const TOO_MANY = '{"error":"too_many_requests"}'
const limits = {
  limit: setup.limit,
  windowMs: setup.seconds * 1000,
  standardHeaders: 'draft-7',
  legacyHeaders: false,
  validate: false,
  handler: (_req: Request, res: ServerResponse) => answer(res, 429, TOO_MANY),
} as const
const asked = { issuer: TOKEN.issuer, audience: TOKEN.audience, algorithms: [setup.algorithm] }

const before: readonly Middleware[] = [
  helmet(),
  cors({
    origin: [...ORIGINS],
    methods: [...CORS.methods],
    allowedHeaders: [...CORS.headers],
    exposedHeaders: [...EXPOSED],
    maxAge: CORS.maxAgeSeconds,
  }),
  rateLimit({ ...limits, keyGenerator: ({ socket }) => socket.remoteAddress ?? '' }),
]
const limitCaller: Middleware = rateLimit({
  ...limits,
  keyGenerator: (req) => (req as Called).subject ?? '',
})

serve(
  createServer((req, res) => {
    run(before, req, res, () => void authenticate(req, res))
  }),
)

function run(
  [first, ...others]: readonly Middleware[],
  req: IncomingMessage,
  res: ServerResponse,
  done: () => void,
): void {
  if (first === undefined) return done()
  first(req as Request, res as Response, (error) => {
    if (error === undefined) run(others, req, res, done)
    else answer(res, 500, '{"error":"internal"}')
  })
}

async function authenticate(req: Called, res: ServerResponse): Promise<void> {
  const [, token = ''] = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '') ?? []
  const scope = await jwtVerify(token, key, asked).then(
    ({ payload }) => {
      if (payload.sub !== undefined) req.subject = payload.sub
      return typeof payload['scope'] === 'string' ? payload['scope'] : ''
    },
    () => undefined,
  )
  if (scope === undefined) {
    res.setHeader('WWW-Authenticate', 'Bearer')
    return answer(res, 401, '{"error":"invalid_token"}')
  }
  run([limitCaller], req, res, () => {
    if (req.method !== 'GET' || req.url !== PATH) answer(res, 404, '{"error":"not_found"}')
    else if (scope.split(' ').includes(SCOPE)) answer(res, 200, BODY)
    else answer(res, 403, '{"error":"insufficient_scope"}')
  })
}

function answer(res: ServerResponse, status: number, body: string): void {
  res.statusCode = status
  res.setHeader('Content-Type', 'application/json')
  res.end(body)
}
