import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressKey,
  type Cidr,
  cidrContains,
  formatIp,
  type Ip,
  isLoopback,
  isUnspecified,
  networkOf,
  parseCidr,
  parseIp,
} from '../../src/lib/ip.ts'

function ip(text: string): Ip {
  const parsed = parseIp(text)
  assert.ok(parsed, `${text} is an address`)
  return parsed
}

function cidr(text: string): Cidr {
  const parsed = parseCidr(text)
  assert.ok(parsed, `${text} is a range`)
  return parsed
}

const read: readonly (readonly [name: string, text: string, version: 4 | 6, canonical: string])[] = [
  ['a dotted quad', '192.0.2.1', 4, '192.0.2.1'],
  ['the lowest dotted quad', '0.0.0.0', 4, '0.0.0.0'],
  ['the highest dotted quad', '255.255.255.255', 4, '255.255.255.255'],
  ['eight groups', '2001:db8:1:2:3:4:5:6', 6, '2001:db8:1:2:3:4:5:6'],
  ['leading zeros and upper case', '2001:0DB8:0001:0:0:0:0:00AF', 6, '2001:db8:1::af'],
  ['the unspecified address', '::', 6, '::'],
  ['the loopback address', '::1', 6, '::1'],
  ['zeros at the end', 'fe80::', 6, 'fe80::'],
  ['a gap of one group', '1:2:3::5:6:7:8', 6, '1:2:3:0:5:6:7:8'],
  ['a gap of one group at the start', '::2:3:4:5:6:7:8', 6, '0:2:3:4:5:6:7:8'],
  ['a gap of one group at the end', '1:2:3:4:5:6:7::', 6, '1:2:3:4:5:6:7:0'],
  ['the first of two gaps of one length', '1:0:0:2:0:0:3:4', 6, '1::2:0:0:3:4'],
  ['the longer of two gaps', '1:0:0:2:0:0:0:3', 6, '1:0:0:2::3'],
  ['an embedded dotted quad', '64:ff9b::192.0.2.33', 6, '64:ff9b::c000:221'],
  ['an embedded dotted quad after six groups', '1:2:3:4:5:6:7.8.9.10', 6, '1:2:3:4:5:6:708:90a'],
  ['an IPv4-compatible address', '::192.0.2.1', 6, '::c000:201'],
  ['a zone', 'fe80::1%eth0', 6, 'fe80::1'],
  ['a zone with punctuation', 'fe80::1%br-lan_0.5', 6, 'fe80::1'],
  ['a zone of the first and last character allowed', 'fe80::1%!~', 6, 'fe80::1'],
  ['a zone of 64 characters', `fe80::1%${'a'.repeat(64)}`, 6, 'fe80::1'],
  ['an IPv4-mapped address', '::ffff:192.0.2.1', 4, '192.0.2.1'],
  ['an IPv4-mapped address in hexadecimal', '::ffff:c000:201', 4, '192.0.2.1'],
  ['an IPv4-mapped address in full', '0:0:0:0:0:FFFF:C000:0201', 4, '192.0.2.1'],
  ['an IPv4-mapped address with a zone', '::ffff:192.0.2.1%eth0', 4, '192.0.2.1'],
  ['a neighbour of the mapped range', '::fffe:192.0.2.1', 6, '::fffe:c000:201'],
  ['an IPv4-translated address', '::ffff:0:192.0.2.1', 6, '::ffff:0:c000:201'],
]

for (const [name, text, version, canonical] of read) {
  test(`PRX-08: an address is read from ${name}`, () => {
    const parsed = ip(text)
    assert.equal(parsed.version, version)
    assert.equal(parsed.bytes.length, version === 4 ? 4 : 16)
    assert.equal(formatIp(parsed), canonical)
  })
}

const refused: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['a name', 'localhost'],
  ['three numbers', '192.0.2'],
  ['five numbers', '1.2.3.4.5'],
  ['one number', '3221225985'],
  ['a leading zero', '192.0.02.1'],
  ['octal', '0300.0.2.1'],
  ['a double zero', '00.0.0.0'],
  ['hexadecimal numbers', '0xc0.0.2.1'],
  ['a number above 255', '192.0.2.256'],
  ['a number far above 255', '192.0.2.1000'],
  ['an empty number', '192..2.1'],
  ['a leading dot', '.192.0.2.1'],
  ['a trailing dot', '192.0.2.1.'],
  ['a sign', '+1.2.3.4'],
  ['white space before', ' 192.0.2.1'],
  ['white space after', '192.0.2.1 '],
  ['a line feed after', '192.0.2.1\n'],
  ['a NUL after', '192.0.2.1\0'],
  ['a port', '192.0.2.1:80'],
  ['a zone on IPv4', '192.0.2.1%eth0'],
  ['brackets', '[::1]'],
  ['digits of another script', '１.2.3.4'],
  ['one colon', ':'],
  ['three colons', ':::'],
  ['a gap twice', '1::2::3'],
  ['a gap of four colons', '1::::2'],
  ['a leading colon', ':1:2:3:4:5:6:7:8'],
  ['a leading colon and a gap later', ':1::2'],
  ['a trailing colon', '1:2:3:4:5:6:7:'],
  ['a trailing colon after eight groups', '1:2:3:4:5:6:7:8:'],
  ['seven groups', '1:2:3:4:5:6:7'],
  ['nine groups', '1:2:3:4:5:6:7:8:9'],
  ['a gap for no group', '1:2:3:4::5:6:7:8'],
  ['a gap for no group at the end', '1:2:3:4:5:6:7:8::'],
  ['a gap for no group at the start', '::1:2:3:4:5:6:7:8'],
  ['five digits', '12345::'],
  ['five digits with leading zeros', '00001::'],
  ['a letter beyond f', 'fe8g::'],
  ['a dotted quad after seven groups', '1:2:3:4:5:6:7:1.2.3.4'],
  ['a dotted quad in the middle', '::1.2.3.4:5'],
  ['a dotted quad before a gap', '1.2.3.4::'],
  ['a short dotted quad', '::ffff:1.2.3'],
  ['a dotted quad with a leading zero', '::ffff:1.2.3.04'],
  ['a gap for no group before a dotted quad', '1:2:3:4:5:6::1.2.3.4'],
  ['a gap and a dotted quad after seven groups', '1:2:3:4:5:6:7::1.2.3.4'],
  ['an empty zone', 'fe80::1%'],
  ['a zone with a second percent sign', 'fe80::1%25%'],
  ['a zone with a slash', 'fe80::1%a/64'],
  ['a zone with a bracket', 'fe80::1%a]'],
  ['a zone with a space', 'fe80::1%a b'],
  ['a zone with DEL', 'fe80::1%a\x7f'],
  ['a zone with a control', 'fe80::1%a\n'],
  ['a zone that is too long', `fe80::1%${'a'.repeat(65)}`],
  ['a zone alone', '%eth0'],
  ['a prefix', '::1/128'],
]

for (const [name, text] of refused) {
  test(`PRX-12: an address is not read from ${name}`, () => {
    assert.equal(parseIp(text), undefined)
  })
}

test('PRX-08: 0.0.0.0 and :: are told apart from addresses that a peer can have', () => {
  for (const text of ['0.0.0.0', '::', '::ffff:0.0.0.0', '0:0:0:0:0:0:0:0']) {
    assert.equal(isUnspecified(ip(text)), true, text)
  }
  for (const text of ['0.0.0.1', '128.0.0.0', '::1', '8000::', '::ffff:0:0:0']) {
    assert.equal(isUnspecified(ip(text)), false, text)
  }
})

test('PRX-08: loopback is 127.0.0.0/8 and ::1, however it is written', () => {
  for (const text of ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1']) {
    assert.equal(isLoopback(ip(text)), true, text)
  }
  for (const text of ['126.255.255.255', '128.0.0.1', '::', '::2', '1::1', '::127.0.0.1']) {
    assert.equal(isLoopback(ip(text)), false, text)
  }
})

const ranges: readonly (readonly [name: string, text: string, expected: string | undefined])[] = [
  ['an IPv4 range', '192.0.2.0/24', '192.0.2.0/24'],
  ['an IPv4 range off the octet', '172.16.0.0/12', '172.16.0.0/12'],
  ['one IPv4 address', '192.0.2.1', '192.0.2.1/32'],
  ['one IPv4 address with its prefix', '192.0.2.1/32', '192.0.2.1/32'],
  ['all of IPv4 when it is said', '0.0.0.0/0', '0.0.0.0/0'],
  ['an IPv6 range', '2001:DB8::/32', '2001:db8::/32'],
  ['an IPv6 range off the octet', 'fc00::/7', 'fc00::/7'],
  ['one IPv6 address', '2001:db8::1', '2001:db8::1/128'],
  ['all of IPv6 when it is said', '::/0', '::/0'],
  ['an IPv4-mapped range as IPv4', '::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['an IPv4-mapped range in hexadecimal as IPv4', '::ffff:a00:0/104', '10.0.0.0/8'],
  ['an IPv4-mapped address as IPv4', '::ffff:192.0.2.1', '192.0.2.1/32'],
  ['half of IPv4 in mapped form', '::ffff:0:0/97', '0.0.0.0/1'],
  ['no mapped range of all IPv4', '::ffff:0:0/96', undefined],
  ['no mapped range shorter than /96', '::ffff:10.0.0.0/8', undefined],
  ['no mapped range of /95', '::ffff:0:0/95', undefined],
  ['no mapped range of /0', '::ffff:0:0/0', undefined],
  ['no bits after an IPv4 prefix', '192.0.2.1/24', undefined],
  ['no bits after an IPv4 prefix off the octet', '172.24.0.0/12', undefined],
  ['no bits after /0', '0.0.0.1/0', undefined],
  ['no bits after an IPv6 prefix', '2001:db8::1/64', undefined],
  ['no prefix above 32', '192.0.2.0/33', undefined],
  ['no prefix above 128', '::1/129', undefined],
  ['no mapped prefix above 128', '::ffff:10.0.0.1/129', undefined],
  ['no empty prefix', '192.0.2.0/', undefined],
  ['no prefix with a leading zero', '10.0.0.0/08', undefined],
  ['no prefix with a sign', '10.0.0.0/+8', undefined],
  ['no negative prefix', '10.0.0.0/-8', undefined],
  ['no prefix with a fraction', '10.0.0.0/8.0', undefined],
  ['no mask in place of a prefix', '10.0.0.0/255.0.0.0', undefined],
  ['no second prefix', '10.0.0.0/8/8', undefined],
  ['no prefix with a line feed', '10.0.0.0/8\n', undefined],
  ['no huge prefix', `10.0.0.0/${'9'.repeat(400)}`, undefined],
  ['no short address', '10/8', undefined],
  ['no zone', 'fe80::1%eth0', undefined],
  ['no zone with a prefix', 'fe80::%eth0/64', undefined],
  ['no empty text', '', undefined],
  ['no prefix alone', '/8', undefined],
]

for (const [name, text, expected] of ranges) {
  test(`PRX-12: a range is read from ${name}`, () => {
    const range = parseCidr(text)
    assert.equal(range && `${formatIp(range)}/${range.prefix}`, expected)
  })
}

const contained: readonly (readonly [range: string, address: string, expected: boolean])[] = [
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['172.16.0.0/12', '172.31.255.255', true],
  ['172.16.0.0/12', '172.32.0.0', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:a01:203', true],
  ['::ffff:10.0.0.0/104', '10.1.2.3', true],
  ['::/0', '10.1.2.3', false],
  ['::/0', '::ffff:10.1.2.3', false],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::', false],
  ['fc00::/7', 'fdff::1', true],
  ['fc00::/7', 'fe00::1', false],
  ['::1', '::1', true],
  ['::1', '::2', false],
  ['fe80::/10', 'fe80::1%eth0', true],
]

for (const [range, address, expected] of contained) {
  test(`PRX-12: ${range} ${expected ? 'holds' : 'does not hold'} ${address}`, () => {
    assert.equal(cidrContains(cidr(range), ip(address)), expected)
  })
}

const keys: readonly (readonly [name: string, text: string, prefix: number | undefined, key: string])[] = [
  ['IPv4 alone', '192.0.2.1', undefined, '192.0.2.1'],
  ['IPv4 alone, whatever the IPv6 prefix', '192.0.2.1', 48, '192.0.2.1'],
  ['mapped IPv4 as IPv4', '::ffff:192.0.2.1', undefined, '192.0.2.1'],
  ['mapped IPv4 in hexadecimal as IPv4', '::ffff:c000:201', undefined, '192.0.2.1'],
  ['NAT64 by its IPv4', '64:ff9b::c000:201', undefined, '192.0.2.1'],
  ['NAT64 by its IPv4, whatever the prefix', '64:ff9b::192.0.2.1', 32, '192.0.2.1'],
  ['a NAT64 prefix of the operator in full', '64:ff9b:1::c000:201', undefined, '64:ff9b:1::c000:201/128'],
  ['a neighbour of NAT64 as IPv6', '64:ff9b:0:0:1::c000:201', undefined, '64:ff9b::/64'],
  ['IPv6 by its /64', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['IPv6 by its /56', '2001:db8:1:2ff:3:4:5:6', 56, '2001:db8:1:200::/56'],
  ['IPv6 by its /48', '2001:db8:1:2:3:4:5:6', 48, '2001:db8:1::/48'],
  ['IPv6 by a prefix off the octet', '2001:db8:1:ff::', 60, '2001:db8:1:f0::/60'],
  ['IPv6 in full', '2001:db8::1', 128, '2001:db8::1/128'],
  ['all of IPv6 as one', '2001:db8::1', 0, '::/0'],
  ['IPv6 without its zone', 'fe80::1%eth0', undefined, 'fe80::/64'],
]

for (const [name, text, prefix, key] of keys) {
  test(`PRX-09: an address counts: ${name}`, () => {
    assert.equal(addressKey(ip(text), prefix), key)
  })
}

test('RL-27: every form of one IPv4 address is one key, and two addresses are two', () => {
  const forms = [
    '192.0.2.1',
    '::ffff:192.0.2.1',
    '::FFFF:C000:201',
    '64:ff9b::192.0.2.1',
    '0:0:0:0:0:ffff:c000:0201',
  ]
  assert.deepEqual([...new Set(forms.map((text) => addressKey(ip(text))))], ['192.0.2.1'])
  assert.notEqual(addressKey(ip('64:ff9b::192.0.2.1')), addressKey(ip('64:ff9b::192.0.2.2')))
  assert.notEqual(addressKey(ip('64:ff9b:1::192.0.2.1')), addressKey(ip('64:ff9b:1::192.0.2.2')))
})

test('PRX-09: counting an address leaves the address as it was', () => {
  const address = ip('2001:db8:1:2:3:4:5:6')
  addressKey(address, 32)
  assert.equal(formatIp(address), '2001:db8:1:2:3:4:5:6')
})

test('PRX-09: the network of a client is read from its address, and what is none stays as it is', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6', 48), '2001:db8:1::/48')
  assert.equal(networkOf('64:ff9b::192.0.2.1'), '192.0.2.1')
  for (const text of ['unknown', '2001:db8:1:2::/64', ':', '']) assert.equal(networkOf(text), text)
})
