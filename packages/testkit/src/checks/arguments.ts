import assert from 'node:assert/strict'
import type { Charge } from '@gatehouse/core'
import { ALGORITHMS, type Check, fails, HOUR } from './bench.ts'

const QUOTA = { limit: 5, windowMs: HOUR }
const GOOD: Charge = { key: 'good', quota: QUOTA, cost: 1 }

const NO_POSITIVE_INTEGERS: readonly number[] = [0, -1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53]

/** What is no call at all, and what is nothing to do. */
export const argumentChecks: readonly Check[] = [
  {
    title: 'RL-07: a call of nothing does nothing',
    async run({ store }) {
      assert.deepEqual([...(await store.take([]))], [])
      assert.deepEqual([...(await store.peek([]))], [])
      assert.deepEqual([...(await store.adjust([]))], [])
      assert.deepEqual([...(await store.read([]))], [])
      await store.block([], HOUR)
      await store.reset([])
    },
  },
  {
    title:
      'RL-07: costs, limits and windows that are no positive integers are a RangeError, and nothing is taken',
    async run({ store, left }) {
      const charges: readonly Charge[] = NO_POSITIVE_INTEGERS.flatMap((number) => [
        { key: 'a', quota: QUOTA, cost: number },
        ...ALGORITHMS.flatMap((algorithm) => [
          { key: 'a', quota: { limit: number, windowMs: HOUR, algorithm }, cost: 1 },
          { key: 'a', quota: { limit: 5, windowMs: number, algorithm }, cost: 1 },
        ]),
      ])
      for (const charge of charges) {
        const name = `${charge.cost} of ${charge.quota.limit} in ${charge.quota.windowMs}`
        await fails(() => store.take([GOOD, charge]), RangeError, name)
        await fails(() => store.peek([GOOD, charge]), RangeError, name)
      }
      assert.equal(await left('good', QUOTA), 5)
    },
  },
  {
    title: 'RL-07: an algorithm that there is not is a RangeError',
    async run({ store }) {
      const charge = { key: 'a', quota: { ...QUOTA, algorithm: 'toString' }, cost: 1 } as unknown as Charge
      await fails(() => store.take([charge]), RangeError, 'take')
      await fails(() => store.peek([charge]), RangeError, 'peek')
      await fails(() => store.adjust([{ ...charge, units: 1 }]), RangeError, 'adjust')
    },
  },
  {
    title: 'RL-30: adjustments by nothing or by no integer are a RangeError, and none of the call is made',
    async run({ store, left }) {
      for (const units of [0, -0, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53]) {
        const wrong = { key: 'a', quota: QUOTA, units }
        await fails(
          () => store.adjust([{ key: 'good', quota: QUOTA, units: 1 }, wrong]),
          RangeError,
          String(units),
        )
      }
      for (const withinMs of [-1, 0.5, Number.NaN, Infinity]) {
        const wrong = { key: 'a', quota: QUOTA, units: -1, withinMs }
        await fails(
          () => store.adjust([{ key: 'good', quota: QUOTA, units: 1 }, wrong]),
          RangeError,
          `within ${withinMs}`,
        )
      }
      for (const limit of NO_POSITIVE_INTEGERS) {
        const wrong = { key: 'a', quota: { limit, windowMs: HOUR }, units: 1 }
        await fails(
          () => store.adjust([{ key: 'good', quota: QUOTA, units: 1 }, wrong]),
          RangeError,
          String(limit),
        )
      }
      assert.equal(await left('good', QUOTA), 5)
    },
  },
  {
    title: 'RL-07: one key with two quotas in one call is a TypeError, and nothing is taken',
    async run({ store, left }) {
      const others = [
        { ...QUOTA, limit: 6 },
        { ...QUOTA, windowMs: HOUR + 1 },
        { ...QUOTA, algorithm: 'fixed-window' as const },
      ]
      for (const quota of others) {
        const name = JSON.stringify(quota)
        const charges = [GOOD, { ...GOOD, quota }]
        await fails(() => store.take(charges), TypeError, name)
        await fails(() => store.peek(charges), TypeError, name)
        await fails(() => store.adjust(charges.map((charge) => ({ ...charge, units: 1 }))), TypeError, name)
      }
      assert.equal(await left('good', QUOTA), 5)
      // The same quota, once by its default: that is one.
      await store.take([GOOD, { ...GOOD, quota: { ...QUOTA, algorithm: 'gcra' } }])
      assert.equal(await left('good', QUOTA), 3)
    },
  },
  {
    title:
      'RL-30: times of blocks and records that are no positive integers are a RangeError, and nothing is kept',
    async run({ store, one }) {
      for (const ms of NO_POSITIVE_INTEGERS) {
        await fails(() => store.block(['good'], ms), RangeError, `block ${ms}`)
        await fails(() => store.add('good', 'value', ms), RangeError, `add ${ms}`)
        await fails(() => store.write('good', 'value', ms), RangeError, `write ${ms}`)
      }
      assert.equal((await one('good', QUOTA)).blocked, undefined)
      assert.deepEqual([...(await store.read(['good']))], [undefined])
    },
  },
  {
    title: 'RL-30: the longest block that can be said is a block',
    async run({ store, one }) {
      await store.block(['good'], Number.MAX_SAFE_INTEGER)
      const { allowed, blocked } = await one('good', QUOTA)
      assert.deepEqual([allowed, blocked], [false, true])
    },
  },
]
