import { createServer, type Server } from 'node:http'
import { type Gate, gatehouse, jwt, type JwtPrincipal, type Observer, type Store } from '@gatehouse/core'
import { BODY, CORS, HOST, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import { readSetup, type Setup } from './setup.ts'

/** What a gate has besides its policy. */
export interface Besides {
  readonly setup?: Setup
  readonly store?: Store
  /** How many verified tokens it remembers; as many as the core likes when left out. */
  readonly maxCachedTokens?: number
}

/**
 * The gate, with everything that a policy of an API has. https is the one exception: the bench speaks plain http, since
 * TLS would cost each stack the same and hide the rest, so the policy says dangerouslyAllowHttp.
 */
export function wholePolicy(
  observe: readonly Observer[],
  { setup = readSetup(), store, maxCachedTokens }: Besides = {},
): Gate<JwtPrincipal> {
  const { algorithm, key, limit, seconds } = setup
  return gatehouse({
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
      { name: 'client', limit, window: seconds * 1000 },
      { name: 'caller', limit, window: seconds * 1000, by: 'principal' },
    ],
    authenticate: jwt({
      issuer: TOKEN.issuer,
      audience: TOKEN.audience,
      keys: { alg: algorithm, key },
      ...(maxCachedTokens !== undefined && { maxCachedTokens }),
    }),
    routes: { [`GET ${PATH}`]: { scopes: [SCOPE] } },
    ...(store !== undefined && { store }),
    observe,
  })
}

const JSON_CONTENT = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(BODY))]

/** The gate on node:http, and a handler that writes as the floor does. */
export function wholeGate(observe: readonly Observer[], besides: Besides = {}): Server {
  const gate = wholePolicy(observe, besides)
  const listener = gate.handler((_req, res) => {
    res.writeHead(200, JSON_CONTENT)
    res.end(BODY)
  })
  return gate.attach(createServer(listener))
}
