import type { ServerResponse } from 'node:http'
import { secondsToWait } from '../../lib/duration.ts'

/** What a token or revocation endpoint answers. */
export interface Reply {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  /** Nothing for an answer that is its status alone. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** The errors of RFC 6749 §5.2, that of RFC 7009 §2.2.1, and one for a server in trouble (RFC 6749 §4.1.2.1). */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'unsupported_token_type'
  | 'temporarily_unavailable'

/** An error answer: constant text, of the characters that RFC 6749 §5.2 allows. */
export function refusal(
  status: number,
  error: OAuthError,
  description: string,
  fields: Readonly<Record<string, string>> = {},
): Reply {
  return { status, fields, body: { error, error_description: description } }
}

export const METHOD_NOT_ALLOWED: Reply = refusal(405, 'invalid_request', 'This endpoint takes POST.', {
  Allow: 'POST',
})
// The rest of the body is never read, so the connection cannot be used again.
export const TOO_LARGE: Reply = refusal(413, 'invalid_request', 'The form is too large.', {
  Connection: 'close',
})
export const MALFORMED: Reply = refusal(
  400,
  'invalid_request',
  'The form is malformed, or has a parameter more than once.',
)
const WHO = 'The client is unknown, or its authentication is wrong.'
// RFC 6749 §5.2: 401 with a challenge MUST answer a client that used the Authorization field. Elsewhere it would make a
// browser ask its user for a password.
export const INVALID_CLIENT: Reply = refusal(400, 'invalid_client', WHO)
export const INVALID_CLIENT_CHALLENGED: Reply = refusal(401, 'invalid_client', WHO, {
  'WWW-Authenticate': 'Basic realm="token"',
})
export const UNAUTHORIZED_CLIENT: Reply = refusal(
  400,
  'unauthorized_client',
  'The client may not use this grant_type.',
)
export const WRONG_PASSWORD: Reply = refusal(400, 'invalid_grant', 'The username or the password is wrong.')
export const WRONG_REFRESH_TOKEN: Reply = refusal(
  400,
  'invalid_grant',
  'The refresh token is not valid, or no longer.',
)
export const BEYOND: Reply = refusal(400, 'invalid_scope', 'A scope was asked for that cannot be granted.')
// RFC 6749 §5.2 has no word for a server in trouble; that of the authorization endpoint (§4.1.2.1) says it best.
export const UNAVAILABLE: Reply = refusal(
  503,
  'temporarily_unavailable',
  'This cannot be answered at the moment.',
)
export const REVOKED: Reply = { status: 200, fields: {}, body: undefined }

/** Too many logins have failed; the same for an account that exists and one that does not (AUT-08). */
export function tooMany(retryAfterMs: number): Reply {
  return refusal(429, 'temporarily_unavailable', 'Too many logins have failed.', {
    'Retry-After': String(secondsToWait(retryAfterMs)),
  })
}

/** Writes an answer, unless nobody is there to read it. */
export function send(res: ServerResponse, { status, fields, body }: Reply): void {
  if (res.headersSent || res.destroyed) return
  const text = body === undefined ? '' : JSON.stringify(body)
  res.statusCode = status
  if (body !== undefined) res.setHeader('Content-Type', 'application/json')
  res.setHeader('Content-Length', Buffer.byteLength(text))
  // RFC 6749 §5.1: both MUST be there for a token; an error says no less of who tried.
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Pragma', 'no-cache')
  for (const [name, value] of Object.entries(fields)) {
    // RFC 9113 §8.2.2: HTTP/2 has no Connection field; closing the stream is enough there.
    if (name === 'Connection' && res.req.httpVersionMajor > 1) continue
    res.setHeader(name, value)
  }
  res.end(text)
}
