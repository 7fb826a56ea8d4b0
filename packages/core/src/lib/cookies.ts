import { isOwsCode, isToken } from './chars.ts'

/** More than any server takes as a field by default: what is longer is nobody's honest request. */
const MAX_FIELD = 65_536
/** RFC 6265 §6.1: what a browser has to take, the attributes included. */
const MAX_COOKIE = 4096

const DQUOTE = 0x22
const COMMA = 0x2c
const SEMICOLON = 0x3b
const EQUALS = 0x3d
const BACKSLASH = 0x5c

/** What a Cookie field says of one cookie. */
export type CookieFound =
  | { readonly type: 'none' }
  | { readonly type: 'found'; readonly value: string }
  /** It is there twice: nobody can say which of them this server set. */
  | { readonly type: 'repeated' }
  /** It, or the whole field, is not of the form that a browser sends. */
  | { readonly type: 'malformed' }

const NONE: CookieFound = Object.freeze({ type: 'none' })
const REPEATED: CookieFound = Object.freeze({ type: 'repeated' })
const MALFORMED: CookieFound = Object.freeze({ type: 'malformed' })

/**
 * Finds one cookie in a Cookie field.
 *
 * Strict about the cookie that is asked for, and blind to what the others look like: any script of the page can set
 * those, and a comma in one of them must not lock its user out. A semicolon always ends a cookie, within quotes, too,
 * as it does for a browser. Names are compared as they are. Linear in the field, and it never throws.
 *
 * @param name a token
 * @see RFC 6265bis §4.2.1 (the form), §5.8.3 (what a browser sends, cookies without a name among it)
 */
export function findCookie(field: string, name: string): CookieFound {
  if (field.length > MAX_FIELD) return MALFORMED
  let found = NONE
  let start = 0
  while (start <= field.length) {
    const semicolon = field.indexOf(';', start)
    const end = semicolon < 0 ? field.length : semicolon
    const one = readPair(field, start, end, name)
    if (one !== NONE) {
      // One that is set for the whole domain, or without a name, comes beside ours; the order tells nothing (§5.8.3).
      if (found !== NONE) return REPEATED
      found = one
    }
    start = end + 1
  }
  return found
}

function readPair(field: string, from: number, to: number, name: string): CookieFound {
  let start = from
  let end = to
  while (start < end && isOwsCode(field.charCodeAt(start))) start++
  while (start < end && isOwsCode(field.charCodeAt(end - 1))) end--
  if (!field.startsWith(name, start) || start + name.length > end) return NONE
  let at = start + name.length
  // A name that something else would trim into ours is no other cookie's.
  while (at < end && isOwsCode(field.charCodeAt(at))) at++
  if (at === end) return MALFORMED
  if (field.charCodeAt(at) !== EQUALS) return at === start + name.length ? NONE : MALFORMED
  if (at !== start + name.length) return MALFORMED
  const value = field.slice(at + 1, end)
  return isCookieValue(value) ? { type: 'found', value } : MALFORMED
}

/**
 * Whether the text consists of `cookie-octet`: visible ASCII without quotes, comma, semicolon and backslash. The empty
 * text does.
 *
 * @see RFC 6265bis §4.1.1
 */
export function isCookieValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x21 || code > 0x7e) return false
    if (code === DQUOTE || code === COMMA || code === SEMICOLON || code === BACKSLASH) return false
  }
  return true
}

/** A cookie for the whole host, and for no script. */
export interface HostCookie {
  /** A token; one that begins with `__Host-` or `__Secure-` is set with `secure` alone. */
  readonly name: string
  readonly value: string
  /** Whether it is sent over https alone. */
  readonly secure: boolean
  /** Which requests from other sites it comes along with: links (`Lax`), or none (`Strict`). */
  readonly sameSite: 'Lax' | 'Strict'
  /** For how many seconds it is kept; 0 removes it. Without it, for as long as the browser runs. */
  readonly maxAge?: number
}

/**
 * Writes the value of a Set-Cookie field: `Path=/`, `HttpOnly`, and never a Domain.
 *
 * @throws TypeError when the cookie has another form than browsers take, or is longer than 4096 bytes with its
 * attributes: a browser would drop it without a word
 * @see RFC 6265bis §4.1.1, §4.1.3; RFC 6265 §6.1
 */
export function setCookieText(cookie: HostCookie): string {
  const { name, value, secure, sameSite, maxAge } = cookie
  if (!isToken(name)) throw new TypeError('The name of a cookie is a token.')
  if (!isCookieValue(value))
    throw new TypeError('The value of a cookie is visible ASCII without , ; " and \\.')
  if (!secure && hasPrefix(name)) throw new TypeError('A cookie with this prefix is Secure.')
  if (maxAge !== undefined && (!Number.isSafeInteger(maxAge) || maxAge < 0)) {
    throw new TypeError('A cookie is kept for a whole number of seconds.')
  }
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  const text = `${name}=${value}; Path=/${age}${secure ? '; Secure' : ''}; HttpOnly; SameSite=${sameSite}`
  if (text.length > MAX_COOKIE) throw new TypeError(`A cookie has ${MAX_COOKIE} bytes at most.`)
  return text
}

/** Whether browsers hold a cookie of this name to rules; they compare without regard to case (RFC 6265bis §4.1.3). */
export function hasPrefix(name: string): boolean {
  return /^__(?:host|secure|http)-/i.test(name)
}

/**
 * The Set-Cookie values of a response with one more, in place of those of its name: a browser keeps the last, and a
 * proxy may join or reorder them (RFC 6265bis §4.1.1: a server SHOULD NOT send two of one name).
 */
export function withSetCookie(existing: readonly string[], text: string): readonly string[] {
  const name = cookieName(text)
  return [...existing.filter((other) => cookieName(other) !== name), text]
}

/** The name of the cookie that a Set-Cookie value sets, as browsers read it. */
export function cookieName(text: string): string {
  const pair = text.split(';', 1)[0] ?? ''
  const equals = pair.indexOf('=')
  return equals < 0 ? '' : pair.slice(0, equals).trim()
}
