import { createServer, type Server } from 'node:http'
import { allow, fallback, guard, passOf, serverOptions } from '@gatehouse/adapter-express'
import { gatehouse, jwt } from '@gatehouse/core'
import express from 'express'

const gate = gatehouse({
  hosts: ['api.example.com'],
  proxy: { trustedRanges: ['loopback'] }, // the load balancer that ends TLS
  cors: { origins: ['https://app.example.com'] },
  rateLimit: { limit: 20, window: '1h' },
  authenticate: jwt({
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    keys: { alg: 'HS256', key: process.env['TOKEN_SECRET'] ?? '' },
  }),
  routes: { 'GET /health': { public: 'load balancers ask it' } },
})

const app = express()
app.use(guard(gate))
app.get('/health', (_req, res) => {
  res.json({ status: 'ok' })
})
app.get('/data', allow(gate, { scopes: ['data:read'] }), (req, res) => {
  res.json({ data: 'Secure data', for: passOf(gate, req).principal.subject })
})
app.use(fallback(gate))

export const server: Server = gate.attach(createServer(serverOptions(app), app))
