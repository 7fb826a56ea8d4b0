import { canonicalCidr, type Cidr, parseCidr } from '../lib/ip.ts'
import { type Reader, report } from './read.ts'

/** Ranges that have a name. */
const NAMED_RANGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1/128']],
  // RFC 1918 §3, RFC 4193 §3.1.
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
])

const INSTEAD = "Write an address, a range such as '10.0.0.0/8' or '2001:db8::/32', 'loopback' or 'private'."

/** An address, a range, or the name of several. */
export const addressRange: Reader<readonly Cidr[]> = (value, place) => {
  if (typeof value !== 'string') return report(place, 'wrong_type', 'is not an address or range.', INSTEAD)
  const named = NAMED_RANGES.get(value)
  if (named !== undefined) return named.map(parseCidr).filter((cidr) => cidr !== undefined)
  const cidr = parseCidr(value)
  if (cidr !== undefined) return [cidr]
  const meant = canonicalCidr(value)
  return meant === undefined
    ? report(place, 'malformed_value', 'is not an address or range.', INSTEAD)
    : report(
        place,
        'malformed_value',
        'is not written as the range that it is.',
        `Write '${meant}', if that is what you mean, or a longer prefix.`,
      )
}
