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

/** What the gate answers, whatever the code was before: the request by its name, and the status. */
export const HELD: readonly (readonly [title: string, asked: string, status: number])[] = [
  ['AZ-02: nobody gets in without a token', 'no token', 401],
  ['JWT-15: a forged token is refused', 'forged token', 401],
  ['JWT-12: an expired token is refused', 'expired token', 401],
  ['JWT-11: a token for another API is refused', 'token for another API', 401],
  ['AUT-03: a token without the scope is 403', 'no scope', 403],
  ['AUT-13: Basic credentials are no token', 'Basic credentials', 401],
  ['COR-02: the preflight of an allowed page is 204', 'preflight', 204],
  ['COR-03: the preflight of another page is denied', 'preflight, other page', 403],
  ['RL-23: one request more than the limit is 429', 'over the limit', 429],
  ['RL-18: the limit by address comes before the signature', 'over it, forged tokens', 429],
  ['AZ-01: a route that no rule opens needs a caller', 'unknown route', 401],
  ['REQ-03: another host is refused', 'other host', 421],
  ['TLS-01: plain http is redirected', 'plain http', 308],
  ['TLS-01: a token over plain http is refused', 'plain http, token', 403],
]
