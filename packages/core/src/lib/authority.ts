import { hexValue, isAlphaCode, isDigitCode } from './chars.ts'
import { formatIp, readIpv4, readIpv6 } from './ip.ts'

/** What a host is written as. */
export type HostKind = 'name' | 'ipv4' | 'ipv6'

/** A host and, if written, a port. */
export interface Authority {
  /** Lower case, without a trailing dot; an IPv6 address in canonical form, without brackets. */
  readonly host: string
  readonly kind: HostKind
  readonly port: number | undefined
}

const DOT = 0x2e
const COLON = 0x3a
const HYPHEN = 0x2d
const UNDERSCORE = 0x5f

const MAX_NAME = 253
const MAX_LABEL = 63
/** A name, a trailing dot and `:65535`. */
const MAX_TEXT: number = MAX_NAME + 1 + 6

/**
 * Reads the value of `Host` or `:authority`.
 *
 * Names are letters, digits, `-` and `_` in labels of 1 to 63, at most 253 in all. Refused, because two readers
 * could disagree about them: userinfo, percent-encoding, every other character that RFC 3986 §3.2.2 would allow
 * in a reg-name, zones, an empty port or one with a leading zero, port 0, and whatever ends in a number without
 * being a dotted quad (`127.1`, `0x7f.1`), which WHATWG URL parsers take for an IPv4 address.
 *
 * @see RFC 9110 §7.2, RFC 3986 §3.2.2, WHATWG URL "ends in a number checker"
 */
export function parseAuthority(text: string): Authority | undefined {
  if (text !== lastText) {
    last = parseNew(text)
    lastText = text
  }
  return last
}

/** What was read last, and of which text: nearly every request names the same one, and more than one check asks for it. */
let lastText = ''
let last: Authority | undefined

function parseNew(text: string): Authority | undefined {
  if (text.length > MAX_TEXT) return undefined
  return text.startsWith('[') ? parseBracketed(text) : parseUnbracketed(text)
}

function parseBracketed(text: string): Authority | undefined {
  const close = text.indexOf(']')
  const bytes = readIpv6(text.slice(1, close))
  if (bytes === undefined) return undefined
  const port = readPort(text, close + 1)
  if (port < 0) return undefined
  return { host: formatIp({ version: 6, bytes }), kind: 'ipv6', port: port === 0 ? undefined : port }
}

function parseUnbracketed(text: string): Authority | undefined {
  let end = 0
  let label = 0
  let lastLabel = 0
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === COLON) break
    if (code === DOT) {
      if (!isLabelLength(end - label)) return undefined
      lastLabel = label
      label = end + 1
    } else if (!isNameCode(code)) {
      return undefined
    }
  }
  const rooted = end > 0 && label === end
  const hostEnd = rooted ? end - 1 : end
  if (!rooted) {
    if (!isLabelLength(end - label)) return undefined
    lastLabel = label
  }
  const port = readPort(text, end)
  if (port < 0 || hostEnd > MAX_NAME) return undefined
  const isNumber = endsInNumber(text, lastLabel, hostEnd)
  if (isNumber && readIpv4(text, 0, hostEnd) < 0) return undefined
  return {
    host: text.slice(0, hostEnd).toLowerCase(),
    kind: isNumber ? 'ipv4' : 'name',
    port: port === 0 ? undefined : port,
  }
}

function isLabelLength(length: number): boolean {
  return length > 0 && length <= MAX_LABEL
}

function isNameCode(code: number): boolean {
  return isAlphaCode(code) || isDigitCode(code) || code === HYPHEN || code === UNDERSCORE
}

/** WHATWG URL, "ends in a number checker": the last label is all digits, or `0x` and hexadecimal digits. */
function endsInNumber(text: string, start: number, end: number): boolean {
  const isHex = text.charCodeAt(start) === 0x30 && (text.charCodeAt(start + 1) | 0x20) === 0x78
  for (let i = isHex ? start + 2 : start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (isHex ? hexValue(code) < 0 : !isDigitCode(code)) return false
  }
  return true
}

/** The port after the host: 0 when nothing is left, -1 when what is left is not `:1` to `:65535`. */
function readPort(text: string, start: number): number {
  if (start === text.length) return 0
  const digits = text.length - start - 1
  if (text.charCodeAt(start) !== COLON || digits < 1 || digits > 5) return -1
  let port = 0
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isDigitCode(code) || (port === 0 && code === 0x30)) return -1
    port = port * 10 + code - 0x30
  }
  return port <= 65_535 ? port : -1
}

/** Whether a name, in lower case, means the own machine (RFC 6761 §6.3). */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

/** Writes a host as it stands in a URL: an IPv6 address in brackets. */
export function formatHost(authority: Pick<Authority, 'host' | 'kind'>): string {
  return authority.kind === 'ipv6' ? `[${authority.host}]` : authority.host
}

/** Writes a host and, if there is one, its port. */
export function formatAuthority(authority: Authority): string {
  const host = formatHost(authority)
  return authority.port === undefined ? host : `${host}:${authority.port}`
}
