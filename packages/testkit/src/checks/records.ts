import assert from 'node:assert/strict'
import { type Check, HOUR, wait } from './bench.ts'

/** Values that come back as they were put. */
const VALUES: readonly string[] = [
  ...['', ' ', '0', 'null', '{"a":1}', 'a\0b', 'a\r\nb\n', "'; --", '\\x00', 'é😀\u2028', '%s', '$1'],
  'v'.repeat(65_536),
]

/** What is remembered, and for how long. */
export const recordChecks: readonly Check[] = [
  {
    title: 'RL-30: a record that is there is not added again, and stays as it was',
    async run({ store }) {
      assert.equal(await store.add('a', 'one', HOUR), true)
      assert.equal(await store.add('a', 'two', HOUR), false)
      assert.deepEqual(await store.read(['a']), ['one'])
      // So is one that was written: what ended a session must not be added over.
      await store.write('b', 'one', HOUR)
      assert.equal(await store.add('b', 'two', HOUR), false)
      assert.deepEqual(await store.read(['b']), ['one'])
    },
  },
  {
    title: 'RL-30: records are read in the order of their keys, those that are not there as undefined',
    async run({ store }) {
      for (const key of ['a', 'b', 'c']) await store.write(key, key.toUpperCase(), HOUR)
      const read = await store.read(['c', 'none', 'a', 'c', 'b', 'neither'])
      assert.deepEqual([...read], ['C', undefined, 'A', 'C', 'B', undefined])
    },
  },
  {
    title: 'RL-30: write takes the place of a record, and remove forgets it',
    async run({ store }) {
      await store.write('a', 'one', HOUR)
      await store.write('a', 'two', HOUR)
      assert.deepEqual(await store.read(['a']), ['two'])
      assert.equal(await store.remove('a'), true)
      assert.equal(await store.remove('a'), false)
      assert.deepEqual(await store.read(['a']), [undefined])
      assert.equal(await store.add('a', 'three', HOUR), true, 'what was removed can be added again')
    },
  },
  {
    title: 'RL-30: values come back as they were put, up to 64 KiB',
    async run({ store }) {
      for (const [index, value] of VALUES.entries()) {
        await store.write(`written ${index}`, value, HOUR)
        assert.equal(await store.add(`added ${index}`, value, HOUR), true)
        const read = await store.read([`written ${index}`, `added ${index}`])
        // Not deepEqual: a difference of 64 KiB is no use to anybody.
        assert.ok(read[0] === value && read[1] === value, JSON.stringify(value.slice(0, 20)))
      }
    },
  },
  {
    title: 'RL-26: a record is there for as long as was said, and not a millisecond longer',
    on: ['records'],
    async run({ store, clock }) {
      await store.add('a', 'one', 60_000)
      clock.advance(59_999)
      assert.deepEqual(await store.read(['a']), ['one'])
      assert.equal(await store.add('a', 'two', 60_000), false)
      clock.advance(1)
      assert.deepEqual(await store.read(['a']), [undefined])
      assert.equal(await store.remove('a'), false)
      assert.equal(await store.add('a', 'three', 60_000), true)
      clock.advance(30_000)
      await store.write('a', 'four', 60_000)
      clock.advance(59_999)
      assert.deepEqual(await store.read(['a']), ['four'], 'it lasts from when it was written')
      clock.advance(1)
      assert.deepEqual(await store.read(['a']), [undefined])
    },
  },
  {
    title: 'RL-26: a record is gone after its time, and can be added again',
    off: ['records'],
    async run({ store }) {
      assert.equal(await store.add('short', 'one', 100), true)
      await store.write('written', 'one', HOUR)
      await store.write('written', 'two', 100)
      await store.write('long', 'one', HOUR)
      await wait(150)
      assert.deepEqual([...(await store.read(['short', 'written', 'long']))], [undefined, undefined, 'one'])
      assert.equal(await store.remove('short'), false)
      assert.equal(await store.add('short', 'two', HOUR), true)
      assert.deepEqual(await store.read(['short']), ['two'])
    },
  },
  {
    title: 'REQ-17: a store can be closed twice',
    async run({ store, one }) {
      await one('a', { limit: 1, windowMs: HOUR })
      await store.close()
      await store.close()
    },
  },
]
