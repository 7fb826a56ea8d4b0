import { gatehouse, jwt, memoryStore } from '../src/index.ts'
gatehouse({
  hosts: ['api.example.com'],
  authenticate: jwt({ issuer: 'https://id.example.com', audience: 'https://api.example.com' }),
  rateLimit: [
    { limit: 100, window: '1m' },
    { name: 'daily', limit: 10_000, window: '1d', by: 'principal' },
  ],
  routes: {
    'POST /token': { public: 'issues tokens', rateLimit: { name: 'login', limit: 5, window: '1m' } },
    'POST /password-reset': { public: 'for those locked out', rateLimit: { name: 'login', limit: 5, window: '1m' } },
    'POST /reports': { rateLimit: { limit: 20, window: '1h', by: 'principal', cost: 2 } },
    'GET /health': { public: 'load balancers ask it', rateLimit: 'exempt' },
  },
})
gatehouse({
  hosts: ['api.example.com'],
  public: 'open data, read only',
  rateLimit: { limit: 100, window: '1m', by: (request) => request.params['tenant'] },
  store: memoryStore({ maxKeys: 500_000 }),
})
console.log('ok')
