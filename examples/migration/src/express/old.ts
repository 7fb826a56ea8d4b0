import { createServer, type Server } from 'node:http'
import cors from 'cors'
import express, { type NextFunction, type Request, type Response } from 'express'
import { expressjwt, type Request as JwtRequest, UnauthorizedError } from 'express-jwt'
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
  expressjwt({
    secret: process.env['TOKEN_SECRET'] ?? '',
    algorithms: ['HS256'],
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
  }),
)
app.get('/data', requireScope('data:read'), (req: JwtRequest, res: Response) => {
  res.json({ data: 'Secure data', for: req.auth?.sub })
})
app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
  if (error instanceof UnauthorizedError) res.status(401).json({ error: error.code })
  else next(error)
})

export const server: Server = createServer(app)

function requireScope(scope: string) {
  return (req: JwtRequest, res: Response, next: NextFunction): void => {
    const granted: unknown = req.auth?.['scope']
    if (typeof granted === 'string' && granted.split(' ').includes(scope)) next()
    else res.status(403).json({ error: 'insufficient_scope' })
  }
}
