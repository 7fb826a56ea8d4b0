import type * as core from '@gatehouse/core'
import type { Observer, Policy } from '@gatehouse/core'
import { readSetup, type Setup } from './stacks/setup.ts'
import { CORS, HOST, ORIGINS, PATH, SCOPE, TOKEN } from './workload.ts'

/** What it is made with: the core of this tree, or another one beside it. */
export type Core = typeof core

/** All that a policy of an API has: what every gate of the bench is measured with. */
export function wholePolicy(
  { jwt }: Pick<Core, 'jwt'>,
  observe: readonly Observer[],
  { algorithm, key, limit, seconds }: Setup = readSetup(''),
  /** How many verified tokens it remembers; as many as the core likes when left out. */
  maxCachedTokens?: number,
): Policy {
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
    observe,
  }
}
