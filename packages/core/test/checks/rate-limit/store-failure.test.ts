import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicy } from '../../../src/chain/compile.ts'
import type { Verdict } from '../../../src/contract/check.ts'
import type { Store } from '../../../src/contract/store.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { movableClock } from '../../support/clock.ts'
import { facts } from '../../support/facts.ts'
import { field, limitsOf } from '../../support/limits.ts'
import { changedStore } from '../../support/token-endpoint.ts'

/** Limits over a store that can be switched off, the way it fails, and what it was asked. */
function failing(limits: unknown, how: 'throws' | 'rejects' = 'rejects') {
  let down = true
  const good = memoryStore({ clock: movableClock() })
  const store: Store = changedStore(good, {
    take(charges) {
      if (!down) return good.take(charges)
      const error = new Error('ECONNREFUSED 10.0.0.1:6379')
      if (how === 'throws') throw error
      return Promise.reject(error)
    },
  })
  const compiled = limitsOf(limits, { store })
  const { client } = compiled.rule()
  return {
    ...compiled,
    decide: async (): Promise<Verdict> => {
      const verdict = await client.check?.decide(facts())
      assert.ok(verdict !== undefined)
      return verdict
    },
    switchOn: () => {
      down = false
    },
    switchOff: () => {
      down = true
    },
  }
}

for (const how of ['throws', 'rejects'] as const) {
  test(`RL-21: a store that ${how} refuses with 503 and a time to come back, unless the limit says otherwise`, async () => {
    for (const said of [{}, { whenStoreFails: 'closed' }]) {
      const { decide } = failing({ limit: 5, window: '1m', ...said }, how)
      for (let i = 0; i < 10; i++) {
        const verdict = await decide()
        assert.ok(verdict.type === 'refusal')
        assert.equal(verdict.kind, 'dependency.failed')
        assert.equal(field(verdict, 'Retry-After'), '1')
        assert.ok(!JSON.stringify(verdict).includes('ECONN'))
      }
    }
  })
}

test('RL-08: an open limit does not count while the store fails, and says so', async () => {
  const { decide } = failing({ limit: 1, window: '1m', whenStoreFails: 'open' })
  for (let i = 0; i < 4; i++) {
    const verdict = await decide()
    assert.ok(verdict.type === 'pass')
    assert.equal(verdict.fields, undefined)
    assert.equal(verdict.warning?.kind, 'dependency.failed')
  }
  const fifth = await decide()
  assert.ok(fifth.type === 'pass')
  assert.equal(fifth.warning?.kind, 'store.down')
})

test('RL-08: a local limit counts in this process while the store fails, and in the store alone when it is back', async () => {
  const { decide, clock, switchOn } = failing({ limit: 2, window: '1h', whenStoreFails: 'local' })
  assert.equal(field(await decide(), 'RateLimit'), '"default";r=1;t=1800')
  assert.equal((await decide()).type, 'pass')
  const refused = await decide()
  assert.ok(refused.type === 'refusal')
  assert.equal(refused.kind, 'limit.exceeded')
  assert.equal(refused.warning?.kind, 'dependency.failed')
  for (let i = 0; i < 5; i++) await decide()
  switchOn()
  assert.equal((await decide()).type, 'refusal', 'it is still left alone')
  clock.advance(1_000)
  const back = await decide()
  assert.ok(back.type === 'pass', 'the store has counted nothing yet')
  assert.equal(back.warning?.kind, 'store.up')
  assert.equal((await decide()).type, 'pass')
  assert.equal((await decide()).type, 'refusal')
})

test('RL-21: that the store answers again is told by a request that its limit refuses, too', async () => {
  const { decide, clock, switchOn, switchOff } = failing({ limit: 1, window: '1h', whenStoreFails: 'open' })
  switchOn()
  await decide()
  switchOff()
  for (let i = 0; i < 5; i++) await decide()
  switchOn()
  clock.advance(1_000)
  const back = await decide()
  assert.ok(back.type === 'refusal')
  assert.equal(back.kind, 'limit.exceeded')
  assert.equal(back.warning?.kind, 'store.up')
  const next = await decide()
  assert.ok(next.type === 'refusal')
  assert.equal(next.warning, undefined, 'it is told once')
})

test('RL-21: of several limits each does as it says, and one that is closed refuses', async () => {
  const open = { name: 'open', limit: 1, window: '1m', whenStoreFails: 'open' }
  const local = { name: 'local', limit: 1, window: '1m', whenStoreFails: 'local' }
  const closed = { name: 'closed', limit: 1, window: '1m' }
  const some = failing([open, local])
  assert.equal(field(await some.decide(), 'RateLimit'), '"local";r=0;t=60')
  const refused = await some.decide()
  assert.ok(refused.type === 'refusal')
  assert.deepEqual(refused.members, { 'violated-policies': ['local'] })
  const all = await failing([open, local, closed]).decide()
  assert.ok(all.type === 'refusal')
  assert.equal(all.kind, 'dependency.failed')
})

test('RL-21: a limit that is exceeded and a store that fails are different kinds', async () => {
  const limits = failing({ limit: 1, window: '1m' })
  const down = await limits.decide()
  limits.switchOn()
  await limits.decide()
  const exceeded = await limits.decide()
  assert.ok(down.type === 'refusal' && exceeded.type === 'refusal')
  assert.deepEqual([down.kind, exceeded.kind], ['dependency.failed', 'limit.exceeded'])
})

test('RL-21: what was told of a store that failed is told with the refusal, too', async () => {
  const { decide } = failing({ limit: 1, window: '1m' })
  for (let i = 0; i < 4; i++) await decide()
  const fifth = await decide()
  assert.ok(fifth.type === 'refusal')
  assert.deepEqual(fifth.warning?.kind, 'store.down')
})

test('RL-30: a ban that is counted here is told, and hides no change of the store', async () => {
  const ban = { after: 2, within: '1m', for: '10s' }
  const { decide } = failing({ limit: 1, window: '1m', whenStoreFails: 'local', ban })
  const kinds: (string | undefined)[] = []
  for (let i = 0; i < 6; i++) {
    const verdict = await decide()
    assert.ok(verdict.type !== 'answer')
    kinds.push(verdict.warning?.kind)
  }
  const failed = 'dependency.failed'
  assert.deepEqual(kinds, [failed, failed, 'limit.banned', failed, 'store.down', failed])
  // The two at once: the ban is told with its refusal, the change with the next.
  const late = failing({ limit: 3, window: '1m', whenStoreFails: 'local', ban })
  const last: (string | undefined)[] = []
  for (let i = 0; i < 6; i++) {
    const verdict = await late.decide()
    assert.ok(verdict.type !== 'answer')
    last.push(verdict.warning?.kind)
  }
  assert.deepEqual(last.slice(4), ['limit.banned', 'store.down'])
})

test('AZ-03, RL-21: the deadline of a check counts unless one call of the store has a shorter one', () => {
  const hasDeadline = (policy: object, more: object = {}): boolean => {
    const { fallback, releases } = compilePolicy({
      dangerouslyAnyHost: true,
      https: 'dangerouslyAllowHttp',
      public: 'a test',
      rateLimit: { limit: 5, window: '1m', ...more },
      ...policy,
    })
    for (const release of releases) release()
    const step = fallback.steps.find(({ check }) => check.name === 'client-limits')
    return step?.check.hasDeadline === true
  }
  assert.equal(hasDeadline({}), true)
  assert.equal(hasDeadline({ storeDeadline: '2s', deadline: '2s' }), true)
  assert.equal(hasDeadline({ storeDeadline: '2s', deadline: '1s' }), false)
  const ban = { after: 3, within: '1m', for: '1m' }
  assert.equal(hasDeadline({}, { ban }), false, 'a ban takes several calls')
})
