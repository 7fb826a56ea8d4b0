import { isToken } from '../lib/chars.ts'
import type { Cidr } from '../lib/ip.ts'
import { addressRange } from '../options/ranges.ts'
import { type Reader, report } from '../options/read.ts'
import { list } from '../options/readers.ts'

/** Shorter prefixes hold so much of the internet that they name no proxy; `fc00::/7` is the shortest with a use. */
const SHORTEST_PREFIX = { 4: 8, 6: 7 } as const

const range: Reader<readonly Cidr[]> = (value, place) => {
  const ranges = addressRange(value, place)
  if (ranges === undefined || ranges.every((cidr) => cidr.prefix >= SHORTEST_PREFIX[cidr.version]))
    return ranges
  return report(
    place,
    'unsafe_value',
    'would trust a large part of the internet.',
    'Write the addresses of your proxies alone.',
  )
}

/** Fields that hold something else than the address of a client. */
const NO_ADDRESSES: ReadonlySet<string> = new Set([
  'host',
  'via',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
])

/** The header of a setting that is told by addresses. */
export const headerName: Reader<string> = (value, place) => {
  const instead =
    "Write 'x-forwarded-for', 'forwarded', or a header that holds one address, such as 'cf-connecting-ip'."
  if (typeof value !== 'string') return report(place, 'wrong_type', 'is not the name of a header.', instead)
  const name = value.toLowerCase()
  if (isToken(name) && !NO_ADDRESSES.has(name)) return name
  return report(place, 'malformed_value', 'is not the name of a header with addresses.', instead)
}

/** Fields without which no request can be told from another. */
const NEVER_REMOVED: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
])

/** The name of a field, or how it begins, with a `*` at its end; in lower case. */
export const fieldPattern: Reader<string> = (value, place) => {
  const instead =
    "Write the name of a header, or how it begins with a * at the end: 'x-acme-user', 'x-acme-*'."
  if (typeof value !== 'string') return report(place, 'wrong_type', 'is not the name of a header.', instead)
  const name = value.toLowerCase()
  const text = name.endsWith('*') ? name.slice(0, -1) : name
  // What begins with fewer letters would be most of a request.
  const isLong = text === name || text.length > 2
  if (isLong && isToken(text) && !text.includes('*') && !NEVER_REMOVED.has(text)) return name
  return report(place, 'malformed_value', 'is not the name of a header that proxies write.', instead)
}

/** Addresses of proxies: at least one, and none that holds a large part of the internet. */
export const proxyRanges: Reader<readonly Cidr[]> = (value, place) =>
  list(range, { min: 1, example: "a list of addresses and ranges such as ['10.0.0.0/8']" })(
    value,
    place,
  )?.flat()
