import assert from 'node:assert/strict'
import type { Quota, Store } from '@gatehouse/core'
import { type Numbers, numbersFrom, oneOf } from '../numbers.ts'
import { referenceStore } from '../reference-store.ts'
import { ALGORITHMS, type Bench, type Check, line } from './bench.ts'
import { quotaFrom, stepFrom } from './clock.ts'

const KEYS = ['a', 'b', 'c'] as const

/** All keys of a trace by one algorithm, or each by one of its own. */
const KINDS = [...ALGORITHMS, 'all together'] as const

/** One call, as it is made of any store: what came of it, in lines. */
interface Call {
  readonly words: string
  readonly make: (store: Store) => Promise<readonly string[]>
}

/** The same calls at the same times, of the store and of the reference. */
export function traceChecks({
  traces = 60,
  follows = [],
  standsStill = false,
}: {
  readonly traces?: number
  readonly follows?: readonly string[]
  readonly standsStill?: boolean
}): readonly Check[] {
  const blocks = follows.includes('blocks')
  const forward: readonly Check[] = KINDS.map((algorithm, index) => ({
    title: `RL-04, RL-30: says what the reference says, call by call: ${algorithm}`,
    on: ['counters'],
    run: (bench) => compared(bench, { algorithm, traces, blocks, goesBack: false, seed: 11 + index }),
  }))
  const back: readonly Check[] = KINDS.map((algorithm, index) => ({
    title: `RL-04, RL-06: says what the reference says on a clock that goes back, call by call: ${algorithm}`,
    on: ['counters'],
    run: (bench) => compared(bench, { algorithm, traces, blocks, goesBack: true, seed: 21 + index }),
  }))
  return standsStill ? [...forward, ...back] : forward
}

interface Comparison {
  readonly algorithm: (typeof KINDS)[number]
  readonly traces: number
  readonly blocks: boolean
  readonly goesBack: boolean
  readonly seed: number
}

async function compared(bench: Bench, comparison: Comparison): Promise<void> {
  const { algorithm, traces, blocks, goesBack, seed } = comparison
  const { store, clock } = bench
  const reference = referenceStore(clock)
  const number = numbersFrom(seed)
  for (let trace = 0; trace < traces; trace++) {
    const quotas = new Map<string, Quota>(
      KEYS.map((key) => {
        const quota = quotaFrom(number)
        return [`${key}${trace}`, algorithm === 'all together' ? quota : { ...quota, algorithm }]
      }),
    )
    const told: string[] = []
    for (let i = 0; i < 20; i++) {
      const keys = [...quotas.keys()]
      const moved = stepFrom(number, quotas.get(keys[0] ?? '') ?? quotaFrom(number))
      clock.advance(moved)
      if (goesBack && number(3) === 0) clock.advance(-number(10_000_000))
      const key = keys[number(keys.length - 1)] ?? ''
      if (number(9) === 0) quotas.set(key, changed(number, quotas.get(key) ?? quotaFrom(number)))
      const call = callFrom(number, quotas, blocks)
      const [mine, expected] = [await call.make(store), await call.make(reference)]
      told.push(`+${moved} ms  ${call.words}`)
      assert.deepEqual(mine, expected, `trace ${trace}:\n${told.join('\n')}`)
    }
  }
}

/** Another limit, another window, or both. */
function changed(number: Numbers, quota: Quota): Quota {
  const other = quotaFrom(number)
  const next = oneOf(number, [
    { limit: other.limit },
    { windowMs: other.windowMs },
    { limit: other.limit, windowMs: other.windowMs },
    { limit: quota.limit * 2 },
    { windowMs: quota.windowMs + 1 },
  ])
  return { ...quota, ...next }
}

function callFrom(number: Numbers, quotas: ReadonlyMap<string, Quota>, blocks: boolean): Call {
  const entries = [...quotas]
  const some = (): readonly (readonly [string, Quota])[] =>
    Array.from({ length: 1 + number(2) }, () => entries[number(entries.length - 1)]).filter(
      (entry) => entry !== undefined,
    )
  const share = (limit: number): number => (number(1) === 0 ? 1 : 1 + number(limit))
  const charges = some().map(([key, quota]) => ({ key, quota, cost: share(quota.limit) }))
  const adjustments = some().map(([key, quota]) => ({
    key,
    quota,
    units: number(1) === 0 ? share(quota.limit) : -share(quota.limit),
    ...oneOf(number, [{}, {}, { withinMs: 0 }, { withinMs: number(quota.windowMs) }]),
  }))
  const keys = some().map(([key]) => key)
  const ms = 1 + number(10_000_000)
  const look = async (store: Store): Promise<readonly string[]> =>
    (await store.peek(entries.map(([key, quota]) => ({ key, quota, cost: 1 })))).map(line)

  const calls: Readonly<Record<string, Call>> = {
    take: {
      words: `take ${JSON.stringify(charges)}`,
      make: async (store) => (await store.take(charges)).map(line),
    },
    peek: {
      words: `peek ${JSON.stringify(charges)}`,
      make: async (store) => (await store.peek(charges)).map(line),
    },
    adjust: {
      words: `adjust ${JSON.stringify(adjustments)}`,
      make: async (store) => (await store.adjust(adjustments)).map(line),
    },
    block: {
      words: `block ${JSON.stringify(keys)} for ${ms} ms, then peek`,
      async make(store) {
        await store.block(keys, ms)
        return look(store)
      },
    },
    reset: {
      words: `reset ${JSON.stringify(keys)}, then peek`,
      async make(store) {
        await store.reset(keys)
        return look(store)
      },
    },
    look: { words: 'peek at all', make: look },
  }
  const names = ['take', 'take', 'take', 'take', 'take', 'take', 'peek', 'adjust', 'adjust', 'look'] as const
  const rare = blocks ? (['block', 'reset'] as const) : (['reset'] as const)
  const name = number(9) === 0 ? oneOf(number, [...rare]) : oneOf(number, [...names])
  return calls[name] ?? { words: 'nothing', make: async () => [] }
}
