/**
 * The codes that a client can see in a problem, with their status and title: one row per code, none is ever reused.
 *
 * `docs/codes.md` is generated from this table and the tables of kinds and mistakes.
 *
 * @example
 * CODES.quota_exceeded.status // 429
 * @see RFC 9457 §3.1.2, §3.1.3
 */
export const CODES = {
  bad_request: { status: 400, title: 'The request is malformed.' },
  invalid_host: { status: 400, title: 'The Host field is missing, repeated or malformed.' },
  address_denied: { status: 403, title: 'Requests from this address are not accepted.' },
  misdirected_request: { status: 421, title: 'This server does not answer for that host.' },
  invalid_path: { status: 400, title: 'The path can be read in more than one way.' },
  target_too_long: { status: 414, title: 'The request-target is too long.' },
  invalid_query: { status: 400, title: 'The query can be read in more than one way.' },
  duplicate_field: { status: 400, title: 'A field that may occur once occurs more than once.' },
  method_not_allowed: { status: 405, title: 'The method is not allowed.' },
  method_override_refused: { status: 400, title: 'The method of this request cannot be overridden.' },
  https_redirect: { status: 308, title: 'This resource is served over https.' },
  https_required: { status: 403, title: 'This resource is served over https only.' },
  cors_preflight_denied: { status: 403, title: 'This cross-origin request is not allowed.' },
  cors_origin_denied: { status: 403, title: 'This origin is not allowed.' },
  cross_site_request: { status: 403, title: 'This cross-site request is not allowed.' },
  invalid_csrf_token: { status: 403, title: 'The token against cross-site requests is missing or wrong.' },
  quota_exceeded: { status: 429, title: 'Request cannot be satisfied as assigned quota has been exceeded.' },
  abnormal_usage: {
    status: 429,
    title: 'Request not satisfied due to detection of abnormal request pattern.',
  },
  reduced_capacity: {
    status: 503,
    title: 'Request cannot be satisfied due to temporary server capacity constraints.',
  },
  address_unknown: { status: 403, title: 'The address of the client cannot be determined.' },
  authentication_required: { status: 401, title: 'Authentication is required.' },
  invalid_credentials: { status: 401, title: 'The credentials are not valid.' },
  invalid_request: { status: 400, title: 'The credentials are malformed.' },
  invalid_token: { status: 401, title: 'The access token is not valid.' },
  invalid_dpop_proof: { status: 401, title: 'The DPoP proof is not valid.' },
  use_dpop_nonce: { status: 401, title: 'The DPoP proof needs the nonce of this response.' },
  insufficient_user_authentication: {
    status: 401,
    title: 'The user has to be authenticated again, or more strongly.',
  },
  too_many_attempts: { status: 429, title: 'Too many attempts to log in have failed.' },
  insufficient_scope: { status: 403, title: 'The access token does not cover this request.' },
  access_denied: { status: 403, title: 'Access is denied.' },
  content_required: { status: 400, title: 'This request needs content.' },
  content_too_large: { status: 413, title: 'The content is too large.' },
  unsupported_media_type: { status: 415, title: 'Content of this type is not accepted here.' },
  unsupported_content_coding: { status: 415, title: 'Content of this coding is not accepted here.' },
  malformed_content: { status: 400, title: 'The content is malformed.' },
  idempotency_key_required: { status: 400, title: 'This request needs an Idempotency-Key.' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key is malformed.' },
  idempotency_key_in_use: { status: 409, title: 'A request with this Idempotency-Key is under way.' },
  idempotency_response_not_kept: {
    status: 409,
    title: 'A request with this Idempotency-Key was completed, and its response was not kept.',
  },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used for another request.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  rejected: { status: 400, title: 'The request was rejected.' },
  request_timeout: { status: 408, title: 'The request took too long to arrive.' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met.' },
  fields_too_large: { status: 431, title: 'The header fields are too large.' },
  handler_timeout: { status: 503, title: 'The request took too long to be answered.' },
  internal_error: { status: 500, title: 'Something went wrong on this server.' },
  dependency_unavailable: { status: 503, title: 'A service that this one needs is not available.' },
} as const

/** A row of {@link CODES}. */
export interface CodeRow {
  /** The status of the response. */
  readonly status: number
  /** The `title` of the problem: constant per code (RFC 9457 §3.1.3, AUT-07). */
  readonly title: string
}

/** A stable code in the `code` member of a problem. */
export type Code = keyof typeof CODES
