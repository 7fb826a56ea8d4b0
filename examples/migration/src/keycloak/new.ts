import { createPublicKey } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { allow, fallback, guard, passOf, serverOptions } from '@gatehouse/adapter-express'
import { gatehouse, jwt, keycloak } from '@gatehouse/core'
import express from 'express'

const der = Buffer.from(process.env['REALM_KEY'] ?? '', 'base64')

const gate = gatehouse({
  hosts: ['api.example.com'],
  proxy: { trustedRanges: ['loopback'] }, // the load balancer that ends TLS
  authenticate: jwt({
    ...keycloak({ url: 'https://sso.example.com', realm: 'staff', client: 'orders' }),
    audience: 'orders',
    // Without it, keys are fetched.
    keys: { alg: 'RS256', key: createPublicKey({ key: der, format: 'der', type: 'spki' }) },
  }),
  routes: { 'GET /health': { public: 'load balancers ask it' } },
})

const app = express()
app.use(guard(gate))
app.get('/health', (_req, res) => {
  res.json({ status: 'ok' })
})
app.get('/data', allow(gate, { roles: ['reader'] }), (req, res) => {
  res.json({ data: 'Secure data', for: passOf(gate, req).principal.subject })
})
app.use(fallback(gate))

export const server: Server = gate.attach(createServer(serverOptions(app), app))
