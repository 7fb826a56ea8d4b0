import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limiterPlots, limiterRounds } from '../src/limiter/plots.ts'
import { summariseSides } from '../src/limiter/statistics.ts'
import { runsAsMarkdown } from '../src/page/lines.ts'
import { runRounds, stackPlots } from '../src/page/stacks.ts'
import { type Sample, summarise } from '../src/statistics.ts'
import { FLOOR } from './support/sample.ts'

const base: Sample = { ...FLOOR, scenario: 'koa', stack: 'bare' }
const runOf = (node: string, cpuMicros: number) => {
  const samples = [base, { ...base, stack: 'gate', cpuMicros }]
  return { node, samples, summaries: summarise(samples, ['bare', 'gate'], 'bare') }
}
const RUNS = [runOf('v20.1.0', 25), runOf('v22.2.0', 40)]

test('one picture has the gate of each line of Node, and one table a cell for each', () => {
  const [plot, ...others] = stackPlots('adapters', RUNS, 'bare')
  assert.ok(plot?.form.type === 'bars' && others.length === 0)
  assert.deepEqual(
    plot.form.bars.map(({ name, value }) => [name, value]),
    [
      ['gate, Node v20.1.0', 0.8],
      ['gate, Node v22.2.0', 0.5],
    ],
  )
  const [, , byLine = ''] = runsAsMarkdown({ runs: RUNS })
  assert.match(byLine, /\| Node 20\.1\.0 +\| Node 22\.2\.0 +\|/)
  assert.match(byLine, /\| koa +\| gate +\| 0\.80 \(.*\) \| 0\.50 \(.*\) \|/)
  assert.equal(runsAsMarkdown({ runs: RUNS.slice(0, 1) }).length, 1)
})

test('what is compared has the line of Node in its name: what was kept may have several', () => {
  const namesOf = (runs: typeof RUNS) => runRounds(runs, 'bare').map(({ name }) => name)
  assert.deepEqual(namesOf(RUNS), ['Node 20, koa, gate', 'Node 22, koa, gate'])
  assert.deepEqual(namesOf(RUNS.slice(0, 1)), ['Node 20, koa, gate'])
})

test('limiters are pictured and compared by decisions, by memory and on Redis', () => {
  const decisions = [{ side: 'gatehouse gcra', round: 1, cpuNanos: 120, wallNanos: 130 }] as const
  const memory = [
    { side: 'nobody', round: 1, rssBytes: 0, heapBytes: 0 },
    { side: 'express-rate-limit', round: 1, rssBytes: 280, heapBytes: 100 },
  ] as const
  const redis = [
    { ...base, scenario: 'redis', stack: 'floor' },
    { ...base, scenario: 'redis', stack: 'express', cpuMicros: 80 },
  ]
  const sides = summariseSides(['nobody', 'gatehouse gcra', 'express-rate-limit'], decisions, memory)
  const stacks = summarise(redis, ['floor', 'express'])
  const plots = limiterPlots({ keys: 1000, sides, stacks, skipped: undefined })
  assert.deepEqual(
    plots.map(({ name, form }) => [
      name,
      form.type === 'bars' && form.bars.map((bar) => [bar.name, bar.value]),
    ]),
    [
      ['limiter-decision', [['gatehouse gcra', 120]]],
      ['limiter-memory', [['express-rate-limit', 280]]],
      ['limiter-redis', [['express', 0.25]]],
    ],
  )
  assert.deepEqual(
    limiterRounds({ decisions, memory, redis }).map(({ name, values }) => [name, values]),
    [
      ['decision, gatehouse gcra', [120]],
      ['memory of a key, nobody', [0]],
      ['memory of a key, express-rate-limit', [280]],
      ['redis, express', [0.25]],
    ],
  )
})
