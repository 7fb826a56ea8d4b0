import {
  type Gate,
  gatehouse,
  jsonLines,
  jwt,
  type JwtPrincipal,
  memoryStore,
  revocations,
} from '@gatehouse/core'

const store = memoryStore()

/** A policy of which doctor finds nothing to say, not even by the way. */
export const gate: Gate<JwtPrincipal> = gatehouse({
  hosts: ['api.example.com'],
  https: { mode: 'redirect', hsts: { maxAge: '730d', includeSubDomains: true, preload: true } },
  proxy: { trustedRanges: ['10.0.0.0/8'] },
  cors: { origins: ['https://app.example.com'], credentials: true, methods: ['PUT', 'DELETE'] },
  rateLimit: [
    { name: 'burst', limit: 50, window: '1s' },
    { name: 'hourly', limit: 5000, window: '1h' },
  ],
  concurrency: { limit: 20 },
  shed: {},
  timeout: '30s',
  content: 'json',
  undecided: 'block',
  authenticate: jwt({
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    typ: 'at+jwt',
    revocations: revocations({ store }),
  }),
  roles: { admin: { includes: ['support'], permissions: ['orders:delete'] }, support: [] },
  routes: {
    'GET /health': { public: 'load balancers ask it' },
    'POST /token': {
      public: 'issues tokens',
      content: 'form',
      rateLimit: { limit: 5, window: '1m', by: 'client', whenStoreFails: 'local' },
    },
    'GET /orders': { scopes: ['orders:read'] },
    'POST /orders': { scopes: ['orders:write'], idempotency: true },
    'GET /orders/:id': { scopes: ['orders:read'], object: 'handler' },
    'DELETE /orders/:id': { permissions: ['orders:delete'], object: 'handler' },
    '/admin/*': { roles: ['admin'] },
    'GET /support/tickets': { roles: ['support'] },
  },
  observe: jsonLines(),
  store,
})
