import type { RequestFacts } from '../../contract/request.ts'
import { type Authority, formatHost, parseAuthority } from '../../lib/authority.ts'
import { hexValue, isAlphaCode, isDigitCode } from '../../lib/chars.ts'

const PERCENT = 0x25

/**
 * The one spelling of an http or https URI, without its query and fragment: scheme and host in lower case, no default
 * port, no dot segments, no escape that need not be one, and those that need in upper case. Two URIs are one when
 * theirs are equal (RFC 9449 §4.3).
 *
 * Nothing else is taken for equal: `//` is not `/`, an encoded slash is no slash. `undefined` for what is no such URI;
 * user information, spaces, backslashes and whatever is not ASCII among that. Linear.
 *
 * @see RFC 3986 §6.2.2, §6.2.3
 */
export function normaliseHtu(text: string): string | undefined {
  const separator = text.indexOf('://')
  const scheme = separator === 4 || separator === 5 ? text.slice(0, separator).toLowerCase() : undefined
  if (scheme !== 'http' && scheme !== 'https') return undefined
  const start = separator + 3
  const pathStart = endOf(text, start, '/?#')
  // RFC 3986 §6.2.3: an empty port, and its colon, mean the default one.
  const authority = parseAuthority(text.slice(start, text[pathStart - 1] === ':' ? pathStart - 1 : pathStart))
  if (authority === undefined) return undefined
  return uriOf(scheme, authority, text.slice(pathStart, endOf(text, pathStart, '?#')))
}

/** The URI that the client asked for, as {@link normaliseHtu} spells it; scheme and host as far as proxies are believed. */
export function externalUri(request: RequestFacts): string | undefined {
  // The asterisk-form of OPTIONS names no resource; no proof is for it.
  if (request.authority === undefined || !request.path.startsWith('/')) return undefined
  return uriOf(request.scheme, request.authority, request.path)
}

function uriOf(scheme: 'http' | 'https', authority: Authority, path: string): string | undefined {
  const normal = normalPath(path)
  if (normal === undefined) return undefined
  const { port } = authority
  const isDefault = port === undefined || port === (scheme === 'https' ? 443 : 80)
  return `${scheme}://${formatHost(authority)}${isDefault ? '' : `:${port}`}${normal}`
}

/** Where the first of a few characters stands; the end of the text when none does. */
function endOf(text: string, from: number, stops: string): number {
  let i = from
  while (i < text.length && !stops.includes(text.charAt(i))) i++
  return i
}

function normalPath(path: string): string | undefined {
  const plain = normalEscapes(path)
  if (plain === undefined) return undefined
  // RFC 3986 §6.2.3: with an authority, the empty path is `/`.
  if (plain === '') return '/'
  // No segment begins with a dot: there is nothing to remove.
  return plain.includes('/.') ? withoutDotSegments(plain) : plain
}

/** RFC 3986 §6.2.2.1, §6.2.2.2. The escapes go first: `%2e%2e` is a dot segment. */
function normalEscapes(path: string): string | undefined {
  let out = ''
  let copied = 0
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    // Neither in a URI nor in a request-target: a space, a control, a backslash, what is not ASCII.
    if (code <= 0x20 || code >= 0x7f || code === 0x5c) return undefined
    if (code !== PERCENT) continue
    const high = hexValue(path.charCodeAt(i + 1))
    const low = hexValue(path.charCodeAt(i + 2))
    if (high < 0 || low < 0) return undefined
    const octet = high * 16 + low
    out += path.slice(copied, i)
    out += isUnreserved(octet) ? String.fromCharCode(octet) : path.slice(i, i + 3).toUpperCase()
    i += 2
    copied = i + 1
  }
  return copied === 0 ? path : out + path.slice(copied)
}

/** RFC 3986 §2.3. */
function isUnreserved(code: number): boolean {
  if (isAlphaCode(code) || isDigitCode(code)) return true
  return code === 0x2d || code === 0x2e || code === 0x5f || code === 0x7e
}

/** RFC 3986 §5.2.4, for a path that begins with a slash. */
function withoutDotSegments(path: string): string {
  const segments = path.split('/')
  const kept: string[] = []
  for (const segment of segments.slice(1)) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  const last = segments.at(-1)
  // What a dot segment at the end leaves is a directory.
  if (last === '.' || last === '..') kept.push('')
  return `/${kept.join('/')}`
}
