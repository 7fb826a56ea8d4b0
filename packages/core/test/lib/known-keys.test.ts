import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnownKeys } from '../../src/lib/known-keys.ts'

type Maker = (text: string) => string | undefined

/** Makes keys of its own, a new one each time. */
function makerOf(name: string): Maker {
  let made = 0
  return (text) => `${name}${++made}:${text}`
}

test('RL-27: each maker is given the key that it made itself, once', () => {
  const [first, second] = [makerOf('a'), makerOf('b')]
  const keys = new KnownKeys()
  for (let i = 0; i < 2; i++) assert.deepEqual([keys.of(first, 'x'), keys.of(second, 'x')], ['a1:x', 'b1:x'])
})

test('RL-28: that there is no key is not remembered', () => {
  const keys = new KnownKeys()
  const maker: Maker = (text) => (text === '' ? undefined : text)
  assert.equal(keys.of(maker, ''), undefined)
  assert.equal(keys.of(maker, 'x'), 'x')
})

test('RL-22: however many makers there are, it keeps the keys of a few', () => {
  const makers = Array.from({ length: 1000 }, (_, i) => makerOf(`${i}.`))
  const keys = new KnownKeys()
  for (const [i, maker] of makers.entries()) assert.equal(keys.of(maker, 'x'), `${i}.1:x`)
  const kept = makers.filter((maker, i) => keys.of(maker, 'x') === `${i}.1:x`)
  assert.equal(kept.length, 4)
})
