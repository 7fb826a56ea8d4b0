import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Adjustment, Algorithm, Charge, Quota } from '../../src/contract/store.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { NaiveCounters } from '../support/naive-counters.ts'

const algorithms: readonly (Algorithm | undefined)[] = ['gcra', 'sliding-window', 'fixed-window', undefined]

const sizes = fc.oneof(
  fc.record({ limit: fc.integer({ min: 1, max: 12 }), windowMs: fc.integer({ min: 1, max: 60 }) }),
  fc.record({
    limit: fc.integer({ min: 1, max: 1_000_000 }),
    windowMs: fc.integer({ min: 1_000, max: 31 * 86_400_000 }),
  }),
)

const quotas: fc.Arbitrary<Quota> = fc
  .record({ size: sizes, algorithm: fc.constantFrom(...algorithms) })
  .map(({ size, algorithm }) => (algorithm === undefined ? size : { ...size, algorithm }))

/** One call: what it does, to which of a few keys, by which of a few quotas, at what share of the limit. */
const calls = fc.record({
  after: fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: -0.5, max: 1.2, noNaN: true })),
  what: fc.constantFrom('take', 'take', 'take', 'take', 'peek', 'adjust', 'adjust', 'block', 'reset'),
  parts: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', '\u{1f511}'),
      quota: fc.nat({ max: 2 }),
      share: fc.double({ min: -1.1, max: 1.1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})

/** A key has one quota in one call: the first that is said. */
function uniform<T extends { readonly key: string; readonly quota: number }>(
  parts: readonly T[],
): readonly T[] {
  return parts.map((part) => ({ ...part, quota: parts.find(({ key }) => key === part.key)?.quota ?? 0 }))
}

test('RL-30: the store in typed arrays says to the millisecond what a map says, of every algorithm and operation', () => {
  fc.assert(
    fc.property(
      fc.array(quotas, { minLength: 3, maxLength: 3 }),
      fc.array(calls, { maxLength: 30 }),
      fc.integer({ min: 0, max: 100 * 365 * 86_400_000 }),
      (known, trace, start) => {
        let reading = start
        let now = 0
        const store = memoryStore({ clock: { now: () => 0, monotonic: () => reading } })
        const naive = new NaiveCounters()
        for (const { after, what, parts } of trace) {
          const quotaOf = (index: number): Quota => known[index] ?? { limit: 1, windowMs: 1 }
          const step = after === 1 ? 1 : Math.floor(after * quotaOf(parts[0]?.quota ?? 0).windowMs)
          reading += step
          // What a clock takes back is not time.
          now += Math.max(step, 0)
          const units = (quota: Quota, share: number): number => Math.trunc(share * quota.limit)
          const charges: readonly Charge[] = uniform(parts).map(({ key, quota, share }) => ({
            key,
            quota: quotaOf(quota),
            cost: Math.max(Math.abs(units(quotaOf(quota), share)), 1),
          }))
          const adjustments: readonly Adjustment[] = uniform(parts).map(({ key, quota, share }) => ({
            key,
            quota: quotaOf(quota),
            units: units(quotaOf(quota), share) || 1,
            ...(share < 0.3 ? { withinMs: Math.floor(Math.abs(share) * quotaOf(quota).windowMs) } : {}),
          }))
          const keys = parts.map(({ key }) => key)
          if (what === 'take') assert.deepEqual(store.take(charges), naive.take(charges, now))
          else if (what === 'peek') assert.deepEqual(store.peek(charges), naive.peek(charges, now))
          else if (what === 'adjust')
            assert.deepEqual(store.adjust(adjustments), naive.adjust(adjustments, now))
          else if (what === 'reset') {
            void store.reset(keys)
            naive.reset(keys)
          } else {
            const ms = 1 + Math.abs(step)
            void store.block(keys, ms)
            naive.block(keys, ms, now)
          }
        }
      },
    ),
    { numRuns: 3_000 },
  )
})
