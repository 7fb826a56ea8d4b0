import type { IncomingHttpHeaders } from 'node:http'
import { isAlphaCode, isDigitCode, isOwsCode } from '../lib/chars.ts'
import { type Ip, isUnspecified, parseIp } from '../lib/ip.ts'

/** The header fields of a request, as node:http and node:http2 give them. */
export interface ReceivedFields {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value, ... exactly as received. */
  readonly rawHeaders: readonly string[]
}

/** The longest forwarding field that is read, all its lines together; longer ones are refused. */
export const MAX_FORWARDING_LENGTH = 4096

/** The most entries of a forwarding field that are read; no honest way has more proxies. */
export const MAX_FORWARDING_ENTRIES = 64

const COLON = 0x3a
const DOT = 0x2e
const HYPHEN = 0x2d
const UNDERSCORE = 0x5f

/**
 * All lines of a field as one list, in the order they came; `undefined` when there is none.
 *
 * The raw lines decide, since they are what came over the wire; `headers`, where node joins the lines in the same
 * way, answers cheaply for a field that is absent, and stands in for requests without raw lines.
 *
 * @see RFC 9110 §5.3: the order of the lines is significant, and a recipient joins them with a comma.
 */
export function fieldText(received: ReceivedFields, name: string): string | undefined {
  const joined: unknown = received.headers[name]
  if (joined === undefined) return undefined
  const { rawHeaders } = received
  let text: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const field = rawHeaders[i]
    if (field === undefined || field.length !== name.length || field.toLowerCase() !== name) continue
    const line = rawHeaders[i + 1] ?? ''
    text = text === undefined ? line : `${text}, ${line}`
  }
  if (text !== undefined) return text
  return Array.isArray(joined) ? joined.join(', ') : typeof joined === 'string' ? joined : undefined
}

/**
 * The entries of a comma-separated forwarding field from left to right, without the white space around them;
 * `undefined` beyond {@link MAX_FORWARDING_LENGTH} and {@link MAX_FORWARDING_ENTRIES}.
 *
 * No RFC defines these fields. An empty entry is kept, for it may stand for a hop: to drop it would move an entry
 * that the client chose into the place that a proxy vouches for.
 */
export function splitEntries(text: string): readonly string[] | undefined {
  if (text.length > MAX_FORWARDING_LENGTH) return undefined
  const entries: string[] = []
  let start = 0
  for (;;) {
    const comma = text.indexOf(',', start)
    const end = comma < 0 ? text.length : comma
    if (entries.push(trimmed(text, start, end)) > MAX_FORWARDING_ENTRIES) return undefined
    if (comma < 0) return entries
    start = comma + 1
  }
}

/** Without SP and HTAB at either end; `String.trim` would also take what is obs-text in a field. */
function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isOwsCode(text.charCodeAt(start))) start++
  while (end > start && isOwsCode(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/**
 * The address in an entry of `X-Forwarded-For`: `192.0.2.1`, `192.0.2.1:5678`, `2001:db8::1`, `[2001:db8::1]` or
 * `[2001:db8::1]:5678`. Zones are dropped, IPv4-mapped addresses are IPv4, and `0.0.0.0` and `::`, which no client
 * can have, are no address (PRX-08).
 */
export function entryAddress(entry: string): Ip | undefined {
  const colon = entry.indexOf(':')
  const isBareIpv6 = !entry.startsWith('[') && colon !== entry.lastIndexOf(':')
  return isBareIpv6 ? usable(parseIp(entry)) : nodeAddress(entry)
}

/**
 * The address in a `node` of RFC 7239 §6; `undefined` for `unknown`, for an obfuscated identifier, and for what is
 * no node at all. It differs from {@link entryAddress} in one thing: an IPv6 address needs its brackets.
 */
export function nodeAddress(node: string): Ip | undefined {
  if (node.startsWith('[')) {
    const close = node.indexOf(']')
    const inner = node.slice(1, close)
    // RFC 7239 §6: brackets are for IPv6 alone.
    if (close < 0 || !inner.includes(':') || !isPortOrEnd(node, close + 1)) return undefined
    return usable(parseIp(inner))
  }
  const colon = node.indexOf(':')
  const end = colon < 0 ? node.length : colon
  return isPortOrEnd(node, end) ? usable(parseIp(node.slice(0, end))) : undefined
}

function usable(ip: Ip | undefined): Ip | undefined {
  return ip === undefined || isUnspecified(ip) ? undefined : ip
}

/** RFC 7239 §6: nothing more, or `:` and up to five digits, or `:_` and an obfuscated port. */
function isPortOrEnd(text: string, start: number): boolean {
  if (start === text.length) return true
  if (text.charCodeAt(start) !== COLON) return false
  if (text.charCodeAt(start + 1) === UNDERSCORE) return isObfuscatedPort(text, start + 2)
  const digits = text.length - start - 1
  if (digits < 1 || digits > 5) return false
  let port = 0
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isDigitCode(code)) return false
    port = port * 10 + code - 0x30
  }
  return port <= 65_535
}

/** RFC 7239 §6.3: letters, digits, `.`, `_` and `-`. */
function isObfuscatedPort(text: string, start: number): boolean {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const isNameCode = code === DOT || code === HYPHEN || code === UNDERSCORE
    if (!isNameCode && !isAlphaCode(code) && !isDigitCode(code)) return false
  }
  return start < text.length
}
