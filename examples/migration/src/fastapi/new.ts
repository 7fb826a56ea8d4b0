import { createServer, type Server } from 'node:http'
import { gatehouse, oauth2PasswordBearer } from '@gatehouse/core'

const gate = gatehouse({
  hosts: ['api.example.com'],
  proxy: { trustedRanges: ['loopback'] }, // as uvicorn does
  cors: { origins: ['https://app.example.com'], headers: ['authorization'] },
  rateLimit: { limit: 20, window: '1h' },
  authenticate: oauth2PasswordBearer({
    tokenUrl: '/token',
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    keys: { alg: 'HS256', key: process.env['TOKEN_SECRET'] ?? '' },
  }),
  routes: {
    'GET /health': { public: 'load balancers ask it' },
    'GET /data': { scopes: ['data:read'] },
  },
})

const handler = gate.handler((req, res, pass) => {
  const json = (body: object): unknown =>
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify(body))
  if (pass.rule === 'GET /health') return json({ status: 'ok' })
  if (pass.rule === 'GET /data') return json({ data: 'Secure data', for: pass.principal.subject })
  return gate.notFound(req, res)
})

export const server: Server = gate.attach(createServer(handler))
