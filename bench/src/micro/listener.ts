import type * as core from '@gatehouse/core'
import type { Observer, Policy } from '@gatehouse/core'
import { BODY, CORS, HOST, LIMIT, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import type { Listen } from './exchange-loop.ts'

/** The core that is measured: the one of this tree, or another one beside it. */
export type Core = typeof core

/** All that a policy of an API has. */
export function wholePolicy(core: Core, observe: readonly Observer[]): Policy {
  return {
    hosts: [HOST],
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
    authenticate: core.jwt({
      issuer: TOKEN.issuer,
      audience: TOKEN.audience,
      keys: { alg: 'HS256', key: TOKEN.secret },
    }),
    routes: { [`GET ${PATH}`]: { scopes: [SCOPE] } },
    observe,
  }
}

/** Sets one field, as most handlers do. */
const handler: Listen = (_req, res) => {
  res.setHeader('Content-Type', 'application/json')
  res.end(BODY)
}

/** A gate in front of a handler. */
export function listenerOf(core: Core, policy: Policy, handle: Listen = handler): Listen {
  return core.gatehouse(policy).handler((req, res) => handle(req, res))
}
