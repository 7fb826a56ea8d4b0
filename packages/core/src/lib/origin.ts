import { formatAuthority, type HostKind, parseAuthority } from './authority.ts'

/** A web origin other than `null`. */
export interface Origin {
  readonly scheme: string
  /** As in an authority: lower case, an IPv6 address without brackets. */
  readonly host: string
  readonly kind: HostKind
  /** `undefined` for the default port of the scheme. */
  readonly port: number | undefined
}

/** An origin, or a family of origins. */
export interface OriginPattern {
  readonly scheme: string
  readonly host: string
  readonly kind: HostKind
  /** Whether the pattern stands for the names below the host, and not for the host itself. */
  readonly subdomains: boolean
  readonly port: number | undefined | '*'
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['ws', 80],
  ['https', 443],
  ['wss', 443],
])

/** Registered schemes are shorter; a bound keeps hostile values cheap. */
const MAX_SCHEME = 64

/**
 * Reads an origin in exactly the form in which a browser sends it.
 *
 * Refused is every other spelling: upper case, a default port, a trailing dot or slash, a path, userinfo, an
 * address not in canonical form, and `null`. What is accepted can therefore be compared as text.
 *
 * @see RFC 6454 §6.2, WHATWG HTML "ASCII serialization of an origin"
 */
export function parseOrigin(text: string): Origin | undefined {
  const separator = text.indexOf('://')
  if (separator > MAX_SCHEME || !isScheme(text, separator)) return undefined
  const scheme = text.slice(0, separator)
  const rest = text.slice(separator + 3)
  const authority = parseAuthority(rest)
  if (authority === undefined || formatAuthority(authority) !== rest) return undefined
  const { host, kind, port } = authority
  if (port !== undefined && port === DEFAULT_PORTS.get(scheme)) return undefined
  return { scheme, host, kind, port }
}

function isScheme(text: string, end: number): boolean {
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i)
    const isLetter = code >= 0x61 && code <= 0x7a
    const isOther = (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e
    if (!isLetter && (i === 0 || !isOther)) return false
  }
  return end > 0
}

/**
 * Reads an origin as written in a policy: exact, or with one or both of two wildcards.
 *
 * `https://*.example.com` stands for the names one or more labels below `example.com`, not for `example.com`; it
 * is for https and for names of at least two labels only. A port of `*`, as in `http://localhost:*`, stands for
 * every port, the default one included.
 */
export function parseOriginPattern(text: string): OriginPattern | undefined {
  const anyPort = text.endsWith(':*')
  const withoutPort = anyPort ? text.slice(0, -2) : text
  const subdomains = withoutPort.startsWith('https://*.')
  const origin = parseOrigin(subdomains ? `https://${withoutPort.slice('https://*.'.length)}` : withoutPort)
  if (origin === undefined || (anyPort && origin.port !== undefined)) return undefined
  // A wildcard right below a top-level domain would hand the API to whoever buys a name there.
  if (subdomains && (origin.kind !== 'name' || !origin.host.includes('.'))) return undefined
  return { ...origin, subdomains, port: anyPort ? '*' : origin.port }
}

/** Whether the origin is the one, or among those, that the pattern stands for. */
export function originMatches(pattern: OriginPattern, origin: Origin): boolean {
  if (pattern.scheme !== origin.scheme) return false
  if (pattern.port !== '*' && pattern.port !== origin.port) return false
  if (!pattern.subdomains) return pattern.host === origin.host
  // The dot before the suffix keeps evilexample.com out; it is a label boundary, since a host has no empty label.
  const dot = origin.host.length - pattern.host.length - 1
  return dot > 0 && origin.host.charCodeAt(dot) === 0x2e && origin.host.endsWith(pattern.host)
}
