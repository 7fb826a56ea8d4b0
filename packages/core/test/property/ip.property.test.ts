import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressKey, cidrContains, formatIp, type Ip, parseCidr, parseIp } from '../../src/lib/ip.ts'

const v4Bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 4, maxLength: 4 })

/** 16 bytes with many zero groups, so that gaps come up; not IPv4-mapped. */
const v6Bytes: fc.Arbitrary<Uint8Array> = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff])))
  .filter(
    (bytes) =>
      !Buffer.from(bytes)
        .toString('hex')
        .startsWith(`${'0'.repeat(20)}ffff`),
  )

const address: fc.Arbitrary<Ip> = fc.oneof(
  v4Bytes.map((bytes): Ip => ({ version: 4, bytes })),
  v6Bytes.map((bytes): Ip => ({ version: 6, bytes })),
)

const almostAddress: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:::...'.split('')), maxLength: 24 }),
  fc
    .array(fc.constantFrom('0', '1', 'ffff', '00ab', '12345', '', '1.2.3.4'), { maxLength: 10 })
    .map((g) => g.join(':')),
  fc.array(fc.constantFrom('0', '1', '255', '256', '01', '', '1a'), { maxLength: 6 }).map((n) => n.join('.')),
  fc.tuple(address, fc.nat(40), fc.constantFrom('0', ':', '.', ' ', 'g', '')).map(([ip, at, extra]) => {
    const text = formatIp(ip)
    return text.slice(0, at) + extra + text.slice(at)
  }),
)

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

test('PRX-12: an address is read exactly when Node takes it for one', () => {
  fc.assert(
    fc.property(almostAddress, (text) => {
      assert.equal(parseIp(text) !== undefined, isIP(text) !== 0, text)
    }),
    { numRuns: 5000 },
  )
})

test('PRX-08: an address comes back from its text, which is the one a URL would have', () => {
  fc.assert(
    fc.property(address, (ip) => {
      const text = formatIp(ip)
      assert.deepEqual(parseIp(text), ip)
      assert.equal(
        new URL(`http://${ip.version === 6 ? `[${text}]` : text}`).hostname.replace(/[[\]]/g, ''),
        text,
      )
    }),
    { numRuns: 1000 },
  )
})

test('PRX-08: however an IPv6 address is written, it is the one that a URL reads', () => {
  fc.assert(
    fc.property(almostAddress, (text) => {
      const ip = parseIp(text)
      if (ip === undefined || !text.includes(':')) return
      const canonical = ip.version === 6 ? formatIp(ip) : `::ffff:${formatIp(ip)}`
      assert.equal(new URL(`http://[${text}]`).hostname, new URL(`http://[${canonical}]`).hostname)
    }),
    { numRuns: 3000 },
  )
})

test('PRX-08: an IPv4 address and both of its mapped forms are equal', () => {
  fc.assert(
    fc.property(v4Bytes, (bytes) => {
      const dotted = formatIp({ version: 4, bytes })
      const [high, low] = [bytes.subarray(0, 2), bytes.subarray(2)].map((half) => toBigInt(half).toString(16))
      assert.deepEqual(parseIp(`::ffff:${dotted}`), { version: 4, bytes })
      assert.deepEqual(parseIp(`::FFFF:${high}:${low}`), { version: 4, bytes })
    }),
  )
})

test('PRX-12: a range holds an address exactly when the BlockList of Node says so', () => {
  const flip = fc.nat(127)
  fc.assert(
    fc.property(address, fc.nat(128), flip, (ip, length, bit) => {
      const bits = ip.bytes.length * 8
      const prefix = length % (bits + 1)
      const network = toBigInt(ip.bytes) & (((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix))
      const bytes = Uint8Array.from(Buffer.from(network.toString(16).padStart(bits / 4, '0'), 'hex'))
      const base = formatIp({ version: ip.version, bytes })
      const range = parseCidr(`${base}/${prefix}`)
      assert.ok(range)

      const other = Uint8Array.from(ip.bytes)
      other[(bit % bits) >> 3] = (other[(bit % bits) >> 3] ?? 0) ^ (0x80 >> (bit & 7))
      const family = ip.version === 4 ? 'ipv4' : 'ipv6'
      const list = new BlockList()
      list.addSubnet(base, prefix, family)
      for (const candidate of [ip, { version: ip.version, bytes: other }]) {
        assert.equal(cidrContains(range, candidate), list.check(formatIp(candidate), family))
      }
    }),
    { numRuns: 1000 },
  )
})

test('PRX-12: no text is a range with bits after its prefix, and none becomes all of IPv4 unasked', () => {
  const text = fc.tuple(almostAddress, fc.nat(130)).map(([base, prefix]) => `${base}/${prefix}`)
  fc.assert(
    fc.property(text, (value) => {
      const range = parseCidr(value)
      if (range === undefined) return
      const bits = range.bytes.length * 8
      assert.equal(toBigInt(range.bytes) & ((1n << BigInt(bits - range.prefix)) - 1n), 0n)
      assert.deepEqual(parseCidr(`${formatIp(range)}/${range.prefix}`), range)
      if (range.version === 4 && range.prefix === 0) assert.equal(value, '0.0.0.0/0')
    }),
    { numRuns: 3000 },
  )
})

test('RL-27: two addresses share a key exactly when they share the network that is counted', () => {
  const prefix = fc.constantFrom(32, 48, 56, 60, 64, 128)
  fc.assert(
    fc.property(address, address, prefix, fc.boolean(), (a, b, bits, near) => {
      const other = near && a.version === b.version ? mix(a, b, bits) : b
      const network = (ip: Ip): string =>
        ip.version === 4 ? `4:${toBigInt(ip.bytes)}` : `6:${toBigInt(ip.bytes) >> BigInt(128 - bits)}`
      assert.equal(addressKey(a, bits) === addressKey(other, bits), network(a) === network(other))
    }),
    { numRuns: 2000 },
  )
})

/** The network of one address with the host part of another. */
function mix(network: Ip, host: Ip, bits: number): Ip {
  const whole = Math.min(bits >> 3, network.bytes.length)
  const bytes = Uint8Array.from(host.bytes)
  bytes.set(network.bytes.subarray(0, whole))
  return { version: network.version, bytes }
}

test('RL-27: behind NAT64 the key is the one of the IPv4 address', () => {
  fc.assert(
    fc.property(v4Bytes, fc.integer({ min: 0, max: 128 }), (bytes, prefix) => {
      const dotted = formatIp({ version: 4, bytes })
      const nat64 = parseIp(`64:ff9b::${dotted}`)
      assert.ok(nat64)
      assert.equal(addressKey(nat64, prefix), dotted)
    }),
  )
})
