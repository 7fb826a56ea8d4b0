import { sha256 } from '../lib/digest.ts'
import type { Jwk } from './jwt/jwk.ts'

/** The members that make a public key, by its `kty`, in the order in which they are hashed (RFC 7638 §3.2, §3.3). */
const MEMBERS: ReadonlyMap<unknown, readonly (keyof Jwk)[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['RSA', ['e', 'kty', 'n']],
  // RFC 8037 §2.
  ['OKP', ['crv', 'kty', 'x']],
])

/**
 * The thumbprint of a public key: the SHA-256 of the members that make it, as base64url. It is what the `cnf.jkt` of a
 * token holds whose bearer has to prove to have the key.
 *
 * All else that the JWK says about itself changes nothing, its private part neither. Secrets (`oct`) have none here:
 * whoever knows the thumbprint of a guessable secret has the secret (RFC 7638 §7).
 *
 * @returns `undefined` when a member that is needed is no text, or the `kty` is another
 * @example
 * const claims = { cnf: { jkt: jwkThumbprint(publicKey.export({ format: 'jwk' })) } }
 * @see RFC 7638, RFC 9449 §6.1
 */
export function jwkThumbprint(jwk: Jwk): string | undefined {
  const names = Object.hasOwn(jwk, 'kty') ? MEMBERS.get(jwk.kty) : undefined
  if (names === undefined) return undefined
  const parts: string[] = []
  for (const name of names) {
    const value: unknown = Object.hasOwn(jwk, name) ? jwk[name] : undefined
    if (typeof value !== 'string') return undefined
    // RFC 7638 §3.3: no white space, and nothing is escaped that need not be.
    parts.push(`"${name}":${JSON.stringify(value)}`)
  }
  return sha256(`{${parts.join(',')}}`).toString('base64url')
}
