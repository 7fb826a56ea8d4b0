import type { Sent } from '../http.ts'

/** Tokens that the cases are sent with. */
export interface Tokens {
  /** Scope `data:read`, role `user`. */
  readonly reader: string
  /** The same, of another caller. */
  readonly other: string
  /** No scope, role `admin`. */
  readonly admin: string
  /** Signed by somebody else. */
  readonly forged: string
  readonly expired: string
}

/** One request, and what every binding of the gate must answer. */
export interface Case {
  readonly name: string
  readonly sent: (tokens: Tokens) => Sent
  /** How often to send it before the one that counts. */
  readonly before?: number
  /** Another request that comes before. */
  readonly prior?: Sent
  readonly status: number
  /** The `code` of the problem; absent where the handler answers. */
  readonly code?: string
  /** Fields that the response must have (a text), or must not have (`undefined`); names in lower case. */
  readonly fields?: Readonly<Record<string, string | RegExp | undefined>>
  /**
   * How often the handler runs.
   *
   * @default once where it answers, and never where there is a problem
   */
  readonly runs?: number
}

export const ORIGIN = 'https://app.example.com'
/** An origin of a route with settings of its own. */
export const PARTNER = 'https://www.partner.test'
const bearer = (token: string): readonly string[] => ['Authorization', `Bearer ${token}`]
const cors = { 'access-control-allow-origin': ORIGIN, vary: /Origin/ }

/** Every refusal of the foundation, the framework's own endings, and what a handler can do to its response. */
export const CASES: readonly Case[] = [
  {
    name: 'an open route answers, with security and CORS fields',
    sent: () => ({ path: '/open', fields: ['Origin', ORIGIN] }),
    status: 200,
    fields: {
      ...cors,
      'x-content-type-options': 'nosniff',
      'x-powered-by': undefined,
      ratelimit: /"default";r=\d+/,
    },
  },
  {
    name: 'HTTP without a token is 401',
    sent: () => ({ path: '/secure' }),
    status: 401,
    code: 'authentication_required',
    fields: { 'www-authenticate': /^Bearer realm="[^"]+"$/ },
  },
  {
    name: 'a wrong scheme is 401',
    sent: () => ({ path: '/secure', fields: ['Authorization', 'BearerX abc'] }),
    status: 401,
    code: 'authentication_required',
  },
  {
    name: 'junk after Bearer is 400',
    sent: () => ({ path: '/secure', fields: ['Authorization', 'Bearer a b'] }),
    status: 400,
    code: 'invalid_request',
  },
  {
    name: 'a forged token is 401',
    sent: (t) => ({ path: '/secure', fields: bearer(t.forged) }),
    status: 401,
    code: 'invalid_token',
    fields: { 'www-authenticate': /error="invalid_token"/ },
  },
  {
    name: 'an expired token is 401',
    sent: (t) => ({ path: '/secure', fields: bearer(t.expired) }),
    status: 401,
    code: 'invalid_token',
  },
  {
    name: 'a missing scope is 403',
    sent: (t) => ({ path: '/secure', fields: bearer(t.admin) }),
    status: 403,
    code: 'insufficient_scope',
    fields: { 'www-authenticate': /scope="data:read"/ },
  },
  {
    name: 'a token with the scope gets in, and its answer is not stored',
    sent: (t) => ({ path: '/secure', fields: bearer(t.reader) }),
    status: 200,
    fields: { 'cache-control': 'no-store' },
  },
  {
    name: 'a missing role is 403',
    sent: (t) => ({ path: '/admin/x', fields: bearer(t.reader) }),
    status: 403,
    code: 'access_denied',
  },
  {
    name: 'another case of the path is the same rule',
    sent: (t) => ({ path: '/Admin/x', fields: bearer(t.reader) }),
    status: 403,
    code: 'access_denied',
  },
  {
    name: "a rule of the framework's own route refuses",
    sent: (t) => ({ path: '/route-rule', fields: bearer(t.admin) }),
    status: 403,
    code: 'insufficient_scope',
  },
  {
    name: "a rule of the framework's own route lets in",
    sent: (t) => ({ path: '/route-rule', fields: bearer(t.reader) }),
    status: 200,
  },
  {
    name: 'a route without a rule needs a token',
    sent: () => ({ path: '/forgotten' }),
    status: 401,
    code: 'authentication_required',
  },
  ...['OPTIONS', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
    name: `${method}, which no route takes, without a token, is 401`,
    sent: () => ({ method, path: '/secure' }),
    status: 401,
    code: 'authentication_required',
  })),
  {
    name: 'a slash at the end is the same rule',
    sent: (t) => ({ path: '/admin/x/', fields: bearer(t.reader) }),
    status: 403,
    code: 'access_denied',
  },
  {
    name: 'an upgrade that nobody speaks is a request like others: without a token it is 401',
    sent: () => ({ path: '/secure', fields: ['Connection', 'close, Upgrade', 'Upgrade', 'websocket'] }),
    status: 401,
    code: 'authentication_required',
  },
  {
    name: 'a path without a route, without a token, is 401',
    sent: () => ({ path: '/missing' }),
    status: 401,
    code: 'authentication_required',
  },
  {
    name: "the framework's own 404 is a problem",
    sent: (t) => ({ path: '/missing', fields: [...bearer(t.reader), 'Origin', ORIGIN] }),
    status: 404,
    code: 'not_found',
    fields: cors,
  },
  {
    name: "the framework's own 500 is a problem, and says nothing",
    sent: () => ({ path: '/throws', fields: ['Origin', ORIGIN] }),
    status: 500,
    runs: 1,
    code: 'internal_error',
    fields: { ...cors, 'x-leak': undefined },
  },
  {
    name: 'a handler that rejects is 500',
    sent: () => ({ path: '/rejects' }),
    status: 500,
    runs: 1,
    code: 'internal_error',
  },
  {
    name: 'a handler that rejects the request keeps its 4xx',
    sent: () => ({ path: '/teapot' }),
    status: 418,
    runs: 1,
    code: 'rejected',
  },
  {
    name: 'a handler that throws a 401 gives a challenge',
    sent: () => ({ path: '/throws-401' }),
    status: 401,
    runs: 1,
    code: 'rejected',
    fields: { 'www-authenticate': /^Bearer/ },
  },
  {
    name: 'an unknown host is 421',
    sent: () => ({ path: '/open', fields: ['Host', 'evil.example'] }),
    status: 421,
    code: 'misdirected_request',
  },
  {
    name: 'a malformed host is 400',
    sent: () => ({ path: '/open', fields: ['Host', 'a b'] }),
    status: 400,
    code: 'invalid_host',
  },
  {
    name: 'an ambiguous path is 400',
    sent: () => ({ path: '/admin/..%2fopen' }),
    status: 400,
    code: 'invalid_path',
  },
  {
    name: 'a path that falls under another rule without its parameters is 400',
    sent: (t) => ({ path: '/secure;v=1', fields: bearer(t.reader) }),
    status: 400,
    code: 'invalid_path',
  },
  {
    name: 'REQ-10: a request-target that is too long is 414, with CORS',
    sent: () => ({ path: `/open?${'a'.repeat(9000)}`, fields: ['Origin', ORIGIN] }),
    status: 414,
    code: 'target_too_long',
    fields: cors,
  },
  {
    name: 'a query with a prototype is 400',
    sent: () => ({ path: '/open?a[__proto__][b]=1' }),
    status: 400,
    code: 'invalid_query',
  },
  {
    name: 'a method override is 400',
    sent: () => ({ method: 'POST', path: '/open', fields: ['X-HTTP-Method-Override', 'DELETE'] }),
    status: 400,
    code: 'method_override_refused',
  },
  {
    name: 'TRACE is 405',
    sent: () => ({ method: 'TRACE', path: '/open' }),
    status: 405,
    code: 'method_not_allowed',
    fields: { allow: /GET/ },
  },
  {
    name: 'two Authorization fields are 400',
    sent: (t) => ({ path: '/secure', fields: [...bearer(t.reader), ...bearer(t.reader)] }),
    status: 400,
    code: 'duplicate_field',
  },
  {
    name: 'an allowed preflight is 204 without authentication',
    sent: () => ({
      method: 'OPTIONS',
      path: '/secure',
      fields: ['Origin', ORIGIN, 'Access-Control-Request-Method', 'POST'],
    }),
    status: 204,
    runs: 0,
    fields: { 'access-control-allow-origin': ORIGIN },
  },
  {
    name: 'a denied preflight is 403 and allows nothing',
    sent: () => ({
      method: 'OPTIONS',
      path: '/secure',
      fields: ['Origin', 'https://evil.example', 'Access-Control-Request-Method', 'POST'],
    }),
    status: 403,
    code: 'cors_preflight_denied',
    fields: { 'access-control-allow-origin': undefined },
  },
  {
    name: 'COR-02: a preflight is answered by the settings of its route',
    sent: () => preflight(PARTNER, 'PUT'),
    status: 204,
    runs: 0,
    fields: { 'access-control-allow-origin': PARTNER, 'access-control-allow-methods': /PUT/ },
  },
  {
    name: 'COR-03: and no others, though the rest of the API has them',
    sent: () => preflight(ORIGIN, 'POST'),
    status: 403,
    code: 'cors_preflight_denied',
    fields: { 'access-control-allow-origin': undefined },
  },
  {
    name: 'COR-04: with block, a request of another origin is 403',
    sent: () => ({ path: '/partner', fields: ['Origin', ORIGIN] }),
    status: 403,
    code: 'cors_origin_denied',
    fields: { 'access-control-allow-origin': undefined, vary: /Origin/ },
  },
  {
    name: 'CSR-01: what a page of another site sends is 403, whatever it is',
    sent: () => ({
      method: 'POST',
      path: '/open',
      fields: ['Origin', 'https://evil.example', 'Sec-Fetch-Site', 'cross-site', 'Cookie', 'session=1'],
      body: '{}',
    }),
    status: 403,
    code: 'cross_site_request',
    fields: {
      'access-control-allow-origin': undefined,
      'x-content-type-options': 'nosniff',
      ratelimit: undefined,
    },
  },
  {
    name: 'COR-19: a request that is refused for its cookie has the CORS fields of its origin',
    sent: () => ({
      method: 'POST',
      path: '/open',
      fields: ['Origin', ORIGIN, 'Sec-Fetch-Site', 'same-site', 'Cookie', 'session=1'],
      body: '{}',
    }),
    status: 403,
    code: 'invalid_csrf_token',
    fields: cors,
  },
  {
    name: 'the request after the limit is 429, with CORS',
    sent: () => ({ path: '/limited', fields: ['Origin', ORIGIN] }),
    before: 2,
    status: 429,
    code: 'quota_exceeded',
    fields: { ...cors, 'retry-after': /^\d+$/ },
  },
  {
    name: 'COR-19: a request that is shed is 503, with CORS and security fields',
    sent: () => ({ path: '/shed', fields: ['Origin', ORIGIN] }),
    status: 503,
    code: 'reduced_capacity',
    fields: { ...cors, 'retry-after': /^[123]$/, 'x-content-type-options': 'nosniff' },
  },
  {
    name: 'REQ-14: a handler that does not answer in time is 503, with CORS',
    sent: () => ({ path: '/late', fields: ['Origin', ORIGIN] }),
    status: 503,
    runs: 1,
    code: 'handler_timeout',
    fields: { ...cors, 'x-content-type-options': 'nosniff' },
  },
  {
    name: 'writeHead of the handler keeps its fields and gets the rest',
    sent: () => ({ path: '/write-head' }),
    status: 201,
    fields: { 'x-own': 'yes', 'x-content-type-options': 'nosniff', server: undefined },
  },
  {
    name: '204 has the fields',
    sent: () => ({ path: '/empty' }),
    status: 204,
    fields: { 'x-content-type-options': 'nosniff' },
  },
  {
    name: '304 has the fields',
    sent: () => ({ path: '/unchanged', fields: ['Origin', ORIGIN] }),
    status: 304,
    fields: cors,
  },
  {
    name: 'an address that is not allowed is 403',
    sent: () => ({ path: '/office', fields: ['Origin', ORIGIN] }),
    status: 403,
    code: 'address_denied',
    fields: cors,
  },
  {
    name: 'a request without the idempotency key that it needs is 400',
    sent: () => ({ method: 'POST', path: '/keyed', body: '{}' }),
    status: 400,
    code: 'idempotency_key_required',
  },
  {
    name: 'an idempotency key that is none is 400',
    sent: () => ({ method: 'POST', path: '/keyed', fields: ['Idempotency-Key', '"a'], body: '{}' }),
    status: 400,
    code: 'invalid_idempotency_key',
  },
  {
    name: 'a repeated request is answered again',
    sent: () => keyed('"one"', '{"a":1}'),
    before: 1,
    status: 200,
    runs: 0,
    fields: { 'idempotency-replayed': 'true', 'x-content-type-options': 'nosniff' },
  },
  {
    name: 'an idempotency key of another request is 422',
    prior: keyed('one', '{"a":1}'),
    sent: () => keyed('one', '{"a":2}'),
    status: 422,
    code: 'idempotency_key_reused',
  },
  {
    name: 'REQ-11: JSON comes to the handler',
    sent: () => noted('application/json', '{"a":1}'),
    status: 200,
    fields: { ...cors, 'content-length': '19' },
  },
  {
    name: 'REQ-10: content that is too large is 413, with CORS, and the connection ends',
    sent: () => noted('application/json', JSON.stringify({ a: 'x'.repeat(64) })),
    status: 413,
    code: 'content_too_large',
    fields: { ...cors, connection: 'close' },
  },
  {
    name: 'REQ-10: content of another type is 415, with CORS, and says which it may be',
    sent: () => noted('text/plain', '{"a":1}'),
    status: 415,
    code: 'unsupported_media_type',
    fields: { ...cors, accept: 'application/json, application/x-www-form-urlencoded' },
  },
  {
    name: 'REQ-13: content of another coding is 415, and says which it may be',
    sent: () => noted('application/json', '{"a":1}', ['Content-Encoding', 'br']),
    status: 415,
    code: 'unsupported_content_coding',
    fields: { ...cors, 'accept-encoding': 'identity' },
  },
  {
    name: 'REQ-11: JSON with a name that reaches a prototype is 400',
    sent: () => noted('application/json', '{"__proto__":{}}'),
    status: 400,
    code: 'malformed_content',
    fields: cors,
  },
  {
    name: 'REQ-11: JSON with a name twice is 400',
    sent: () => noted('application/json', '{"a":1,"\\u0061":2}'),
    status: 400,
    code: 'malformed_content',
    fields: cors,
  },
  {
    name: 'REQ-11: a form with a field twice is 400',
    sent: () => noted('application/x-www-form-urlencoded', 'a=1&a=2'),
    status: 400,
    code: 'malformed_content',
    fields: cors,
  },
  {
    name: 'CSR-06: content without a type is 415',
    sent: () => ({ method: 'POST', path: '/noted', body: '{}' }),
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a request without the content that it needs is 400',
    sent: () => ({ method: 'POST', path: '/needed', fields: ['Content-Type', 'application/json'] }),
    status: 400,
    code: 'content_required',
  },
]

/** Asked of a gate whose decisions come later, too: of {@link CASES}, by name. */
export const LATE: ReadonlySet<string> = new Set([
  'HTTP without a token is 401',
  'a token with the scope gets in, and its answer is not stored',
  'a missing role is 403',
  "a rule of the framework's own route refuses",
  "a rule of the framework's own route lets in",
  "the framework's own 404 is a problem",
  "the framework's own 500 is a problem, and says nothing",
  'REQ-11: JSON comes to the handler',
])

/** Asked with HEAD: each has the fields that GET has, and no content (RFC 9110 §9.3.2). */
export const HEADS: readonly Case[] = [
  {
    name: 'an open route',
    sent: () => ({ path: '/open', fields: ['Origin', ORIGIN] }),
    status: 200,
    fields: { ...cors, 'x-content-type-options': 'nosniff' },
  },
  {
    name: "a rule of the framework's own route that lets in",
    sent: (t) => ({ path: '/route-rule', fields: bearer(t.reader) }),
    status: 200,
    fields: { 'cache-control': 'no-store' },
  },
  { name: 'a stream', sent: () => ({ path: '/stream' }), status: 200 },
  { name: 'no token', sent: () => ({ path: '/secure' }), status: 401, code: 'authentication_required' },
  {
    name: 'a missing scope',
    sent: (t) => ({ path: '/secure', fields: bearer(t.admin) }),
    status: 403,
    code: 'insufficient_scope',
  },
  {
    name: "a rule of the framework's own route that refuses",
    sent: (t) => ({ path: '/route-rule', fields: bearer(t.admin) }),
    status: 403,
    code: 'insufficient_scope',
  },
  {
    name: 'a path without a route',
    sent: (t) => ({ path: '/missing', fields: bearer(t.reader) }),
    status: 404,
    code: 'not_found',
  },
  {
    name: 'the request after the limit',
    sent: () => ({ path: '/limited', fields: ['Origin', ORIGIN] }),
    before: 2,
    status: 429,
    code: 'quota_exceeded',
    fields: cors,
  },
  {
    name: 'a handler that throws',
    sent: () => ({ path: '/throws' }),
    status: 500,
    code: 'internal_error',
    fields: { 'x-leak': undefined },
    runs: 1,
  },
]

function preflight(origin: string, method: string): Sent {
  return {
    method: 'OPTIONS',
    path: '/partner',
    fields: ['Origin', origin, 'Access-Control-Request-Method', method],
  }
}

function noted(type: string, body: string, fields: readonly string[] = []): Sent {
  return { method: 'POST', path: '/noted', fields: ['Origin', ORIGIN, 'Content-Type', type, ...fields], body }
}

function keyed(key: string, body: string): Sent {
  const fields = ['Idempotency-Key', key, 'Content-Type', 'application/json']
  return { method: 'POST', path: '/keyed', fields, body }
}
