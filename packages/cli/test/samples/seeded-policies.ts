import {
  apiKey,
  basic,
  introspection,
  jwt,
  loginProtection,
  memoryStore,
  type Policy,
  type Principal,
  remoteKeys,
  revocations,
  type Rule,
  type Scheme,
} from '@gatehouse/core'

const store = memoryStore()

const JWT = {
  issuer: 'https://id.example.com',
  audience: 'https://api.example.com',
  revocations: revocations({ store }),
}

/** A policy of which doctor finds nothing to say. */
const GOOD: Policy = {
  hosts: ['api.example.com'],
  https: { hsts: { includeSubDomains: true } },
  rateLimit: { limit: 50, window: '1m' },
  concurrency: { limit: 20 },
  timeout: '30s',
  content: 'json',
  authenticate: jwt(JWT) as Scheme,
  routes: { 'GET /health': { public: 'load balancers ask it' }, 'GET /orders': { scopes: ['orders:read'] } },
  observe: () => undefined,
  store,
}

const without = (...names: readonly (keyof Policy)[]): Policy =>
  Object.fromEntries(Object.entries(GOOD).filter(([name]) => !names.includes(name as keyof Policy)))
const withPolicy = (changes: Policy): Policy => ({ ...GOOD, ...changes })
const withRoute = (route: string, rule: Rule): Policy =>
  withPolicy({ routes: { ...GOOD.routes, [route]: rule } })
const withScheme = <P extends Principal>(authenticate: Scheme<P>): Policy => withPolicy({ authenticate })

const LOGIN = { public: 'issues tokens', content: 'form' } as const

/** One policy for each code, with the mistake that the check is there for. */
export const SEEDED: Readonly<Record<string, Policy>> = {
  'policy.any-host': {
    ...without('hosts'),
    dangerouslyAnyHost: true,
    https: { mode: 'refuse', hsts: { includeSubDomains: true } },
  },
  'policy.local-host': withPolicy({ hosts: ['api.example.com', 'localhost:3000'] }),
  'policy.http-allowed': withPolicy({ https: 'dangerouslyAllowHttp' }),
  'policy.hsts-off': withPolicy({ https: { hsts: false } }),
  'policy.hsts-short': withPolicy({ https: { hsts: { maxAge: '7d', ramp: true, includeSubDomains: true } } }),
  'policy.hsts-host-alone': without('https'),
  'policy.remote-in-clear': withScheme(
    jwt({ ...JWT, keys: remoteKeys({ url: 'http://id.example.com/keys', dangerouslyAllowHttp: true }) }),
  ),
  'policy.issuer-in-clear': withScheme(
    jwt({
      ...JWT,
      issuer: 'http://id.example.com',
      keys: remoteKeys({ url: 'https://id.example.com/keys' }),
    }),
  ),
  'policy.trusted-hops': withPolicy({ proxy: { trustedHops: 1 } }),
  'policy.proxy-host': withPolicy({ proxy: { trustedRanges: ['10.0.0.0/8'], host: true } }),
  'policy.method-override': withPolicy({ request: { methodOverride: ['DELETE'] } }),
  'policy.all-public': { ...without('authenticate'), public: 'open data', routes: {} },
  'policy.public-wildcard': withRoute('/hooks/*', { public: 'partners call it' }),
  'policy.public-admin': withRoute('GET /internal/state', { public: 'somebody asked for it' }),
  'policy.public-write': withRoute('POST /notes', { public: 'anybody may leave one' }),
  'policy.no-reason': withRoute('GET /news', { public: 'TODO' }),
  'policy.admin-any-caller': withRoute('GET /admin/users', {}),
  'policy.write-any-caller': withRoute('POST /notes', {}),
  'policy.object-unguarded': withRoute('GET /orders/:id', { scopes: ['orders:read'] }),
  'policy.undecided-report': withRoute('GET /orders/:id', { scopes: ['orders:read'], object: 'handler' }),
  'policy.any-audience': withScheme(
    introspection({
      issuer: JWT.issuer,
      clientId: 'api',
      clientSecret: 'not-a-secret-of-anybody',
      dangerouslyAnyAudience: true,
    }),
  ),
  'policy.token-in-query': withScheme(jwt({ ...JWT, dangerouslyAllowQueryToken: true })),
  'policy.key-in-query': withScheme(apiKey({ keys: () => undefined, dangerouslyQueryParameter: 'key' })),
  'policy.no-revocations': withScheme(jwt({ issuer: JWT.issuer, audience: JWT.audience })),
  'policy.clock-skew': withScheme(jwt({ ...JWT, clockSkew: '120s' })),
  'policy.role-unused': withPolicy({
    roles: { admin: [], auditor: [] },
    routes: { 'GET /orders': { roles: ['admin'] } },
  }),
  'policy.permission-unused': withPolicy({
    roles: { admin: { permissions: ['orders:read', 'orders:burn'] } },
    routes: { 'GET /orders': { permissions: ['orders:read'] } },
  }),
  'policy.scope-alike': withRoute('GET /orders/new', { scopes: ['order:read'] }),
  'policy.password-scheme': withScheme(
    basic({ realm: 'api', verify: () => undefined, protection: loginProtection({ store }) }),
  ),
  'policy.password-unprotected': withScheme(basic({ realm: 'api', verify: () => undefined })),
  'policy.no-limit': without('rateLimit'),
  'policy.login-unlimited': withRoute('POST /token', LOGIN),
  'policy.login-loose': withRoute('POST /token', { ...LOGIN, rateLimit: { limit: 100, window: '1m' } }),
  'policy.login-fails-open': withRoute('POST /token', {
    ...LOGIN,
    rateLimit: { limit: 5, window: '1m', whenStoreFails: 'open' },
  }),
  'policy.limit-fails-open': withPolicy({ rateLimit: { limit: 50, window: '1m', whenStoreFails: 'open' } }),
  'policy.limit-burst': withPolicy({ rateLimit: { limit: 10_000, window: '1h' } }),
  'policy.limit-exempt': withRoute('GET /news', { public: 'anybody may read it', rateLimit: 'exempt' }),
  'policy.limit-fields-none': withPolicy({ rateLimitFields: 'none' }),
  'policy.memory-store': GOOD,
  'policy.no-concurrency': without('concurrency'),
  'policy.content-unlimited': {
    ...without('content'),
    routes: { 'POST /orders': { scopes: ['orders:write'] } },
  },
  'policy.content-large': withPolicy({ content: { types: 'json', maxBytes: 104_857_600 } }),
  'policy.no-timeout': without('timeout'),
  'policy.timeout-off': withRoute('POST /orders', { scopes: ['orders:write'], timeout: 'exempt' }),
  'policy.deadline-long': withPolicy({ deadline: '2m' }),
  'policy.store-deadline-long': withPolicy({ storeDeadline: '10s' }),
  'policy.cors-any-writes': withPolicy({
    cors: { origins: '*' },
    routes: { 'POST /notes': { public: 'anybody may leave one' } },
  }),
  'policy.cors-any-caller': withPolicy({ cors: { origins: '*' } }),
  'policy.cors-clear-origin': withPolicy({ cors: { origins: ['http://app.example.com'] } }),
  'policy.cors-local-origin': withPolicy({ cors: { origins: ['http://localhost:5173'] } }),
  'policy.cors-pattern-credentials': withPolicy({
    cors: { origins: ['https://*.example.com'], credentials: true },
  }),
  'policy.cors-null-origin': withPolicy({
    cors: { origins: ['https://app.example.com'], dangerouslyAllowNullOrigin: true },
  }),
  'policy.cors-long-max-age': withPolicy({ cors: { origins: ['https://app.example.com'], maxAge: '24h' } }),
  'policy.cors-private-network': withPolicy({
    cors: { origins: ['https://app.example.com'], allowPrivateNetwork: true },
  }),
  'policy.cors-reasons': withPolicy({
    hosts: ['localhost:3000'],
    cors: { origins: ['https://app.example.com'], dangerouslyShowReasons: true },
  }),
  'policy.cross-site': withPolicy({ dangerouslyCrossSite: 'nobody has cookies' }),
  'policy.cross-site-route': withRoute('POST /bank', {
    scopes: ['bank:write'],
    dangerouslyCrossSite: 'the bank calls it',
  }),
  'policy.scripts-unsafe': withPolicy({
    headers: {
      preset: 'page',
      contentSecurityPolicy: { 'script-src': ["'self'", "'unsafe-inline'"] },
      dangerouslyAllowScripts: ["'unsafe-inline'"],
    },
  }),
  'policy.header-off': withPolicy({ headers: { preset: 'page', set: { 'X-Frame-Options': false } } }),
  'policy.disclosure-kept': withPolicy({ headers: { dangerouslyKeep: ['SourceMap'] } }),
  'policy.cache-of-handler': withPolicy({ headers: { authenticatedCache: 'handler' } }),
  'policy.shadow-all': withPolicy({ shadow: true }),
  'policy.shadow-some': withPolicy({ shadow: ['cors'] }),
  'policy.no-observer': without('observe'),
}

/** The policy without a mistake. */
export const CLEAN: Policy = GOOD

/** Policies that do not build, one for each code of a mistake. */
export const BROKEN: Readonly<Record<string, object>> = {
  'mistake.unknown-option': { ...GOOD, ratelimit: {} },
  'mistake.missing-option': without('hosts'),
  'mistake.wrong-type': { ...GOOD, timeout: true },
  'mistake.out-of-range': withPolicy({ rateLimit: { limit: 0, window: '1m' } }),
  'mistake.malformed-value': withPolicy({ hosts: ['https://api.example.com/'] }),
  'mistake.duplicate-value': withPolicy({ hosts: ['api.example.com', 'api.example.com'] }),
  'mistake.contradiction': withPolicy({ cors: { origins: '*', credentials: true } }),
  'mistake.unsafe-value': withPolicy({ https: { hsts: { maxAge: '1d' } } }),
  'mistake.unknown-reference': withPolicy({
    roles: { admin: [] },
    routes: { 'GET /orders': { roles: ['boss'] } },
  }),
}
