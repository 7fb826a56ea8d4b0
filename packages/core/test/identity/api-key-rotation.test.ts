import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { hashApiKey, parseApiKey } from '../../src/identity/api-key-format.ts'
import { rotateApiKey, type RotateApiKeyOptions } from '../../src/identity/api-key-rotation.ts'
import { apiKey, type ApiKeyOptions, type ApiKeyRecord } from '../../src/identity/api-key.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { facts } from '../support/facts.ts'
import { compiled, outcome, outcomeOf, schemeMistakes } from '../support/schemes.ts'

const KEY = 'k-0123456789abcdef'
const RECORD: ApiKeyRecord = { id: 'k1', hash: hashApiKey(KEY), subject: 'billing' }
const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000
const MINUTE = 60_000

const presenting = (key: string): RequestFacts => facts({ fields: [['X-API-Key', key]] })

/** What the keys are to a policy, at the time of its clock. */
function outcomes(
  options: ApiKeyOptions,
  clock: MovableClock,
  ...keys: readonly string[]
): () => readonly string[] {
  const scheme = compiled(apiKey(options), clock)
  return () => keys.map((key) => outcome(scheme.identify(presenting(key))))
}

describe('rotateApiKey', () => {
  const options = (clock: MovableClock): RotateApiKeyOptions => ({
    prefix: 'acme_live',
    overlap: '7d',
    clock,
  })

  test('KEY-02: gives a second live key of one owner, and the old one an end', () => {
    const clock = movableClock(START)
    const { key, record, previous } = rotateApiKey(RECORD, options(clock))
    const now = outcomes({ prefix: 'acme_live', keys: [record] }, clock, key)
    assert.deepEqual(now(), ['billing'])
    const both = outcomes({ keys: [previous, record] }, clock, KEY, key)
    assert.deepEqual(both(), ['billing', 'billing'])
    clock.advance(7 * DAY - 1)
    assert.deepEqual(both(), ['billing', 'billing'])
    clock.advance(1)
    assert.deepEqual(both(), ['credentials.expired', 'billing'])
  })

  test('KEY-02: the new record has the owner and the rights of the old one, and neither its id nor its digest', () => {
    const old = {
      ...RECORD,
      scopes: ['a'],
      roles: ['r'],
      permissions: ['p'],
      notBefore: START,
      revoked: false,
    }
    const { key, record, previous } = rotateApiKey(old, options(movableClock(START)))
    const { id, hash, ...rest } = record
    assert.deepEqual(rest, { subject: 'billing', scopes: ['a'], roles: ['r'], permissions: ['p'] })
    assert.equal(hash, hashApiKey(key))
    assert.equal(id, parseApiKey(key)?.id)
    assert.deepEqual(previous, { ...old, expires: new Date(START + 7 * DAY) })
  })

  test('KEY-02: an old key never lives longer for it', () => {
    const clock = movableClock(START)
    for (const expires of [START + DAY, new Date(START + DAY)]) {
      const { previous, record } = rotateApiKey(
        { ...RECORD, expires },
        { ...options(clock), expires: new Date(START + 90 * DAY) },
      )
      assert.deepEqual(previous.expires, new Date(START + DAY))
      assert.deepEqual(record.expires, new Date(START + 90 * DAY))
    }
  })

  test('KEY-02: a revoked key stays revoked, and no overlap ends it at once', () => {
    const clock = movableClock(START)
    const { previous, record, key } = rotateApiKey({ ...RECORD, revoked: true }, options(clock))
    assert.deepEqual(outcomes({ keys: [previous, record] }, clock, KEY, key)(), [
      'credentials.revoked',
      'billing',
    ])
    const ended = rotateApiKey(RECORD, { ...options(clock), overlap: 0 })
    assert.deepEqual(outcomes({ keys: [ended.previous] }, clock, KEY)(), ['credentials.expired'])
  })

  test('KEY-02: a key with an end is not replaced by one without', () => {
    const clock = movableClock(START)
    assert.throws(() => rotateApiKey({ ...RECORD, expires: START + DAY }, options(clock)), TypeError)
    const broken = { ...RECORD, expires: new Date(NaN) }
    assert.throws(() => rotateApiKey(broken, { ...options(clock), expires: START + DAY }), TypeError)
  })

  const mistakes: readonly (readonly [name: string, options: unknown, path: string])[] = [
    ['no prefix', { overlap: '7d' }, 'rotateApiKey.prefix'],
    ['no overlap', { prefix: 'acme' }, 'rotateApiKey.overlap'],
    ['an overlap of years', { prefix: 'acme', overlap: '366d' }, 'rotateApiKey.overlap'],
    ['an end in seconds', { prefix: 'acme', overlap: '7d', expires: 1_800_000_000 }, 'rotateApiKey.expires'],
  ]
  for (const [name, given, path] of mistakes) {
    test(`KEY-02: ${name} is a mistake`, () => {
      assert.throws(
        () => rotateApiKey(RECORD, given as RotateApiKeyOptions),
        (error) => error instanceof ConfigError && error.mistakes[0]?.path === path,
      )
    })
  }
})

describe('the time in which a key is good', () => {
  test('KEY-02: begins with notBefore, to the millisecond, in a list and by a look-up', () => {
    for (const notBefore of [START + DAY, new Date(START + DAY)]) {
      const record = { ...RECORD, notBefore, expires: START + 2 * DAY }
      for (const keys of [[record], () => record]) {
        const clock = movableClock(START + DAY - 1)
        const now = outcomes({ keys }, clock, KEY)
        assert.deepEqual(now(), ['credentials.wrong'])
        clock.advance(1)
        assert.deepEqual(now(), ['billing'])
        clock.advance(DAY)
        assert.deepEqual(now(), ['credentials.expired'])
      }
    }
  })

  test('AUT-15: a beginning that is no time lets nobody pass', () => {
    for (const notBefore of [new Date(NaN), '2026-01-01', null]) {
      const keys = (): ApiKeyRecord => ({ ...RECORD, notBefore }) as ApiKeyRecord
      assert.deepEqual(outcomes({ keys }, movableClock(), KEY)(), ['dependency.failed'])
    }
  })

  const A = 'authenticate'
  const rows: readonly (readonly [name: string, options: object, expected: readonly string[]])[] = [
    [
      'seconds for a beginning',
      { keys: [{ ...RECORD, notBefore: 1_800_000_000 }] },
      [`out_of_range ${A}.keys[0].notBefore`],
    ],
    [
      'a beginning that is the end',
      { keys: [{ ...RECORD, notBefore: START, expires: START }] },
      [`contradiction ${A}.keys[0].notBefore`],
    ],
    [
      'a wildcard for a permission',
      { keys: [{ ...RECORD, permissions: ['invoices:*'] }] },
      [`malformed_value ${A}.keys[0].permissions[0]`],
    ],
    ['a cache for a list', { keys: [RECORD], maxCacheAge: '1m' }, [`contradiction ${A}.maxCacheAge`]],
    ['a cache of a day', { keys: () => RECORD, maxCacheAge: '1d' }, [`out_of_range ${A}.maxCacheAge`]],
    ['an onUse that is none', { keys: [RECORD], onUse: true }, [`wrong_type ${A}.onUse`]],
  ]
  for (const [name, options, expected] of rows) {
    test(`KEY-02: ${name} does not build`, () => {
      assert.deepEqual(schemeMistakes(apiKey(options as ApiKeyOptions)), expected)
    })
  }
})

describe('permissions', () => {
  test('KEY-01: those of a key are those of its principal', () => {
    const record = { ...RECORD, permissions: ['invoices:refund'] }
    for (const keys of [[record], () => record]) {
      const found = compiled(apiKey({ keys })).identify(presenting(KEY))
      assert.ok('type' in found && found.type === 'authenticated')
      assert.deepEqual(found.principal.permissions, ['invoices:refund'])
      assert.throws(() => (found.principal.permissions as string[]).push('x'), TypeError)
    }
  })

  test('AUT-15: what is no list of texts lets nobody pass', () => {
    for (const permissions of ['all', [7], null]) {
      const keys = (): ApiKeyRecord => ({ ...RECORD, permissions: permissions as never })
      assert.deepEqual(outcomes({ keys }, movableClock(), KEY)(), ['dependency.failed'])
    }
  })
})

describe('a key that is revoked', () => {
  test('KEY-02: is refused by the next request when nothing is kept', () => {
    let revoked = false
    const now = outcomes({ keys: () => ({ ...RECORD, revoked }) }, movableClock(), KEY)
    assert.deepEqual(now(), ['billing'])
    revoked = true
    assert.deepEqual(now(), ['credentials.revoked'])
  })

  test('KEY-02: is refused within maxCacheAge, and a good key is not looked up before', async () => {
    for (const later of [false, true]) {
      const clock = movableClock(START)
      let record: ApiKeyRecord | undefined = RECORD
      let asked = 0
      const keys = (): ReturnType<Extract<ApiKeyOptions['keys'], (...args: never[]) => unknown>> => {
        asked++
        return later ? Promise.resolve(record) : record
      }
      const scheme = compiled(apiKey({ keys, maxCacheAge: '1m' }), clock)
      const now = async (): Promise<string> => outcomeOf(await scheme.identify(presenting(KEY)))
      assert.equal(await now(), 'billing')
      record = { ...RECORD, revoked: true }
      clock.advance(MINUTE - 1)
      assert.equal(await now(), 'billing')
      assert.equal(asked, 1)
      clock.advance(1)
      assert.equal(await now(), 'credentials.revoked')
      assert.equal(await now(), 'credentials.revoked')
      assert.equal(asked, 3, 'a refusal is not kept')
    }
  })

  test('KEY-02: the age counts from before the look-up, however long that takes', async () => {
    const clock = movableClock(START)
    const waiting: ((record: ApiKeyRecord) => void)[] = []
    const keys = (): Promise<ApiKeyRecord> => new Promise((resolve) => void waiting.push(resolve))
    const scheme = compiled(apiKey({ keys, maxCacheAge: '1m' }), clock)
    const first = scheme.identify(presenting(KEY))
    clock.advance(MINUTE - 1)
    waiting[0]?.(RECORD)
    assert.equal(outcomeOf(await first), 'billing')
    assert.equal(outcome(scheme.identify(presenting(KEY))), 'billing')
    clock.advance(1)
    assert.ok(scheme.identify(presenting(KEY)) instanceof Promise, 'is looked up again')
  })

  test('KEY-02: an answer that comes late does not take the place of a newer one', async () => {
    const clock = movableClock(START)
    const waiting: ((record: ApiKeyRecord) => void)[] = []
    const keys = (): Promise<ApiKeyRecord> => new Promise((resolve) => void waiting.push(resolve))
    const scheme = compiled(apiKey({ keys, maxCacheAge: '1m' }), clock)
    const slow = scheme.identify(presenting(KEY))
    clock.advance(1000)
    const quick = scheme.identify(presenting(KEY))
    waiting[1]?.({ ...RECORD, subject: 'new' })
    assert.equal(outcomeOf(await quick), 'new')
    waiting[0]?.({ ...RECORD, subject: 'old' })
    assert.equal(outcomeOf(await slow), 'old')
    assert.equal(outcome(scheme.identify(presenting(KEY))), 'new')
  })

  test('KEY-02: a key that ends while it is kept is refused, and an unknown one is looked up each time', () => {
    const clock = movableClock(START)
    let asked = 0
    const keys = (presented: string): ApiKeyRecord | undefined => {
      asked++
      return presented === KEY ? { ...RECORD, expires: START + 1000 } : undefined
    }
    const now = outcomes({ keys, maxCacheAge: '1h' }, clock, KEY, 'other')
    assert.deepEqual(now(), ['billing', 'credentials.wrong'])
    assert.deepEqual(now(), ['billing', 'credentials.wrong'])
    assert.equal(asked, 3)
    clock.advance(1000)
    assert.deepEqual(now(), ['credentials.expired', 'credentials.wrong'])
  })

  test('KEY-02: what is kept is bounded: the key that was found first is looked up again', () => {
    const keys = (presented: string): ApiKeyRecord => {
      asked.push(presented)
      return { id: presented, hash: hashApiKey(presented), subject: 'a' }
    }
    const asked: string[] = []
    const scheme = compiled(apiKey({ keys, maxCacheAge: '1h' }))
    for (let i = 0; i <= 10_000; i++) outcome(scheme.identify(presenting(`k${i}`)))
    asked.length = 0
    for (const key of ['k1', 'k10000', 'k0']) outcome(scheme.identify(presenting(key)))
    assert.deepEqual(asked, ['k0'])
  })
})

describe('onUse', () => {
  test('KEY-02: is told of a key and when, after the request, and once a minute at most', async () => {
    const clock = movableClock(START)
    const told: unknown[] = []
    const other = { id: 'k2', hash: hashApiKey('second'), subject: 'billing' }
    const now = outcomes(
      { keys: [RECORD, other], onUse: (key, at) => told.push([key, at.getTime()]) },
      clock,
      KEY,
    )
    const second = outcomes(
      { keys: [RECORD, other], onUse: (key) => told.push(key.id) },
      clock,
      'second',
      KEY,
    )
    now()
    assert.deepEqual(told, [], 'the request does not wait for it')
    await turn()
    assert.deepEqual(told, [[{ id: 'k1', subject: 'billing' }, START]])
    clock.advance(MINUTE - 1)
    now()
    await turn()
    assert.equal(told.length, 1)
    clock.advance(1)
    now()
    await turn()
    assert.deepEqual(told.at(-1), [{ id: 'k1', subject: 'billing' }, START + MINUTE])
    // Each key for itself.
    second()
    await turn()
    assert.deepEqual(told.slice(2), ['k2', 'k1'])
  })

  test('KEY-02: is told of keys that were looked up, at once, later, or not again', async () => {
    for (const keys of [() => RECORD, () => Promise.resolve(RECORD)]) {
      const told: string[] = []
      const scheme = compiled(apiKey({ keys, maxCacheAge: '1m', onUse: ({ id }) => told.push(id) }))
      assert.equal(outcomeOf(await scheme.identify(presenting(KEY))), 'billing')
      assert.equal(outcomeOf(await scheme.identify(presenting(KEY))), 'billing')
      await turn()
      assert.deepEqual(told, ['k1'])
    }
  })

  test('KEY-02: is never told of a key that was refused', async () => {
    const expired = { ...RECORD, expires: START - 1 }
    for (const record of [expired, { ...RECORD, revoked: true }]) {
      const onUse = (): never => assert.fail('told')
      for (const keys of [[record], () => record]) {
        const now = outcomes({ keys, onUse }, movableClock(START), KEY, 'other', '')
        assert.equal(now().includes('billing'), false)
      }
    }
    await turn()
  })

  const failing: readonly (readonly [name: string, onUse: () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error(KEY)
      },
    ],
    ['rejects', () => Promise.reject(new Error(KEY))],
  ]
  for (const [name, onUse] of failing) {
    test(`KEY-02: when it ${name}, requests go on, and the log hears of it with the next`, async () => {
      const scheme = compiled(apiKey({ keys: [RECORD], onUse }))
      const first = scheme.identify(presenting(KEY))
      assert.equal(outcome(first), 'billing')
      assert.ok(!('warning' in first))
      await turn()
      const next = scheme.identify(presenting(KEY))
      assert.ok('type' in next && next.type === 'authenticated')
      assert.equal(next.principal.subject, 'billing')
      assert.equal(next.warning?.kind, 'dependency.failed')
      assert.doesNotMatch(JSON.stringify(next), /0123456789/)
      assert.ok(!('warning' in scheme.identify(presenting(KEY))), 'once')
    })
  }

  test('KEY-02: remembers a bounded number of keys', async () => {
    const told: string[] = []
    const keys = (presented: string): ApiKeyRecord => ({
      id: presented,
      hash: hashApiKey(presented),
      subject: 'a',
    })
    const scheme = compiled(apiKey({ keys, onUse: ({ id }) => told.push(id) }))
    for (let i = 0; i <= 10_000; i++) outcome(scheme.identify(presenting(`k${i}`)))
    await turn()
    told.length = 0
    for (const key of ['k1', 'k10000', 'k0']) outcome(scheme.identify(presenting(key)))
    await turn()
    assert.deepEqual(told, ['k0'])
  })
})
