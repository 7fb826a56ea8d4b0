import { isUtf8 } from 'node:buffer'
import { isTokenCode } from '../../lib/chars.ts'
import { type Cursor, readToken, readTokenOrQuoted, skipOws } from '../../lib/cursor.ts'
import { isUserName } from '../basic-users.ts'

/** What a client sends as `Authorization: Digest` (RFC 7616 §3.4), quotes and escapes resolved. */
export interface DigestCredentials {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly response: string
  readonly cnonce: string
  readonly nc: string
  readonly opaque: string
}

/** What an Authorization field is to this scheme. */
export type DigestParse =
  | { readonly type: 'other' }
  | { readonly type: 'malformed' }
  | { readonly type: 'credentials'; readonly credentials: DigestCredentials }

const OTHER: DigestParse = Object.freeze({ type: 'other' })
const MALFORMED: DigestParse = Object.freeze({ type: 'malformed' })

/** A uri is the longest part, and node:http takes 16 KiB of fields. */
const MAX_LENGTH = 8192
/** RFC 7616 defines twelve. */
const MAX_PARAMETERS = 24
/** Empty elements of a list are let through (RFC 9110 §5.6.1.2), within reason. */
const MAX_EMPTY = 8
const MAX_CNONCE = 256

const SCHEME = 'digest'
const SPACE = 0x20
const COMMA = 0x2c
const EQUALS = 0x3d

/**
 * Reads an Authorization field as `Digest` with SHA-256 and `qop=auth`.
 *
 * Linear in the text, bounded, and it never throws. A parameter that occurs twice refuses the whole, since readers
 * disagree on which one counts; a parameter that nobody knows is dropped. Values may be tokens or quoted strings,
 * whatever RFC 7616 says of each: a recipient takes both (RFC 9110 §11.2).
 *
 * @see RFC 7616 §3.4, RFC 9110 §11.4
 */
export function parseDigest(value: string): DigestParse {
  let end = 0
  while (end < value.length && isTokenCode(value.charCodeAt(end))) end++
  if (end !== SCHEME.length || value.slice(0, end).toLowerCase() !== SCHEME) return OTHER
  if (value.length > MAX_LENGTH || value.charCodeAt(end) !== SPACE) return MALFORMED
  const parameters = readParameters({ text: value, at: end + 1 })
  const credentials = parameters && credentialsOf(parameters)
  return credentials === undefined ? MALFORMED : { type: 'credentials', credentials }
}

/** `#auth-param`: names in lower case, and none of them twice. */
function readParameters(cursor: Cursor): ReadonlyMap<string, string> | undefined {
  const { text } = cursor
  const parameters = new Map<string, string>()
  let empty = 0
  for (;;) {
    skipOws(cursor)
    const name = readToken(cursor).toLowerCase()
    if (name === '') {
      if (++empty > MAX_EMPTY) return undefined
    } else {
      const value = readValue(cursor)
      if (value === undefined || parameters.has(name) || parameters.size === MAX_PARAMETERS) return undefined
      parameters.set(name, value)
    }
    skipOws(cursor)
    if (cursor.at === text.length) return parameters
    if (text.charCodeAt(cursor.at) !== COMMA) return undefined
    cursor.at++
  }
}

/** `BWS "=" BWS ( token / quoted-string )`. */
function readValue(cursor: Cursor): string | undefined {
  skipOws(cursor)
  if (cursor.text.charCodeAt(cursor.at) !== EQUALS) return undefined
  cursor.at++
  skipOws(cursor)
  return readTokenOrQuoted(cursor)
}

/** What RFC 7616 §3.4 asks of the parameters; whose they are, and whether they fit, is not looked at here. */
function credentialsOf(given: ReadonlyMap<string, string>): DigestCredentials | undefined {
  const username = usernameOf(given.get('username'), given.get('username*'))
  const realm = given.get('realm')
  const nonce = given.get('nonce')
  const uri = given.get('uri')
  const response = given.get('response')
  const cnonce = given.get('cnonce')
  const nc = given.get('nc')
  const opaque = given.get('opaque')
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined)
    return undefined
  if (response === undefined || !isHex(response, 64) || opaque === undefined) return undefined
  if (cnonce === undefined || cnonce === '' || cnonce.length > MAX_CNONCE || !isPlain(cnonce))
    return undefined
  // A count begins with one, and each of them has one spelling.
  if (nc === undefined || !isHex(nc, 8) || nc === '00000000') return undefined
  // Without its name an algorithm is MD5 (§3.4); nothing else than what the challenge offers is taken.
  if (given.get('algorithm')?.toUpperCase() !== 'SHA-256' || given.get('qop') !== 'auth') return undefined
  if ((given.get('userhash') ?? 'false') !== 'false') return undefined
  return { username, realm, nonce, uri, response, cnonce, nc, opaque }
}

/** The name of a user, which comes as UTF-8 in quotes or in the form of RFC 8187, and never in both. */
function usernameOf(plain: string | undefined, extended: string | undefined): string | undefined {
  if ((plain === undefined) === (extended === undefined)) return undefined
  const name = plain === undefined ? decodeExtended(extended ?? '') : decodeUtf8(plain)
  // A colon would move what comes behind it into the realm (§3.4.2).
  return name !== undefined && isUserName(name) ? name : undefined
}

/** node:http reads each byte of a field as one character. */
function decodeUtf8(text: string): string | undefined {
  const bytes = Buffer.from(text, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

/** `UTF-8''` and percent-encoding (RFC 8187 §3.2.1), as RFC 7616 §3.9.2 has it. */
function decodeExtended(text: string): string | undefined {
  const prefix = "utf-8''"
  if (text.slice(0, prefix.length).toLowerCase() !== prefix || !isPlain(text)) return undefined
  try {
    return decodeURIComponent(text.slice(prefix.length))
  } catch {
    return undefined
  }
}

/** Whether the text is so many hexadecimal digits in lower case: `LHEX`. */
function isHex(text: string, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) return false
  }
  return true
}

/** Printable ASCII. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < SPACE || code > 0x7e) return false
  }
  return true
}
