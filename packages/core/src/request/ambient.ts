import type { RequestFacts } from '../contract/request.ts'

/**
 * The authentication schemes that a browser answers for by itself, once it knows what with: it asks its user (Basic,
 * Digest), the system (Negotiate, NTLM), or an attester (PrivateToken). The last three never came to the browsers of today.
 *
 * @see RFC 7617 §2.2, RFC 7616, RFC 4559, RFC 9577 §2.2; RFC 7486, RFC 8120, RFC 7804
 */
const AMBIENT_SCHEMES: ReadonlySet<string> = new Set([
  'basic',
  'digest',
  'negotiate',
  'ntlm',
  'privatetoken',
  'hoba',
  'mutual',
  'scram-sha-256',
])

/**
 * Whether a request carries what a browser remembers and sends by itself, whichever page asks: a cookie, a client
 * certificate, the user name and password of a dialog. No page can set it, and no page needs to know it.
 *
 * @see WHATWG Fetch, §2.2.5: credentials
 */
export function hasAmbientCredentials(request: RequestFacts): boolean {
  const { cookie, authorization } = request.headers
  return (
    cookie !== undefined ||
    (authorization !== undefined && AMBIENT_SCHEMES.has(schemeOf(authorization))) ||
    (request.clientCertificate ?? request.forwardedCertificate) !== undefined
  )
}

/**
 * Whether whatever a request is known by was put there by whoever wrote it: a token in `Authorization`, a key in a field
 * of its own. A page of another origin can set neither unless a preflight allows it.
 *
 * @param keyFields fields with keys, in lower case
 */
export function hasOnlyExplicitCredentials(request: RequestFacts, keyFields: readonly string[]): boolean {
  const { headers } = request
  const isExplicit =
    (headers.authorization ?? '') !== '' || keyFields.some((name) => (headers[name] ?? '') !== '')
  return isExplicit && !hasAmbientCredentials(request)
}

/** The scheme of an Authorization field, in lower case (RFC 9110 §11.1). */
function schemeOf(authorization: string): string {
  return (/^[^\s,]*/.exec(authorization.trimStart())?.[0] ?? '').toLowerCase()
}
