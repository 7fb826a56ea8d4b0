import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ProxySetting } from '../../src/request/proxy.ts'
import {
  cdn,
  forwarded,
  host,
  PROXY,
  proto,
  rawRequest,
  see,
  testRows,
  trust,
  xff,
} from '../support/forwarding.ts'

const CLIENT = '198.51.100.7'
const RANGES: ProxySetting = { trustedRanges: ['10.0.0.0/8'] }
const RFC_RANGES: ProxySetting = { ...RANGES, header: 'forwarded' }
const CDN: ProxySetting = { ...RANGES, header: 'CF-Connecting-IP' }

describe('no proxy', () => {
  const ignored = { client: CLIENT, problem: 'proxy.untrusted' }
  testRows([
    ['PRX-01: the peer is the client', 'none', CLIENT, [], { client: CLIENT }],
    ['PRX-01: without a peer there is no client', 'none', undefined, [], {}],
    ['PRX-01: X-Forwarded-For is not read', 'none', CLIENT, [xff('192.0.2.9')], ignored],
    [
      'PRX-01: Forwarded is not read',
      'none',
      CLIENT,
      [forwarded('for=192.0.2.9;proto=https;host=a')],
      ignored,
    ],
    ['PRX-01: X-Forwarded-Proto is not read', 'none', CLIENT, [proto('https')], ignored],
    ['PRX-01: X-Forwarded-Host is not read', 'none', CLIENT, [host('evil.example')], ignored],
    ['PRX-01: X-Real-IP is not read', 'none', CLIENT, [['X-Real-IP', '192.0.2.9']], ignored],
    [
      'PRX-01: a loopback peer is no proxy of itself',
      'none',
      '127.0.0.1',
      [xff(CLIENT)],
      { client: '127.0.0.1', problem: 'proxy.untrusted' },
    ],
    ['PRX-01: a prefix alone trusts nobody', { ipv6Prefix: 56 }, CLIENT, [xff('192.0.2.9')], ignored],
  ])

  test('PRX-01: the scheme is that of the connection', () => {
    const raw = rawRequest(CLIENT, proto('http'))
    assert.equal(trust('none').resolve({ ...raw, encrypted: true }).scheme, 'https')
    assert.equal(trust('none').resolve(raw).scheme, 'http')
  })

  test('PRX-01: the client is the very object that the peer is', () => {
    const raw = rawRequest(CLIENT)
    assert.equal(trust('none').resolve(raw).client, raw.peer)
  })

  test('PRX-01: no setting is none, and only it and a prefix alone are direct', () => {
    assert.equal(trust(undefined).direct, true)
    assert.equal(trust('none').direct, true)
    assert.equal(trust({ ipv6Prefix: 48 }).direct, true)
    assert.equal(trust(RANGES).direct, false)
    assert.equal(trust({ trustedHops: 1 }).direct, false)
  })
})

describe('the warning', () => {
  test('PRX-10: it names the header that came and the setting to change, and nothing that the client wrote', () => {
    const reason = trust('none').resolve(rawRequest(CLIENT, xff('192.0.2.9'))).problem?.reason
    assert.equal(
      reason,
      'x-forwarded-for was ignored: the policy trusts no proxy. ' +
        'If a proxy of yours sends it, set proxy to { trustedRanges: [its address] }.',
    )
  })

  test('PRX-10: with ranges it says which ranges lack the peer, for the custom header, too', () => {
    const { problem } = trust(CDN).resolve(rawRequest(CLIENT, cdn('192.0.2.9')))
    assert.equal(
      problem?.reason,
      'cf-connecting-ip was ignored: the peer is not in proxy.trustedRanges. ' +
        'If it is a proxy of yours, add its address there.',
    )
  })

  test('PRX-10: it is one object per header, made when the policy was compiled', () => {
    const { resolve } = trust('none')
    const first = resolve(rawRequest(CLIENT, xff('192.0.2.8'))).problem
    assert.equal(resolve(rawRequest(CLIENT, xff('192.0.2.9'))).problem, first)
    assert.ok(Object.isFrozen(first))
  })
})

describe('trusted ranges', () => {
  testRows([
    [
      'PRX-02: a stranger is not believed',
      RANGES,
      '203.0.113.1',
      [xff(CLIENT), proto('https')],
      { client: '203.0.113.1', problem: 'proxy.untrusted' },
    ],
    [
      'PRX-02: a stranger with a CDN header is not believed',
      CDN,
      '203.0.113.1',
      [cdn(CLIENT)],
      { client: '203.0.113.1', problem: 'proxy.untrusted' },
    ],
    [
      'PRX-02: a stranger without forwarding headers is a client',
      RANGES,
      '203.0.113.1',
      [],
      { client: '203.0.113.1' },
    ],
    [
      'PRX-02: a peer without an address is nobody',
      RANGES,
      undefined,
      [xff(CLIENT)],
      { problem: 'proxy.untrusted' },
    ],
    ['PRX-05: a trusted peer says who the client is', RANGES, PROXY, [xff(CLIENT)], { client: CLIENT }],
    [
      'PRX-05: the first untrusted from the right is the client',
      RANGES,
      PROXY,
      [xff(`192.0.2.9, ${CLIENT}, 10.0.0.3, 10.0.0.2`)],
      { client: CLIENT },
    ],
    [
      'PRX-05: what stands left of the client may be rubbish',
      RANGES,
      PROXY,
      [xff(`"<>, , ${CLIENT}, 10.0.0.2`)],
      { client: CLIENT },
    ],
    [
      'PRX-05: when all are trusted, the left-most is the client',
      RANGES,
      PROXY,
      [xff('10.0.0.9, 10.0.0.3, 10.0.0.2')],
      { client: '10.0.0.9' },
    ],
    [
      'PRX-05: an unparsable entry where the client should be',
      RANGES,
      PROXY,
      [xff(`${CLIENT}, unknown, 10.0.0.2`)],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-05: an unparsable entry at the end',
      RANGES,
      PROXY,
      [xff(`${CLIENT}, `)],
      { problem: 'proxy.malformed' },
    ],
    ['PRX-05: an empty field', RANGES, PROXY, [xff('')], { problem: 'proxy.malformed' }],
    [
      'PRX-05: too many entries',
      RANGES,
      PROXY,
      [xff('192.0.2.1,'.repeat(64) + CLIENT)],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-05: a field that is too long',
      RANGES,
      PROXY,
      [xff(' '.repeat(4096) + CLIENT)],
      { problem: 'proxy.malformed' },
    ],
    ['PRX-05: without the header the trusted peer speaks for itself', RANGES, PROXY, [], { client: PROXY }],
    [
      'PRX-05: another forwarding header is not taken instead',
      RANGES,
      PROXY,
      [forwarded(`for=${CLIENT}`)],
      { client: PROXY },
    ],
    [
      'PRX-03: several lines are one list',
      RANGES,
      PROXY,
      [xff('192.0.2.9'), xff(CLIENT), xff('10.0.0.2')],
      { client: CLIENT },
    ],
    [
      'PRX-08: ports are dropped',
      RANGES,
      PROXY,
      [xff('[2001:db8::1]:443, 10.0.0.2:80')],
      { client: '2001:db8::1' },
    ],
    [
      'PRX-08: a mapped entry is in the IPv4 range',
      RANGES,
      PROXY,
      [xff(`${CLIENT}, ::ffff:10.0.0.2`)],
      { client: CLIENT },
    ],
    [
      'PRX-08: 0.0.0.0 is no client',
      RANGES,
      PROXY,
      [xff(`${CLIENT}, 0.0.0.0`)],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-12: a mapped peer is in the IPv4 range',
      RANGES,
      '::ffff:10.0.0.1',
      [xff(CLIENT)],
      { client: CLIENT },
    ],
    [
      'PRX-12: a mapped peer in hexadecimal is in the IPv4 range',
      RANGES,
      '::ffff:a00:1',
      [xff(CLIENT)],
      { client: CLIENT },
    ],
    [
      'PRX-12: a mapped range is the IPv4 range',
      { trustedRanges: ['::ffff:10.0.0.0/104'] },
      PROXY,
      [xff(CLIENT)],
      { client: CLIENT },
    ],
    [
      'PRX-12: a mapped range holds no other address',
      { trustedRanges: ['::ffff:10.0.0.0/104'] },
      '11.0.0.1',
      [xff(CLIENT)],
      { client: '11.0.0.1', problem: 'proxy.untrusted' },
    ],
    [
      'PRX-02: a single address is a range of one',
      { trustedRanges: ['2001:db8::5'] },
      '2001:db8::5',
      [xff(CLIENT)],
      { client: CLIENT },
    ],
    [
      'PRX-02: and holds no other',
      { trustedRanges: ['2001:db8::5'] },
      '2001:db8::6',
      [xff(CLIENT)],
      { client: '2001:db8::6', problem: 'proxy.untrusted' },
    ],
  ])

  const named = [
    ['loopback', '127.0.0.1', true],
    ['loopback', '127.8.8.8', true],
    ['loopback', '::1', true],
    ['loopback', '10.0.0.1', false],
    ['private', '10.255.0.1', true],
    ['private', '172.16.0.1', true],
    ['private', '172.31.255.255', true],
    ['private', '172.32.0.1', false],
    ['private', '192.168.1.1', true],
    ['private', '192.169.1.1', false],
    ['private', 'fd00::1', true],
    ['private', 'fe80::1', false],
    ['private', '127.0.0.1', false],
  ] as const
  for (const [name, peer, isIn] of named) {
    test(`PRX-02: ${peer} is ${isIn ? '' : 'not '}in ${name}`, () => {
      assert.equal(see({ trustedRanges: [name] }, rawRequest(peer, xff(CLIENT))).client, isIn ? CLIENT : peer)
    })
  }
})

describe('trusted hops', () => {
  const hops = (trustedHops: number): ProxySetting => ({ trustedHops })
  testRows([
    [
      'PRX-04: one hop takes the last entry',
      hops(1),
      PROXY,
      [xff(`192.0.2.9, ${CLIENT}`)],
      { client: CLIENT },
    ],
    [
      'PRX-04: two hops take the last but one',
      hops(2),
      PROXY,
      [xff(`192.0.2.9, ${CLIENT}, 10.0.0.2`)],
      { client: CLIENT },
    ],
    [
      'PRX-04: as many entries as hops is enough',
      hops(2),
      PROXY,
      [xff(`${CLIENT}, 10.0.0.2`)],
      { client: CLIENT },
    ],
    [
      'PRX-04: fewer entries than hops name no client',
      hops(3),
      PROXY,
      [xff(`${CLIENT}, 10.0.0.2`)],
      { problem: 'proxy.too-few-hops' },
    ],
    ['PRX-04: no header names no client', hops(1), PROXY, [], { problem: 'proxy.too-few-hops' }],
    [
      'PRX-04: with fewer entries neither scheme nor host is believed',
      { trustedHops: 2, host: true },
      PROXY,
      [xff(CLIENT), proto('https'), host('a.example')],
      { problem: 'proxy.too-few-hops' },
    ],
    [
      'PRX-04: a private entry counts as any other',
      hops(1),
      PROXY,
      [xff(`${CLIENT}, 10.0.0.2`)],
      { client: '10.0.0.2' },
    ],
    [
      'PRX-04: an unparsable entry at the place names no client',
      hops(2),
      PROXY,
      [xff(`${CLIENT}, -, 10.0.0.2`)],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-04: an unparsable entry elsewhere does no harm',
      hops(2),
      PROXY,
      [xff(`-, ${CLIENT}, -`)],
      { client: CLIENT },
    ],
    [
      'PRX-04: too many entries name no client',
      hops(1),
      PROXY,
      [xff('192.0.2.1,'.repeat(64) + CLIENT)],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-04: it works over a Unix socket, where the peer has no address',
      hops(1),
      undefined,
      [xff(CLIENT)],
      { client: CLIENT },
    ],
    [
      'PRX-03: several lines are counted as one list',
      hops(2),
      PROXY,
      [xff('192.0.2.9'), xff(CLIENT), xff('10.0.0.2')],
      { client: CLIENT },
    ],
  ])

  test('PRX-04: the event says how many were expected, and where to change it', () => {
    const reason = trust(hops(3)).resolve(rawRequest(PROXY, xff(CLIENT))).problem?.reason
    assert.match(reason ?? '', /^x-forwarded-for has fewer entries than proxy\.trustedHops says: 3\./)
  })
})

describe('Forwarded', () => {
  testRows([
    [
      'PRX-06: ranges choose among its elements',
      RFC_RANGES,
      PROXY,
      [forwarded(`for=192.0.2.9, for="${CLIENT}:80", for=10.0.0.2`)],
      { client: CLIENT },
    ],
    [
      'PRX-06: hops count its elements',
      { trustedHops: 2, header: 'forwarded' },
      PROXY,
      [forwarded(`for=192.0.2.9, for=${CLIENT}`), forwarded('for=10.0.0.2')],
      { client: CLIENT },
    ],
    [
      'PRX-06: an IPv6 node',
      RFC_RANGES,
      PROXY,
      [forwarded('for="[2001:db8::1]:80"')],
      { client: '2001:db8::1' },
    ],
    [
      'PRX-06: unknown at the place names no client',
      RFC_RANGES,
      PROXY,
      [forwarded('for=192.0.2.9, for=unknown, for=10.0.0.2')],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-06: an obfuscated node at the place names no client',
      RFC_RANGES,
      PROXY,
      [forwarded('for=_x')],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-06: an element without for names no client',
      RFC_RANGES,
      PROXY,
      [forwarded('for=192.0.2.9, proto=http')],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-06: a malformed field names no client and no scheme',
      RFC_RANGES,
      PROXY,
      [forwarded(`for=${CLIENT};proto=https, for="`)],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-06: so it is with hops',
      { trustedHops: 1, header: 'forwarded' },
      PROXY,
      [forwarded(`for=a;for=${CLIENT};proto=https`)],
      { problem: 'proxy.malformed' },
    ],
  ])
})

describe('a header with one address', () => {
  testRows([
    ['PRX-02: a trusted peer says who the client is', CDN, PROXY, [cdn(CLIENT)], { client: CLIENT }],
    ['PRX-02: white space does not matter', CDN, PROXY, [cdn(` ${CLIENT}\t`)], { client: CLIENT }],
    [
      'PRX-05: two addresses name no client',
      CDN,
      PROXY,
      [cdn(`${CLIENT}, ${CLIENT}`)],
      { problem: 'proxy.malformed' },
    ],
    [
      'PRX-05: two lines name no client',
      CDN,
      PROXY,
      [cdn(CLIENT), cdn(CLIENT)],
      { problem: 'proxy.malformed' },
    ],
    ['PRX-05: rubbish names no client', CDN, PROXY, [cdn('client')], { problem: 'proxy.malformed' }],
    ['PRX-05: X-Forwarded-For is not taken instead', CDN, PROXY, [xff(CLIENT)], { client: PROXY }],
  ])
})
