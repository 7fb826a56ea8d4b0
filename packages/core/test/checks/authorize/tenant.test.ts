import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TenantOf } from '../../../src/checks/authorize/tenant.ts'
import { PASS } from '../../../src/contract/check.ts'
import type { AccessRule } from '../../../src/options/access-rule.ts'
import { accessMistakes, judged, statusOf } from '../../support/access.ts'
import { caller, refusal } from '../../support/schemes.ts'

const params = ['tenantId']
const of = (value: unknown): TenantOf => (() => value) as TenantOf

describe('tenants', () => {
  const rows: readonly (readonly [name: string, own: unknown, named: unknown, reason: string | undefined])[] =
    [
      ['the same', 'acme', 'acme', undefined],
      ['another', 'acme', 'umbrella', 'the caller belongs to "acme", the request names "umbrella"'],
      ['another case', 'acme', 'ACME', 'the caller belongs to "acme", the request names "ACME"'],
      ['a longer one', 'acme', 'acme2', 'the caller belongs to "acme", the request names "acme2"'],
      [
        'a decomposed letter',
        '\u00e9',
        'e\u0301',
        'the caller belongs to "\u00e9", the request names "e\u0301"',
      ],
      ['white space around', 'acme', 'acme ', 'the caller belongs to "acme", the request names "acme "'],
      [
        'a line break for the log',
        'acme',
        'a\nb',
        'the caller belongs to "acme", the request names "a\\u000Ab"',
      ],
      ['none of the caller', undefined, 'acme', 'the caller belongs to no tenant'],
      ['null of the caller', null, 'null', 'the caller belongs to no tenant'],
      ['a number of the caller', 7, '7', 'the caller belongs to no tenant'],
      ['a list of the caller', ['acme'], 'acme', 'the caller belongs to no tenant'],
      ['a promise of the caller', Promise.resolve('acme'), 'acme', 'the caller belongs to no tenant'],
      ['none of the request', 'acme', undefined, 'the request names no tenant'],
      ['none of both', undefined, undefined, 'the caller belongs to no tenant'],
      ['empty texts of both', '', '', 'the caller belongs to no tenant'],
    ]
  for (const [name, own, named, reason] of rows) {
    for (const [form, tenant] of [
      ['a part of the path', 'tenantId'],
      ['a function', () => named],
    ] as const) {
      test(`AZ-09: compared exactly with ${form}: ${name}`, () => {
        const request = { params: (named === undefined ? {} : { tenantId: named }) as Record<string, string> }
        const rule = { tenant } as AccessRule
        const found = judged(rule, caller(), { tenant: of(own), params }, request)
        if (reason === undefined) assert.equal(found, PASS)
        else {
          assert.equal(refusal(found).kind, 'authorization.tenant-mismatch')
          assert.equal(refusal(found).reason.toLowerCase(), reason.toLowerCase())
          assert.equal(statusOf(refusal(found)), 403)
        }
      })
    }
  }

  test('AZ-09: a part that objects have anyway is no tenant', () => {
    const found = judged({ tenant: 'constructor' }, caller(), { tenant: of('x'), params: ['constructor'] })
    assert.equal(refusal(found).reason, 'the request names no tenant')
  })

  test('AZ-03: a tenant function that throws is a refusal, and its words stay unsaid', () => {
    const boom = (): never => {
      throw new Error('hunter2')
    }
    for (const [tenant, ofPolicy] of [
      [boom, of('acme')],
      [() => 'acme', boom],
    ] as const) {
      const found = refusal(judged({ tenant }, caller(), { tenant: ofPolicy }))
      assert.equal(found.kind, 'authorization.failed')
      assert.doesNotMatch(found.reason, /hunter2/)
    }
  })

  test('AZ-03: a promise that rejects in the place of a tenant ends nothing', async () => {
    const tenant = of(Promise.reject(new Error('late')))
    assert.equal(
      refusal(judged({ tenant: 'tenantId' }, caller(), { tenant, params })).kind,
      'authorization.tenant-mismatch',
    )
    await new Promise((resolve) => setImmediate(resolve))
  })

  const wrong: readonly (readonly [
    name: string,
    rule: unknown,
    given: Parameters<typeof accessMistakes>[1],
    expected: readonly string[],
  ])[] = [
    ['no tenant of the policy', { tenant: 'tenantId' }, { params }, ['unknown_reference rule.tenant']],
    [
      'a name that the pattern has not',
      { tenant: 'tenant' },
      { params, tenant: of('x') },
      ['unknown_reference rule.tenant'],
    ],
    [
      'a name, and no pattern',
      { tenant: 'tenantId' },
      { params: undefined, tenant: of('x') },
      ['unknown_reference rule.tenant'],
    ],
    [
      'a name with a colon',
      { tenant: ':tenantId' },
      { params, tenant: of('x') },
      ['malformed_value rule.tenant'],
    ],
    ['a number', { tenant: 7 }, { params, tenant: of('x') }, ['wrong_type rule.tenant']],
  ]
  for (const [name, rule, given, expected] of wrong) {
    test(`AZ-09: a tenant with ${name} does not build`, () => {
      assert.deepEqual(accessMistakes(rule, given), expected)
    })
  }
})
