import { type Cidr, cidrContains, type Ip, parseCidr } from './ip.ts'
import { remembered } from './remembered.ts'

/**
 * IPv4 that is not the Internet: the rows of the IANA registry of special-purpose addresses (RFC 6890) that are not
 * globally reachable, multicast, and what is reserved.
 */
const SPECIAL_V4 = [
  '0.0.0.0/8', // this network, and the unspecified address (RFC 1122 §3.2.1.3)
  '10.0.0.0/8', // private (RFC 1918 §3)
  '100.64.0.0/10', // shared by the customers of a carrier (RFC 6598 §7)
  '127.0.0.0/8', // loopback (RFC 1122 §3.2.1.3)
  '169.254.0.0/16', // link-local, where clouds keep their metadata (RFC 3927 §2.1)
  '172.16.0.0/12', // private (RFC 1918 §3)
  '192.0.0.0/24', // protocol assignments (RFC 6890 §2.1)
  '192.0.2.0/24', // documentation (RFC 5737 §3)
  '192.88.99.0/24', // relays of 6to4, deprecated (RFC 7526 §5)
  '192.168.0.0/16', // private (RFC 1918 §3)
  '198.18.0.0/15', // benchmarks (RFC 2544 §C.2.2)
  '198.51.100.0/24', // documentation (RFC 5737 §3)
  '203.0.113.0/24', // documentation (RFC 5737 §3)
  '224.0.0.0/4', // multicast (RFC 5771 §3)
  '240.0.0.0/4', // reserved, and broadcast (RFC 1112 §4, RFC 919 §7)
]

/**
 * The only global unicast IPv6 there is so far (RFC 3513 §4). Outside of it are the unspecified address, loopback,
 * IPv4-compatible addresses, unique local fc00::/7, link-local fe80::/10, site-local fec0::/10 and multicast ff00::/8,
 * and whatever will be assigned one day.
 */
const GLOBAL_V6 = '2000::/3'

/** What is no host of the Internet even so. */
const SPECIAL_V6 = [
  '2001::/23', // protocol assignments: Teredo, which carries an IPv4 address, ORCHID, benchmarks (RFC 2928 §2)
  '2001:db8::/32', // documentation (RFC 3849 §4)
  '2002::/16', // 6to4, which carries an IPv4 address (RFC 3056 §2)
  '3fff::/20', // documentation (RFC 9637 §3)
]

/** NAT64: the last four bytes are an IPv4 address (RFC 6052 §2.1). */
const NAT64 = '64:ff9b::/96'

/**
 * Whether an address is one of the Internet at large: not of this machine, of its network, or of nobody.
 *
 * An IPv4-mapped address is judged as the IPv4 address it carries, since {@link Ip} has no other form of it, and so
 * is one of the well-known NAT64 prefix, which is how hosts without IPv4 see the whole IPv4 Internet.
 */
export function isGlobalAddress(ip: Ip): boolean {
  if (ip.version === 4) return !isIn(SPECIAL_V4, ip)
  if (isWithin(NAT64, ip)) return !isIn(SPECIAL_V4, { version: 4, bytes: ip.bytes.subarray(12) })
  return isWithin(GLOBAL_V6, ip) && !isIn(SPECIAL_V6, ip)
}

function isIn(all: readonly string[], ip: Ip): boolean {
  return all.some((one) => isWithin(one, ip))
}

/** A range of the tables, read when it is first asked for. */
const rangeOf = remembered(Infinity, (text): Cidr => {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw new TypeError('a range of the table is malformed')
  return cidr
})

function isWithin(text: string, ip: Ip): boolean {
  return cidrContains(rangeOf(text), ip)
}
