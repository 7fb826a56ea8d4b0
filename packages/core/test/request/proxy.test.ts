import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressKey, parseIp } from '../../src/lib/ip.ts'
import { compileProxy, type ProxySetting } from '../../src/request/proxy.ts'
import { mistakesAt, mistakesOf, place } from '../support/compile.ts'
import { type Line, PROXY, rawRequest, trust } from '../support/forwarding.ts'

const RANGES: ProxySetting = { trustedRanges: ['10.0.0.0/8'] }
const FORGED: Line = ['X-Forwarded-For', '198.51.100.7']

describe('the key of a client', () => {
  test('PRX-09: IPv6 clients count by /64, unless the setting says otherwise', () => {
    const client = parseIp('2001:db8:1:2:3::4')
    assert.ok(client)
    const key = (setting: ProxySetting): string => addressKey(client, trust(setting).ipv6Prefix)
    assert.equal(key('none'), '2001:db8:1:2::/64')
    assert.equal(key(RANGES), '2001:db8:1:2::/64')
    assert.equal(key({ ...RANGES, ipv6Prefix: 48 }), '2001:db8:1::/48')
    assert.equal(key({ trustedHops: 1, ipv6Prefix: 128 }), '2001:db8:1:2:3::4/128')
    assert.equal(key({ ipv6Prefix: 32 }), '2001:db8::/32')
  })
})

describe('settings that are refused', () => {
  const rows: readonly (readonly [name: string, value: unknown, mistakes: readonly string[]])[] = [
    ['PRX-10: true would believe everybody', true, ['unsafe_value proxy']],
    ['PRX-10: a bare number', 1, ['wrong_type proxy']],
    ['PRX-10: false, which could mean two things', false, ['wrong_type proxy']],
    ['PRX-10: null', null, ['wrong_type proxy']],
    ['PRX-10: a function', () => true, ['wrong_type proxy']],
    ['PRX-10: a word', 'loopback', ['malformed_value proxy']],
    ['PRX-10: a list', ['10.0.0.0/8'], ['malformed_value proxy']],
    ['PRX-10: nothing in it', {}, ['missing_option proxy']],
    ['PRX-10: a header and nobody to believe', { header: 'forwarded' }, ['missing_option proxy']],
    [
      'PRX-10: a header and a prefix and nobody to believe',
      { header: 'forwarded', ipv6Prefix: 64 },
      ['missing_option proxy'],
    ],
    ['PRX-10: a host and nobody to believe', { host: true, ipv6Prefix: 64 }, ['missing_option proxy']],
    ['PRX-10: hops that an object inherits', Object.create({ trustedHops: 1 }), ['wrong_type proxy']],
    ['PRX-10: hops and ranges', { trustedHops: 1, trustedRanges: ['loopback'] }, ['contradiction proxy']],
    ['PRX-10: no hops', { trustedHops: 0 }, ['out_of_range proxy.trustedHops']],
    ['PRX-10: too many hops', { trustedHops: 17 }, ['out_of_range proxy.trustedHops']],
    ['PRX-10: half a hop', { trustedHops: 1.5 }, ['out_of_range proxy.trustedHops']],
    ['PRX-10: hops that are all', { trustedHops: true }, ['wrong_type proxy.trustedHops']],
    [
      'PRX-10: hops in a header with one address',
      { trustedHops: 1, header: 'x-real-ip' },
      ['contradiction proxy.header'],
    ],
    ['PRX-10: a misspelt option', { trustedHop: 1, trustedHops: 1 }, ['unknown_option proxy.trustedHop']],
    ['PRX-10: no ranges', { trustedRanges: [] }, ['out_of_range proxy.trustedRanges']],
    ['PRX-10: ranges that are no list', { trustedRanges: 'loopback' }, ['wrong_type proxy.trustedRanges']],
    [
      'PRX-10: every bad range at once',
      { trustedRanges: ['10.0.0.1/8', 'loopback', 'uniquelocal', 7, 'proxy.example'] },
      [
        'malformed_value proxy.trustedRanges[0]',
        'malformed_value proxy.trustedRanges[2]',
        'wrong_type proxy.trustedRanges[3]',
        'malformed_value proxy.trustedRanges[4]',
      ],
    ],
    ['PRX-10: all of IPv4', { trustedRanges: ['0.0.0.0/0'] }, ['unsafe_value proxy.trustedRanges[0]']],
    ['PRX-10: all of IPv6', { trustedRanges: ['::/0'] }, ['unsafe_value proxy.trustedRanges[0]']],
    ['PRX-10: half of IPv4', { trustedRanges: ['128.0.0.0/1'] }, ['unsafe_value proxy.trustedRanges[0]']],
    ['PRX-10: all of routed IPv6', { trustedRanges: ['2000::/3'] }, ['unsafe_value proxy.trustedRanges[0]']],
    [
      'PRX-12: all mapped addresses',
      { trustedRanges: ['::ffff:0:0/96'] },
      ['malformed_value proxy.trustedRanges[0]'],
    ],
    [
      'PRX-12: a mapped range shorter than /96',
      { trustedRanges: ['::ffff:10.0.0.0/8'] },
      ['malformed_value proxy.trustedRanges[0]'],
    ],
    [
      'PRX-12: a mapped range that is half of IPv4',
      { trustedRanges: ['::ffff:128.0.0.0/97'] },
      ['unsafe_value proxy.trustedRanges[0]'],
    ],
    [
      'PRX-10: a header that holds no addresses',
      { trustedRanges: ['loopback'], header: 'X-Forwarded-Proto' },
      ['malformed_value proxy.header'],
    ],
    [
      'PRX-10: a header that is no name',
      { trustedRanges: ['loopback'], header: 'x real ip' },
      ['malformed_value proxy.header'],
    ],
    ['PRX-10: a header that is no text', { trustedHops: 1, header: 1 }, ['wrong_type proxy.header']],
    ['PRX-10: a host that is a text', { trustedHops: 1, host: 'a.example' }, ['wrong_type proxy.host']],
    ['PRX-09: a prefix that joins whole providers', { ipv6Prefix: 16 }, ['out_of_range proxy.ipv6Prefix']],
    [
      'PRX-09: a prefix longer than an address',
      { trustedHops: 1, ipv6Prefix: 129 },
      ['out_of_range proxy.ipv6Prefix'],
    ],
  ]
  for (const [name, value, expected] of rows) {
    test(`${name} is refused`, () => {
      assert.deepEqual(
        mistakesOf('proxy', (where) => compileProxy(where, value)),
        expected,
      )
    })
  }

  test('PRX-10: a setting that is refused says what to write', () => {
    const where = place('proxy')
    compileProxy(where, true)
    assert.match(
      mistakesAt(where)[0]?.instead ?? '',
      /\{ trustedRanges: \['10\.0\.0\.0\/8'\] \}.*\{ trustedHops: 1 \}/,
    )
  })

  test('PRX-10: a setting that is refused trusts nobody', () => {
    for (const value of [
      true,
      1,
      ['loopback'],
      {},
      { trustedHops: 0 },
      { trustedHops: 1, trustedRanges: ['private'] },
    ]) {
      const { resolve, direct } = compileProxy(place('proxy'), value)
      assert.equal(direct, true)
      const raw = rawRequest(PROXY, FORGED)
      assert.equal(resolve(raw).client, raw.peer)
    }
  })
})
