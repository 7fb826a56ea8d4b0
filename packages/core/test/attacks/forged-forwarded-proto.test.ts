import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { type Line, PROXY, rawRequest, see } from '../support/forwarding.ts'

/*
 * A client on plain http says that it came over https, so that its request is neither redirected nor refused; or it
 * names another host, to poison links, caches and redirects.
 */

const ATTACKER = '198.51.100.7'
const CLAIM: readonly Line[] = [
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'evil.example'],
  ['Forwarded', 'for=127.0.0.1;proto=https;host=evil.example'],
]
const WAY: Line = ['X-Forwarded-For', ATTACKER]

function schemeAndHost(setting: ProxySetting, peer: string, ...lines: readonly Line[]): readonly unknown[] {
  const { scheme, host } = see(setting, rawRequest(peer, ...lines))
  return [scheme, host]
}

test('PRX-07: without a proxy setting the claim is worth nothing', () => {
  assert.deepEqual(schemeAndHost('none', ATTACKER, ...CLAIM), ['http', undefined])
})

test('PRX-07: past the proxy the claim is worth nothing', () => {
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    const setting: ProxySetting = { trustedRanges: ['10.0.0.0/8'], header, host: true }
    assert.deepEqual(schemeAndHost(setting, ATTACKER, ...CLAIM), ['http', undefined])
  }
})

test('PRX-07: past the outer of two proxies the claim is worth nothing', () => {
  assert.deepEqual(schemeAndHost({ trustedHops: 2, host: true }, PROXY, WAY, ...CLAIM), ['http', undefined])
})

test('PRX-07: a claim before the word of an appending proxy does not count', () => {
  const lines: readonly Line[] = [
    ...CLAIM,
    WAY,
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Host', 'api.example.com'],
  ]
  for (const setting of [
    { trustedHops: 1, host: true },
    { trustedRanges: ['10.0.0.0/8'], host: true },
  ]) {
    assert.deepEqual(schemeAndHost(setting, PROXY, ...lines), ['http', 'api.example.com'])
  }
})

test('PRX-07: a claim in the element before that of the proxy does not count', () => {
  const setting: ProxySetting = { trustedRanges: ['10.0.0.0/8'], header: 'forwarded', host: true }
  const own: Line = ['Forwarded', `for=${ATTACKER}`]
  assert.deepEqual(schemeAndHost(setting, PROXY, ...CLAIM, own), ['http', undefined])
})

test('PRX-07: more entries in X-Forwarded-For do not reach a claim further left', () => {
  const lines: readonly Line[] = [
    ['X-Forwarded-For', `127.0.0.1, 10.0.0.3, ${ATTACKER}, 10.0.0.2`],
    ['X-Forwarded-Proto', 'https, https, http, http'],
  ]
  assert.deepEqual(schemeAndHost({ trustedRanges: ['10.0.0.0/8'] }, PROXY, ...lines), ['http', undefined])
})

test('PRX-07: a forwarded host that is no host is not passed on', () => {
  for (const host of [
    'evil.example/',
    'user@evil.example',
    'evil.example#',
    'evil.example\\',
    'a b',
    '%00',
    'evil.example:99999',
  ]) {
    assert.deepEqual(
      schemeAndHost({ trustedRanges: ['10.0.0.0/8'], host: true }, PROXY, WAY, ['X-Forwarded-Host', host]),
      ['http', undefined],
    )
  }
})
