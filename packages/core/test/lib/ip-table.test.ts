import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Cidr, parseCidr, parseIp } from '../../src/lib/ip.ts'
import { type IpTable, ipTable } from '../../src/lib/ip-table.ts'

const ranges = (texts: readonly string[]): readonly Cidr[] =>
  texts.map((text) => parseCidr(text) ?? assert.fail(text))
const has = (table: IpTable, text: string): boolean => table.has(parseIp(text) ?? assert.fail(text))

const rows: readonly (readonly [
  name: string,
  written: readonly string[],
  inside: readonly string[],
  beside: readonly string[],
])[] = [
  ['nothing', [], [], ['0.0.0.0', '255.255.255.255', '::', '::1']],
  ['one address', ['192.0.2.7'], ['192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
  ['the first and the last', ['0.0.0.0', '255.255.255.255'], ['0.0.0.0', '255.255.255.255'], ['128.0.0.0']],
  ['all of IPv4', ['0.0.0.0/0'], ['0.0.0.0', '127.0.0.1', '255.255.255.255'], ['::1', '2001:db8::1']],
  ['all of IPv6', ['::/0'], ['::', '2001:db8::1'], ['127.0.0.1']],
  ['a range', ['10.0.0.0/8'], ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
  [
    'nested ranges, the narrow first',
    ['10.1.2.3', '10.1.0.0/16', '10.0.0.0/8', '10.255.255.255'],
    ['10.0.0.0', '10.1.2.3', '10.255.255.255'],
    ['11.0.0.0'],
  ],
  ['the same twice', ['10.0.0.0/8', '10.0.0.0/8'], ['10.0.0.1'], ['11.0.0.0']],
  ['neighbours', ['10.0.0.0/9', '10.128.0.0/9'], ['10.127.255.255', '10.128.0.0'], ['11.0.0.0']],
  [
    'a prefix within a word of IPv6',
    ['2001:db8::/45'],
    ['2001:db8::', '2001:db8:7:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8:8::', '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff'],
  ],
  [
    'a prefix at the end of a word',
    ['2001:db8::/32', '2001:db9::/64', '2001:dba::/96'],
    ['2001:db8:ffff::', '2001:db9::ffff', '2001:dba::ffff:ffff'],
    ['2001:db9:0:1::', '2001:dba:0:0:0:1::'],
  ],
  ['one address of IPv6', ['2001:db8::7'], ['2001:db8::7'], ['2001:db8::6', '2001:db8::8']],
  ['mapped', ['::ffff:10.0.0.0/104'], ['10.0.0.1', '::ffff:10.0.0.1'], ['11.0.0.1']],
]

describe('a table of ranges', () => {
  for (const [name, written, inside, beside] of rows) {
    test(`PRX-12: ${name}`, () => {
      const table = ipTable(ranges(written))
      for (const text of inside) assert.ok(has(table, text), text)
      for (const text of beside) assert.ok(!has(table, text), text)
    })
  }
})
