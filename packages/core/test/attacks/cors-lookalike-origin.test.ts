import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CorsOptions } from '../../src/checks/cors.ts'
import { lookalikeOrigins } from '../support/attacks.ts'
import { cors, from, preflight, refused } from '../support/cors.ts'

// The attacker registers a name that looks like an allowed one to a comparison by prefix, suffix or parts.
describe('attack: an origin that looks like an allowed one', () => {
  const policies: readonly (readonly [string, CorsOptions])[] = [
    ['a pattern', { origins: ['https://*.example.com'], credentials: true, block: true }],
    ['an expression', { origins: [/^https:\/\/.+\.example\.com$/i], credentials: true, block: true }],
    [
      'two exact origins',
      { origins: ['https://a.example.com', 'https://b.example.com'], credentials: true, block: true },
    ],
  ]
  for (const [what, options] of policies) {
    for (const origin of lookalikeOrigins('a.example.com')) {
      test(`COR-14: ${JSON.stringify(origin)} does not pass ${what}`, () => {
        const policy = cors(options)
        assert.deepEqual(policy.response.fields(from(origin)), [])
        refused(policy.decide(from(origin)))
        refused(policy.decide(preflight(origin)))
      })
    }
  }
})
