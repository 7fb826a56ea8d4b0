import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseIp } from '../../src/lib/ip.ts'
import { isGlobalAddress } from '../../src/lib/ip-ranges.ts'

const rows: readonly [name: string, inside: readonly string[], beside: readonly string[]][] = [
  ['this network', ['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
  ['private 10/8', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
  ['carrier-grade NAT', ['100.64.0.0', '100.127.255.255'], ['100.63.255.255', '100.128.0.0']],
  ['loopback', ['127.0.0.1', '127.255.255.255'], ['126.255.255.255', '128.0.0.0']],
  ['link-local and metadata', ['169.254.0.0', '169.254.169.254'], ['169.253.255.255', '169.255.0.0']],
  ['private 172.16/12', ['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0']],
  ['protocol assignments', ['192.0.0.0', '192.0.0.255'], ['192.0.1.0']],
  ['documentation 1', ['192.0.2.1'], ['192.0.3.0']],
  ['relays of 6to4', ['192.88.99.1'], ['192.88.98.255', '192.88.100.0']],
  ['private 192.168/16', ['192.168.0.0', '192.168.255.255'], ['192.167.255.255', '192.169.0.0']],
  ['benchmarks', ['198.18.0.0', '198.19.255.255'], ['198.17.255.255', '198.20.0.0']],
  ['documentation 2', ['198.51.100.1'], ['198.51.99.255', '198.51.101.0']],
  ['documentation 3', ['203.0.113.1'], ['203.0.112.255', '203.0.114.0']],
  ['multicast', ['224.0.0.1', '239.255.255.255'], ['223.255.255.255']],
  ['reserved and broadcast', ['240.0.0.0', '255.255.255.255'], []],
  ['unspecified', ['::'], []],
  ['loopback of IPv6', ['::1'], []],
  ['IPv4-compatible', ['::8.8.8.8'], []],
  ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:a00:1', '::ffff:169.254.169.254'], ['::ffff:8.8.8.8']],
  ['NAT64', ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::10.0.0.1'], ['64:ff9b::8.8.8.8']],
  ['NAT64 of an operator', ['64:ff9b:1::8.8.8.8'], []],
  ['discard-only', ['100::1'], []],
  ['Teredo', ['2001::1', '2001:0:7f00:1::'], []],
  ['other protocol assignments', ['2001:2::1', '2001:1ff::1'], ['2001:200::1']],
  ['documentation of IPv6', ['2001:db8::1', '3fff::1'], ['2001:db7::1', '2001:db9::1', '3fff:1000::1']],
  ['6to4', ['2002:7f00:1::', '2002:808:808::1'], ['2003::1']],
  ['not assigned', ['4000::1', 'a000::1', '1fff::1'], ['2000::1']],
  ['unique local', ['fc00::1', 'fdff::1'], []],
  ['link-local of IPv6', ['fe80::1', 'fe80::1%eth0', 'febf::1'], []],
  ['site-local', ['fec0::1'], []],
  ['multicast of IPv6', ['ff02::1', 'ff0e::1'], []],
]

describe('an address of the Internet', () => {
  for (const [name, inside, beside] of rows) {
    test(`JWKS-01: is none of: ${name}`, () => {
      for (const text of inside) assert.equal(isGlobal(text), false, text)
      for (const text of beside) assert.equal(isGlobal(text), true, text)
    })
  }

  test('JWKS-01: is one of a public server', () => {
    for (const text of ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001::1']) {
      assert.equal(isGlobal(text), true, text)
    }
  })
})

function isGlobal(text: string): boolean {
  const ip = parseIp(text)
  assert.ok(ip !== undefined, text)
  return isGlobalAddress(ip)
}
