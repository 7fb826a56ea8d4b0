import type { Code } from './codes.ts'

/**
 * Everything that can happen to a request, one row per kind.
 *
 * The log tells kinds apart (LOG-05); the client sees only the `code` of the row, so that a probe learns nothing from
 * which test it failed. A kind without a code is never a refusal.
 *
 * @example
 * KINDS['token.expired'].code // 'invalid_token'
 */
export const KINDS = {
  'request.allowed': { code: undefined, meaning: 'Every check passed; the request went to its handler.' },
  'request.preflight': { code: undefined, meaning: 'A CORS preflight was answered.' },
  'request.metadata': { code: undefined, meaning: 'The metadata of the protected resource were answered.' },
  'request.malformed': {
    code: 'bad_request',
    meaning: 'The request-target or the framing is not valid HTTP.',
  },
  'request.path-ambiguous': {
    code: 'invalid_path',
    meaning:
      'The path has dot segments, encoded slashes, control bytes or the like: a router could read another path than a rule.',
  },
  'request.target-too-long': {
    code: 'target_too_long',
    meaning: 'The request-target is longer than the policy allows.',
  },
  'request.query-ambiguous': {
    code: 'invalid_query',
    meaning:
      'The query has broken percent-encoding, a parameter twice that may come once, or a name that reaches a prototype.',
  },
  'request.field-repeated': {
    code: 'duplicate_field',
    meaning: 'A field that may occur once occurs more than once.',
  },
  'request.method-refused': {
    code: 'method_not_allowed',
    meaning: 'TRACE, TRACK, CONNECT or an unknown method.',
  },
  'request.method-overridden': {
    code: 'method_override_refused',
    meaning: 'A field, or the parameter _method, names another method than the request has.',
  },
  'address.denied': { code: 'address_denied', meaning: 'The address of the client is in a deny list.' },
  'address.not-allowed': {
    code: 'address_denied',
    meaning: 'There is a list of the addresses that may come, and the client is not in it.',
  },
  'address.unknown': {
    code: 'address_unknown',
    meaning: 'There are rules about addresses, and the address of the client cannot be determined.',
  },
  'host.missing': { code: 'invalid_host', meaning: 'An HTTP/1.1 request has no Host field.' },
  'host.repeated': { code: 'invalid_host', meaning: 'A request has more than one Host field.' },
  'host.malformed': { code: 'invalid_host', meaning: 'The Host field is not a host and optional port.' },
  'host.unknown': {
    code: 'misdirected_request',
    meaning: 'The host is not in the list of hosts of the policy.',
  },
  'https.redirected': {
    code: 'https_redirect',
    meaning: 'A plain request without credentials was sent to https.',
  },
  'https.refused': { code: 'https_required', meaning: 'A plain request was refused.' },
  'https.credential-in-clear': {
    code: 'https_required',
    meaning:
      'A credential travelled in clear: refused, not redirected, and the credential should be replaced.',
  },
  'cors.preflight-denied': {
    code: 'cors_preflight_denied',
    meaning: 'A preflight asked for an origin, method or header that is not allowed.',
  },
  'cors.origin-denied': {
    code: 'cors_origin_denied',
    meaning: 'A request came from an origin that is not allowed, in block mode.',
  },
  'cross-site.refused': {
    code: 'cross_site_request',
    meaning:
      'A page of another origin, not trusted, sent a request that could change something, or an upgrade.',
  },
  'cross-site.load-refused': {
    code: 'cross_site_request',
    meaning: 'A page of another origin, not trusted, loaded what the policy isolates.',
  },
  'cross-site.token-missing': {
    code: 'invalid_csrf_token',
    meaning: 'A request with a cookie that could change something has no token against cross-site requests.',
  },
  'cross-site.token-wrong': {
    code: 'invalid_csrf_token',
    meaning: 'The token against cross-site requests is malformed, or is not of this session and browser.',
  },
  'limit.exceeded': { code: 'quota_exceeded', meaning: 'A rate limit was exceeded.' },
  'limit.blocked': {
    code: 'abnormal_usage',
    meaning: 'A key that a limit counts is blocked for a time: it was banned, or the application said so.',
  },
  'limit.banned': {
    code: undefined,
    meaning: 'A key exceeded a limit so often that it was banned for a time.',
  },
  'limit.address-unknown': {
    code: 'address_unknown',
    meaning: 'A limit per client met a request whose client cannot be determined.',
  },
  'concurrency.exceeded': {
    code: 'quota_exceeded',
    meaning: 'As many requests of a key are under way as a limit of concurrency allows at once.',
  },
  'concurrency.capacity': {
    code: 'reduced_capacity',
    meaning: 'As many requests are under way as the server, or a group of its routes, takes at once.',
  },
  'load.shed': {
    code: 'reduced_capacity',
    meaning: 'The event loop is late, and the request was not important enough.',
  },
  'credentials.missing': { code: 'authentication_required', meaning: 'The request has no credentials.' },
  'credentials.wrong-scheme': {
    code: 'authentication_required',
    meaning: 'The Authorization field uses a scheme that the policy does not know.',
  },
  'credentials.malformed': {
    code: 'invalid_request',
    meaning: 'The credentials do not have the form of their scheme.',
  },
  'credentials.repeated': {
    code: 'invalid_request',
    meaning: 'More than one credential came with one request.',
  },
  'credentials.accepted': {
    code: undefined,
    meaning: 'A name and a password were right, at a token endpoint or a login of the application.',
  },
  'credentials.wrong': {
    code: 'invalid_credentials',
    meaning: 'A password or key is wrong, or its owner is unknown.',
  },
  'credentials.expired': { code: 'invalid_credentials', meaning: 'A key was right once and has expired.' },
  'credentials.revoked': { code: 'invalid_credentials', meaning: 'A key was revoked.' },
  'credentials.replayed': {
    code: 'invalid_credentials',
    meaning: 'A proof that is good once was used again.',
  },
  'token.malformed': {
    code: 'invalid_token',
    meaning: 'The token is not a JWS in compact form, or not canonical.',
  },
  'token.wrong-algorithm': {
    code: 'invalid_token',
    meaning: 'The token names an algorithm that its key is not for.',
  },
  'token.unknown-key': { code: 'invalid_token', meaning: 'No key of the policy fits the token.' },
  'token.bad-signature': { code: 'invalid_token', meaning: 'The signature does not fit the token.' },
  'token.wrong-type': {
    code: 'invalid_token',
    meaning: 'The token is of another type than an access token.',
  },
  'token.claim-malformed': { code: 'invalid_token', meaning: 'A claim is missing or of the wrong form.' },
  'token.expired': { code: 'invalid_token', meaning: 'The token has expired.' },
  'token.not-yet-valid': { code: 'invalid_token', meaning: 'The token is not valid yet.' },
  'token.wrong-issuer': { code: 'invalid_token', meaning: 'The token comes from another issuer.' },
  'token.wrong-audience': { code: 'invalid_token', meaning: 'The token is meant for another audience.' },
  'token.revoked': { code: 'invalid_token', meaning: 'The token was revoked.' },
  'token.inactive': {
    code: 'invalid_token',
    meaning: 'The authorization server says that the token is not active.',
  },
  'token.unbound': {
    code: 'invalid_token',
    meaning: 'The token is bound to a key or certificate that did not come with it, or is not bound at all.',
  },
  'proof.malformed': {
    code: 'invalid_dpop_proof',
    meaning: 'The DPoP proof is missing, repeated, or not of its form.',
  },
  'proof.bad-signature': {
    code: 'invalid_dpop_proof',
    meaning: 'The signature does not fit the DPoP proof.',
  },
  'proof.mismatch': {
    code: 'invalid_dpop_proof',
    meaning: 'The DPoP proof was made for another method, URI or token.',
  },
  'proof.expired': {
    code: 'invalid_dpop_proof',
    meaning: 'The DPoP proof was made too long ago, or in the future.',
  },
  'proof.replayed': { code: 'invalid_dpop_proof', meaning: 'The DPoP proof has been used before.' },
  'proof.nonce-needed': {
    code: 'use_dpop_nonce',
    meaning: 'The DPoP proof has no nonce of this server, or one that is no longer good.',
  },
  'login.limited': {
    code: 'too_many_attempts',
    meaning: 'Logins failed too often, for this account from this network or from this network at all.',
  },
  'authorization.step-up': {
    code: 'insufficient_user_authentication',
    meaning: 'The rule asks for a stronger or more recent authentication of the user.',
  },
  'authorization.permission-missing': {
    code: 'access_denied',
    meaning: 'The caller lacks a permission of the rule.',
  },
  'authorization.tenant-mismatch': {
    code: 'access_denied',
    meaning: 'The caller belongs to another tenant than the path names.',
  },
  'authorization.deny-rule': { code: 'access_denied', meaning: 'A deny rule applied to the caller.' },
  'authorization.object-denied': {
    code: 'access_denied',
    meaning: 'The caller may not touch the object that the request names.',
  },
  'authorization.object-missing': {
    code: 'not_found',
    meaning: 'The object that the request names does not exist.',
  },
  'authorization.undecided': {
    code: 'internal_error',
    meaning: 'A handler was about to answer with success and had not decided about its object.',
  },
  'authorization.scope-missing': {
    code: 'insufficient_scope',
    meaning: 'The caller lacks a scope of the rule.',
  },
  'authorization.role-missing': {
    code: 'access_denied',
    meaning: 'The caller has none of the roles of the rule.',
  },
  'authorization.denied': { code: 'access_denied', meaning: 'The predicate of the rule said no.' },
  'authorization.failed': {
    code: 'access_denied',
    meaning: 'The predicate of the rule threw, or gave no boolean.',
  },
  'authorization.hidden': {
    code: 'not_found',
    meaning: 'Access is denied, and the rule says to answer as if nothing were there.',
  },
  'content.missing': {
    code: 'content_required',
    meaning: 'The rule asks for content, and the request has none.',
  },
  'content.type-refused': {
    code: 'unsupported_media_type',
    meaning: 'The Content-Type is missing, malformed, or none of those that the rule takes.',
  },
  'content.charset-refused': {
    code: 'unsupported_media_type',
    meaning: 'The Content-Type names another charset than UTF-8.',
  },
  'content.coding-refused': {
    code: 'unsupported_content_coding',
    meaning: 'The Content-Encoding is none of those that the rule takes, or there are several.',
  },
  'content.too-large': {
    code: 'content_too_large',
    meaning: 'The content has more bytes than the rule takes: declared, counted, or decoded.',
  },
  'content.too-dense': {
    code: 'content_too_large',
    meaning: 'The content decodes to so many times its size that it was made for that.',
  },
  'content.late': { code: 'request_timeout', meaning: 'The content did not arrive in time.' },
  'content.cut': {
    code: 'malformed_content',
    meaning: 'The connection ended before all of the content had come.',
  },
  'content.malformed': {
    code: 'malformed_content',
    meaning: 'The content is not what its Content-Type and Content-Encoding say.',
  },
  'content.hazardous': {
    code: 'malformed_content',
    meaning:
      'The content has a name twice, one that reaches a prototype, half a character, or more structure than the rule takes.',
  },
  'idempotency.key-missing': {
    code: 'idempotency_key_required',
    meaning: 'The rule asks for an Idempotency-Key, and the request has none.',
  },
  'idempotency.key-malformed': {
    code: 'invalid_idempotency_key',
    meaning: 'The Idempotency-Key is no key, or came more than once.',
  },
  'idempotency.address-unknown': {
    code: 'address_unknown',
    meaning:
      'An Idempotency-Key came from nobody who is known, and from an address that cannot be determined.',
  },
  'idempotency.in-progress': {
    code: 'idempotency_key_in_use',
    meaning: 'A request with the same Idempotency-Key is under way, or was given up not long ago.',
  },
  'idempotency.mismatch': {
    code: 'idempotency_key_reused',
    meaning: 'The Idempotency-Key was used for a request with another target or content.',
  },
  'idempotency.not-kept': {
    code: 'idempotency_response_not_kept',
    meaning: 'The request was completed before; its response or its content was too large to be kept.',
  },
  'idempotency.replayed': {
    code: undefined,
    meaning: 'The response to an earlier request with the same Idempotency-Key was sent again.',
  },
  'check.failed': {
    code: 'internal_error',
    meaning: 'A check threw: refused, since nobody knows what it would have said.',
  },
  'dependency.failed': {
    code: 'dependency_unavailable',
    meaning: 'A store, key set or callback that a check needs failed.',
  },
  'store.down': {
    code: undefined,
    meaning: 'The store of the limits keeps failing: each limit does what its whenStoreFails says.',
  },
  'store.up': { code: undefined, meaning: 'The store of the limits answers again, and counts.' },
  'handler.failed': { code: 'internal_error', meaning: 'The handler threw, or rejected.' },
  'handler.rejected': {
    code: 'rejected',
    meaning: 'The framework or handler rejected the request with a 4xx error of its own.',
  },
  'handler.timeout': {
    code: 'handler_timeout',
    meaning: 'The `timeout` of the rule was over before the request was answered; its work was aborted.',
  },
  'handler.not-found': { code: 'not_found', meaning: 'The framework has no route for the request.' },
  'connection.malformed': { code: 'bad_request', meaning: 'Bytes came that are not HTTP.' },
  'connection.timeout': { code: 'request_timeout', meaning: 'A request did not arrive in time.' },
  'connection.fields-too-large': {
    code: 'fields_too_large',
    meaning: 'The header section is larger than the server allows.',
  },
  'connection.expectation': {
    code: 'expectation_failed',
    meaning: 'An Expect field other than 100-continue.',
  },
  'connection.refused': {
    code: undefined,
    meaning: 'A connection was closed as it came: there are as many as the limits of the server allow.',
  },
  'connection.stalled': {
    code: undefined,
    meaning: 'A connection was cut: its client took nothing of its response for the `drainTimeout`.',
  },
  'proxy.untrusted': {
    code: undefined,
    meaning:
      'A forwarding header came from a peer that the policy does not trust; it was ignored. Set `proxy`.',
  },
  'proxy.field-removed': {
    code: undefined,
    meaning:
      'A field by which proxies tell who is calling, or from where, came from a peer that the policy does not trust; it was removed.',
  },
  'proxy.malformed': {
    code: undefined,
    meaning: 'A trusted proxy sent a forwarding header that cannot be used.',
  },
  'proxy.misconfigured': {
    code: undefined,
    meaning: 'The self-check of the proxy setting found something wrong.',
  },
  'proxy.too-few-hops': {
    code: undefined,
    meaning: 'Fewer forwarding entries came than the policy has trusted hops; the client is unknown.',
  },
  'report.received': { code: undefined, meaning: 'A browser reported something to the report collector.' },
  'headers.conflict': {
    code: undefined,
    meaning: 'The handler set a header that the gate owns, or one that the gate would have set otherwise.',
  },
} as const

/** A row of {@link KINDS}. */
export interface KindRow {
  /** What the client sees; `undefined` for what is never a refusal. */
  readonly code: Code | undefined
  /** What happened, for people. */
  readonly meaning: string
}

/** What happened to a request. */
export type Kind = keyof typeof KINDS
