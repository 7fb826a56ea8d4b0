import { createServer, type Server } from 'node:http'
import { gatehouse, jwt, type Observer } from '@gatehouse/core'
import { BODY, CORS, HOST, LIMIT, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'

/**
 * The gate on node:http, with everything that a policy of an API has. https is the one exception: the bench speaks plain
 * http, since TLS would cost each stack the same and hide the rest, so the policy says dangerouslyAllowHttp.
 */
export function wholeGate(observe: readonly Observer[]): Server {
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
    observe,
  })
  const listener = gate.handler((_req, res) => {
    res.setHeader('Content-Type', 'application/json')
    res.end(BODY)
  })
  return gate.attach(createServer(listener))
}
