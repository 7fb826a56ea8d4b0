import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Permits } from '../../src/limiting/permits.ts'

test('RL-16: a key that holds nothing is not kept', () => {
  const permits = new Permits()
  assert.deepEqual([permits.take('a', 2), permits.take('a', 2), permits.take('a', 2)], [true, true, false])
  assert.ok(permits.take('b', 1))
  assert.deepEqual([permits.held('a'), permits.held('b'), permits.held('c'), permits.size], [2, 1, 0, 2])
  permits.release('a')
  assert.equal(permits.held('a'), 1)
  permits.release('a')
  permits.release('b')
  assert.equal(permits.size, 0)
})
