import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fieldOf, refusalOf } from '../support/guards.ts'
import { context, https } from '../support/https.ts'
import type { Line } from '../support/forwarding.ts'
import { received } from '../support/received.ts'

// The redirect to https is built from what the client sent; whoever chooses its host, or ends it early, sends
// somebody else's browser, or a cache, where they like.
describe('attack: the redirect to https goes to the attacker', () => {
  const fixed = https({ host: 'api.example.com' }, context('any'))
  const listed = https('redirect', context(['api.example.com', '*.example.org']))

  const hosts = [
    'evil.example',
    'evil.example:443',
    'api.example.com.evil.example',
    'evilexample.org',
    'api.example.com@evil.example',
    '',
  ]
  for (const host of hosts) {
    test(`TLS-03: Host ${JSON.stringify(host)} is never a Location`, () => {
      const request = received({ url: '/a', lines: [['Host', host]] })
      assert.equal(refusalOf(listed, request)?.kind, 'https.refused')
      assert.equal(refusalOf(listed, request)?.fields, undefined)
      assert.equal(fieldOf(refusalOf(fixed, request)?.fields, 'location'), 'https://api.example.com/a')
    })
  }

  test('TLS-03: X-Forwarded-Host of a stranger is not looked at', () => {
    const lines: readonly Line[] = [
      ['Host', 'api.example.com'],
      ['X-Forwarded-Host', 'evil.example'],
      ['Forwarded', 'host=evil.example'],
    ]
    const refusal = refusalOf(listed, received({ url: '/a', lines }))
    assert.equal(fieldOf(refusal?.fields, 'location'), 'https://api.example.com/a')
  })

  const targets = [
    '//evil.example/',
    '/\\evil.example/',
    '/@evil.example',
    '/%0d%0aSet-Cookie:%20a=b',
    '/?\\@evil.example',
    '/.evil.example',
  ]
  for (const url of targets) {
    test(`TLS-02: ${url} stays a path of the host`, () => {
      const location = fieldOf(refusalOf(listed, received({ url }))?.fields, 'location') ?? ''
      assert.equal(location, `https://api.example.com${url}`)
      assert.equal(new URL(location).host, 'api.example.com')
    })
  }

  for (const url of [
    '/a\r\nSet-Cookie: a=b',
    '/a\nb',
    '/a\0',
    '/a?b\r\nc',
    '@evil.example',
    '.evil.example',
    ':@evil.example/',
    'https://evil.example/a b',
  ]) {
    test(`TLS-02: ${JSON.stringify(url)} is no redirect at all`, () => {
      assert.equal(refusalOf(listed, received({ url }))?.kind, 'https.refused')
    })
  }
})
