import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Adjustment, Charge, Outcome, Store } from '@gatehouse/core'
import {
  type Expiry,
  movableClock,
  type MovableClock,
  referenceStore,
  type ReferenceStore,
  storeChecks,
  type StoreConformanceOptions,
} from '../src/index.ts'

/** A store with one fault, and words of the titles of checks that must complain. */
interface Broken {
  readonly fault: string
  readonly store: (good: ReferenceStore, clock: MovableClock) => Partial<Store>
  readonly caught: readonly string[]
  readonly options?: Partial<StoreConformanceOptions>
}

const refusing = (outcomes: readonly Outcome[]): boolean => outcomes.some(({ allowed }) => !allowed)

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The charges with keys of another spelling. */
const respelt = (spell: (key: string) => string) => (good: ReferenceStore) => ({
  take: (charges: readonly Charge[]) => good.take(charges.map((each) => ({ ...each, key: spell(each.key) }))),
  peek: (charges: readonly Charge[]) => good.peek(charges.map((each) => ({ ...each, key: spell(each.key) }))),
})

/** The same answers, with something done to each. */
const told = (change: (outcome: Outcome) => Outcome) => (good: ReferenceStore) => ({
  take: (charges: readonly Charge[]) => good.take(charges).map(change),
  peek: (charges: readonly Charge[]) => good.peek(charges).map(change),
  adjust: (adjustments: readonly Adjustment[]) => good.adjust(adjustments).map(change),
})

const BROKEN: readonly Broken[] = [
  {
    fault: 'lets one too many through',
    store: (good) => ({
      take: (charges) =>
        good.take(
          charges.map((each) => ({ ...each, quota: { ...each.quota, limit: each.quota.limit + 1 } })),
        ),
    }),
    caught: ['RL-23', 'RL-05', 'RL-02', 'RL-04'],
  },
  {
    fault: 'takes each charge by itself',
    store: (good) => ({ take: (charges) => charges.flatMap((charge) => good.take([charge])) }),
    caught: ['RL-05, RL-07', 'RL-04'],
  },
  {
    fault: 'charges what it refuses',
    store: (good) => ({
      take(charges) {
        const outcomes = good.take(charges)
        if (refusing(outcomes)) for (const { key, quota } of charges) good.adjust([{ key, quota, units: 1 }])
        return outcomes
      },
    }),
    caught: ['RL-20', 'RL-04'],
  },
  {
    fault: 'takes when it is asked to look',
    store: (good) => ({ peek: (charges) => good.take(charges) }),
    caught: ['peek says'],
  },
  {
    fault: 'tells a wait that is a millisecond short',
    store: told((outcome) => ({ ...outcome, retryAfterMs: Math.max(outcome.retryAfterMs - 1, 0) })),
    caught: ['RL-03', 'RL-24', 'RL-04'],
  },
  {
    fault: 'tells the wait in whole seconds',
    store: told((outcome) => ({ ...outcome, retryAfterMs: Math.ceil(outcome.retryAfterMs / 1_000) * 1_000 })),
    caught: ['RL-03', 'RL-04'],
  },
  {
    fault: 'counts a fixed window where a sliding one was asked for',
    store: (good) => ({
      take: (charges) =>
        good.take(charges.map((each) => ({ ...each, quota: { ...each.quota, algorithm: 'fixed-window' } }))),
    }),
    caught: ['RL-02', 'RL-04'],
  },
  {
    fault: 'reads, waits, and writes what it read',
    store: (good) => ({
      async take(charges) {
        const outcomes = good.peek(charges)
        await tick()
        if (!refusing(outcomes)) good.take(charges)
        return outcomes
      },
    }),
    caught: ['RL-05'],
  },
  {
    fault: 'adjusts by what it read before it waited',
    store: (good) => ({
      async adjust(adjustments) {
        const before = adjustments.map(
          ({ key, quota }) => good.peek([{ key, quota, cost: 1_000_000_000 }])[0],
        )
        await tick()
        for (const [index, { key, quota }] of adjustments.entries()) {
          good.reset([key])
          const spent = quota.limit - (before[index]?.remaining ?? 0)
          if (spent > 0) good.adjust([{ key, quota, units: spent }])
        }
        return good.adjust(adjustments)
      },
    }),
    caught: ['RL-13'],
  },
  {
    fault: 'gives back more than was spent',
    store: (good) => ({
      adjust: (adjustments) =>
        good.adjust(adjustments.map((each) => ({ ...each, units: Math.abs(each.units) }))),
    }),
    caught: ['RL-13', 'RL-04'],
  },
  {
    fault: 'gives back what has come back by itself',
    store: (good) => ({
      adjust: (adjustments) =>
        good.adjust(adjustments.map(({ key, quota, units }) => ({ key, quota, units }))),
    }),
    caught: ['what has come back', 'RL-04'],
  },
  {
    fault: 'believes a clock that goes back and forth',
    // Every look at the time is time that has passed.
    store: (_, clock) => {
      let passed = 0
      let last = clock.monotonic()
      return referenceStore({
        now: () => 0,
        monotonic() {
          passed += Math.abs(clock.monotonic() - last)
          last = clock.monotonic()
          return passed
        },
      })
    },
    caught: ['RL-06'],
  },
  {
    fault: 'waits for a clock that went back to catch up',
    store: (_, clock) => {
      let latest = 0
      return referenceStore({
        now: () => 0,
        monotonic: () => (latest = Math.max(latest, clock.monotonic())),
      })
    },
    caught: ['locks nobody'],
  },
  { fault: 'trims its keys', store: respelt((key) => key.trim()), caught: ['no two counters'] },
  {
    fault: 'folds the case of its keys',
    store: respelt((key) => key.toLowerCase()),
    caught: ['no two counters'],
  },
  {
    fault: 'writes its keys as UTF-8',
    store: respelt((key) => Buffer.from(key).toString()),
    caught: ['no two counters'],
  },
  {
    fault: 'reads its keys to the first NUL',
    store: respelt((key) => key.split('\0')[0] ?? ''),
    caught: ['no two counters'],
  },
  { fault: 'cuts its keys at 255', store: respelt((key) => key.slice(0, 255)), caught: ['no two counters'] },
  {
    fault: 'normalises its keys',
    store: respelt((key) => key.normalize('NFKC')),
    caught: ['no two counters'],
  },
  {
    fault: 'keeps its records in an object',
    store() {
      const records: Record<string, string> = {}
      return {
        add: (key, value) => (key in records ? false : ((records[key] = value), true)),
        read: (keys) => keys.map((key) => records[key]),
        write(key, value) {
          records[key] = value
        },
        remove: (key) => key in records && delete records[key],
      }
    },
    caught: ['no two records', 'RL-26'],
  },
  {
    fault: 'keeps counters and records under the same keys',
    store: (good) => ({
      take(charges) {
        for (const { key } of charges) good.write(key, 'counter', 1)
        return good.take(charges)
      },
    }),
    caught: ['know nothing of each other'],
  },
  {
    fault: 'adds a record when it found none some time ago',
    store: (good) => ({
      async add(key, value, ttlMs) {
        const [found] = good.read([key])
        await tick()
        if (found !== undefined) return false
        good.write(key, value, ttlMs)
        return true
      },
    }),
    caught: ['add one record at once'],
  },
  {
    fault: 'adds over a record that was written',
    store: (good) => {
      const added = new Set<string>()
      return {
        add(key, value, ttlMs) {
          if (added.has(key)) return good.add(key, value, ttlMs)
          added.add(key)
          good.write(key, value, ttlMs)
          return true
        },
      }
    },
    caught: ['RL-30: a record that is there is not added again'],
  },
  {
    fault: 'writes a record that it was asked to add',
    store: (good) => ({
      add(key, value, ttlMs) {
        good.write(key, value, ttlMs)
        return true
      },
    }),
    caught: ['is not added again'],
  },
  {
    fault: 'tells all who remove a record that it was there',
    store: (good) => ({
      async remove(key) {
        const [found] = good.read([key])
        await tick()
        good.remove(key)
        return found !== undefined
      },
    }),
    caught: ['remove one record at once'],
  },
  {
    fault: 'leaves out of a read what is not there',
    store: (good) => ({
      read: (keys) => good.read(keys).filter((value) => value !== undefined),
    }),
    caught: ['in the order of their keys'],
  },
  {
    fault: 'keeps the time of the record that it replaces',
    store: (good, clock) => {
      const ends = new Map<string, number>()
      return {
        add(key, value, ttlMs) {
          ends.set(key, clock.monotonic() + ttlMs)
          return good.add(key, value, ttlMs)
        },
        write: (key, value, ttlMs) =>
          good.write(key, value, Math.max((ends.get(key) ?? Infinity) - clock.monotonic(), 1) || ttlMs),
      }
    },
    caught: ['RL-26'],
  },
  {
    fault: 'blocks only keys that it knows',
    store(good) {
      const known = new Set<string>()
      return {
        take(charges) {
          for (const { key } of charges) known.add(key)
          return good.take(charges)
        },
        block(keys, ms) {
          good.block(
            keys.filter((key) => known.has(key)),
            ms,
          )
        },
      }
    },
    caught: ['a blocked key is refused'],
  },
  {
    fault: 'keeps the longer of two blocks',
    store(good) {
      let longest = 0
      return { block: (keys, ms) => good.block(keys, (longest = Math.max(longest, ms))) }
    },
    caught: ['a later block replaces'],
  },
  {
    fault: 'leaves a block when it resets',
    store: () => ({ reset: () => undefined }),
    caught: ['reset makes keys whole', 'a blocked key'],
  },
  {
    fault: 'takes any number for a cost',
    store: (good) => ({
      take: (charges) =>
        good.take(charges.map((each) => ({ ...each, cost: Math.max(1, Math.trunc(each.cost) || 1) }))),
    }),
    caught: ['costs, limits and windows'],
  },
  {
    fault: 'adjusts up to the first mistake of a call',
    store: (good) => ({ adjust: (adjustments) => adjustments.flatMap((each) => good.adjust([each])) }),
    caught: ['adjustments by nothing'],
  },
  {
    fault: 'counts one key by the quota that came first',
    store: (good) => ({
      take: (charges) =>
        good.take(charges.map((each) => ({ ...each, quota: charges[0]?.quota ?? each.quota }))),
    }),
    caught: ['one key with two quotas'],
  },
  {
    fault: 'throws when there is nothing to do',
    store: (good) => ({
      take(charges) {
        if (charges.length === 0) throw new RangeError('There is nothing to do')
        return good.take(charges)
      },
    }),
    caught: ['a call of nothing'],
  },
  {
    fault: 'cuts long values',
    store: (good) => ({ write: (key, value, ttlMs) => good.write(key, value.slice(0, 65_535), ttlMs) }),
    caught: ['values come back'],
  },
  {
    fault: 'does not close twice',
    store() {
      let open = true
      return {
        close() {
          if (!open) throw new Error('It is closed')
          open = false
        },
      }
    },
    caught: ['REQ-17'],
  },
  {
    fault: 'keeps one thing for ever',
    store: () => ({}),
    options: {
      expiries: (): readonly Expiry[] => [
        { key: 'a', ttlMs: 5 },
        { key: 'b', ttlMs: undefined },
      ],
    },
    caught: ['RL-26'],
  },
  {
    fault: 'keeps things for longer than they say anything',
    store: () => ({}),
    options: { expiries: (): readonly Expiry[] => [{ key: 'a', ttlMs: 86_400_000 }] },
    caught: ['RL-26'],
  },
  {
    fault: 'forgets its counters at once, in real time',
    store: (good) => ({
      take(charges) {
        good.reset(charges.map(({ key }) => key))
        return good.take(charges)
      },
    }),
    options: { follows: [] },
    caught: ['allowed after the wait'],
  },
  {
    fault: 'forgets nothing, in real time',
    // A clock that nobody moves.
    store: () => referenceStore(movableClock()),
    options: { follows: [] },
    caught: ['allowed after the wait', 'the end of a block', 'gone after its time'],
  },
]

describe('the suite complains of a store that', () => {
  for (const { fault, store, caught, options } of BROKEN) {
    for (const words of caught) {
      test(titleOf(fault, words), async () => {
        const checks = storeChecks({
          name: 'broken',
          make(clock) {
            const good = referenceStore(clock)
            return { ...good, ...store(good, clock) }
          },
          follows: ['counters', 'blocks', 'records'],
          traces: 20,
          ...options,
        }).filter(({ title }) => title.includes(words))
        assert.ok(checks.length > 0, words)
        const complaints = await Promise.all(checks.map(async ({ run }) => complaintOf(run)))
        assert.ok(
          complaints.some((complaint) => complaint !== undefined),
          `no check of ${words} complains`,
        )
      })
    }
  }
})

/** What names the check that complains: the ids that it holds, before all else, or words of its title. */
function titleOf(fault: string, words: string): string {
  return /^[A-Z]+-\d{2}(?:, [A-Z]+-\d{2})*$/.test(words) ? `${words}: ${fault}` : `${fault} (${words})`
}

async function complaintOf(run: () => Promise<void>): Promise<unknown> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error
  }
}
