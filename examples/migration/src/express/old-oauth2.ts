import { createServer, type Server } from 'node:http'
import cors from 'cors'
import express, { type NextFunction, type Request, type Response } from 'express'
import { auth, requiredScopes, UnauthorizedError } from 'express-oauth2-jwt-bearer'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'

const app = express()
app.set('trust proxy', 'loopback') // the load balancer that ends TLS
app.use(helmet())
app.use(cors({ origin: ['https://app.example.com'], maxAge: 600 }))
app.use(rateLimit({ limit: 20, windowMs: 3_600_000, standardHeaders: 'draft-8', legacyHeaders: false }))

app.get('/health', (_req, res) => {
  res.json({ status: 'ok' })
})
app.use(
  auth({
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    secret: process.env['TOKEN_SECRET'] ?? '',
    tokenSigningAlg: 'HS256',
  }),
)
app.get('/data', requiredScopes('data:read'), (req, res) => {
  res.json({ data: 'Secure data', for: req.auth?.payload.sub })
})
app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
  if (error instanceof UnauthorizedError) {
    res.status(error.status).set(error.headers).json({ error: error.message })
  } else next(error)
})

export const server: Server = createServer(app)
