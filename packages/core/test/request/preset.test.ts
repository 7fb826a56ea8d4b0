import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseCidr } from '../../src/lib/ip.ts'
import { compileProxy, type ProxySetting } from '../../src/request/proxy.ts'
import { PRESETS, type ProxyPreset } from '../../src/request/proxy-presets.ts'
import { mistakesOf } from '../support/compile.ts'
import { type Line, proto, rawRequest, type Row, see, testRows, trust, xff } from '../support/forwarding.ts'

const CLIENT = '198.51.100.7'
const FORGED = '203.0.113.7'
const CDN = '173.245.48.1'
const GOOGLE = '130.211.0.1'
const ALB = '10.0.1.5'
const DOOR = '147.243.0.1'
const cloudflare: ProxySetting = { preset: 'cloudflare' }
const google: ProxySetting = { preset: 'google-cloud' }
const alb: ProxySetting = { preset: 'aws-alb', ranges: ['10.0.1.0/24'] }
const door: ProxySetting = { preset: 'azure-front-door', ranges: ['147.243.0.0/16'], id: 'mine' }
const cf = (value: string): Line => ['CF-Connecting-IP', value]
const fdid = (value: string): Line => ['X-Azure-FDID', value]
const socketIp = (value: string): Line => ['X-Azure-SocketIP', value]

const rows: readonly Row[] = [
  [
    'cloudflare: its header',
    cloudflare,
    CDN,
    [cf(CLIENT), xff(FORGED), proto('https')],
    { client: CLIENT, scheme: 'https' },
  ],
  ['cloudflare: over IPv6', cloudflare, '2400:cb00::1', [cf(CLIENT)], { client: CLIENT }],
  [
    'cloudflare: from elsewhere',
    cloudflare,
    FORGED,
    [cf(CLIENT), proto('https')],
    { client: FORGED, problem: 'proxy.untrusted' },
  ],
  [
    'cloudflare: from ranges that were given in place of the published ones',
    { ...cloudflare, ranges: ['192.0.2.0/24'] },
    '192.0.2.1',
    [cf(CLIENT)],
    { client: CLIENT },
  ],
  [
    'cloudflare: then no longer from these',
    { ...cloudflare, ranges: ['192.0.2.0/24'] },
    CDN,
    [cf(CLIENT)],
    { client: CDN, problem: 'proxy.untrusted' },
  ],
  [
    'google-cloud: the second from the right',
    google,
    GOOGLE,
    [xff(`${FORGED}, ${CLIENT}, 192.0.2.1`), proto('https')],
    { client: CLIENT, scheme: 'https' },
  ],
  ['google-cloud: over IPv6', google, '2600:2d00:1:1::7', [xff(`${CLIENT}, 192.0.2.1`)], { client: CLIENT }],
  [
    'google-cloud: from elsewhere',
    google,
    FORGED,
    [xff(`${CLIENT}, 192.0.2.1`)],
    { client: FORGED, problem: 'proxy.untrusted' },
  ],
  ['google-cloud: too few', google, GOOGLE, [xff(CLIENT)], { problem: 'proxy.too-few-hops' }],
  ['aws-alb: the last', alb, ALB, [xff(FORGED), xff(CLIENT)], { client: CLIENT }],
  [
    'aws-alb: from elsewhere',
    alb,
    '10.0.2.5',
    [xff(CLIENT)],
    { client: '10.0.2.5', problem: 'proxy.untrusted' },
  ],
  [
    'azure-front-door: of mine',
    door,
    DOOR,
    [fdid('mine'), socketIp(CLIENT), xff(FORGED)],
    { client: CLIENT },
  ],
  [
    'azure-front-door: of another',
    door,
    DOOR,
    [fdid('theirs'), socketIp(CLIENT), proto('https')],
    { client: DOOR, problem: 'proxy.untrusted' },
  ],
  [
    'azure-front-door: of nobody',
    door,
    DOOR,
    [socketIp(CLIENT)],
    { client: DOOR, problem: 'proxy.untrusted' },
  ],
  [
    'azure-front-door: of two',
    door,
    DOOR,
    [fdid('theirs'), fdid('mine'), socketIp(CLIENT)],
    { client: DOOR, problem: 'proxy.untrusted' },
  ],
  [
    'azure-front-door: of mine, from elsewhere',
    door,
    FORGED,
    [fdid('mine'), socketIp(CLIENT)],
    { client: FORGED, problem: 'proxy.untrusted' },
  ],
  [
    'fly-io: the second from the right',
    { preset: 'fly-io' },
    '172.16.0.1',
    [xff(`${FORGED}, ${CLIENT}, 192.0.2.1`)],
    { client: CLIENT },
  ],
  ['heroku: the last', { preset: 'heroku' }, '10.1.2.3', [xff(`${FORGED}, ${CLIENT}`)], { client: CLIENT }],
]

describe('PRX-02: presets', () => testRows(rows))

describe('presets as data', () => {
  test('PRX-02: every range is one, and none holds a large part of the internet', () => {
    for (const [name, { ranges }] of Object.entries(PRESETS)) {
      if (typeof ranges === 'string') continue
      for (const text of ranges) {
        const cidr = parseCidr(text)
        assert.ok(cidr !== undefined && cidr.prefix >= (cidr.version === 4 ? 12 : 24), `${name}: ${text}`)
      }
    }
  })

  test('PRX-02: a header that clients can write, too, is believed from ranges alone', () => {
    for (const [name, { hops, ranges }] of Object.entries(PRESETS)) {
      assert.ok(hops !== undefined || ranges !== 'unknown', name)
    }
  })

  test('PRX-10: a peer that is in no range is told with the preset, and with what to write', () => {
    for (const [setting, expected] of [
      [cloudflare, /^cf-connecting-ip was ignored: .*cloudflare had published in .*proxy\.ranges\.$/],
      [google, /google-cloud had published/],
      [alb, /not of aws-alb as proxy describes it.*proxy\.ranges\.$/],
      [door, /not of azure-front-door/],
    ] as const) {
      const header = PRESETS[(setting as { readonly preset: ProxyPreset }).preset].header
      const { problem } = trust(setting).resolve(rawRequest(FORGED, [header, CLIENT]))
      assert.match(problem?.reason ?? '', expected)
    }
  })

  test('PRX-10: too few entries are told with the preset', () => {
    const { problem } = trust(google).resolve(rawRequest(GOOGLE, xff(CLIENT)))
    assert.match(problem?.reason ?? '', /proxy\.preset says: 2/)
  })

  test('PRX-07: no preset believes a host', () => {
    for (const setting of [cloudflare, google, alb, door]) {
      assert.equal(
        see(setting, rawRequest(CDN, cf(CLIENT), ['X-Forwarded-Host', 'evil.example'])).host,
        undefined,
      )
    }
  })

  const mistakes: readonly (readonly [name: string, setting: unknown, found: readonly string[]])[] = [
    ['an unknown platform', { preset: 'cloudfront' }, ['malformed_value proxy.preset']],
    ['no ranges, where nobody knows them', { preset: 'aws-alb' }, ['missing_option proxy.ranges']],
    [
      'no ranges and no id',
      { preset: 'azure-front-door' },
      ['missing_option proxy.ranges', 'missing_option proxy.id'],
    ],
    ['no id', { preset: 'azure-front-door', ranges: ['147.243.0.0/16'] }, ['missing_option proxy.id']],
    ['an id that nobody sends', { preset: 'cloudflare', id: 'mine' }, ['contradiction proxy.id']],
    ['ranges that say nothing', { preset: 'heroku', ranges: ['10.0.0.0/8'] }, ['contradiction proxy.ranges']],
    [
      'ranges that hold the internet',
      { preset: 'cloudflare', ranges: ['0.0.0.0/0'] },
      ['unsafe_value proxy.ranges[0]'],
    ],
    ['no ranges at all', { preset: 'cloudflare', ranges: [] }, ['out_of_range proxy.ranges']],
    ['a host', { preset: 'cloudflare', host: true }, ['unknown_option proxy.host']],
    ['a strategy besides', { preset: 'cloudflare', trustedHops: 1 }, ['unknown_option proxy.trustedHops']],
    [
      'fields that are none',
      { preset: 'heroku', keepFields: ['a b', '*', 'x*', 'host', 7] },
      [0, 1, 2, 3, 4].map((at) => `${at === 4 ? 'wrong_type' : 'malformed_value'} proxy.keepFields[${at}]`),
    ],
  ]
  for (const [name, setting, found] of mistakes) {
    test(`PRX-10: a mistake: ${name}`, () => {
      assert.deepEqual(
        mistakesOf('proxy', (where) => compileProxy(where, setting)),
        found,
      )
    })
  }
})
