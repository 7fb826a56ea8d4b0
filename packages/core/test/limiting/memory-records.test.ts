import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MemoryRecords } from '../../src/limiting/memory-records.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'

function records(max = 100): {
  readonly clock: ReturnType<typeof movableClock>
  readonly kept: MemoryRecords
} {
  const clock = movableClock()
  return { clock, kept: new MemoryRecords(max, () => clock.monotonic()) }
}

describe('records in memory', () => {
  test('DPP-14: of two who add a record one is told that it is new', () => {
    const { kept } = records()
    assert.deepEqual([kept.add('k', 'a', 10), kept.add('k', 'b', 10)], [true, false])
    assert.deepEqual(kept.read(['k', 'none']), ['a', undefined])
  })

  test('a record is there until its time is over, and not longer', () => {
    const { kept, clock } = records()
    kept.add('k', 'a', 10)
    clock.advance(9)
    assert.deepEqual(kept.read(['k']), ['a'])
    clock.advance(1)
    assert.deepEqual(kept.read(['k']), [undefined])
    assert.equal(kept.remove('k'), false)
    assert.equal(kept.add('k', 'b', 10), true)
  })

  test('write takes the place of a record; remove tells one alone that it was there', () => {
    const { kept } = records()
    kept.write('k', 'a', 10)
    kept.write('k', 'b', 10)
    assert.deepEqual(kept.read(['k']), ['b'])
    assert.deepEqual([kept.remove('k'), kept.remove('k')], [true, false])
  })

  test('DPP-15: a full store refuses another record rather than forget one', () => {
    const { kept, clock } = records(3)
    for (const key of ['a', 'b', 'c']) kept.add(key, '', 10)
    assert.throws(() => kept.add('d', '', 10), RangeError)
    assert.throws(() => kept.write('d', '', 10), RangeError)
    kept.write('a', 'again', 20)
    assert.deepEqual(kept.read(['a', 'b', 'c']), ['again', '', ''])
    clock.advance(10)
    assert.equal(kept.add('d', '', 10), true)
    assert.deepEqual(kept.read(['a', 'b', 'd']), ['again', undefined, ''])
  })

  test('DPP-15: a full store finds the one record that is over, wherever it is, and without looking at all', () => {
    const { kept, clock } = records(100_000)
    for (let i = 0; i < 90_000; i++) kept.add(`k${i}`, '', i === 50_000 ? 10 : 1_000_000)
    // Looking at all of them each time would be ten thousand million steps.
    for (let i = 0; i < 100_000; i++) assert.throws(() => kept.add(`new ${i}`, '', 10), RangeError)
    clock.advance(10)
    assert.equal(kept.add('new', '', 10), true)
    assert.deepEqual(kept.read(['k49999', 'k50000', 'new']), ['', undefined, ''])
    assert.throws(() => kept.add('newer', '', 10), RangeError)
  })

  test('REV-01: who fills the store with what can be added keeps no revocation out', () => {
    const { kept } = records(100)
    for (let i = 0; i < 90; i++) kept.add(`proof ${i}`, '', 10)
    assert.throws(() => kept.add('proof', '', 10), RangeError)
    for (let i = 0; i < 10; i++) kept.write(`revoked ${i}`, '', 10)
    assert.throws(() => kept.write('revoked', '', 10), RangeError)
    assert.deepEqual(kept.read(['revoked 9']), [''])
  })

  test('what is over makes room although nobody asks for it', () => {
    const { kept, clock } = records(50)
    for (let i = 0; i < 10_000; i++) {
      assert.equal(kept.add(`k${i}`, '', 40), true)
      clock.advance(1)
    }
  })

  test('a lifetime that is no positive integer is an error', () => {
    const { kept } = records()
    for (const ttl of [0, -1, 0.5, NaN, Infinity]) assert.throws(() => kept.add('k', '', ttl), RangeError)
  })
})

test('RL-30: reset makes a counter whole, and no other', () => {
  const store = memoryStore()
  const quota = { limit: 1, windowMs: 60_000 }
  const take = (key: string): boolean | undefined => {
    const outcomes = store.take([{ key, quota, cost: 1 }])
    return outcomes instanceof Promise ? undefined : outcomes[0]?.allowed
  }
  assert.deepEqual([take('a'), take('b'), take('a')], [true, true, false])
  void store.reset(['a', 'unknown'])
  assert.deepEqual([take('a'), take('b')], [true, false])
})

test('the keys of counters and records never meet', () => {
  const store = memoryStore()
  void store.take([{ key: 'k', quota: { limit: 1, windowMs: 60_000 }, cost: 1 }])
  assert.deepEqual(store.read(['k']), [undefined])
})
