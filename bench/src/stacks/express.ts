import { createServer } from 'node:http'
import cors from 'cors'
import express, { type NextFunction, type Request, type Response } from 'express'
import { expressjwt, type Request as JwtRequest, UnauthorizedError } from 'express-jwt'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import { BODY, CORS, EXPOSED, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { serve } from './serve.ts'
import { keyOf, readSetup } from './setup.ts'

/*
 * The usual packages, put together as their own pages say, in the order of the gate. In its favour: it checks no
 * host, tells no events, sends no ETag (the gate sends none either), and its secret is a key made beforehand.
 */

const setup = readSetup()
const limits = {
  limit: setup.limit,
  windowMs: setup.seconds * 1000,
  standardHeaders: 'draft-8',
  legacyHeaders: false,
} as const

const app = express()
app.disable('etag')
app.use(helmet())
app.use(
  cors({
    origin: [...ORIGINS],
    methods: [...CORS.methods],
    allowedHeaders: [...CORS.headers],
    exposedHeaders: [...EXPOSED],
    maxAge: CORS.maxAgeSeconds,
  }),
)
app.use(rateLimit({ ...limits, identifier: 'client' }))
app.use(
  expressjwt({
    secret: keyOf(setup),
    algorithms: [setup.algorithm as 'HS256' | 'RS256'],
    issuer: TOKEN.issuer,
    audience: TOKEN.audience,
  }),
)
app.use(
  rateLimit({ ...limits, identifier: 'caller', keyGenerator: (req: JwtRequest) => req.auth?.sub ?? '' }),
)
app.get(PATH, requireScope, (_req, res) => {
  res.type('application/json').send(BODY)
})
app.use(answerError)

serve(createServer(app))

function requireScope(req: JwtRequest, res: Response, next: NextFunction): void {
  const scope: unknown = req.auth?.['scope']
  if (typeof scope === 'string' && scope.split(' ').includes(SCOPE)) next()
  else res.status(403).json({ error: 'insufficient_scope' })
}

function answerError(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (!(error instanceof UnauthorizedError)) next(error)
  else res.status(error.status).set('WWW-Authenticate', 'Bearer').json({ error: error.code })
}
