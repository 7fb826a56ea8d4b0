import { createHash } from 'node:crypto'
import type { DigestCredentials } from './credentials.ts'

/** `H` of RFC 7616 §3.3 for SHA-256: in hexadecimal, lower case. */
function h(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

/**
 * Hashes a user's password for {@link digest}: `H(username:realm:password)`, in hexadecimal.
 *
 * Whoever has it can log in to this realm without the password, and can guess the password fast: it is a secret, to be
 * kept like one. Name and password are brought into Unicode form C, as clients do.
 *
 * @throws TypeError for a name with a colon, and for an empty one
 * @example
 * const hash = digestHash('printer', 'devices@example.com', password)
 * @see RFC 7616 §3.4.2, §4
 */
export function digestHash(username: string, realm: string, password: string): string {
  if (username === '' || username.includes(':'))
    throw new TypeError('A user name has no colon, and is not empty.')
  return h(`${username.normalize('NFC')}:${realm}:${password.normalize('NFC')}`)
}

/** The `response` that fits a hash and a request (RFC 7616 §3.4.1, for `qop=auth`). */
export function digestResponse(
  hash: string,
  method: string,
  { uri, nonce, nc, cnonce }: Pick<DigestCredentials, 'uri' | 'nonce' | 'nc' | 'cnonce'>,
): string {
  // Bytes as they came: node:http reads each of them as one character.
  const target = h(Buffer.from(`${method}:${uri}`, 'latin1'))
  return h(Buffer.from(`${hash}:${nonce}:${nc}:${cnonce}:auth:${target}`, 'latin1'))
}
