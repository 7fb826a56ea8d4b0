import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PASS } from '../../../src/contract/check.ts'
import type { Principal } from '../../../src/contract/principal.ts'
import { NO_CREDENTIALS } from '../../../src/contract/scheme.ts'
import type { AccessRule, StepUp } from '../../../src/options/access-rule.ts'
import { accessMistakes, judged, statusOf } from '../../support/access.ts'
import { movableClock } from '../../support/clock.ts'
import { caller, refusal, stubScheme } from '../../support/schemes.ts'

const clock = movableClock()
const NOW = clock.now() / 1000
const BOTH: StepUp = { acr: ['urn:mfa', 'urn:hardware'], maxAge: '5m' }

describe('step-up', () => {
  const rows: readonly (readonly [name: string, stepUp: StepUp, has: Partial<Principal>, passes: boolean])[] =
    [
      ['the first acr, just now', BOTH, { acr: 'urn:mfa', authTime: NOW }, true],
      ['the second acr, just in time', BOTH, { acr: 'urn:hardware', authTime: NOW - 300 }, true],
      ['a second too late', BOTH, { acr: 'urn:mfa', authTime: NOW - 301 }, false],
      ['another acr', BOTH, { acr: 'urn:password', authTime: NOW }, false],
      ['no acr', BOTH, { authTime: NOW }, false],
      ['no time', BOTH, { acr: 'urn:mfa' }, false],
      ['acr alone', { acr: ['a'] }, { acr: 'a' }, true],
      ['another case of it', { acr: ['a'] }, { acr: 'A' }, false],
      ['a part of it', { acr: ['urn:mfa'] }, { acr: 'urn' }, false],
      ['a list that has it', { acr: ['a'] }, { acr: ['a'] as unknown as string }, false],
      ['age alone', { maxAge: '5m' }, { authTime: NOW - 1 }, true],
      ['a clock that is a little ahead', { maxAge: '5m' }, { authTime: NOW + 60 }, true],
      ['a time in the future, which would never grow old', { maxAge: '5m' }, { authTime: NOW + 61 }, false],
      ['a time in milliseconds', { maxAge: '5m' }, { authTime: NOW * 1000 }, false],
      ['a time that is no number', { maxAge: '5m' }, { authTime: String(NOW) as unknown as number }, false],
      ['not a number', { maxAge: '5m' }, { authTime: Number.NaN }, false],
      ['infinity', { maxAge: '5m' }, { authTime: Number.POSITIVE_INFINITY }, false],
    ]
  for (const [name, stepUp, has, passes] of rows) {
    test(`STP-01: ${name}`, () => {
      const found = judged({ stepUp }, caller(has), { clock })
      if (passes) assert.equal(found, PASS)
      else {
        assert.equal(refusal(found).kind, 'authorization.step-up')
        assert.equal(statusOf(refusal(found)), 401)
      }
    })
  }

  const challenges: readonly (readonly [stepUp: StepUp, params: string])[] = [
    [BOTH, 'acr_values="urn:mfa urn:hardware", max_age="300"'],
    [{ acr: ['urn:mfa'] }, 'acr_values="urn:mfa"'],
    [{ maxAge: '1h' }, 'max_age="3600"'],
  ]
  for (const [stepUp, params] of challenges) {
    test(`STP-01: the challenge says what to come back with: ${params}`, () => {
      assert.deepEqual(refusal(judged({ stepUp }, caller(), { clock })).fields, [
        'WWW-Authenticate',
        `Stub error="insufficient_user_authentication", ${params}`,
      ])
    })
  }

  test('STP-01: a challenge that is good once is made for each refusal', () => {
    let made = 0
    const scheme = stubScheme(() => NO_CREDENTIALS, { fresh: true, challenges: () => [`Stub n="${++made}"`] })
    const [first, second] = [1, 2].map(
      () => refusal(judged({ stepUp: BOTH }, caller(), { clock, scheme })).fields?.[1],
    )
    assert.notEqual(first, second)
  })

  test('STP-01: time goes by on the clock of the policy', () => {
    const moving = movableClock()
    const principal = caller({ authTime: moving.now() / 1000 })
    const rule: AccessRule = { stepUp: { maxAge: '5m' } }
    assert.equal(judged(rule, principal, { clock: moving }), PASS)
    moving.advance(300_001)
    assert.equal(refusal(judged(rule, principal, { clock: moving })).reason, 'was authenticated 300 s ago')
  })

  test('STP-01: it is asked of callers who would get in otherwise, and never hidden from them', () => {
    const rule: AccessRule = { stepUp: BOTH, scopes: ['a'], when: () => assert.fail('asked'), deniedAs: 404 }
    assert.equal(refusal(judged(rule, caller(), { clock })).kind, 'authorization.hidden')
    assert.equal(refusal(judged(rule, caller({ scopes: ['a'] }), { clock })).kind, 'authorization.step-up')
  })

  test('STP-01, LOG-03: the log gets the acr of a token bounded and on one line', () => {
    const { reason } = refusal(judged({ stepUp: BOTH }, caller({ acr: `a\n${'b'.repeat(500)}` }), { clock }))
    assert.doesNotMatch(reason, /\n/)
    assert.ok(reason.length < 120)
  })

  const wrong: readonly (readonly [name: string, stepUp: unknown, expected: readonly string[]])[] = [
    ['nothing', {}, ['missing_option rule.stepUp']],
    ['a text', 'mfa', ['wrong_type rule.stepUp']],
    ['acr as a text', { acr: 'mfa' }, ['wrong_type rule.stepUp.acr']],
    ['no acr', { acr: [] }, ['out_of_range rule.stepUp.acr']],
    ['two acr in one text', { acr: ['a b'] }, ['malformed_value rule.stepUp.acr[0]']],
    ['an acr that ends a field', { acr: ['a"\r\n'] }, ['malformed_value rule.stepUp.acr[0]']],
    ['no duration', { maxAge: 'soon' }, ['malformed_value rule.stepUp.maxAge']],
    ['half a second', { maxAge: 1500 }, ['out_of_range rule.stepUp.maxAge']],
    ['no time at all', { maxAge: 0 }, ['out_of_range rule.stepUp.maxAge']],
    ['another word', { maxage: '5m' }, ['unknown_option rule.stepUp.maxage']],
  ]
  for (const [name, stepUp, expected] of wrong) {
    test(`STP-01: ${name} does not build`, () => {
      assert.deepEqual(accessMistakes({ stepUp }), expected)
    })
  }
})
