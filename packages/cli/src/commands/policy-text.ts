/** How callers may be known in a first policy. */
export const AUTHENTICATIONS = ['jwt', 'api-key', 'basic', 'none'] as const
export type Authentication = (typeof AUTHENTICATIONS)[number]

/** What may stand before the server. */
export const PROXIES = ['none', 'cloudflare', 'private', 'loopback'] as const
export type Proxy = (typeof PROXIES)[number]

/** What a first policy has to know. */
export interface Plan {
  readonly hosts: readonly string[]
  readonly auth: Authentication
  readonly issuer: string
  readonly audience: string
  readonly origins: readonly string[]
  readonly proxy: Proxy
  readonly login: boolean
}

const PROXY: Readonly<Record<Proxy, string | undefined>> = {
  none: undefined,
  cloudflare: "{ preset: 'cloudflare' }",
  private: "{ trustedRanges: ['private'] }",
  loopback: "{ trustedRanges: ['loopback'] }",
}

/**
 * Writes a policy that builds, and of which doctor has nothing bad to say; where callers are not known, no more than that the
 * whole API is public.
 */
export function policyText(plan: Plan): string {
  const { auth, proxy, origins, login } = plan
  const imports = ['gatehouse', 'jsonLines', ...IMPORTS[auth]].sort()
  return `${[
    `import { ${imports.join(', ')} } from '@gatehouse/core'`,
    '',
    ...BEFORE[auth],
    'export const gate = gatehouse({',
    `  hosts: ${listText(plan.hosts)},`,
    '  // Plain http is sent to https, and browsers remember it.',
    "  https: { mode: 'redirect', hsts: { maxAge: '365d', includeSubDomains: true } },",
    ...(PROXY[proxy] === undefined
      ? []
      : ['  // Whose word about the address of a client counts.', `  proxy: ${PROXY[proxy]},`]),
    ...(origins.length === 0
      ? []
      : [`  cors: { origins: ${listText(origins)}, methods: ['PUT', 'PATCH', 'DELETE'] },`]),
    "  rateLimit: { limit: 100, window: '1m' },",
    '  concurrency: { limit: 20 },',
    "  timeout: '30s',",
    "  content: 'json',",
    ...authenticateText(plan),
    '  routes: {',
    "    'GET /health': { public: 'load balancers ask it' },",
    ...(login
      ? ["    'POST /login': { public: 'users log in here', rateLimit: { limit: 5, window: '1m' } },"]
      : []),
    ...ROUTES[auth],
    '  },',
    '  // What was refused, and why: a line of JSON each, on standard output.',
    '  observe: jsonLines(),',
    '})',
    '',
    '// createServer(gate.handler((req, res, pass) => res.end(...))), or guard(gate) of an adapter.',
  ].join('\n')}\n`
}

const IMPORTS: Readonly<Record<Authentication, readonly string[]>> = {
  jwt: ['jwt', 'memoryStore', 'revocations'],
  'api-key': ['apiKey'],
  basic: ['basic', 'loginProtection', 'memoryStore'],
  none: [],
}

const SHARED_STORE = [
  '// Several processes need a store that they share: docs/guides/several-machines.md.',
  'const store = memoryStore()',
  '',
]

const BEFORE: Readonly<Record<Authentication, readonly string[]>> = {
  jwt: SHARED_STORE,
  'api-key': [],
  basic: SHARED_STORE,
  none: [],
}

const ROUTES: Readonly<Record<Authentication, readonly string[]>> = {
  jwt: [
    "    'GET /notes': { scopes: ['notes:read'] },",
    "    'POST /notes': { scopes: ['notes:write'] },",
    "    '/admin/*': { roles: ['admin'] },",
  ],
  'api-key': [
    "    'GET /notes': { scopes: ['notes:read'] },",
    "    'POST /notes': { scopes: ['notes:write'] },",
    "    '/admin/*': { roles: ['admin'] },",
  ],
  basic: ["    '/admin/*': { roles: ['admin'] },"],
  none: ["    'GET /notes': { public: 'open data, read only' },"],
}

function authenticateText({ auth, issuer, audience }: Plan): readonly string[] {
  switch (auth) {
    case 'jwt':
      return [
        '  authenticate: jwt({',
        `    issuer: ${quoted(issuer)},`,
        `    audience: ${quoted(audience)},`,
        '    revocations: revocations({ store }),',
        '  }),',
        '  store,',
      ]
    case 'api-key':
      return [
        '  authenticate: apiKey({',
        '    // gatehouse keys api-key --prefix acme_live makes a key: its id and hash go here, or into a database.',
        `    keys: [{ id: '000000000000', hash: '${'0'.repeat(64)}', subject: 'nobody', scopes: [] }],`,
        '  }),',
      ]
    case 'basic':
      return [
        '  authenticate: basic({',
        "    realm: 'api',",
        '    // verifyPassword(password, user.passwordHash) of @gatehouse/core, with what hashPassword() made.',
        '    verify: () => undefined,',
        '    protection: loginProtection({ store }),',
        '  }),',
        '  store,',
      ]
    case 'none':
      return ["  public: 'open data, read only',"]
  }
}

function listText(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(', ')}]`
}

/** A text as source: quotes, backslashes and line ends cannot end it. */
function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner}'`
}
