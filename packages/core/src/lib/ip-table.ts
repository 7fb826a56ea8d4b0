import type { Cidr, Ip } from './ip.ts'

/** Ranges in a form that is asked often: whether one of them holds an address is known in logarithmic time. */
export interface IpTable {
  readonly has: (ip: Ip) => boolean
}

/**
 * Makes a table of ranges: of each family the intervals that they cover, sorted and apart, in typed arrays.
 *
 * Two ranges are nested or apart, and never overlap in part: what stands inside of another is dropped. An IPv4 range never
 * holds an IPv6 address, nor the other way round.
 */
export function ipTable(ranges: readonly Cidr[]): IpTable {
  const v4 = intervals(ranges, 4)
  const v6 = intervals(ranges, 6)
  return { has: (ip) => holds(ip.version === 4 ? v4 : v6, ip.bytes) }
}

/** The first and last addresses of intervals, as 32-bit words with the most significant first. */
interface Intervals {
  readonly words: 1 | 4
  readonly count: number
  readonly first: Uint32Array
  readonly last: Uint32Array
}

function intervals(ranges: readonly Cidr[], version: Ip['version']): Intervals {
  const words = version === 4 ? 1 : 4
  const sorted = ranges.filter((range) => range.version === version).toSorted(byBeginning)
  const first = new Uint32Array(sorted.length * words)
  const last = new Uint32Array(sorted.length * words)
  let count = 0
  for (const { bytes, prefix } of sorted) {
    if (count > 0 && compare(last, count - 1, words, bytes) >= 0) continue
    for (let word = 0; word < words; word++) {
      first[count * words + word] = wordAt(bytes, word)
      last[count * words + word] = wordAt(bytes, word) + hostBits(prefix - 32 * word)
    }
    count++
  }
  return { words, count, first: first.slice(0, count * words), last: last.slice(0, count * words) }
}

/** In the order of their first addresses; of those that begin together the widest first. */
function byBeginning(a: Cidr, b: Cidr): number {
  return Buffer.compare(a.bytes, b.bytes) || a.prefix - b.prefix
}

/** Ones where a word with so many bits of the prefix has bits of hosts. */
function hostBits(prefix: number): number {
  if (prefix >= 32) return 0
  return prefix <= 0 ? 0xffff_ffff : 2 ** (32 - prefix) - 1
}

function wordAt(bytes: Uint8Array, word: number): number {
  const i = word * 4
  return (
    (((bytes[i] ?? 0) << 24) |
      ((bytes[i + 1] ?? 0) << 16) |
      ((bytes[i + 2] ?? 0) << 8) |
      (bytes[i + 3] ?? 0)) >>>
    0
  )
}

/** How the address in a row stands to another: negative when it comes before. */
function compare(rows: Uint32Array, row: number, words: number, bytes: Uint8Array): number {
  for (let word = 0; word < words; word++) {
    const difference = (rows[row * words + word] ?? 0) - wordAt(bytes, word)
    if (difference !== 0) return difference
  }
  return 0
}

function holds({ words, count, first, last }: Intervals, bytes: Uint8Array): boolean {
  // The last interval that begins at the address or before it is the only one that can hold it.
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(first, middle, words, bytes) <= 0) low = middle + 1
    else high = middle
  }
  return low > 0 && compare(last, low - 1, words, bytes) >= 0
}
