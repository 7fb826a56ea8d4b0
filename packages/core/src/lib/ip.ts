import { hexValue, isDigitCode } from './chars.ts'

/** An IP address in network byte order: 4 bytes for version 4, 16 for version 6. */
export interface Ip {
  readonly version: 4 | 6
  readonly bytes: Uint8Array
}

/** A range of addresses; the bits after the prefix are zero. */
export interface Cidr extends Ip {
  readonly prefix: number
}

const DOT = 0x2e
const COLON = 0x3a

/**
 * Reads an IP address, strictly.
 *
 * IPv4 is four decimal numbers without leading zeros; IPv6 is any text form of RFC 4291 §2.2. A zone
 * (`fe80::1%eth0`) is dropped, for it means something on one machine only. An IPv4-mapped address
 * (`::ffff:192.0.2.1`) is the IPv4 address it carries, so that a dual-stack listener and a rule agree. No
 * brackets, no port, no white space.
 */
export function parseIp(text: string): Ip | undefined {
  const v4 = readIpv4(text, 0, text.length)
  if (v4 >= 0) return fromNumber(v4)
  const zone = text.indexOf('%')
  if (zone >= 0 && !isZone(text, zone + 1)) return undefined
  const bytes = readIpv6(zone < 0 ? text : text.slice(0, zone))
  return bytes && fromBytes(bytes)
}

/**
 * The dotted quad in a part of a text as an unsigned 32-bit number, or -1.
 *
 * Leading zeros are refused, because some readers take them for octal.
 */
export function readIpv4(text: string, start: number, end: number): number {
  if (end - start < 7 || end - start > 15) return -1
  let address = 0
  let octet = -1
  let dots = 0
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (octet < 0 || ++dots > 3) return -1
      address = address * 256 + octet
      octet = -1
    } else {
      if (!isDigitCode(code) || octet === 0) return -1
      octet = octet < 0 ? code - 0x30 : octet * 10 + code - 0x30
      if (octet > 255) return -1
    }
  }
  return dots === 3 && octet >= 0 ? address * 256 + octet : -1
}

/** The 16 bytes of an IPv6 address without zone; an IPv4-mapped address stays as written. */
export function readIpv6(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  let at = 0
  let gap = -1
  let group = 0
  let digits = 0
  let groupStart = 0
  let i = 0
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return undefined
    i = 1
  }
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const hex = hexValue(code)
    if (hex >= 0) {
      if (++digits > 4 || at > 14) return undefined
      group = group * 16 + hex
    } else if (code === COLON) {
      if (digits === 0) {
        // RFC 4291 §2.2: "::" can only appear once.
        if (gap >= 0) return undefined
        gap = at
      } else {
        if (i + 1 === text.length) return undefined
        at = writeGroup(bytes, at, group)
        group = 0
        digits = 0
      }
      groupStart = i + 1
    } else {
      const v4 = code === DOT && at <= 12 ? readIpv4(text, groupStart, text.length) : -1
      if (v4 < 0) return undefined
      at = writeGroup(bytes, at, v4 >>> 16)
      at = writeGroup(bytes, at, v4 & 0xffff)
      digits = 0
      break
    }
  }
  if (digits > 0) at = writeGroup(bytes, at, group)
  if (gap < 0) return at === 16 ? bytes : undefined
  // "::" stands for at least one group of zeros.
  if (at === 16) return undefined
  bytes.copyWithin(16 - (at - gap), gap, at)
  bytes.fill(0, gap, 16 - (at - gap))
  return bytes
}

function writeGroup(bytes: Uint8Array, at: number, group: number): number {
  bytes[at] = group >>> 8
  bytes[at + 1] = group & 0xff
  return at + 2
}

/** Interface names are free text; what could be mistaken for another part of an address is not taken. */
function isZone(text: string, start: number): boolean {
  if (start === text.length || text.length - start > 64) return false
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x21 || code > 0x7e || '%/[]'.includes(text.charAt(i))) return false
  }
  return true
}

function fromNumber(address: number): Ip {
  const bytes = new Uint8Array(4)
  bytes[0] = address >>> 24
  bytes[1] = address >>> 16
  bytes[2] = address >>> 8
  bytes[3] = address
  return { version: 4, bytes }
}

function fromBytes(bytes: Uint8Array): Ip {
  return startsWith(bytes, MAPPED) ? { version: 4, bytes: bytes.slice(12) } : { version: 6, bytes }
}

/** `::ffff:0:0/96`, RFC 4291 §2.5.5.2. */
const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** `64:ff9b::/96`, the well-known NAT64 prefix, RFC 6052 §2.1. */
const NAT64: readonly number[] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]

/** `64:ff9b:1::/48`, NAT64 prefixes of an operator's own choice, RFC 8215. */
const LOCAL_NAT64: readonly number[] = [0, 0x64, 0xff, 0x9b, 0, 1]

function startsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  for (let i = 0; i < head.length; i++) {
    if (bytes[i] !== head[i]) return false
  }
  return true
}

/**
 * Writes an address in its one canonical form.
 *
 * @see RFC 5952 §4: lower case, no leading zeros, `::` for the first of the longest runs of two or more zero groups.
 */
export function formatIp(ip: Ip): string {
  const { bytes } = ip
  if (ip.version === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  let gap = -1
  let gapLength = 1
  let run = 0
  for (let group = 0; group < 8; group++) {
    run = view.getUint16(group * 2) === 0 ? run + 1 : 0
    if (run > gapLength) {
      gapLength = run
      gap = group - run + 1
    }
  }
  let text = ''
  for (let group = 0; group < 8; group++) {
    if (group === gap) {
      text += '::'
      group += gapLength - 1
    } else {
      if (text !== '' && !text.endsWith(':')) text += ':'
      text += view.getUint16(group * 2).toString(16)
    }
  }
  return text
}

/** Whether the address is `0.0.0.0` or `::`, which no peer can have. */
export function isUnspecified(ip: Ip): boolean {
  return ip.bytes.every((byte) => byte === 0)
}

/** Whether the address is in `127.0.0.0/8` or is `::1`. */
export function isLoopback(ip: Ip): boolean {
  if (ip.version === 4) return ip.bytes[0] === 127
  return ip.bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))
}

/**
 * Reads a range, `192.0.2.0/24` or `2001:db8::/32`; a single address is a range of one.
 *
 * Refused: bits set after the prefix (the range would not be what it looks like), zones, leading zeros. A range
 * of IPv4-mapped addresses is the IPv4 range it carries; one that would become all of IPv4 is refused, since
 * whoever means that writes `0.0.0.0/0`.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const v4 = readIpv4(address, 0, address.length)
  const bytes = v4 >= 0 ? fromNumber(v4).bytes : readIpv6(address)
  if (bytes === undefined) return undefined
  const bits = bytes.length * 8
  const prefix = slash < 0 ? bits : readPrefix(text.slice(slash + 1))
  if (prefix < 0 || prefix > bits || !sameBytes(bytes, masked(bytes, prefix))) return undefined
  if (bits === 32) return { version: 4, bytes, prefix }
  if (!startsWith(bytes, MAPPED)) return { version: 6, bytes, prefix }
  // A mapped range shorter than /96 has bits set after its prefix and is gone by now.
  return prefix === 96 ? undefined : { version: 4, bytes: bytes.slice(12), prefix: prefix - 96 }
}

/**
 * How a range is written that {@link parseCidr} refuses for the way it is written: with bits set after its prefix, or as
 * all of IPv4 in its mapped form. `undefined` for what is a range already, or is none. For advice alone.
 */
export function canonicalCidr(text: string): string | undefined {
  const slash = text.indexOf('/')
  const ip = slash < 0 ? undefined : parseIp(text.slice(0, slash))
  const prefix = readPrefix(text.slice(slash + 1))
  if (ip === undefined || prefix < 0 || parseCidr(text) !== undefined) return undefined
  // Of the mapped form the prefix counts from the beginning of IPv6; what is shorter than the mapped part is all of IPv4.
  const isMapped = ip.version === 4 && text.includes(':')
  const own = isMapped ? Math.max(prefix - 96, 0) : prefix
  if (own > ip.bytes.length * 8) return undefined
  return `${formatIp({ version: ip.version, bytes: masked(ip.bytes, own) })}/${own}`
}

function readPrefix(text: string): number {
  return /^(?:0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : -1
}

function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  const whole = prefix >> 3
  const out = new Uint8Array(bytes.length)
  out.set(bytes.subarray(0, whole))
  if (whole < bytes.length) out[whole] = (bytes[whole] ?? 0) & partialMask(prefix)
  return out
}

/** The bits of the octet in which a prefix ends. */
function partialMask(prefix: number): number {
  return (0xff00 >> (prefix & 7)) & 0xff
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, index) => byte === b[index])
}

/** Whether the address lies in the range; an IPv4 range never holds an IPv6 address, nor the other way round. */
export function cidrContains(cidr: Cidr, ip: Ip): boolean {
  if (cidr.version !== ip.version) return false
  const whole = cidr.prefix >> 3
  for (let i = 0; i < whole; i++) {
    if (cidr.bytes[i] !== ip.bytes[i]) return false
  }
  return (((cidr.bytes[whole] ?? 0) ^ (ip.bytes[whole] ?? 0)) & partialMask(cidr.prefix)) === 0
}

/** The IPv4 address inside of an address behind NAT64; `undefined` for every other address. */
export function embeddedIpv4(ip: Ip): Ip | undefined {
  if (ip.version === 4 || !startsWith(ip.bytes, NAT64)) return undefined
  return { version: 4, bytes: ip.bytes.subarray(12) }
}

/**
 * The text under which an address is counted.
 *
 * An IPv4 address counts alone. An IPv6 address counts with its network of `v6Prefix` bits (0 to 128), because one
 * customer holds at least a /64 (RFC 6177). Behind NAT64 the embedded IPv4 address counts; where an operator chose
 * the NAT64 prefix, the place of the IPv4 address is not known, so the whole address counts and no two clients
 * share a key.
 */
export function addressKey(ip: Ip, v6Prefix = 64): string {
  if (ip.version === 4) return formatIp(ip)
  const inside = embeddedIpv4(ip)
  if (inside !== undefined) return formatIp(inside)
  const prefix = startsWith(ip.bytes, LOCAL_NAT64) ? 128 : v6Prefix
  return `${formatIp({ version: 6, bytes: masked(ip.bytes, prefix) })}/${prefix}`
}

/**
 * The network under which a client is counted, from its address as events and passes have it: an IPv4 address alone, an
 * IPv6 address with its prefix, `'2001:db8:1:2::/64'`. What is no address is given back as it is.
 *
 * @param ipv6Prefix how many bits of an IPv6 address count: 0 to 128
 */
export function networkOf(client: string, ipv6Prefix = 64): string {
  // IPv4 is written in one way alone, and is most of what comes.
  if (!client.includes(':')) return client
  const ip = parseIp(client)
  return ip === undefined ? client : addressKey(ip, ipv6Prefix)
}
