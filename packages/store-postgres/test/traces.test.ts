import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Algorithm, memoryStore, type Quota, type Store } from '@gatehouse/core'
import { movableClock } from '@gatehouse/testkit'
import { postgresStore } from '../src/index.ts'
import { type PostgresServer, skip, startPostgres } from './support/postgres.ts'

const ALGORITHMS: readonly Algorithm[] = ['gcra', 'sliding-window', 'fixed-window']

/** Whole numbers from 0 to `max`, the same ones in every run (a linear congruence, its high bits). */
function numbersFrom(seed: number): (max: number) => number {
  let state = BigInt(seed)
  return (max) => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n
    return Number((state >> 11n) % BigInt(max + 1))
  }
}

type Numbers = ReturnType<typeof numbersFrom>

/** Quotas of all sizes: from one in a millisecond to what can just be counted exactly. */
function quotaFrom(number: Numbers): Quota {
  const size = (bits: number): number => 1 + number(2 ** number(bits) - 1)
  return { limit: size(25), windowMs: size(26), algorithm: ALGORITHMS[number(2)] ?? 'gcra' }
}

describe('random traces', { skip }, () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
  })
  after(() => server.stop())

  test('RL-04: 80 traces of 25 calls have the outcomes of memoryStore, to the millisecond', async () => {
    const pool = server.pool()
    await postgresStore({ pool }).install()
    let outcomes = 0
    for (let trace = 0; trace < 80; trace++) {
      const number = numbersFrom(trace)
      const clock = movableClock()
      const memory = memoryStore({ clock })
      const store = postgresStore({ pool, clock, prefix: `trace-${trace}` })
      // Both count from a time at which slices begin, since that of memory is when it was made.
      clock.advance(Date.UTC(2026, 0, 1))
      const keys = ['a', 'b', 'c']
      const quotas = keys.map(() => quotaFrom(number))
      const told: string[] = []
      for (let call = 0; call < 25; call++) {
        const { windowMs, limit } = quotas[number(2)] ?? quotaFrom(number)
        const steps = [
          0,
          0,
          1,
          Math.ceil(windowMs / limit),
          Math.ceil(windowMs / 16),
          windowMs,
          number(windowMs),
        ]
        clock.advance(steps[number(steps.length - 1)] ?? 0)
        if (number(11) === 0) quotas[number(2)] = quotaFrom(number)
        const make = callFrom(number, keys, quotas)
        const [mine, expected] = [await make.of(store), await make.of(memory)]
        told.push(make.words)
        assert.deepEqual(mine, expected, `trace ${trace} at ${clock.now()}:\n${told.join('\n')}`)
        outcomes++
      }
    }
    assert.equal(outcomes, 80 * 25)
  })
})

interface Call {
  readonly words: string
  readonly of: (store: Store) => Promise<unknown>
}

function callFrom(number: Numbers, keys: readonly string[], quotas: readonly Quota[]): Call {
  const at = number(2)
  const some = Array.from({ length: 1 + number(2) }, (_, index) => (at + index * (1 + number(1))) % 3)
  const of = (index: number): { readonly key: string; readonly quota: Quota } => ({
    key: keys[index] ?? '',
    quota: quotas[index] ?? { limit: 1, windowMs: 1 },
  })
  // Costs around what is left, and now and then more than there ever is.
  const share = ({ limit }: Quota): number => 1 + number(Math.ceil(limit / (1 + number(4))))
  const charges = some.map((index) => ({ ...of(index), cost: share(of(index).quota) }))
  const within = [undefined, undefined, 0, number(of(at).quota.windowMs)][number(3)]
  const adjustments = some.map((index) => ({
    ...of(index),
    units: share(of(index).quota) * (number(1) === 0 ? 1 : -1),
    ...(within === undefined ? {} : { withinMs: within }),
  }))
  const named = charges.map(({ key }) => key)
  const ms = 1 + number(100_000)
  const calls: readonly Call[] = [
    ...Array.from({ length: 6 }, () => ({
      words: `take ${JSON.stringify(charges)}`,
      of: async (store: Store) => store.take(charges),
    })),
    { words: `peek ${JSON.stringify(charges)}`, of: async (store) => store.peek(charges) },
    { words: `adjust ${JSON.stringify(adjustments)}`, of: async (store) => store.adjust(adjustments) },
    { words: `adjust ${JSON.stringify(adjustments)}`, of: async (store) => store.adjust(adjustments) },
    { words: `block ${named.join()} ${ms}`, of: async (store) => store.block(named, ms) },
    { words: `reset ${named.join()}`, of: async (store) => store.reset(named) },
    { words: `add ${at} ${ms}`, of: async (store) => store.add(`record ${at}`, String(ms), ms) },
    { words: `write ${at} ${ms}`, of: async (store) => store.write(`record ${at}`, String(ms), ms) },
    { words: `remove ${at}`, of: async (store) => store.remove(`record ${at}`) },
    { words: 'read', of: async (store) => store.read(['record 0', 'record 2', 'record 1']) },
  ]
  return calls[number(calls.length - 1)] ?? { words: 'nothing', of: async () => undefined }
}
