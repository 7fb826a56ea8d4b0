import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Cidr, cidrContains, formatIp, type Ip, parseCidr } from '../../src/lib/ip.ts'
import { ipTable } from '../../src/lib/ip-table.ts'

/** Bytes of few values, so that ranges nest, touch and meet often. */
const byte = fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.nat(255))

function address(version: 4 | 6): fc.Arbitrary<Ip> {
  const size = version === 4 ? 4 : 16
  return fc.array(byte, { minLength: size, maxLength: size }).map((bytes) => ({
    version,
    bytes: Uint8Array.from(bytes),
  }))
}

function rangeOf(version: 4 | 6): fc.Arbitrary<Cidr> {
  const bits = version === 4 ? 32 : 128
  return fc.tuple(address(version), fc.nat(bits)).map(([{ bytes }, prefix]) => ({
    version,
    prefix,
    bytes: bytes.map((each, i) => {
      const kept = Math.min(Math.max(prefix - 8 * i, 0), 8)
      return each & (0xff00 >> kept) & 0xff
    }),
  }))
}

const anyAddress = fc.oneof(address(4), address(6))
const anyRange = fc.oneof(rangeOf(4), rangeOf(6))

/** The first address, the last one, and their neighbours: where a table goes wrong, it does there. */
function edges({ version, bytes, prefix }: Cidr): readonly Ip[] {
  const last = bytes.map((each, i) => each | (0xff >> Math.min(Math.max(prefix - 8 * i, 0), 8)))
  return [bytes, step(bytes, -1), last, step(last, 1)].map((each) => ({ version, bytes: each }))
}

function step(bytes: Uint8Array, by: 1 | -1): Uint8Array {
  const out = Uint8Array.from(bytes)
  for (let i = out.length - 1; i >= 0; i--) {
    const next = (out[i] ?? 0) + by
    out[i] = next
    if (next >= 0 && next <= 255) break
  }
  return out
}

test('PRX-12: a table says of every address what a scan of the ranges says', () => {
  fc.assert(
    fc.property(
      fc.array(anyRange, { maxLength: 40 }),
      fc.array(anyAddress, { maxLength: 20 }),
      (ranges, some) => {
        const table = ipTable(ranges)
        for (const ip of [...some, ...ranges.flatMap(edges)]) {
          const scanned = ranges.some((one) => cidrContains(one, ip))
          assert.equal(table.has(ip), scanned, `${formatIp(ip)} in ${ranges.map(textOf).join(' ')}`)
        }
      },
    ),
    { numRuns: 400 },
  )
})

test('PRX-12: the order in which ranges are written says nothing', () => {
  fc.assert(
    fc.property(
      fc.array(anyRange, { maxLength: 30 }),
      fc.array(anyAddress, { maxLength: 20 }),
      (ranges, some) => {
        const [one, other] = [ipTable(ranges), ipTable(ranges.toReversed())]
        for (const ip of [...some, ...ranges.flatMap(edges)]) assert.equal(one.has(ip), other.has(ip))
      },
    ),
    { numRuns: 100 },
  )
})

test('PRX-12: a range that is read is the range that was written', () => {
  fc.assert(
    fc.property(anyRange, (range) => {
      const read = parseCidr(textOf(range))
      // All of IPv4 in its mapped form is the one range that is refused for what it holds.
      if (read !== undefined)
        for (const ip of edges(range)) assert.equal(cidrContains(read, ip), cidrContains(range, ip))
    }),
    { numRuns: 300 },
  )
})

function textOf(range: Cidr): string {
  return `${formatIp(range)}/${range.prefix}`
}
