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
  testRows,
  trust,
  xff,
} from '../support/forwarding.ts'

const CLIENT = '198.51.100.7'
const RANGES: ProxySetting = { trustedRanges: ['10.0.0.0/8'] }
const RFC_RANGES: ProxySetting = { ...RANGES, header: 'forwarded' }
const CDN: ProxySetting = { ...RANGES, header: 'CF-Connecting-IP' }

describe('the scheme', () => {
  const two: ProxySetting = { trustedHops: 2 }
  const way = xff(`${CLIENT}, 10.0.0.2`)
  testRows([
    [
      'PRX-07: a trusted proxy says it',
      RANGES,
      PROXY,
      [xff(CLIENT), proto('https')],
      { client: CLIENT, scheme: 'https' },
    ],
    [
      'PRX-07: it has no case',
      RANGES,
      PROXY,
      [xff(CLIENT), proto('HTTPS')],
      { client: CLIENT, scheme: 'https' },
    ],
    [
      'PRX-07: a single value counts for all hops',
      two,
      PROXY,
      [way, proto('https')],
      { client: CLIENT, scheme: 'https' },
    ],
    [
      'PRX-07: https,http is https two hops away',
      two,
      PROXY,
      [way, proto('https,http')],
      { client: CLIENT, scheme: 'https' },
    ],
    [
      'PRX-07: https,http is http one hop away',
      { trustedHops: 1 },
      PROXY,
      [xff(CLIENT), proto('https,http')],
      { client: CLIENT, scheme: 'http' },
    ],
    [
      'PRX-07: when all are trusted the place of the left-most counts',
      RANGES,
      PROXY,
      [xff('10.0.0.9, 10.0.0.2'), proto('https, http')],
      { client: '10.0.0.9', scheme: 'https' },
    ],
    [
      'PRX-07: with ranges the place of the client counts',
      RANGES,
      PROXY,
      [way, proto('http, https, http')],
      { client: CLIENT, scheme: 'https' },
    ],
    [
      'PRX-07: a value that the client sent first does not count',
      RANGES,
      PROXY,
      [xff(CLIENT), proto('https'), proto('http')],
      { client: CLIENT, scheme: 'http' },
    ],
    [
      'PRX-07: fewer values than hops cannot be lined up',
      { trustedHops: 3 },
      PROXY,
      [xff(`${CLIENT}, 10.0.0.3, 10.0.0.2`), proto('https,https')],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
    [
      'PRX-07: another scheme is ignored and reported',
      RANGES,
      PROXY,
      [xff(CLIENT), proto('wss')],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
    [
      'PRX-07: an empty value is ignored and reported',
      RANGES,
      PROXY,
      [xff(CLIENT), proto('')],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
    [
      'PRX-07: a field that is too long is ignored and reported',
      RANGES,
      PROXY,
      [xff(CLIENT), proto('https'.padEnd(4097))],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
    [
      'PRX-07: the trusted peer says it without X-Forwarded-For, too',
      RANGES,
      PROXY,
      [proto('https')],
      { client: PROXY, scheme: 'https' },
    ],
    [
      'PRX-07: a list without X-Forwarded-For cannot be lined up',
      RANGES,
      PROXY,
      [proto('https, http')],
      { client: PROXY, problem: 'proxy.malformed' },
    ],
    [
      'PRX-07: it is believed though the client is unknown',
      RANGES,
      PROXY,
      [xff('-'), proto('https')],
      { scheme: 'https', problem: 'proxy.malformed' },
    ],
  ])

  test('PRX-07: http from a trusted proxy is http, though this connection is TLS', () => {
    const raw = rawRequest(PROXY, xff(CLIENT), proto('http'))
    assert.equal(trust(RANGES).resolve({ ...raw, encrypted: true }).scheme, 'http')
  })

  test('PRX-07: without one, and with a malformed one, the connection decides', () => {
    for (const lines of [[xff(CLIENT)], [xff(CLIENT), proto('gopher')]]) {
      assert.equal(trust(RANGES).resolve({ ...rawRequest(PROXY, ...lines), encrypted: true }).scheme, 'https')
    }
  })

  test('PRX-07: the problem of the client comes before that of the scheme', () => {
    const { problem } = trust(RANGES).resolve(rawRequest(PROXY, xff('-'), proto('gopher')))
    assert.match(problem?.reason ?? '', /names the client/)
  })
})

describe('the host', () => {
  const believing: ProxySetting = { ...RANGES, host: true }
  testRows([
    [
      'PRX-07: it is not read unless the policy says so',
      RANGES,
      PROXY,
      [xff(CLIENT), host('a.example')],
      { client: CLIENT },
    ],
    [
      'PRX-07: a trusted proxy says it',
      believing,
      PROXY,
      [xff(CLIENT), host('a.example:8443')],
      { client: CLIENT, host: 'a.example:8443' },
    ],
    [
      'PRX-07: a stranger does not',
      believing,
      '203.0.113.1',
      [host('a.example')],
      { client: '203.0.113.1', problem: 'proxy.untrusted' },
    ],
    [
      'PRX-07: of several, the one at the place of the client counts',
      { trustedHops: 2, host: true },
      PROXY,
      [xff(`${CLIENT}, 10.0.0.2`), host('evil.example, a.example, inner.example')],
      { client: CLIENT, host: 'a.example' },
    ],
    [
      'PRX-07: one that is no host is ignored and reported',
      believing,
      PROXY,
      [xff(CLIENT), host('a.example/path')],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
    [
      'PRX-07: an empty one is ignored and reported',
      believing,
      PROXY,
      [xff(CLIENT), host('')],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
    ['PRX-07: none leaves Host to count', believing, PROXY, [xff(CLIENT)], { client: CLIENT }],
  ])
})

describe('scheme and host in Forwarded', () => {
  testRows([
    [
      'PRX-07: the scheme and host stand in the element of the client',
      { ...RFC_RANGES, host: true },
      PROXY,
      [
        forwarded(
          `proto=http;host=a.example;for=192.0.2.9, for=${CLIENT};proto=HTTPS;host="b.example:444", for=10.0.0.2;proto=http;host=c.example`,
        ),
      ],
      { client: CLIENT, scheme: 'https', host: 'b.example:444' },
    ],
    [
      'PRX-07: X-Forwarded-Proto and -Host do not mix with Forwarded',
      { ...RFC_RANGES, host: true },
      PROXY,
      [forwarded(`for=${CLIENT}`), proto('https'), host('a.example')],
      { client: CLIENT },
    ],
    ['PRX-07: without the header there is no scheme', RFC_RANGES, PROXY, [proto('https')], { client: PROXY }],
    [
      'PRX-07: a scheme that is none is reported',
      RFC_RANGES,
      PROXY,
      [forwarded(`for=${CLIENT};proto=gopher`)],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
  ])
})

describe('the scheme beside a header with one address', () => {
  testRows([
    [
      'PRX-07: a single scheme is believed',
      CDN,
      PROXY,
      [cdn(CLIENT), proto('https')],
      { client: CLIENT, scheme: 'https' },
    ],
    [
      'PRX-07: a list of schemes cannot be lined up with it',
      CDN,
      PROXY,
      [cdn(CLIENT), proto('https,https')],
      { client: CLIENT, problem: 'proxy.malformed' },
    ],
  ])
})
