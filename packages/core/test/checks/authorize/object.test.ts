import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Refusal } from '../../../src/contract/check.ts'
import { KINDS } from '../../../src/contract/kinds.ts'
import type { AccessRule } from '../../../src/options/access-rule.ts'
import { accessMistakes, judged, kindOf, statusOf } from '../../support/access.ts'
import { caller, refusal } from '../../support/schemes.ts'

interface Order {
  readonly owner: unknown
}
type Written = Exclude<NonNullable<AccessRule['object']>, 'handler'>

const boom = (): never => {
  throw new Error('hunter2')
}
const owner = ((order: Order) => order.owner) as NonNullable<Written['owner']>

const ruleOf = (object: Partial<Written>): AccessRule => ({
  object: { load: () => ({ owner: 'alice' }), ...object },
})

describe('an object that the gate decides about', () => {
  const rows: readonly (readonly [name: string, object: Partial<Written>, kind: string, reason: string])[] = [
    ['is owned', { owner }, 'pass', 'the caller owns the object'],
    [
      'is owned by several',
      { owner: () => ['bob', 'alice'], may: boom },
      'pass',
      'the caller owns the object',
    ],
    [
      'is owned by another',
      { owner: () => 'bob' },
      'authorization.object-denied',
      'the caller does not own the object',
    ],
    [
      'is owned by another case',
      { owner: () => 'Alice' },
      'authorization.object-denied',
      'the caller does not own the object',
    ],
    [
      'is owned by a longer name',
      { owner: () => 'alice2' },
      'authorization.object-denied',
      'the caller does not own the object',
    ],
    [
      'is owned by nobody',
      { owner: () => undefined },
      'authorization.object-denied',
      'the caller does not own the object',
    ],
    [
      'is owned by an empty list',
      { owner: () => [] },
      'authorization.object-denied',
      'the caller does not own the object',
    ],
    [
      'is owned by what is no subject',
      { owner: (() => ({ subject: 'alice' })) as unknown as () => string },
      'authorization.failed',
      'the owner of the object threw, or gave no subject',
    ],
    [
      'is owned by a promise',
      { owner: (() => Promise.resolve('alice')) as unknown as () => string },
      'authorization.failed',
      'the owner of the object threw, or gave no subject',
    ],
    [
      'is owned by a promise that rejects',
      { owner: (() => Promise.reject(new Error('late'))) as unknown as () => string },
      'authorization.failed',
      'the owner of the object threw, or gave no subject',
    ],
    [
      'has an owner that throws',
      { owner: boom },
      'authorization.failed',
      'the owner of the object threw, or gave no subject',
    ],
    [
      'is another’s, and may be touched',
      { owner: () => 'bob', may: () => true },
      'pass',
      'the predicate of the object said yes',
    ],
    [
      'may be touched, by a decision',
      { may: () => ({ allowed: true, policy: 'team' }) },
      'pass',
      'the predicate of the object said yes: [team]',
    ],
    [
      'may not be touched',
      { may: () => false },
      'authorization.object-denied',
      'the predicate of the object said no',
    ],
    [
      'may not be touched, by a promise',
      { may: () => Promise.resolve({ allowed: false, reason: 'closed' }) },
      'authorization.object-denied',
      'the predicate of the object said no: closed',
    ],
    [
      'has a predicate that throws',
      { may: boom },
      'authorization.failed',
      'the predicate of the object threw or rejected',
    ],
    [
      'has a predicate that rejects',
      { may: () => Promise.reject(new Error('hunter2')) },
      'authorization.failed',
      'the predicate of the object threw or rejected',
    ],
    [
      'has a predicate that gives 1',
      { may: (() => 1) as unknown as () => boolean },
      'authorization.failed',
      'the predicate of the object gave no boolean',
    ],
    [
      'is missing',
      { load: () => undefined, owner },
      'authorization.object-missing',
      'the object does not exist',
    ],
    ['is null', { load: () => null, owner }, 'authorization.object-missing', 'the object does not exist'],
    [
      'is missing late',
      { load: () => Promise.resolve(), may: boom },
      'authorization.object-missing',
      'the object does not exist',
    ],
    [
      'is 0, which exists',
      { load: () => 0, may: (_caller, object: number) => object === 0 },
      'pass',
      'the predicate of the object said yes',
    ],
    [
      'does not load',
      { load: boom, owner },
      'authorization.failed',
      'the load of the object threw or rejected',
    ],
    [
      'does not load late',
      { load: () => Promise.reject(new Error('hunter2')), owner },
      'authorization.failed',
      'the load of the object threw or rejected',
    ],
  ]
  for (const [name, object, kind, reason] of rows) {
    test(`AZ-07: it ${name}: ${kind}`, async () => {
      const found = await judged(ruleOf({ deniedAs: 403, ...object }), caller())
      assert.equal(kindOf(found), kind)
      assert.equal(found.type === 'pass' ? found.grant?.reason : refusal(found).reason, reason)
    })

    test(`AZ-07, AZ-02: it ${name}, behind a 404 by default`, async () => {
      const found = await judged(ruleOf(object), caller())
      if (found.type === 'pass') assert.equal(kind, 'pass')
      else {
        const { kind: hidden, fields, members } = refusal(found)
        const loads = kind === 'authorization.object-missing' || /load/.test(reason)
        assert.equal(hidden, loads ? kind : 'authorization.hidden')
        assert.equal(refusal(found).reason, reason)
        assert.equal(fields, undefined)
        assert.equal(members, undefined)
      }
    })
  }

  test('AZ-07: the loaded object is handed on, and not a copy', async () => {
    const order: Order = { owner: 'alice' }
    const found = await judged(ruleOf({ load: () => order, owner }), caller())
    assert.ok(found.type === 'pass')
    assert.equal(found.grant?.object?.value, order)
  })

  test('AZ-07: a missing object and a denied one are the same to a client, for both statuses', async () => {
    for (const status of [403, 404] as const) {
      const as = { missingAs: status, deniedAs: status }
      const found = await Promise.all(
        [{ load: () => undefined, owner }, { owner: () => 'bob' }, { owner: boom }, { may: boom }].map(
          async (object) => await judged(ruleOf({ ...object, ...as }), caller()),
        ),
      )
      const seen = found.map((each) => {
        const { kind, fields, members }: Refusal = refusal(each)
        return { code: KINDS[kind].code, fields, members }
      })
      for (const each of seen) assert.deepEqual(each, seen[0])
      assert.equal(statusOf(refusal(found[0] ?? assert.fail())), status)
    }
  })

  test('AZ-07: it is loaded with the parts of the path, for nobody but who has all the rest', async () => {
    const asked: (readonly unknown[])[] = []
    const rule: AccessRule = {
      scopes: ['a'],
      object: { load: (...args) => void asked.push(args), owner },
    }
    assert.equal(kindOf(await judged(rule, undefined)), 'credentials.missing')
    assert.equal(kindOf(await judged(rule, caller())), 'authorization.scope-missing')
    assert.deepEqual(asked, [])
    const principal = caller({ scopes: ['a'] })
    await judged(rule, principal, {}, { params: { id: '7' } })
    assert.equal(asked.length, 1)
    const [params, who] = asked.flat()
    assert.deepEqual([params, who], [{ id: '7' }, principal])
  })

  test('AZ-03: it is synchronous while its functions are', () => {
    assert.ok(!(judged(ruleOf({ owner, may: () => true }), caller()) instanceof Promise))
  })

  const wrong: readonly (readonly [name: string, object: unknown, expected: readonly string[]])[] = [
    ['nobody who decides', { load: () => 1 }, ['missing_option rule.object']],
    ['nothing that loads', { owner }, ['missing_option rule.object.load']],
    ['another word', 'route', ['malformed_value rule.object']],
    ['a function', () => true, ['wrong_type rule.object']],
    ['a status of no denial', { load: () => 1, owner, deniedAs: 401 }, ['out_of_range rule.object.deniedAs']],
    [
      'a misspelled part',
      { load: () => 1, owners: owner, may: () => true },
      ['unknown_option rule.object.owners'],
    ],
    ['an owner that is a text', { load: () => 1, owner: 'userId' }, ['wrong_type rule.object.owner']],
  ]
  for (const [name, object, expected] of wrong) {
    test(`AZ-07: an object with ${name} does not build`, () => {
      assert.deepEqual(accessMistakes({ object }), expected)
    })
  }

  test('AZ-07: a public route has no object to decide about', () => {
    assert.deepEqual(accessMistakes({ public: 'why', object: 'handler' }), ['contradiction rule.object'])
  })
})
