// Compiled, never run: what the types of a policy carry through, and what they refuse.
import {
  anyOf,
  apiKey,
  type ApiKeyPrincipal,
  basic,
  type BasicPrincipal,
  gatehouse,
  jwt,
  type JwtPrincipal,
} from '@gatehouse/core'

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function assertType<T extends true>(..._proof: readonly T[]): void {}

interface Claims {
  readonly tenant: string
}
const keys = { alg: 'HS256', key: 'a secret of thirty-two bytes, yes' } as const
const scheme = jwt<Claims>({ issuer: 'https://id.example.com', audience: 'https://api.example.com', keys })
const hosts = ['api.example.com']

const gate = gatehouse({
  hosts,
  authenticate: scheme,
  routes: {
    '/a': { when: (principal) => principal.claims.tenant === 'x' },
    // @ts-expect-error: the claims have no such member
    '/b': { when: (principal) => principal.claims.tenannt === 'x' },
    // @ts-expect-error: not an option of a rule
    '/c': { scope: ['a'] },
  },
})
gate.handler((_req, _res, pass) => {
  assertType<Equals<typeof pass.principal, JwtPrincipal<Claims>>>()
  const tenant: string = pass.principal.claims.tenant
  return tenant
})

const either = gatehouse({
  hosts,
  authenticate: anyOf(scheme, apiKey({ keys: [] }), basic({ verify: () => undefined })),
})
either.handler((_req, _res, { principal }) => {
  if (principal.scheme === 'apiKey') assertType<Equals<typeof principal, ApiKeyPrincipal>>()
  else if (principal.scheme === 'basic') assertType<Equals<typeof principal, BasicPrincipal>>()
  else assertType<Equals<typeof principal, JwtPrincipal<Claims>>>()
})

const nobody = gatehouse({ hosts, public: 'open data' })
nobody.handler((_req, _res, pass) => {
  assertType<Equals<typeof pass.principal, never>>()
})

gatehouse({
  hosts,
  authenticate: scheme,
  // @ts-expect-error: a duration has a unit
  rateLimit: { limit: 1, window: '1 minute' },
})
gatehouse({
  hosts,
  authenticate: scheme,
  // @ts-expect-error: not an option of a policy
  ratelimit: { limit: 1, window: '1m' },
})
// @ts-expect-error: any host is said by its dangerous name
gatehouse({ anyHost: true, authenticate: scheme })
