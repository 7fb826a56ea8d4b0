import { encodeBase64url } from '../../lib/base64url.ts'
import { type CompiledKey, createSignature } from './signature.ts'

/**
 * Writes and signs a token in compact form (RFC 7515 §3.1).
 *
 * @throws TypeError when the claims are nothing that JSON can say as an object
 */
export function writeJwt(key: CompiledKey, typ: string, claims: object): string {
  const header = JSON.stringify({ alg: key.alg, typ, kid: key.kid })
  const payload: unknown = JSON.stringify(claims)
  if (typeof payload !== 'string' || !payload.startsWith('{')) throw new TypeError('claims are not an object')
  for (const name of ['exp', 'nbf', 'iat'] as const) {
    const time: unknown = (claims as Readonly<Record<string, unknown>>)[name]
    // RFC 7519 §2, NumericDate. JSON writes null for NaN and infinity, and every verifier would refuse the token.
    if (time !== undefined && !Number.isFinite(time))
      throw new TypeError(`the claim "${name}" is not a number`)
  }
  const signed = `${encodeBase64url(header)}.${encodeBase64url(payload)}`
  return `${signed}.${encodeBase64url(createSignature(key, signed))}`
}
