import assert from 'node:assert/strict'
import { ALGORITHMS, type Check, HOUR } from './bench.ts'

const HUNDRED = { limit: 100, windowMs: HOUR }

const times = <T>(count: number, call: (index: number) => Promise<T>): Promise<readonly Awaited<T>[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)))

/** What several callers see at once, in one process; those in several processes are tests of the store's own. */
export const concurrencyChecks: readonly Check[] = [
  {
    title: 'RL-05: of 200 at once at a limit of 50 exactly 50 are allowed',
    async run({ one }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { limit: 50, windowMs: HOUR, algorithm }
        const outcomes = await times(200, () => one('a', quota))
        assert.equal(outcomes.filter(({ allowed }) => allowed).length, 50, algorithm)
        const told = outcomes.filter(({ allowed }) => allowed).map(({ remaining }) => remaining)
        // Each found what those before it left: no two were told the same.
        assert.equal(new Set(told).size, 50, algorithm)
      }
    },
  },
  {
    title: 'RL-05, RL-07: calls of several charges at once take all or nothing of each',
    async run({ take, left }) {
      for (const algorithm of ALGORITHMS) {
        const [narrow, wide] = [
          { limit: 30, windowMs: HOUR, algorithm },
          { ...HUNDRED, algorithm },
        ]
        // In either order of keys, so that a store that locks one after the other would wait for itself.
        const calls = await times(80, (index) => {
          const charges = [
            { key: 'narrow', quota: narrow, cost: 1 },
            { key: 'wide', quota: wide, cost: 1 },
          ]
          return take(...(index % 2 === 0 ? charges : charges.reverse()))
        })
        assert.equal(calls.filter((call) => call.every(({ allowed }) => allowed)).length, 30, algorithm)
        assert.deepEqual([await left('narrow', narrow), await left('wide', wide)], [0, 70], algorithm)
      }
    },
  },
  {
    title: 'RL-13: penalties and charges at once all count',
    async run({ one, adjust, left }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { ...HUNDRED, algorithm }
        await times<unknown>(90, (index) =>
          index % 3 === 0 ? adjust({ key: 'a', quota, units: 1 }) : one('a', quota),
        )
        assert.equal(await left('a', quota), 10, algorithm)
      }
    },
  },
  {
    title: 'RL-13: what is given back while others charge is given back once',
    async run({ one, adjust, left }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { limit: 200, windowMs: HOUR, algorithm }
        await one('a', quota, 80)
        await times<unknown>(90, (index) =>
          index % 3 === 0 ? adjust({ key: 'a', quota, units: -2 }) : one('a', quota),
        )
        assert.equal(await left('a', quota), 200 - 80 + 60 - 60, algorithm)
      }
    },
  },
  {
    title:
      'RL-30: of 100 who add one record at once one alone is told that it is new, and it is the value that is kept',
    async run({ store }) {
      const added = await times(100, async (index) => store.add('record', `value ${index}`, HOUR))
      assert.equal(added.filter(Boolean).length, 1)
      assert.deepEqual(await store.read(['record']), [`value ${added.indexOf(true)}`])
    },
  },
  {
    title: 'RL-30: of 100 who remove one record at once one alone is told that it was there',
    async run({ store }) {
      await store.write('record', 'value', HOUR)
      const removed = await times(100, async () => store.remove('record'))
      assert.equal(removed.filter(Boolean).length, 1)
    },
  },
]
