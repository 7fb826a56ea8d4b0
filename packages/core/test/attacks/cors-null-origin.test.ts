import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PASS } from '../../src/contract/check.ts'
import type { CorsOptions } from '../../src/checks/cors.ts'
import { answered, cors, from, preflight, refused, sent } from '../support/cors.ts'

const APP = 'https://app.example.com'

// <iframe sandbox="allow-scripts" srcdoc="..."> on the attacker's page sends `Origin: null`.
describe('attack: a sandboxed frame', () => {
  const policies: readonly (readonly [string, CorsOptions])[] = [
    ['a list', { origins: [APP, 'https://admin.example.com'], credentials: true }],
    ['a pattern', { origins: ['https://*.example.com'], credentials: true }],
    ['an expression that accepts it', { origins: [/^(?:null|https:\/\/a\.example)$/], credentials: true }],
    ['a resolver that accepts all', { origins: () => true, credentials: true }],
  ]
  for (const [what, options] of policies) {
    test(`COR-12: null does not pass ${what}`, () => {
      const policy = cors(options)
      refused(policy.decide(preflight('null')))
      const request = from('null')
      assert.equal(policy.decide(request), PASS)
      assert.deepEqual(policy.response.fields(request), [])
      refused(cors({ ...options, block: true }).decide(from('null')))
    })
  }

  test('COR-12: null passes when the policy says that it dangerously does, and nothing else does with it', () => {
    const policy = cors({ origins: [APP], dangerouslyAllowNullOrigin: true })
    answered(policy.decide(preflight('null')))
    assert.equal(sent(policy, from('null'))['Access-Control-Allow-Origin'], 'null')
    assert.equal(sent(policy, from(APP))['Access-Control-Allow-Origin'], APP)
    for (const origin of ['NULL', 'null.', ' null', 'https://null', 'null, null']) {
      refused(policy.decide(preflight(origin)))
      assert.deepEqual(policy.response.fields(from(origin)), [])
    }
  })
})
