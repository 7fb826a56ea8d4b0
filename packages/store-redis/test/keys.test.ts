import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allKeys, blockKey, counterKey, Keys, recordKey } from '../src/keys.ts'

/** What a client may have put into a key. */
const HOSTILE = [
  '',
  'a',
  'A',
  '{a}',
  '}{',
  '{gatehouse}b:x',
  'a:b',
  'a\0b',
  'a\r\nFLUSHALL\r\n',
  '*',
  '7:defaultc=203.0.113.7',
  '\ud800',
  '\ud801',
  '\ufffd',
  'é',
  'e\u0301',
  'x'.repeat(100_000),
]

describe('names of keys', () => {
  test('RL-10, RL-27: no two keys have one name, and no name holds what a client wrote', () => {
    const keys = new Keys('gatehouse', 1)
    const names = HOSTILE.flatMap((key) => {
      const place = keys.placeOf(key)
      return [...allKeys(place), recordKey(place)]
    })
    assert.equal(new Set(names).size, HOSTILE.length * 5)
    for (const name of names) assert.match(name, /^\{gatehouse\}[gsfbr]:[\w-]{32}$/)
  })

  test('RL-07: whatever a key holds, all names of a store have one hash tag', () => {
    const keys = new Keys('shop:1', 1)
    for (const key of HOSTILE) {
      const place = keys.placeOf(key)
      for (const name of [counterKey(place, 'gcra'), blockKey(place), recordKey(place)]) {
        // What a cluster hashes: between the first brace and the first that closes after it.
        assert.equal(/^[^{]*\{([^}]*)\}/.exec(name)?.[1], 'shop:1')
      }
    }
  })

  test('RL-07: spread keys have one of as many tags, all names of a key the same, and none of another number', () => {
    const [spread, other] = [new Keys('shop', 16), new Keys('shop', 17)]
    const tags = Array.from({ length: 2_000 }, (_, index) => spread.placeOf(`key ${index}`).tag)
    const counts = new Map<string, number>()
    for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
    assert.equal(counts.size, 16)
    for (const [tag, count] of counts) assert.ok(count > 60 && count < 250, `${tag}: ${count}`)
    const others = new Set(Array.from({ length: 2_000 }, (_, index) => other.placeOf(`key ${index}`).tag))
    assert.ok(tags.every((tag) => !others.has(tag)))
    assert.equal(spread.placeOf('a').tag, spread.placeOf('a').tag)
  })
})
