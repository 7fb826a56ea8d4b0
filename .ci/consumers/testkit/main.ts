import { createServer } from 'node:http'
import { gatehouse, jwt, memoryStore } from '@gatehouse/core'
import { fakeIssuer, refusesWithout, storeConformance, withstands } from '@gatehouse/testkit'

// The suite that is shipped, over the store that is shipped: a failure is the exit code.
storeConformance({
  name: 'memory',
  make: (clock) => memoryStore({ clock }),
  follows: ['counters', 'blocks', 'records'],
  standsStill: true,
  traces: 5,
})

// An API, tried as its owner would.
const issuer = await fakeIssuer()
const gate = gatehouse({
  hosts: ['api.example.com'],
  https: 'dangerouslyAllowHttp',
  authenticate: jwt(issuer.jwtOptions),
  routes: { 'GET /health': { public: 'a probe' }, 'GET /admin/*': { roles: ['admin'] } },
})
const server = gate.attach(createServer(gate.handler((_req, res) => res.end('in'))))
refusesWithout({ target: server, gate, tokens: issuer, open: ['GET /health'] })
withstands({
  target: gate.handler((_req, res) => res.end('in')),
  issuer,
  host: 'api.example.com',
  path: '/admin/users',
})
