import assert from 'node:assert/strict'
import { ALGORITHMS, type Check, HOUR, line, only, wait } from './bench.ts'

const FIVE = { limit: 5, windowMs: HOUR }

/** What one caller sees who asks one thing after the other. */
export const countingChecks: readonly Check[] = [
  {
    title: 'RL-23: request limit + 1 is refused, by every algorithm and by none named',
    async run({ one }) {
      for (const quota of [FIVE, ...ALGORITHMS.map((algorithm) => ({ ...FIVE, algorithm }))]) {
        const key = `limit ${quota === FIVE ? 'default' : JSON.stringify(quota)}`
        const seen = []
        for (let i = 0; i < 6; i++) seen.push((await one(key, quota)).allowed)
        assert.deepEqual(seen, [true, true, true, true, true, false], key)
      }
    },
  },
  {
    title:
      'RL-24: a refusal tells a real wait: whole milliseconds, at least one, no more than the algorithm has',
    async run({ one }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        assert.equal((await one('a', quota, 5)).retryAfterMs, 0, algorithm)
        const { allowed, remaining, resetMs, retryAfterMs } = await one('a', quota)
        assert.deepEqual([allowed, remaining], [false, 0], algorithm)
        const most = { gcra: HOUR / 5, 'sliding-window': (HOUR * 17) / 16, 'fixed-window': HOUR }[algorithm]
        assert.ok(Number.isSafeInteger(retryAfterMs) && Number.isSafeInteger(resetMs), algorithm)
        assert.ok(retryAfterMs >= 1 && retryAfterMs <= most, `${algorithm}: retryAfterMs ${retryAfterMs}`)
        // A minute for the slowest of machines: so long ago the charge was at most.
        assert.ok(resetMs >= HOUR - 60_000 && resetMs <= (HOUR * 17) / 16, `${algorithm}: resetMs ${resetMs}`)
      }
    },
  },
  {
    title: 'RL-30: a charge takes what it costs',
    async run({ one, left }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { limit: 10, windowMs: HOUR, algorithm }
        assert.equal((await one('a', quota, 4)).remaining, 6, algorithm)
        assert.equal((await one('a', quota, 3)).remaining, 3, algorithm)
        assert.equal((await one('a', quota, 4)).allowed, false, algorithm)
        assert.equal(await left('a', quota), 3, algorithm)
        assert.equal((await one('a', quota, 3)).remaining, 0, algorithm)
      }
    },
  },
  {
    title: 'RL-24, RL-30: a cost above the limit is refused always, waits for ever, and takes nothing',
    async run({ one }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        assert.equal(
          line(await one('a', quota, 6)),
          `refused, 5 left, whole in 0, again in ${Number.MAX_SAFE_INTEGER}`,
          algorithm,
        )
        assert.equal((await one('a', quota, 5)).allowed, true, algorithm)
      }
    },
  },
  {
    title: 'RL-20, RL-30: a refused charge takes nothing, however often it is asked for',
    async run({ one, left }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        await one('a', quota, 3)
        for (let i = 0; i < 20; i++) assert.equal((await one('a', quota, 3)).allowed, false, algorithm)
        assert.equal(await left('a', quota), 2, algorithm)
      }
    },
  },
  {
    title: 'RL-30: peek says whether take would allow it and what there is now, and takes nothing',
    async run({ peek, one }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        for (let i = 0; i < 3; i++) {
          const { allowed, remaining } = only(await peek({ key: 'a', quota, cost: 2 }))
          assert.deepEqual([allowed, remaining], [true, 5], algorithm)
        }
        await one('a', quota, 4)
        assert.equal(only(await peek({ key: 'a', quota, cost: 2 })).allowed, false, algorithm)
        assert.equal(only(await peek({ key: 'a', quota, cost: 1 })).remaining, 1, algorithm)
        assert.equal((await one('a', quota, 1)).allowed, true, algorithm)
      }
    },
  },
  {
    title: 'RL-13, RL-30: adjust takes and gives back, never beyond the limit and never below nothing',
    async run({ adjust, left }) {
      const rows = [
        { units: 2, remaining: 3, allowed: true },
        { units: -1, remaining: 4, allowed: true },
        { units: 9, remaining: 0, allowed: false },
        { units: -2, remaining: 2, allowed: true },
        { units: -1_000, remaining: 5, allowed: true },
        { units: 5, remaining: 0, allowed: false },
      ]
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        for (const { units, remaining, allowed } of rows) {
          const outcome = only(await adjust({ key: 'a', quota, units }))
          const words = `${algorithm}, ${units}: ${line(outcome)}`
          // The outcome is that of a charge of one unit, which is not taken.
          assert.deepEqual([outcome.allowed, outcome.remaining], [allowed, remaining], words)
          assert.equal(outcome.retryAfterMs === 0, allowed, words)
          assert.equal(await left('a', quota), remaining, words)
        }
      }
    },
  },
  {
    title: 'RL-13, RL-30: what has come back by itself is not given back',
    async run({ one, adjust, left }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        await one('a', quota, 5)
        await adjust({ key: 'a', quota, units: -2, withinMs: 0 })
        assert.equal(await left('a', quota), 0, algorithm)
        await adjust({ key: 'a', quota, units: -2, withinMs: HOUR })
        assert.equal(await left('a', quota), 2, algorithm)
        // A fifth of an hour is what one unit is worth by gcra; the others give back at the end, all at once.
        await adjust({ key: 'a', quota, units: -3, withinMs: HOUR / 5 })
        assert.equal(await left('a', quota), algorithm === 'gcra' ? 3 : 5, algorithm)
        // A penalty is no matter of time.
        await adjust({ key: 'a', quota, units: 2, withinMs: 0 })
        assert.equal(await left('a', quota), algorithm === 'gcra' ? 1 : 3, algorithm)
      }
    },
  },
  {
    title: 'RL-30: adjustments of one call each stand for themselves, one after the other',
    async run({ adjust }) {
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        const outcomes = await adjust(
          { key: 'a', quota, units: 9 },
          { key: 'b', quota, units: 1 },
          { key: 'a', quota, units: -1 },
        )
        assert.deepEqual(
          outcomes.map(({ allowed, remaining }) => [allowed, remaining]),
          [
            [false, 0],
            [true, 4],
            [true, 1],
          ],
          algorithm,
        )
      }
    },
  },
  {
    title:
      'RL-30: a blocked key is refused whatever it has spent and however it is counted, until the block is lifted',
    async run({ store, one, peek, adjust }) {
      await store.block(['a', 'b'], HOUR)
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        const outcomes = [
          await one('a', quota),
          only(await peek({ key: 'a', quota, cost: 1 })),
          only(await adjust({ key: 'b', quota, units: -1 })),
        ]
        for (const outcome of outcomes) {
          const { allowed, remaining, retryAfterMs, resetMs, blocked } = outcome
          assert.deepEqual([allowed, remaining, blocked], [false, 0, true], `${algorithm}: ${line(outcome)}`)
          assert.ok(
            retryAfterMs > HOUR - 60_000 && retryAfterMs <= HOUR,
            `${algorithm}: retryAfterMs ${retryAfterMs}`,
          )
          assert.ok(resetMs > HOUR - 60_000 && resetMs <= HOUR, `${algorithm}: resetMs ${resetMs}`)
        }
        assert.equal((await one('c', quota)).blocked, undefined, 'another key is not blocked')
      }
      await store.reset(['a'])
      const outcome = await one('a', FIVE)
      assert.deepEqual([outcome.allowed, outcome.remaining, outcome.blocked], [true, 4, undefined])
      assert.equal((await one('b', FIVE)).blocked, true, 'the other is blocked still')
    },
  },
  {
    title: 'RL-30: a later block replaces an earlier one, and what was spent stays spent beneath it',
    async run({ store, one }) {
      await one('a', FIVE, 5)
      await store.block(['a'], 2 * HOUR)
      await store.block(['a'], HOUR)
      const { retryAfterMs } = await one('a', FIVE)
      assert.ok(retryAfterMs > HOUR - 60_000 && retryAfterMs <= HOUR, String(retryAfterMs))
      assert.equal((await one('a', FIVE, 6)).retryAfterMs, Number.MAX_SAFE_INTEGER, 'no time allows it')
    },
  },
  {
    title: 'RL-30: the end of a block lets in again, and leaves what was spent',
    off: ['blocks'],
    async run({ store, one }) {
      await one('a', FIVE, 2)
      await store.block(['a'], 100)
      await wait(150)
      const outcome = await one('a', FIVE)
      assert.deepEqual([outcome.allowed, outcome.remaining, outcome.blocked], [true, 2, undefined])
    },
  },
  {
    title: 'RL-30: reset makes keys whole, by whatever algorithm, and no others',
    async run({ store, one, left }) {
      for (const algorithm of ALGORITHMS)
        for (const key of ['a', 'b', 'c']) await one(key, { ...FIVE, algorithm }, 5)
      await store.reset(['a', 'c', 'nobody'])
      for (const algorithm of ALGORITHMS) {
        const quota = { ...FIVE, algorithm }
        assert.deepEqual([await left('a', quota), await left('c', quota)], [5, 5], algorithm)
      }
      assert.equal(await left('b', { ...FIVE, algorithm: 'fixed-window' }), 0)
    },
  },
  {
    title: 'RL-30: a key begins anew by another algorithm',
    async run({ one, left }) {
      for (const algorithm of ALGORITHMS) {
        for (const next of ALGORITHMS) {
          if (next === algorithm) continue
          const key = `${algorithm} ${next}`
          await one(key, { ...FIVE, algorithm }, 5)
          assert.equal(await left(key, { ...FIVE, algorithm: next }), 5, key)
        }
      }
    },
  },
  {
    title: 'RL-30: a quota that changes keeps what a key owes',
    async run({ one, left }) {
      const rows = [
        { algorithm: 'gcra', more: 4, fewer: 1 },
        { algorithm: 'sliding-window', more: 7, fewer: 0 },
        { algorithm: 'fixed-window', more: 7, fewer: 0 },
      ] as const
      for (const { algorithm, more, fewer } of rows) {
        // Three of five are three fifths of an hour by gcra, and three units by the others.
        await one(algorithm, { ...FIVE, algorithm }, 3)
        assert.equal(await left(algorithm, { limit: 10, windowMs: HOUR, algorithm }), more, algorithm)
        assert.equal(await left(algorithm, { limit: 3, windowMs: HOUR, algorithm }), fewer, algorithm)
        assert.equal(await left(algorithm, { ...FIVE, algorithm }), 2, algorithm)
      }
    },
  },
  {
    title: 'RL-03, RL-24: a charge is refused while it waits, and allowed after the wait that it was told',
    off: ['counters'],
    async run({ one }) {
      const quotas = ALGORITHMS.map((algorithm) => ({ limit: 1, windowMs: 240, algorithm }))
      const begin = performance.now()
      for (const quota of quotas) await one(quota.algorithm, quota)
      await wait(100)
      let longest = 0
      for (const quota of quotas) {
        const { allowed, retryAfterMs } = await one(quota.algorithm, quota)
        // A machine that slept meanwhile proves nothing.
        if (performance.now() - begin < 200) assert.equal(allowed, false, quota.algorithm)
        longest = Math.max(longest, retryAfterMs)
      }
      // Sixteen slices of 15 ms, and the one that it has begun to leave.
      assert.ok(longest <= 255, String(longest))
      await wait(longest + 5)
      for (const quota of quotas)
        assert.equal((await one(quota.algorithm, quota)).allowed, true, quota.algorithm)
    },
  },
]
