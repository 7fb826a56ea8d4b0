import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KeyMaker, KnownKeys } from '../../src/lib/known-keys.ts'

const makerOf =
  (name: string): KeyMaker =>
  (text) =>
    name + text

test('RL-27: each maker finds the key that it made itself', () => {
  const [first, second] = [makerOf('a'), makerOf('b')]
  const keys = new KnownKeys()
  assert.equal(keys.find(first), undefined)
  assert.equal(keys.keep(first, 'a1'), 'a1')
  assert.equal(keys.find(second), undefined)
  assert.equal(keys.keep(second, 'b1'), 'b1')
  assert.deepEqual([keys.find(first), keys.find(second)], ['a1', 'b1'])
})

test('RL-22: however many makers there are, it keeps the keys of a few', () => {
  const makers = Array.from({ length: 1000 }, (_, i) => makerOf(`${i}:`))
  const keys = new KnownKeys()
  for (const maker of makers) assert.equal(keys.keep(maker, maker('x')), maker('x'))
  const found = makers.filter((maker) => keys.find(maker) !== undefined)
  assert.equal(found.length, 4)
  for (const maker of found) assert.equal(keys.find(maker), maker('x'))
})
