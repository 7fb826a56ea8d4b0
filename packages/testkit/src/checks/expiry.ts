import assert from 'node:assert/strict'
import { ALGORITHMS, type Check } from './bench.ts'

const MINUTE = 60_000

/** With a look at what a store keeps: everything expires. */
export function expiryChecks({ expiries }: { readonly expiries?: unknown }): readonly Check[] {
  if (expiries === undefined) return []
  return [
    {
      title: 'RL-26: everything that is kept expires, and no later than it must',
      async run({ store, take, adjust, peek, expiries: kept }) {
        const quotas = ALGORITHMS.map((algorithm) => ({ limit: 5, windowMs: MINUTE, algorithm }))
        for (const quota of quotas) {
          const { algorithm } = quota
          await take(
            { key: `${algorithm} taken`, quota, cost: 5 },
            { key: `${algorithm} also`, quota, cost: 1 },
          )
          await take({ key: `${algorithm} taken`, quota, cost: 1 })
          await adjust(
            { key: `${algorithm} adjusted`, quota, units: 3 },
            { key: `${algorithm} fine`, quota, units: -1 },
          )
          await adjust({ key: `${algorithm} adjusted`, quota, units: -1 })
          await peek({ key: `${algorithm} looked at`, quota, cost: 1 })
          await store.block([`${algorithm} taken`, `${algorithm} unknown`], MINUTE)
          await store.reset([`${algorithm} also`])
        }
        await store.add('added', 'value', MINUTE)
        await store.add('added', 'again', MINUTE)
        await store.write('written', 'value', MINUTE)
        await store.write('written', 'again', MINUTE)
        const found = await kept()
        assert.ok(found.length > 0, 'the store keeps something, and it is seen')
        for (const { key, ttlMs } of found) {
          assert.ok(ttlMs !== undefined && ttlMs > 0, `${key} is kept for ever`)
          // Of a window of a minute, a counter lives for at most seventeen sixteenths; a second for rounding.
          assert.ok(ttlMs <= (MINUTE * 17) / 16 + 1_000, `${key} is kept for ${ttlMs} ms`)
        }
      },
    },
  ]
}
