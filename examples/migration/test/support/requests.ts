/** The tokens that are tried. */
export type Token = 'good' | 'forged' | 'expired' | 'of another API' | 'without the scope'

/** One request that both sides get. */
export interface Ask {
  /** What a page calls it. */
  readonly name: string
  readonly method?: string
  readonly path: string
  readonly token?: Token
  readonly fields?: Readonly<Record<string, string>>
  /** How often it is sent; the last answer counts. */
  readonly times?: number
}

/** The limit of every example: as many requests per hour and address, so that no slow machine is granted one more. */
const LIMIT = 20

const PAGE = { Origin: 'https://app.example.com' }
const STRANGE_PAGE = { Origin: 'https://evil.example' }
const PREFLIGHT = {
  'Access-Control-Request-Method': 'GET',
  'Access-Control-Request-Headers': 'authorization',
}
const preflight = { method: 'OPTIONS', path: '/data' }

/** What both sides are asked, each from an address of its own. */
export const REQUESTS: readonly Ask[] = [
  { name: 'open route', path: '/health' },
  { name: 'token', path: '/data', token: 'good' },
  { name: 'token, allowed page', path: '/data', token: 'good', fields: PAGE },
  { name: 'token, other page', path: '/data', token: 'good', fields: STRANGE_PAGE },
  { name: 'no token', path: '/data' },
  { name: 'no token, allowed page', path: '/data', fields: PAGE },
  { name: 'forged token', path: '/data', token: 'forged' },
  { name: 'expired token', path: '/data', token: 'expired' },
  { name: 'token for another API', path: '/data', token: 'of another API' },
  { name: 'no scope', path: '/data', token: 'without the scope' },
  { name: 'Basic credentials', path: '/data', fields: { Authorization: 'Basic YWxpY2U6c2VjcmV0' } },
  { name: 'preflight', ...preflight, fields: { ...PAGE, ...PREFLIGHT } },
  { name: 'preflight, other page', ...preflight, fields: { ...STRANGE_PAGE, ...PREFLIGHT } },
  {
    name: 'preflight for DELETE',
    ...preflight,
    fields: { ...PAGE, ...PREFLIGHT, 'Access-Control-Request-Method': 'DELETE' },
  },
  { name: 'over the limit', path: '/data', token: 'good', times: LIMIT + 1, fields: PAGE },
  { name: 'over it, forged tokens', path: '/data', token: 'forged', times: LIMIT + 1 },
  { name: 'unknown route', path: '/nowhere' },
  { name: 'unknown route, token', path: '/nowhere', token: 'good' },
  { name: 'other host', path: '/health', fields: { Host: 'evil.example' } },
  { name: 'plain http', path: '/health', fields: { 'X-Forwarded-Proto': 'http' } },
  { name: 'plain http, token', path: '/data', token: 'good', fields: { 'X-Forwarded-Proto': 'http' } },
]

/** Requests that a table may name together. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'bad tokens': ['forged token', 'expired token', 'token for another API'],
  'all preflights': ['preflight', 'preflight, other page', 'preflight for DELETE'],
  'both over plain http': ['plain http', 'plain http, token'],
}
