import assert from 'node:assert/strict'
import type { Algorithm, Outcome, Quota } from '@gatehouse/core'
import { type Numbers, numbersFrom } from '../numbers.ts'
import { ALGORITHMS, type Bench, type Check, line } from './bench.ts'

const MINUTE = 60_000
const FIVE = { limit: 5, windowMs: MINUTE }

/** Known answers: after so many milliseconds more, a charge of so much, and what is said of it. */
const KNOWN: Readonly<Record<Algorithm, readonly (readonly [ms: number, cost: number, answer: string])[]>> = {
  gcra: [
    [0, 1, 'allowed, 4 left, whole in 12000, again in 0'],
    [0, 4, 'allowed, 0 left, whole in 60000, again in 0'],
    [0, 1, 'refused, 0 left, whole in 60000, again in 12000'],
    [11_999, 1, 'refused, 0 left, whole in 48001, again in 1'],
    [1, 1, 'allowed, 0 left, whole in 60000, again in 0'],
    [30_000, 3, 'refused, 2 left, whole in 30000, again in 6000'],
  ],
  // Slices of 3750 ms; the first charge lies at the beginning of one.
  'sliding-window': [
    [0, 2, 'allowed, 3 left, whole in 63750, again in 0'],
    [3_750, 3, 'allowed, 0 left, whole in 63750, again in 0'],
    [0, 1, 'refused, 0 left, whole in 63750, again in 60000'],
    [0, 3, 'refused, 0 left, whole in 63750, again in 63750'],
    [59_999, 2, 'refused, 0 left, whole in 3751, again in 1'],
    [1, 2, 'allowed, 0 left, whole in 63750, again in 0'],
  ],
  'fixed-window': [
    [0, 2, 'allowed, 3 left, whole in 60000, again in 0'],
    [59_000, 3, 'allowed, 0 left, whole in 1000, again in 0'],
    [0, 1, 'refused, 0 left, whole in 1000, again in 1000'],
    [999, 1, 'refused, 0 left, whole in 1, again in 1'],
    [1, 4, 'allowed, 1 left, whole in 60000, again in 0'],
  ],
}

/** What a store says to the millisecond, when its counters go by a clock that is moved. */
export function clockChecks({ traces = 60 }: { readonly traces?: number }): readonly Check[] {
  return [
    {
      title: 'RL-24: outcomes are known to the millisecond',
      on: ['counters'],
      async run({ one, clock }) {
        for (const algorithm of ALGORITHMS) {
          // To the beginning of a slice.
          clock.advance(3_750 - (clock.monotonic() % 3_750))
          for (const [ms, cost, answer] of KNOWN[algorithm]) {
            clock.advance(ms)
            assert.equal(line(await one('a', { ...FIVE, algorithm }, cost)), answer, algorithm)
          }
        }
      },
    },
    {
      title:
        'RL-03: what was refused is allowed after exactly the wait it was told, and not a millisecond before',
      on: ['counters'],
      async run({ one, clock }) {
        const number = numbersFrom(3)
        for (let trace = 0; trace < traces / 2; trace++) {
          const quota = quotaFrom(number)
          for (let i = 0; i < 6; i++) {
            clock.advance(number(quota.windowMs))
            const cost = 1 + number(quota.limit - 1)
            const key = `trace ${trace}`
            const { allowed, retryAfterMs } = await one(key, quota, cost)
            if (allowed) continue
            const name = `${cost} of ${JSON.stringify(quota)}`
            clock.advance(retryAfterMs - 1)
            assert.equal((await one(key, quota, cost)).retryAfterMs, 1, name)
            clock.advance(1)
            assert.equal((await one(key, quota, cost)).allowed, true, name)
          }
        }
      },
    },
    {
      title: 'RL-01: gcra admits no more in any time than the limit and what comes back in it',
      on: ['counters'],
      run: (bench) =>
        bounded(
          bench,
          'gcra',
          traces,
          false,
          ({ limit, windowMs }, ms) => limit + Math.floor((ms * limit) / windowMs),
        ),
    },
    {
      title: 'RL-02: the sliding window admits no more than the limit in any window',
      on: ['counters'],
      run: (bench) => bounded(bench, 'sliding-window', traces, false, STRICT),
    },
    {
      title: 'RL-01: the fixed window admits no more than the limit from its beginning to its end',
      on: ['counters'],
      async run(bench) {
        const number = numbersFrom(5)
        for (let trace = 0; trace < traces; trace++) {
          const quota: Quota = { ...quotaFrom(number), algorithm: 'fixed-window' }
          let begin = -Infinity
          let sum = 0
          for (const { at, cost } of await trailOf(bench, number, quota, `trace ${trace}`, false)) {
            if (at >= begin + quota.windowMs) [begin, sum] = [at, 0]
            sum += cost
            assert.ok(sum <= quota.limit, `${sum} of ${JSON.stringify(quota)}`)
          }
        }
      },
    },
    {
      title: 'RL-06: a clock that goes back grants nothing extra',
      on: ['counters'],
      async run(bench) {
        await bounded(
          bench,
          'gcra',
          traces / 2,
          true,
          ({ limit, windowMs }, ms) => limit + Math.floor((ms * limit) / windowMs),
        )
        await bounded(bench, 'sliding-window', traces / 2, true, STRICT)
        await bounded(bench, 'fixed-window', traces / 2, true, ({ limit, windowMs }, ms) =>
          ms < windowMs ? 2 * limit : Infinity,
        )
      },
    },
    {
      title:
        'RL-06: a clock that goes back locks nobody for longer than the wait that is told, and that is no more than a window',
      on: ['counters'],
      async run({ one, clock }) {
        for (const algorithm of ALGORITHMS) {
          for (const back of [1, 5_000, MINUTE, 3_600_000, 30 * 86_400_000]) {
            const key = `${algorithm} ${back}`
            const quota = { ...FIVE, algorithm }
            await one(key, quota, 5)
            clock.advance(-back)
            const { allowed, retryAfterMs } = await one(key, quota)
            assert.equal(allowed, false, key)
            assert.ok(retryAfterMs <= (MINUTE * 17) / 16, `${key}: retryAfterMs ${retryAfterMs}`)
            clock.advance(retryAfterMs)
            assert.equal((await one(key, quota)).allowed, true, key)
          }
        }
      },
    },
    {
      title: 'RL-06: a clock that jumps ahead makes keys whole, and all goes on from there',
      on: ['counters'],
      async run({ one, clock }) {
        for (const algorithm of ALGORITHMS) {
          const quota = { ...FIVE, algorithm }
          await one('a', quota, 5)
          for (const ahead of [2 * MINUTE, 86_400_000, 100 * 365 * 86_400_000]) {
            clock.advance(ahead)
            assert.equal((await one('a', quota, 5)).allowed, true, `${algorithm} ${ahead}`)
            assert.equal((await one('a', quota)).allowed, false, `${algorithm} ${ahead}`)
          }
        }
      },
    },
    {
      title: 'RL-30: a block ends when it was said to, and leaves what was spent',
      on: ['counters', 'blocks'],
      async run({ store, one, clock }) {
        for (const algorithm of ALGORITHMS) {
          const [key, quota] = [algorithm, { limit: 5, windowMs: 3_600_000, algorithm }]
          await one(key, quota, 2)
          await store.block([key], MINUTE)
          clock.advance(MINUTE - 1)
          const { retryAfterMs, blocked } = await one(key, quota)
          assert.deepEqual([retryAfterMs, blocked], [1, true], key)
          clock.advance(1)
          const { allowed, remaining, blocked: still } = await one(key, quota)
          assert.deepEqual([allowed, remaining, still], [true, 2, undefined], key)
        }
      },
    },
  ]
}

/** A quota of a window of a minute or more, in numbers that are even and in such that are not. */
export function quotaFrom(number: Numbers): Quota {
  const limit = number(3) === 0 ? 1 + number(1_000_000) : 1 + number(11)
  const windowMs = number(1) === 0 ? MINUTE * (1 + number(59)) : MINUTE + number(10_000_000)
  const algorithm = ALGORITHMS[number(ALGORITHMS.length - 1)] ?? 'gcra'
  return { limit, windowMs, algorithm }
}

/** How time goes on in a trace: not at all, or around the moments at which something changes. */
export function stepFrom(number: Numbers, { limit, windowMs }: Quota): number {
  const [interval, slice] = [Math.ceil(windowMs / limit), Math.ceil(windowMs / 16)]
  const marks = [0, 0, 0, 1, interval, slice, windowMs, windowMs + slice, number(windowMs), 3 * windowMs]
  return Math.max((marks[number(marks.length - 1)] ?? 0) + number(2) - 1, 0)
}

interface Admitted {
  /** By the time that has truly passed: what a clock takes back is not time. */
  readonly at: number
  readonly cost: number
}

const STRICT = ({ limit, windowMs }: Quota, ms: number): number => (ms < windowMs ? limit : Infinity)

async function trailOf(
  { one, clock }: Bench,
  number: Numbers,
  quota: Quota,
  key: string,
  goesBack: boolean,
): Promise<readonly Admitted[]> {
  const trail: Admitted[] = []
  let at = 0
  for (let i = 0; i < 14; i++) {
    const step = stepFrom(number, quota)
    clock.advance(step)
    at += step
    if (goesBack && number(2) === 0) clock.advance(-number(2 * quota.windowMs))
    const cost = 1 + (number(2) === 0 ? number(quota.limit - 1) : 0)
    const outcome: Outcome = await one(key, quota, cost)
    if (outcome.allowed) trail.push({ at, cost })
  }
  return trail
}

/** The definition, for every time that begins and ends with an admitted charge: no other can hold more. */
async function bounded(
  bench: Bench,
  algorithm: Algorithm,
  traces: number,
  goesBack: boolean,
  most: (quota: Quota, ms: number) => number,
): Promise<void> {
  const number = numbersFrom(1)
  for (let trace = 0; trace < traces; trace++) {
    const quota = { ...quotaFrom(number), algorithm }
    const trail = await trailOf(bench, number, quota, `${algorithm} ${trace}`, goesBack)
    for (const [index, first] of trail.entries()) {
      let sum = 0
      for (const last of trail.slice(index)) {
        sum += last.cost
        const ms = last.at - first.at
        assert.ok(sum <= most(quota, ms), `${sum} in ${ms} ms of ${JSON.stringify(quota)}`)
      }
    }
  }
}
