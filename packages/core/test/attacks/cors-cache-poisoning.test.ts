import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CorsOptions } from '../../src/checks/cors.ts'
import { mergeVary } from '../../src/lib/field-list.ts'
import { type Cors, cors, from, sent } from '../support/cors.ts'

const APP = 'https://app.example.com'
const OTHER = 'https://other.example.com'

/** A shared cache in front of the API: one entry per URL and per value of the fields in Vary (RFC 9111 §4.1). */
function throughCache(
  policy: Cors,
  origins: readonly (string | undefined)[],
): readonly (string | undefined)[] {
  const stored = new Map<string, string | undefined>()
  let vary = ''
  return origins.map((origin) => {
    const key = (): string => (vary.includes('Origin') ? `Origin: ${origin}` : 'any')
    if (stored.has(key())) return stored.get(key())
    const value = sent(policy, from(origin))['Access-Control-Allow-Origin']
    vary = mergeVary(vary, policy.response.vary === undefined ? [] : [policy.response.vary])
    stored.set(key(), value)
    return value
  })
}

// Whoever fills the cache first decides what all others get: nothing, or another's origin.
describe('attack: a response for one origin, served to another from a cache', () => {
  const order = [undefined, OTHER, APP, 'https://evil.example', undefined, APP]
  const dynamic: readonly CorsOptions[] = [
    { origins: [APP, OTHER], credentials: true },
    { origins: ['https://*.example.com'], credentials: true },
    { origins: [/^https:\/\/(?:app|other)\.example\.com$/], credentials: true },
  ]
  for (const [index, options] of dynamic.entries()) {
    test(`COR-05: each reader gets his own answer (policy ${index + 1})`, () => {
      assert.deepEqual(throughCache(cors(options), order), [undefined, OTHER, APP, undefined, undefined, APP])
    })
  }

  test('COR-06: one answer serves all readers where it is the same for all', () => {
    assert.deepEqual(
      throughCache(cors({ origins: [APP] }), order),
      order.map(() => APP),
    )
    assert.deepEqual(
      throughCache(cors({ origins: '*' }), order),
      order.map(() => '*'),
    )
  })
})
