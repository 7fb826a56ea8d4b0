import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSteady } from '../src/rounds.ts'

test('a stack is warm when two looks in a row find it no cheaper than it was', () => {
  assert.ok(!isSteady([20, 20]), 'there is nothing before')
  assert.ok(isSteady([20, 20, 20]))
  assert.ok(isSteady([20, 19.5, 19.6]), 'noise')
  assert.ok(isSteady([20, 25, 30]), 'somebody else uses the machine')
  assert.ok(!isSteady([294, 168, 28.8]))
  assert.ok(!isSteady([294, 168, 28.8, 21.2]))
  assert.ok(!isSteady([28.8, 21.2, 40]), 'one of the two was cheaper')
})
