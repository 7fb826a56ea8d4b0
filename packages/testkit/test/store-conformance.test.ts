import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore } from '@gatehouse/core'
import { admitted, referenceStore, storeChecks, storeConformance } from '../src/index.ts'

storeConformance({
  name: 'memory',
  make: (clock) => memoryStore({ clock }),
  follows: ['counters', 'blocks', 'records'],
  standsStill: true,
  traces: 100,
})

storeConformance({ name: 'memory, in real time', make: () => memoryStore() })

storeConformance({
  name: 'reference',
  make: referenceStore,
  traces: 5,
  follows: ['counters', 'blocks', 'records'],
  standsStill: true,
})

test('RL-05: what several processes were allowed is counted in each of them, and adds up', async () => {
  const store = memoryStore()
  const charge = { key: 'a', quota: { limit: 50, windowMs: 3_600_000 }, cost: 1 }
  assert.equal((await admitted(store, charge, 30)) + (await admitted(store, charge, 170)), 50)
})

test('RL-04: a store is asked what it can be asked: by its clock, by real time, or by some of both', () => {
  const titles = (...follows: readonly ('counters' | 'blocks' | 'records')[]): readonly string[] =>
    storeChecks({ name: 'mine', make: () => memoryStore(), follows }).map(({ title }) => title)
  const [real, some, all] = [titles(), titles('counters'), titles('counters', 'blocks', 'records')]
  const exact = (list: readonly string[]): number => list.filter((title) => title.includes('RL-04')).length
  assert.deepEqual([exact(real), exact(some), exact(all)], [0, 4, 4])
  const waits = (list: readonly string[]): number =>
    list.filter((title) => /the end of a block|is gone after|after the wait that/.test(title)).length
  assert.deepEqual([waits(real), waits(some), waits(all)], [3, 2, 0])
  for (const list of [real, some, all]) {
    assert.equal(new Set(list).size, list.length)
    for (const title of list) assert.match(title, /^[A-Z]+-\d{2}(?:, [A-Z]+-\d{2})*: .* \(mine\)$/)
  }
})
