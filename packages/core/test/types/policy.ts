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
import { assertType, type Equals } from '../support/types.ts'

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

interface Order {
  readonly owner: string
  readonly tenant: string
}
gatehouse({
  hosts,
  authenticate: scheme,
  roles: { admin: { includes: ['editor'], permissions: ['orders:delete'] }, editor: ['viewer'] },
  tenant: (principal) => principal.claims.tenant,
  deny: { suspended: (principal, request) => principal.claims.tenant === request.path },
  undecided: 'block',
  routes: {
    '/a': { permissions: ['orders:delete'], stepUp: { acr: ['mfa'], maxAge: '5m' }, object: 'handler' },
    '/b': { tenant: (request) => request.params['tenant'] },
    '/c': { when: (principal) => ({ allowed: principal.claims.tenant === 'x', policy: 'p', reason: 'why' }) },
    '/d': {
      object: {
        load: ({ id }, principal) => ({ id, owner: principal.subject, tenant: principal.claims.tenant }),
        owner: (order: Order) => order.owner,
        may: (principal, order: Order) => order.tenant === principal.claims.tenant,
      },
    },
    // @ts-expect-error: the claims have no such member
    '/e': { deny: { own: (principal) => principal.claims.tenannt === 'x' } },
    // @ts-expect-error: a deny rule says true or false
    '/f': { deny: { own: () => ({ allowed: false }) } },
    // @ts-expect-error: an object without its type is not guessed at
    '/g': { object: { load: () => ({ owner: 'a' }), owner: (order) => order.owner } },
    // @ts-expect-error: a duration has a unit
    '/h': { stepUp: { maxAge: '5 minutes' } },
    // @ts-expect-error: not a status of a denial
    '/i': { object: { load: () => 1, may: () => true, deniedAs: 401 } },
  },
})
// @ts-expect-error: the claims have no such member
gatehouse({ hosts, authenticate: scheme, tenant: (principal) => principal.claims.tenannt })

gate.handler((_req, _res, pass) => {
  assertType<Equals<typeof pass.object, unknown>>()
  assertType<Equals<ReturnType<typeof pass.decide>, boolean>>()
  // @ts-expect-error: a decision is not waited for
  pass.decide(Promise.resolve(true))
})
// @ts-expect-error: a principal of another kind
void gate.explain({ method: 'GET', path: '/a', principal: { subject: 'alice' } })

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
