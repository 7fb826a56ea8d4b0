import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PASS } from '../../../src/contract/check.ts'
import type { AccessRule, DenyRule } from '../../../src/options/access-rule.ts'
import { accessGuard, accessMistakes, judged, kindOf, statusOf } from '../../support/access.ts'
import { facts } from '../../support/facts.ts'
import { caller, decide, refusal } from '../../support/schemes.ts'

type Applies = DenyRule['applies']
const deny = (applies: () => unknown, name = 'suspended'): readonly DenyRule[] => [
  { name, applies: applies as Applies },
]

const SAID: readonly (readonly [name: string, applies: () => unknown, kind: string])[] = [
  ['says true', () => true, 'authorization.deny-rule'],
  ['promises true', () => Promise.resolve(true), 'authorization.deny-rule'],
  ['says false', () => false, 'pass'],
  ['promises false', () => Promise.resolve(false), 'pass'],
  ['gives nothing', () => undefined, 'authorization.failed'],
  ['gives 0', () => 0, 'authorization.failed'],
  ['gives a decision, whatever it says', () => ({ allowed: true }), 'authorization.failed'],
  ['promises nothing', () => Promise.resolve(), 'authorization.failed'],
  [
    'throws',
    () => {
      throw new Error('hunter2')
    },
    'authorization.failed',
  ],
  ['rejects', () => Promise.reject(new Error('hunter2')), 'authorization.failed'],
]

describe('deny rules', () => {
  for (const [name, applies, kind] of SAID) {
    test(`AZ-03: one of the policy that ${name} gives ${kind}`, async () => {
      const found = await judged({}, caller(), { deny: deny(applies) })
      assert.equal(kindOf(found), kind)
      if (found.type === 'refusal') {
        assert.match(found.reason, /"suspended"/)
        assert.doesNotMatch(found.reason, /hunter2/)
        assert.equal(statusOf(found), 403)
      }
    })

    test(`AZ-03: one of a rule that ${name} gives ${kind}`, async () => {
      const rule: AccessRule = { deny: { suspended: applies as Applies } }
      assert.equal(kindOf(await judged(rule, caller())), kind)
    })

    test(`AZ-03: on an optional route, of a caller who is known, one that ${name} gives ${kind}`, async () => {
      const found = await judged({ optional: 'a test' }, caller(), { deny: deny(applies) })
      assert.equal(kindOf(found), kind)
    })
  }

  test('AZ-02: they are asked before everything else, the ones of the policy first', () => {
    const asked: string[] = []
    const rule: AccessRule = {
      deny: { own: () => asked.push('own') < 0 },
      scopes: ['a'],
      when: () => assert.fail('asked of somebody without the scope'),
    }
    const found = judged(rule, caller(), { deny: deny(() => asked.push('policy') < 0) })
    assert.equal(refusal(found).kind, 'authorization.scope-missing')
    assert.deepEqual(asked, ['policy', 'own'])
    const shut = judged(rule, caller({ scopes: ['a'] }), { deny: deny(() => true) })
    assert.equal(refusal(shut).reason, 'the deny rule "suspended" applies')
  })

  test('AZ-02: nobody is asked for by name: who is not known gets the 401', () => {
    const found = judged({}, undefined, { deny: deny(() => assert.fail('asked of nobody')) })
    assert.equal(refusal(found).kind, 'credentials.missing')
  })

  test('AZ-02: an optional route lets nobody in, too, and asks nothing of nobody', () => {
    const found = judged({ optional: 'a test' }, undefined, {
      deny: deny(() => assert.fail('asked of nobody')),
    })
    assert.equal(found, PASS)
  })

  test('AZ-02: a public route has no caller, and no deny rule', () => {
    assert.equal(accessGuard({ public: 'a test' }, { deny: deny(() => true) }).check, undefined)
  })

  test('AZ-02: a denial can look like a missing thing', () => {
    const found = refusal(judged({ deniedAs: 404 }, caller(), { deny: deny(() => true) }))
    assert.equal(found.kind, 'authorization.hidden')
    assert.equal(found.reason, 'the deny rule "suspended" applies')
  })

  test('AZ-03: they get the caller and the request', () => {
    const seen: unknown[] = []
    const guard = accessGuard({ deny: { own: (...args) => seen.push(args) < 0 } })
    const request = facts({ principal: caller() })
    assert.equal(decide(guard, request), PASS)
    assert.deepEqual(seen, [[request.principal, request]])
  })

  const wrong: readonly (readonly [name: string, rule: unknown, expected: readonly string[]])[] = [
    ['a function', { deny: () => true }, ['wrong_type rule.deny']],
    ['none', { deny: {} }, ['missing_option rule.deny']],
    ['a rule without a name', { deny: { ' ': () => true } }, ['malformed_value rule.deny[" "]']],
    ['one that is no function', { deny: { frozen: true } }, ['wrong_type rule.deny.frozen']],
    ['a public route', { public: 'why', deny: { frozen: () => true } }, ['contradiction rule.deny']],
  ]
  for (const [name, rule, expected] of wrong) {
    test(`AZ-03: deny rules with ${name} do not build`, () => {
      assert.deepEqual(accessMistakes(rule), expected)
    })
  }
})
