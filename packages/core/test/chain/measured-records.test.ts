import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { measuredRecords } from '../../src/chain/measured-records.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import { changedStore } from '../support/token-endpoint.ts'

interface Call {
  readonly ms: number
  readonly isAnswered: boolean
}

describe('the records of a store, measured', () => {
  test('LOG-01: each call gives what the store gave, at once where it did, and is measured once', () => {
    const clock = movableClock()
    const calls: Call[] = []
    const store = memoryStore({ clock })
    const records = measuredRecords(store, clock, (ms, isAnswered) => calls.push({ ms, isAnswered }))
    assert.equal(records.add('a', '1', 1_000), true)
    assert.equal(records.add('a', '2', 1_000), false)
    assert.equal(records.write('a', '3', 1_000), undefined)
    assert.deepEqual(records.read(['a', 'b']), ['3', undefined])
    assert.equal(records.remove('a'), true)
    const quota = { algorithm: 'gcra', limit: 1, windowMs: 1_000 } as const
    const charges = [{ key: 'k', quota, cost: 1 }]
    assert.deepEqual(records.take(charges), memoryStore({ clock }).take(charges))
    assert.equal(records.reset(['k']), undefined)
    assert.deepEqual(
      calls,
      Array.from({ length: 7 }, () => ({ ms: 0, isAnswered: true })),
    )
  })

  test('LOG-01: a call that is answered late is measured when it is, and one that fails is told as that', async () => {
    const clock = movableClock()
    const calls: Call[] = []
    let answer: ((value: boolean) => void) | undefined
    const store = changedStore(memoryStore({ clock }), {
      add: () => new Promise<boolean>((resolve) => (answer = resolve)),
      read: () => Promise.reject(new Error('down')),
      remove() {
        throw new Error('down')
      },
    })
    const records = measuredRecords(store, clock, (ms, isAnswered) => calls.push({ ms, isAnswered }))
    const added = records.add('a', '1', 1_000)
    clock.advance(30)
    assert.deepEqual(calls, [])
    answer?.(true)
    assert.equal(await added, true)
    await assert.rejects(async () => records.read(['a']), /down/)
    assert.throws(() => records.remove('a'), /down/)
    assert.deepEqual(calls, [
      { ms: 30, isAnswered: true },
      { ms: 0, isAnswered: false },
      { ms: 0, isAnswered: false },
    ])
  })

  test('a thenable of somebody is handed on, and asked once', async () => {
    let asked = 0
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- query builders are
      then(resolve: (value: boolean) => void) {
        asked++
        resolve(true)
      },
    }
    const clock = movableClock()
    const store = changedStore(memoryStore({ clock }), {
      remove: () => thenable as unknown as Promise<boolean>,
    })
    const given = measuredRecords(store, clock, () => assert.fail('nobody knows when it is over')).remove('a')
    assert.equal(await given, true)
    assert.equal(asked, 1)
  })
})
