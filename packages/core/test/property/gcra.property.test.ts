import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Charge, Outcome, Quota } from '../../src/contract/store.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { NEVER } from '../../src/limiting/gcra.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'

/** A clock that the test sets, and a store on it. */
function storeOnClock(): {
  readonly at: (ms: number) => void
  readonly take: (...charges: readonly Charge[]) => readonly Outcome[]
} {
  let monotonic = 0
  const clock: Clock = { now: () => 0, monotonic: () => monotonic }
  const store = memoryStore({ clock })
  return {
    at(ms) {
      monotonic = ms
    },
    take: (...charges) => store.take(charges) as readonly Outcome[],
  }
}

/** Whole numbers from a seed (xorshift32): a hundred thousand traces in the time that fast-check makes a thousand. */
function numbersFrom(seed: number): (max: number) => number {
  let state = seed | 1
  return (max) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % (max + 1)
  }
}

interface Event {
  readonly at: number
  readonly cost: number
}

/** A trace around the interesting moments: bursts, single milliseconds, about an interval, about a window. */
function trace(
  number: (max: number) => number,
  quota: Quota,
  store: ReturnType<typeof storeOnClock>,
  key: string,
): readonly Event[] {
  const interval = Math.ceil(quota.windowMs / quota.limit)
  const steps = [0, 0, 1, interval - 1, interval, interval + 1, quota.windowMs, number(quota.windowMs)]
  const admitted: Event[] = []
  let now = 0
  for (let i = 0; i < 12; i++) {
    now += Math.max(0, steps[number(steps.length - 1)] ?? 0)
    store.at(now)
    const cost = 1 + (number(3) === 0 ? number(quota.limit) : 0)
    if (store.take({ key, quota, cost })[0]?.allowed === true) admitted.push({ at: now, cost })
  }
  return admitted
}

/** The definition, for every window that begins and ends with an admitted request: no other can hold more. */
function assertBounded(admitted: readonly Event[], quota: Quota): void {
  for (const [index, first] of admitted.entries()) {
    let sum = 0
    for (let i = index; i < admitted.length; i++) {
      const last = admitted[i]
      if (last === undefined) break
      sum += last.cost
      const bound = quota.limit + Math.floor(((last.at - first.at) * quota.limit) / quota.windowMs)
      if (sum > bound)
        assert.fail(`${sum} in ${last.at - first.at} ms, ${quota.limit} per ${quota.windowMs} ms`)
    }
  }
}

test('RL-01: no trailing window ever holds more than the burst and what comes back in it', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const number = numbersFrom(seed)
      for (let i = 0; i < 1_000; i++) {
        const quota = { limit: 1 + number(12), windowMs: 1 + number(40) }
        assertBounded(trace(number, quota, storeOnClock(), 'a'), quota)
      }
    }),
    { numRuns: 100 },
  )
})

const quotas: fc.Arbitrary<Quota> = fc.oneof(
  fc.record({ limit: fc.integer({ min: 1, max: 20 }), windowMs: fc.integer({ min: 1, max: 100 }) }),
  fc.record({
    limit: fc.integer({ min: 1, max: 1_000_000 }),
    windowMs: fc.integer({ min: 1_000, max: 31 * 86_400_000 }),
  }),
)

/** Traces of one key: how long after the last request, and at what share of the limit. */
const requests = fc.array(
  fc.record({
    after: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1.2, noNaN: true })),
    share: fc.double({ min: 0, max: 1.1, noNaN: true }),
  }),
  { maxLength: 15 },
)

/** GCRA as the book has it, in rational numbers: the moment is a count of 1/limit milliseconds, and never rounded. */
class SlowGcra {
  #tat = 0n

  take(nowMs: number, { limit, windowMs }: Quota, cost: number): Outcome {
    const [units, interval] = [BigInt(limit), BigInt(windowMs)]
    const now = BigInt(nowMs) * units
    const capacity = units * interval
    const tat = this.#tat > now ? this.#tat : now
    const next = tat + BigInt(cost) * interval
    const allowed = cost <= limit && next - now <= capacity
    if (allowed) this.#tat = next
    const ahead = (allowed ? next : tat) - now
    const ceil = (a: bigint): number => Number((a + units - 1n) / units)
    return {
      allowed,
      remaining: Number((capacity - ahead) / interval),
      resetMs: ceil(ahead),
      retryAfterMs: allowed ? 0 : cost > limit ? NEVER : ceil(next - capacity - now),
    }
  }
}

test('RL-01: the store decides as rational numbers decide, to the millisecond, however long it has been running', () => {
  fc.assert(
    fc.property(
      quotas,
      requests,
      fc.integer({ min: 0, max: 100 * 365 * 86_400_000 }),
      (quota, steps, start) => {
        const store = storeOnClock()
        const slow = new SlowGcra()
        let now = start
        for (const { after, share } of steps) {
          now += Math.floor(after * quota.windowMs)
          const cost = Math.max(1, Math.floor(share * quota.limit))
          store.at(now)
          assert.deepEqual(store.take({ key: 'a', quota, cost })[0], slow.take(now, quota, cost))
        }
      },
    ),
    { numRuns: 1_500 },
  )
})

test('RL-03: what was refused is let through after exactly the wait it was told, and not a millisecond before', () => {
  fc.assert(
    fc.property(quotas, requests, fc.boolean(), (quota, steps, early) => {
      const store = storeOnClock()
      let now = 0
      for (const { after, share } of steps) {
        now += Math.floor(after * quota.windowMs)
        store.at(now)
        const cost = Math.max(1, Math.floor(share * quota.limit))
        const outcome = store.take({ key: 'a', quota, cost })[0]
        assert.ok(outcome !== undefined)
        if (outcome.allowed || cost > quota.limit) continue
        assert.ok(outcome.retryAfterMs >= 1 && outcome.retryAfterMs <= quota.windowMs)
        if (early) {
          now += outcome.retryAfterMs - 1
          store.at(now)
          assert.equal(store.take({ key: 'a', quota, cost })[0]?.retryAfterMs, 1)
          now += 1
        } else now += outcome.retryAfterMs
        store.at(now)
        assert.equal(store.take({ key: 'a', quota, cost })[0]?.allowed, true)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('RL-06: a clock that jumps back at will never grants extra, and nobody waits longer than a window', () => {
  fc.assert(
    fc.property(
      quotas,
      fc.array(
        fc.record({
          step: fc.double({ min: -3, max: 1.2, noNaN: true }),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        {
          maxLength: 15,
        },
      ),
      (quota, steps) => {
        const store = storeOnClock()
        const slow = new SlowGcra()
        let reading = 0
        let passed = 0
        for (const { step, share } of steps) {
          const ms = Math.floor(step * quota.windowMs)
          reading += ms
          // The time that has truly passed: what a clock takes back is not time.
          passed += Math.max(0, ms)
          store.at(reading)
          const cost = Math.max(1, Math.floor(share * quota.limit))
          const outcome = store.take({ key: 'a', quota, cost })[0]
          assert.deepEqual(outcome, slow.take(passed, quota, cost))
          assert.ok((outcome?.retryAfterMs ?? 0) <= quota.windowMs)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})

test('RL-07: a call of several charges is the same calls one by one, if all of them pass, and nothing otherwise', () => {
  const charges = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c'), cost: fc.integer({ min: 1, max: 4 }) }),
    {
      maxLength: 4,
    },
  )
  fc.assert(
    fc.property(
      fc.array(fc.record({ after: fc.integer({ min: 0, max: 30 }), charges }), { maxLength: 12 }),
      (calls) => {
        const store = storeOnClock()
        const quota = { limit: 6, windowMs: 50 }
        const levels = new Map<string, { level: number; at: number }>()
        let now = 0
        for (const call of calls) {
          now += call.after
          store.at(now)
          // A leaky bucket per key in whole units of 1/6 ms: the same algorithm, told the other way round.
          const tried = new Map<string, number>()
          let fits = true
          for (const { key, cost } of call.charges) {
            const { level, at } = levels.get(key) ?? { level: 0, at: now }
            const next = (tried.get(key) ?? Math.max(0, level - (now - at) * 6)) + cost * 50
            if (next > 300) fits = false
            tried.set(key, next)
          }
          const outcomes = store.take(...call.charges.map((charge) => ({ ...charge, quota })))
          assert.equal(
            outcomes.every((outcome) => outcome.allowed),
            fits,
          )
          if (fits) for (const [key, level] of tried) levels.set(key, { level, at: now })
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
