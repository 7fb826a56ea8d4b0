import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AdaptiveLimit } from '../../src/limiting/adaptive.ts'
import { type Phase, workers } from '../support/workers.ts'

/** Under more load than the server can take the limit stays within this many times the optimum. */
const BOUND = 2
/** How long it may take to get there after a step, in milliseconds. */
const SETTLED = 2_000
/** The share of what the server can answer that it still answers, on the average, its probes included. */
const SHARE = 0.9
const SERVICE_MS = 50

const perSecond = (optimum: number, serviceMs = SERVICE_MS): number => (optimum * 1000) / serviceMs

/** Twenty workers that the load is three times too much for, after a quiet start. */
const quiet: Phase = { ms: 5_000, workers: 20, serviceMs: SERVICE_MS, load: perSecond(20) * 0.4 }
const flood: Phase = { ms: 40_000, load: perSecond(20) * 3 }

interface Step extends Omit<Phase, 'ms'> {
  readonly name: string
  readonly optimum: number
  readonly answers: number
  /** Whether it is within the bound after {@link SETTLED}; else by the end: first it has to see what is possible now. */
  readonly soon: boolean
}

const steps: readonly Step[] = [
  { name: 'a flood', optimum: 20, answers: perSecond(20), soon: true },
  { name: 'half of the server is gone', workers: 10, optimum: 10, answers: perSecond(10), soon: true },
  { name: 'all of it is back', workers: 20, optimum: 20, answers: perSecond(20), soon: true },
  {
    name: 'the server is four times as large',
    workers: 80,
    load: perSecond(80) * 3,
    optimum: 80,
    answers: perSecond(80),
    soon: true,
  },
  {
    name: 'it is small, and three times as slow',
    workers: 20,
    serviceMs: 3 * SERVICE_MS,
    optimum: 20,
    answers: perSecond(20, 3 * SERVICE_MS),
    soon: false,
  },
  { name: 'it is fast again', serviceMs: SERVICE_MS, optimum: 20, answers: perSecond(20), soon: false },
]

for (const [how, spread] of [
  ['that always takes the same', false],
  ['that takes more or less', true],
] as const) {
  describe(`RL-17: an adaptive limit in front of a server ${how}`, () => {
    const server = workers({ min: 5, max: 1000 }, spread)
    server.run(quiet)
    for (const { name, optimum, answers, soon, ...step } of steps) {
      test(`RL-17: when ${name} it comes to at most twice the optimum, and the server stays busy`, () => {
        // Of each phase the second half is looked at.
        const first = server.run({ ...flood, ...step, ms: 2 * SETTLED })
        const settled = server.run({ ...flood, ...step })
        if (soon) assert.ok(first.most <= BOUND * optimum, `at most ${first.most}, soon`)
        assert.ok(settled.most <= BOUND * optimum, `at most ${settled.most}`)
        assert.ok(settled.answered >= SHARE * answers, `${settled.answered} of ${answers} per second`)
      })
    }

    test('RL-17: when the flood is over it refuses nothing', () => {
      const light = server.run({ ...quiet, ms: 20_000 })
      assert.ok(light.answered >= SHARE * perSecond(20) * 0.4, `${light.answered} per second`)
      assert.ok(light.median < 2 * SERVICE_MS)
    })
  })
}

/** Lets requests of one duration through, one after the other, each on its own. */
function oneByOne(limit: AdaptiveLimit, from: number, took: number, times: number): number {
  let now = from
  for (let i = 0; i < times; i++) {
    assert.ok(limit.take(now))
    limit.release(now, now + took, 'sample')
    now += took
  }
  return now
}

/** Keeps a limit full for a time with requests of one duration; gives the time then. */
function full(
  limit: AdaptiveLimit,
  from: number,
  says: 'sample' | 'at-least' | 'nothing',
  { took, rounds }: { readonly took: number; readonly rounds: number },
): number {
  let now = from
  for (let i = 0; i < rounds; i++) {
    let held = 0
    while (limit.take(now)) held++
    for (; held > 0; held--) limit.release(now, now + took, says)
    now += took
  }
  return now
}

describe('an adaptive limit', () => {
  test('begins with its least, and refuses what is more', () => {
    const limit = new AdaptiveLimit({ min: 3, max: 10 })
    assert.deepEqual([limit.take(0), limit.take(0), limit.take(0), limit.take(0)], [true, true, true, false])
    assert.equal(limit.inFlight, 3)
    limit.release(0, 1, 'nothing')
    assert.ok(limit.take(1))
  })

  test('RL-17: a server with little to do does not raise it', () => {
    const limit = new AdaptiveLimit({ min: 10, max: 1000 })
    oneByOne(limit, 0, 10, 10_000)
    assert.equal(limit.limit, 10)
  })

  test('never exceeds its most', () => {
    const limit = new AdaptiveLimit({ min: 10, max: 25 })
    full(limit, 0, 'sample', { took: 50, rounds: 200 })
    assert.equal(limit.limit, 25)
  })

  test('RL-17: a flood of quick refusals tells nothing, and does not make all else look slow', () => {
    const limit = new AdaptiveLimit({ min: 10, max: 200 })
    const now = full(limit, 0, 'sample', { took: 50, rounds: 300 })
    const before = limit.limit
    assert.ok(before > 50, `${before}`)
    const later = full(limit, now, 'nothing', { took: 1, rounds: 300 })
    full(limit, later, 'sample', { took: 50, rounds: 30 })
    assert.ok(limit.limit >= before / 2, `${limit.limit}`)
  })

  test('RL-17: clients that give up tell that they waited too long; those that go at once tell nothing', () => {
    const limit = new AdaptiveLimit({ min: 10, max: 200 })
    let now = full(limit, 0, 'sample', { took: 50, rounds: 100 })
    const before = limit.limit
    now = full(limit, now, 'at-least', { took: 1, rounds: 100 })
    assert.ok(limit.limit >= before / 2, 'gone at once')
    full(limit, now, 'at-least', { took: 500, rounds: 15 })
    assert.ok(limit.limit < before / 2, `given up: ${limit.limit}`)
  })

  test('RL-17: streams that never let it drain do not hold it at half', () => {
    const limit = new AdaptiveLimit({ min: 10, max: 40 })
    let now = full(limit, 0, 'sample', { took: 50, rounds: 150 })
    assert.equal(limit.limit, 40)
    for (let i = 0; i < 30; i++) limit.take(now)
    // More than half is held for good, so a look for the baseline comes to nothing.
    for (let i = 0; i < 400 && limit.limit === 40; i++)
      now = full(limit, now, 'sample', { took: 50, rounds: 1 })
    assert.equal(limit.limit, 20)
    assert.equal(limit.take(now + 9_000), false)
    assert.ok(limit.take(now + 10_000))
    assert.equal(limit.limit, 40)
  })
})
