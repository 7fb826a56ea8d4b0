import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, MAX_KEYS, picks } from '../../src/limiter/keys.ts'
import { formatLimiter } from '../../src/limiter/report.ts'
import { SIDES } from '../../src/limiter/side-process.ts'
import { left } from '../../src/limiter/sides/decider.ts'
import { summariseSides } from '../../src/limiter/statistics.ts'
import { wrongDecisions } from '../../src/limiter/verify-sides.ts'
import { summarise } from '../../src/statistics.ts'

const decisions = [300, 100, 200].map((cpuNanos, index) => ({
  side: 'express-rate-limit' as const,
  round: index + 1,
  cpuNanos,
  wallNanos: cpuNanos * 2,
}))
const memory = [{ side: 'gatehouse gcra', round: 1, rssBytes: 120, heapBytes: 90 } as const]
const sides = summariseSides(SIDES, decisions, memory)

test('a summary of limiters is the median of the rounds, with the lowest and the highest', () => {
  const [, other] = sides
  assert.deepEqual(other?.cpuNanos, { median: 200, min: 100, max: 300 })
  assert.deepEqual(other?.wallNanos, { median: 400, min: 200, max: 600 })
})

test('limiters come in their own order, and what was not measured is not there', () => {
  assert.deepEqual(
    sides.map(({ side, cpuNanos, heapBytes }) => [side, cpuNanos?.median, heapBytes?.median]),
    [
      ['gatehouse gcra', undefined, 90],
      ['express-rate-limit', 200, undefined],
    ],
  )
})

const NOTHING = { keys: 1000, sides: [], stacks: [], skipped: undefined }

test('the report has a row for each limiter, and says what its columns are', () => {
  const report = formatLimiter({ ...NOTHING, sides })
  assert.match(report, /│ in memory, 1000 keys │/)
  assert.match(report, /│ express-rate-limit +│ +200 │ +400 │/)
  assert.match(report, /│ +│ 100\.\.300 │/)
  assert.match(report, /^resident /m)
  assert.doesNotMatch(report, /RateLimiterRedis/)
  assert.ok(!report.includes('\u001b'))
})

test('the report has the processor time of Redis beside that of the stacks', () => {
  const sample = { scenario: 'redis', stack: 'floor', round: 1, requests: 1, seconds: 1, perSecond: 1 }
  const times = {
    p50: 1,
    p99: 1,
    cpuMicros: 1,
    userMicros: 1,
    systemMicros: 0,
    rssBytes: 1,
    besideMicros: 12.3,
  }
  const report = formatLimiter({ ...NOTHING, stacks: summarise([{ ...sample, ...times }], ['floor']) })
  assert.match(report, /│ Redis µs\/req │/)
  assert.match(report, / 12\.3 │/)
  assert.doesNotMatch(report, /in memory/)
})

test('a part that was skipped is told by name, with the reason', () => {
  const report = formatLimiter({ ...NOTHING, skipped: 'redis-server is not installed' })
  assert.match(report, /^redis: skipped, since redis-server is not installed$/m)
})

test('every client has a key of its own', () => {
  assert.deepEqual([0, 255, 256, 65_536].map(keyOf), ['10.0.0.0', '10.0.0.255', '10.0.1.0', '10.1.0.0'])
  assert.equal(keyOf(MAX_KEYS - 1), '10.255.255.255')
})

test('keys are picked all over, the same for the same seed and others for another', () => {
  const picked = picks(1000, 1000, 1)
  assert.deepEqual(picks(1000, 1000, 1), picked)
  assert.notDeepEqual(picks(1000, 1000, 2), picked)
  assert.ok(picked.every((client) => client < 1000))
  // Of a thousand picks by chance about 632 differ.
  const { size } = new Set(picked)
  assert.ok(size > 580 && size < 690, `${size}`)
})

test('what is left ends at nothing, and the next is refused', () => {
  assert.deepEqual([left(3, 1), left(3, 3), left(3, 4)], [2, 0, -1])
})

const DECIDED = [
  { name: 'exactly its limit', decided: { left: [1, 0, -1], other: 1 }, wrong: 0 },
  { name: 'one more', decided: { left: [1, 0, 0], other: 1 }, wrong: 1 },
  { name: 'one less', decided: { left: [0, -1, -1], other: 1 }, wrong: 1 },
  { name: 'its limit over all keys together', decided: { left: [1, 0, -1], other: -1 }, wrong: 1 },
] as const
for (const { name, decided, wrong } of DECIDED) {
  test(`a limiter that lets in ${name} is ${wrong === 0 ? 'right' : 'found out'}`, () => {
    assert.equal(wrongDecisions('gatehouse gcra', decided, 2).length, wrong)
  })
}
