import { createServer } from 'node:http'
import { gatehouse, jwt } from '@gatehouse/core'
import { BODY, CORS, HOST, LIMIT, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { serve } from './serve.ts'

/*
 * The gate on node:http, with everything that a policy of an API has. https is the one exception: the bench speaks
 * plain http, since TLS would cost each stack the same and hide the rest, so the policy says dangerouslyAllowHttp.
 */

let events = 0

const gate = gatehouse({
  hosts: [HOST],
  https: 'dangerouslyAllowHttp',
  headers: 'api',
  cors: {
    origins: ORIGINS,
    methods: CORS.methods,
    headers: CORS.headers,
    maxAge: CORS.maxAgeSeconds * 1000,
  },
  rateLimit: [
    { name: 'client', limit: LIMIT.limit, window: LIMIT.seconds * 1000 },
    { name: 'caller', limit: LIMIT.limit, window: LIMIT.seconds * 1000, by: 'principal' },
  ],
  authenticate: jwt({
    issuer: TOKEN.issuer,
    audience: TOKEN.audience,
    keys: { alg: 'HS256', key: TOKEN.secret },
  }),
  routes: { [`GET ${PATH}`]: { scopes: [SCOPE] } },
  observe: () => {
    events += 1
  },
})

const listener = gate.handler((_req, res) => {
  res.setHeader('Content-Type', 'application/json')
  res.end(BODY)
})

serve(gate.attach(createServer(listener)), { events: () => events })
