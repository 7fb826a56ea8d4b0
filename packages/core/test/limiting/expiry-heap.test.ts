import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Expiring, ExpiryHeap } from '../../src/limiting/expiry-heap.ts'

test('RL-09: what ends first is at hand, whatever was added and removed before', () => {
  const steps = fc.array(
    fc.record({ until: fc.integer({ min: 0, max: 20 }), removes: fc.option(fc.nat(), { nil: undefined }) }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(steps, (trace) => {
      const heap = new ExpiryHeap<Expiring>()
      const items: Expiring[] = []
      for (const { until, removes } of trace) {
        const item = { until, index: 0 }
        items.push(item)
        heap.add(item)
        if (removes !== undefined) {
          const [removed] = items.splice(removes % items.length, 1)
          if (removed !== undefined) heap.remove(removed)
        }
        const first = items.length === 0 ? undefined : Math.min(...items.map((other) => other.until))
        assert.equal(heap.first?.until, first)
      }
    }),
    { numRuns: 500 },
  )
})
