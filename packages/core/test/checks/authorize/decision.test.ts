import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Decision } from '../../../src/contract/decision.ts'
import { CODES } from '../../../src/contract/codes.ts'
import type { AccessRule } from '../../../src/options/access-rule.ts'
import { judged, kindOf } from '../../support/access.ts'
import { caller, refusal } from '../../support/schemes.ts'

const ruleOf = (said: unknown): AccessRule => ({ when: (() => said) as () => boolean })

describe('a predicate that gives a decision', () => {
  const rows: readonly (readonly [name: string, said: unknown, kind: string, reason: string | undefined])[] =
    [
      ['that allows', { allowed: true }, 'pass', undefined],
      [
        'that allows with words',
        { allowed: true, policy: 'orders-v2', reason: 'same team' },
        'pass',
        'the predicate of the rule said yes: [orders-v2] same team',
      ],
      ['that denies', { allowed: false }, 'authorization.denied', 'the predicate of the rule said no'],
      [
        'that denies with a policy',
        { allowed: false, policy: 'orders-v2' },
        'authorization.denied',
        'the predicate of the rule said no: [orders-v2]',
      ],
      [
        'that denies with a reason',
        { allowed: false, reason: 'weekend' },
        'authorization.denied',
        'the predicate of the rule said no: weekend',
      ],
      ['that says 1', { allowed: 1 }, 'authorization.failed', 'the predicate of the rule gave no boolean'],
      [
        'that says nothing',
        { reason: 'why' },
        'authorization.failed',
        'the predicate of the rule gave no boolean',
      ],
      ['in a list', [true], 'authorization.failed', 'the predicate of the rule gave no boolean'],
      ['with words that are no texts', { allowed: true, policy: 7, reason: {} }, 'pass', undefined],
      [
        'whose getter throws',
        {
          get allowed(): boolean {
            throw new Error('hunter2')
          },
        },
        'authorization.failed',
        'the predicate of the rule threw or rejected',
      ],
    ]
  for (const [name, said, kind, reason] of rows) {
    for (const late of [false, true]) {
      test(`AZ-08, AZ-03: ${name}${late ? ', by a promise' : ''}`, async () => {
        const found = await judged(ruleOf(late ? Promise.resolve(said) : said), caller())
        assert.equal(kindOf(found), kind)
        assert.equal(found.type === 'pass' ? found.grant?.reason : refusal(found).reason, reason)
      })
    }
  }

  test('AZ-10: its words go to the log alone, on one line and bounded', () => {
    const said: Decision = {
      allowed: false,
      policy: `p\n${'x'.repeat(999)}`,
      reason: `\u001b[31m${'y'.repeat(9999)}`,
    }
    const found = refusal(judged(ruleOf(said), caller()))
    assert.doesNotMatch(found.reason, /[\n\u001b]/)
    assert.ok(found.reason.length < 800)
    assert.equal(found.fields, undefined)
    assert.equal(found.members, undefined)
    assert.doesNotMatch(CODES.access_denied.title, /x{9}/)
  })

  test('AZ-08: a decision that allows does not end the chain of parts, and its reason stays with it', async () => {
    const rule: AccessRule = {
      when: () => ({ allowed: true, policy: 'p1' }),
      object: {
        load: () => Promise.resolve({ owner: 'alice' }),
        owner: (each: { owner: string }) => each.owner,
      },
    }
    const found = await judged(rule, caller())
    assert.ok(found.type === 'pass')
    assert.equal(found.grant?.reason, 'the predicate of the rule said yes: [p1]; the caller owns the object')
    assert.deepEqual(found.grant.object, { value: { owner: 'alice' } })
  })
})
