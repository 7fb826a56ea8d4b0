import {
  crossSiteToken,
  gatehouse,
  type Gate,
  jwt,
  type JwtPrincipal,
  mutualTls,
  signJwt,
} from '@gatehouse/core'
import { type MovableClock, movableClock } from '../movable-clock.ts'
import { ORIGIN, PARTNER, type Tokens } from './cases.ts'
import { type Watch, watch } from './witness.ts'

const ISSUER = 'https://id.example.com'
const AUDIENCE = 'https://api.example.com'
const CSRF = Buffer.from('a secret of thirty-two bytes, yes')
const key = { alg: 'HS256', key: 'a secret of thirty-two bytes, yes' } as const
const other = { alg: 'HS256', key: 'another secret of 32 bytes, yes!!' } as const

/** The gate of the conformance cases, its clock, the tokens for it, and what is seen of the handlers behind it. */
export interface Fixture {
  readonly gate: Gate<JwtPrincipal>
  readonly clock: MovableClock
  readonly tokens: Tokens
  readonly watch: Watch
}

/**
 * Makes the one policy that every binding is tried with; each gets a gate of its own.
 *
 * @param patience how long to wait for what must come, in milliseconds
 * @param thumbprint of the certificate that tokens are bound to, where they are of no use without it (RFC 8705)
 */
export function fixture(patience = 5000, thumbprint?: string): Fixture {
  const tokens = jwt({ issuer: ISSUER, audience: AUDIENCE, keys: key })
  const clock = movableClock(Date.UTC(2026, 0, 1))
  const gate = gatehouse({
    hosts: ['api.example.com', '127.0.0.1'],
    https: 'dangerouslyAllowHttp',
    cors: { origins: [ORIGIN, 'https://*.partner.example'], methods: ['GET', 'POST'], credentials: true },
    crossSite: { token: crossSiteToken({ keys: [{ id: 'a', secret: CSRF }], session: () => undefined }) },
    rateLimit: { limit: 1000, window: '1m' },
    // Late enough for what is of low priority, and for nothing else.
    shed: { maxDelay: '100ms', delay: () => 100 },
    authenticate: thumbprint === undefined ? tokens : mutualTls(tokens),
    routes: {
      '/open': { public: 'a test' },
      '/limited': { public: 'a test', rateLimit: { limit: 2, window: '1m' } },
      '/shed': { public: 'a test', priority: 'low' },
      '/throws': { public: 'a test' },
      '/throws-401': { public: 'a test' },
      '/rejects': { public: 'a test' },
      '/teapot': { public: 'a test' },
      '/write-head': { public: 'a test' },
      '/empty': { public: 'a test' },
      '/unchanged': { public: 'a test' },
      '/stream': { public: 'a test' },
      '/stream/*': { public: 'a test' },
      // One at a time: a permit that is not given back leaves none.
      '/stream/endless': { public: 'a test', concurrency: { limit: 1 } },
      '/waiting': { public: 'a test', concurrency: { limit: 1 } },
      '/office': { public: 'a test', addresses: { allow: ['192.0.2.0/24'] } },
      '/keyed': { public: 'a test', idempotency: { required: true } },
      '/late': { public: 'a test', timeout: '50ms' },
      '/partner': {
        public: 'a test',
        cors: { origins: [PARTNER, 'https://*.partner.test:8443'], methods: ['PUT'], block: true },
      },
      '/needed': { public: 'a test', content: { types: 'json', required: true } },
      '/noted': { public: 'a test', content: { types: ['json', 'form'], maxBytes: 64 } },
      '/secure': { scopes: ['data:read'] },
      '/admin/*': { roles: ['admin'] },
    },
    clock,
  })
  return { gate, clock, tokens: tokensAt(clock, thumbprint), watch: watch(patience) }
}

function tokensAt(clock: MovableClock, thumbprint?: string): Tokens {
  const now = Math.floor(clock.now() / 1000)
  const claims = (
    scope: string,
    roles: readonly string[],
    exp: number,
    sub = 'alice',
  ): Record<string, unknown> => ({
    iss: ISSUER,
    aud: AUDIENCE,
    sub,
    iat: now - 600,
    exp,
    scope,
    roles,
    ...(thumbprint !== undefined && { cnf: { 'x5t#S256': thumbprint } }),
  })
  return {
    reader: signJwt(claims('data:read', ['user'], now + 300), { key }),
    other: signJwt(claims('data:read', ['user'], now + 300, 'bob'), { key }),
    admin: signJwt(claims('', ['admin'], now + 300), { key }),
    forged: signJwt(claims('data:read', ['admin'], now + 300), { key: other }),
    expired: signJwt(claims('data:read', ['user'], now - 300), { key }),
  }
}
