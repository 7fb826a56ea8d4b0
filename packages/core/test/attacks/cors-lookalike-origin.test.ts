import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CorsOptions } from '../../src/checks/cors.ts'
import { cors, from, preflight, refused } from '../support/cors.ts'

// The attacker registers a name that looks like an allowed one to a comparison by prefix, suffix or parts.
describe('attack: an origin that looks like an allowed one', () => {
  const attackers = [
    'https://example.com',
    'https://evilexample.com',
    'https://a.example.com.evil.com',
    'https://example.com.evil.com',
    'https://a.example.comevil',
    'https://a.example.com.',
    'https://a.example.com:8443',
    'https://a.example.com@evil.com',
    'https://evil.com/a.example.com',
    'https://evil.com#.example.com',
    'https://evil.com?.example.com',
    'https://evil.com\\.example.com',
    'https://evil.com:443.example.com',
    'https://evil.com%2e.example.com',
    'https://.example.com',
    'https://a..example.com',
    'https://a_!.example.com',
    'https://a.example.com,https://evil.com',
    'https://a.example.com, https://a.example.com',
    'https://a.example.com https://evil.com',
    'https://a.example.com\nhttps://evil.com',
    'https://A.EXAMPLE.COM',
    'https://a.examp\u017fe.com',
    'https://a\u3002example.com',
    'http://a.example.com',
    'wss://a.example.com',
    '//a.example.com',
    'a.example.com',
    'https:a.example.com',
    'null',
    '*',
    'undefined',
    '__proto__',
    '',
  ]
  const policies: readonly (readonly [string, CorsOptions])[] = [
    ['a pattern', { origins: ['https://*.example.com'], credentials: true, block: true }],
    ['an expression', { origins: [/^https:\/\/.+\.example\.com$/i], credentials: true, block: true }],
    [
      'two exact origins',
      { origins: ['https://a.example.com', 'https://b.example.com'], credentials: true, block: true },
    ],
  ]
  for (const [what, options] of policies) {
    for (const origin of attackers) {
      test(`COR-14: ${JSON.stringify(origin)} does not pass ${what}`, () => {
        const policy = cors(options)
        assert.deepEqual(policy.response.fields(from(origin)), [])
        refused(policy.decide(from(origin)))
        refused(policy.decide(preflight(origin)))
      })
    }
  }
})
