import type { Server } from 'node:http'
import { fallback, guard, passOf } from '@gatehouse/adapter-fastify'
import { gatehouse, jwt } from '@gatehouse/core'
import fastify from 'fastify'

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

const app = fastify({ frameworkErrors: fallback(gate), return503OnClosing: false })
await app.register(guard(gate))

app.get('/health', () => ({ status: 'ok' }))
app.get('/data', { config: { gate: { scopes: ['data:read'] } } }, (request) => ({
  data: 'Secure data',
  for: passOf(gate, request).principal.subject,
}))

gate.attach(app.server.removeAllListeners('clientError'))
await app.ready()
export const server: Server = app.server
