import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { parseIp } from '../../src/lib/ip.ts'
import { facts } from '../support/facts.ts'
import { movableClock } from '../support/clock.ts'
import { decide, limitsOf, pass } from '../support/limits.ts'

/*
 * The attack: a store with a bound forgets something when it is full. Fill it from many addresses, so that it forgets
 * the one that has spent its limit; or fill the memory, if it has no bound.
 */

test('RL-22: a flood from many addresses does not give an offender its limit back', () => {
  const store = memoryStore({ maxKeys: 1_000, clock: movableClock() })
  const { client } = limitsOf({ limit: 10, window: '1m' }, { store }).rule()
  const offender = facts({ client: parseIp('203.0.113.7') })
  for (let i = 0; i < 10; i++) pass(client, offender)
  for (let i = 0; i < 50_000; i++) {
    const bot = parseIp(`2001:db8:${(i >> 8).toString(16)}:${(i & 0xff).toString(16)}::1`)
    pass(client, facts({ client: bot }))
    if (i % 500 === 0) assert.equal(decide(client, offender).type, 'refusal', `after ${i} others`)
  }
})
