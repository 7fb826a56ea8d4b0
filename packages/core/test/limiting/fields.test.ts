import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { parseList } from 'structured-headers'
import { limitItem, partitionParameter, policyItem, wholeSeconds } from '../../src/limiting/fields.ts'
import { sfString } from '../../src/lib/structured-fields.ts'

const SECRET = Buffer.alloc(32, 7)

test('RL-12: a policy is an item of a structured list with its quota and its window in seconds, rounded up', () => {
  const rows = [
    {
      name: 'as in the draft',
      says: policyItem('default', { limit: 100, windowMs: 60_000 }),
      text: '"default";q=100;w=60',
    },
    {
      name: 'a window of a fraction',
      says: policyItem('x', { limit: 1, windowMs: 1_001 }),
      text: '"x";q=1;w=2',
    },
    { name: 'less than a second', says: policyItem('x', { limit: 9, windowMs: 1 }), text: '"x";q=9;w=1' },
    {
      name: 'quotes in a name',
      says: policyItem('a "b" \\c', { limit: 1, windowMs: 1_000 }),
      text: '"a \\"b\\" \\\\c";q=1;w=1',
    },
  ]
  for (const { name, says, text } of rows) {
    assert.equal(says, text, name)
    assert.equal(parseList(says).length, 1, name)
  }
})

test('RL-12: what is left is an item of a structured list', () => {
  assert.equal(limitItem(sfString('default'), 50, 30), '"default";r=50;t=30')
  assert.equal(limitItem(sfString('default'), 0, 1), '"default";r=0;t=1')
  const [item] = parseList(limitItem(sfString('GET /a'), 7, 3))
  assert.deepEqual(item, [
    'GET /a',
    new Map([
      ['r', 7],
      ['t', 3],
    ]),
  ])
})

test('RL-12: a limit that is whole has no effective window', () => {
  assert.equal(limitItem(sfString('default'), 100, 0), '"default";r=100')
})

test('RL-11: milliseconds become whole seconds, rounded up', () => {
  assert.deepEqual([0, 1, 999, 1_000, 1_001, 59_999].map(wholeSeconds), [0, 1, 1, 1, 2, 60])
})

test('RL-12: a partition key is a Byte Sequence of 96 bits', () => {
  const text = `${limitItem(sfString('a'), 1, 1)}${partitionParameter(SECRET, '1:ac=203.0.113.7')}`
  const [item] = parseList(text)
  const bytes = item?.[1].get('pk')
  assert.ok(bytes instanceof ArrayBuffer)
  assert.equal(bytes.byteLength, 12)
})

test('RL-12: a partition key tells keys apart, and nothing without its secret', () => {
  const key = '1:ac=203.0.113.7'
  const text = partitionParameter(SECRET, key)
  assert.equal(partitionParameter(SECRET, key), text)
  assert.notEqual(partitionParameter(SECRET, '1:ac=203.0.113.8'), text)
  assert.notEqual(partitionParameter(randomBytes(32), key), text)
  assert.ok(!Buffer.from(text.slice(5, -1), 'base64').toString('latin1').includes('203'))
})
