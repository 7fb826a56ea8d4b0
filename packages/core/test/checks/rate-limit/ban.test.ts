import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../../src/contract/store.ts'
import { parseIp } from '../../../src/lib/ip.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { movableClock } from '../../support/clock.ts'
import { facts } from '../../support/facts.ts'
import { field, limitsOf, pass, refusal } from '../../support/limits.ts'
import { changedStore, slowStore } from '../../support/token-endpoint.ts'

const LIMIT = {
  limit: 2,
  window: '2s',
  ban: { after: 3, within: '1m', for: ['1m', '10m', '1h'], forget: '1d' },
}

test('RL-30: a key that exceeds its limit too often is banned, for longer each time, and others are not', () => {
  const { rule, clock } = limitsOf(LIMIT)
  const { client } = rule()
  const exceed = (times: number): void => {
    for (let i = 0; i < times; i++) assert.equal(refusal(client, facts()).kind, 'limit.exceeded')
  }
  for (const seconds of [60, 600, 3_600, 3_600]) {
    pass(client, facts())
    pass(client, facts())
    exceed(2)
    const last = refusal(client, facts())
    assert.equal(last.kind, 'limit.exceeded')
    assert.deepEqual(last.warning, {
      kind: 'limit.banned',
      reason: `A key of the limit default exceeded it too often: it is banned for ${seconds} seconds.`,
      every: true,
    })
    const banned = refusal(client, facts())
    assert.equal(banned.kind, 'limit.blocked')
    assert.equal(field(banned, 'Retry-After'), String(seconds))
    assert.equal(field(banned, 'RateLimit'), `"default";r=0;t=${seconds}`)
    pass(client, facts({ client: parseIp(`198.51.100.${seconds % 251}`) }))
    clock.advance(seconds * 1_000 - 1)
    assert.equal(refusal(client, facts()).kind, 'limit.blocked')
    clock.advance(1)
  }
})

test('RL-30: what is refused while it is banned does not make the ban longer', () => {
  const { rule, clock } = limitsOf(LIMIT)
  const { client } = rule()
  for (let i = 0; i < 5; i++) void client.check?.decide(facts())
  for (let i = 0; i < 1_000; i++) assert.equal(refusal(client, facts()).warning, undefined)
  clock.advance(60_000)
  pass(client, facts())
})

test('RL-30: refusals that lie too far apart are no reason for a ban', () => {
  const { rule, clock } = limitsOf(LIMIT)
  const { client } = rule()
  for (let i = 0; i < 10; i++) {
    pass(client, facts())
    pass(client, facts())
    assert.equal(refusal(client, facts()).kind, 'limit.exceeded')
    clock.advance(31_000)
  }
})

test('RL-30: bans that are forgotten make the next one no longer', () => {
  const { rule, clock } = limitsOf(LIMIT)
  const { client } = rule()
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 5; i++) void client.check?.decide(facts())
    assert.equal(field(refusal(client, facts()), 'Retry-After'), '60')
    clock.advance(2 * 86_400_000)
  }
})

test('RL-30: over a store that promises, a ban comes with the refusal that brings it', async () => {
  const clock = movableClock()
  const { client } = limitsOf(LIMIT, { store: slowStore(clock) }).rule()
  const kinds: string[] = []
  for (let i = 0; i < 7; i++) {
    const verdict = await client.check?.decide(facts())
    kinds.push(verdict?.type === 'refusal' ? verdict.kind : 'pass')
  }
  assert.deepEqual(kinds, [
    'pass',
    'pass',
    'limit.exceeded',
    'limit.exceeded',
    'limit.exceeded',
    'limit.blocked',
    'limit.blocked',
  ])
})

test('RL-05, RL-30: of refusals that come together one bans, and for no longer than the first time', async () => {
  const clock = movableClock()
  const { client } = limitsOf(LIMIT, { store: slowStore(clock) }).rule()
  for (const seconds of [60, 600]) {
    const verdicts = await Promise.all(Array.from({ length: 20 }, async () => client.check?.decide(facts())))
    const warnings = verdicts.flatMap((verdict) => (verdict?.type === 'refusal' && verdict.warning) || [])
    assert.equal(warnings.length, 1)
    const banned = await client.check?.decide(facts())
    assert.equal(banned && field(banned, 'Retry-After'), String(seconds))
    clock.advance(seconds * 1_000)
  }
})

test('RL-30: a ban that the store did not keep is tried again', async () => {
  const clock = movableClock()
  const memory = memoryStore({ clock })
  let fails = true
  const block: Store['block'] = (...given) => {
    if (fails) throw new Error('x')
    return memory.block(...given)
  }
  const { client } = limitsOf(
    { ...LIMIT, limit: 1, window: '1h' },
    { store: changedStore(memory, { block }) },
  ).rule()
  for (let i = 0; i < 10; i++) void client.check?.decide(facts())
  fails = false
  clock.advance(10_000)
  assert.equal(refusal(client, facts()).warning?.kind, 'limit.banned')
})

test('RL-30: what is made whole can be banned anew at once', async () => {
  const limits = limitsOf(LIMIT)
  const { client } = limits.rule()
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 5; j++) void client.check?.decide(facts())
    const refused = refusal(client, facts())
    assert.equal(refused.kind, 'limit.blocked')
    assert.equal(field(refused, 'Retry-After'), '60')
    await limits.limit('default').of('203.0.113.7').reset()
  }
})

test('RL-22, RL-30: whom a full store refuses for lack of room is not banned for it', () => {
  const clock = movableClock()
  const store = memoryStore({ clock, maxKeys: 100 })
  const { rule } = limitsOf({ ...LIMIT, limit: 1, window: '1h' }, { store })
  const { client } = rule()
  for (let i = 0; i < 100; i++) pass(client, facts({ client: parseIp(`198.51.100.${i}`) }))
  for (let i = 0; i < 10; i++) {
    const refused = refusal(client, facts())
    assert.equal(refused.kind, 'limit.exceeded')
    assert.equal(refused.warning, undefined)
  }
  clock.advance(3_600_000)
  pass(client, facts())
})

test('RL-22, RL-30: in a full store an offender is not banned for refusals that could not be counted', () => {
  const clock = movableClock()
  const store = memoryStore({ clock, maxKeys: 100 })
  const { client } = limitsOf({ ...LIMIT, limit: 1, window: '1h' }, { store }).rule()
  for (let i = 0; i < 100; i++) pass(client, facts({ client: parseIp(`198.51.100.${i}`) }))
  for (let i = 0; i < 10; i++) {
    assert.equal(refusal(client, facts({ client: parseIp('198.51.100.1') })).warning, undefined)
  }
})

test('RL-21: a store that fails to ban refuses all the same', async () => {
  const failing: Partial<Store> = {
    block: () => {
      throw new Error('secret')
    },
  }
  const rejecting: Partial<Store> = { block: async () => Promise.reject(new Error('secret')) }
  for (const changes of [failing, rejecting]) {
    const store = changedStore(memoryStore({ clock: movableClock() }), changes)
    const { client } = limitsOf(LIMIT, { store }).rule()
    for (let i = 0; i < 8; i++) {
      const verdict = await client.check?.decide(facts())
      assert.equal(verdict?.type, i < 2 ? 'pass' : 'refusal')
      assert.ok(!JSON.stringify(verdict?.type === 'refusal' ? verdict : {}).includes('secret'))
    }
  }
})
