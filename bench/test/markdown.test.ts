import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sidesAsMarkdown, stacksAsMarkdown } from '../src/markdown.ts'
import { type Sample, summarise } from '../src/statistics.ts'
import { FLOOR } from './support/sample.ts'

const base: Sample = { ...FLOOR, scenario: 'redis', perSecond: 30_000.4 }
const names = ['floor', 'gatehouse']

test('stacks are a table with the middle of the rounds, and how far the ratio lies apart', () => {
  const samples = [
    base,
    { ...base, round: 2 },
    { ...base, stack: 'gatehouse', cpuMicros: 40 },
    { ...base, stack: 'gatehouse', round: 2, cpuMicros: 80 },
  ]
  assert.equal(
    stacksAsMarkdown(summarise(samples, names)),
    [
      '| Scenario | Stack     | CPU µs/request | Ratio               | Requests/s | p50 ms | p99 ms | Memory MB |',
      '| -------- | --------- | -------------- | ------------------- | ---------- | ------ | ------ | --------- |',
      '| redis    | floor     | 20.0           | 1.00                | 30000      | 1.0    | 2.0    | 50        |',
      '| redis    | gatehouse | 60.0           | 0.38 (0.25 to 0.50) | 30000      | 1.0    | 2.0    | 50        |',
      '',
    ].join('\n'),
  )
})

test('stacks that share a store have its processor time as well', () => {
  const [head, , row] = stacksAsMarkdown(summarise([{ ...base, besideMicros: 1.25 }], names)).split('\n')
  assert.match(head ?? '', /\| Redis µs\/request \|$/)
  assert.match(row ?? '', /\| 1\.3 +\|$/)
})

test('a limiter whose memory was not measured has empty cells, and no number that was not', () => {
  const spread = { median: 150, min: 100, max: 200 }
  const side = {
    side: 'gatehouse gcra',
    cpuNanos: spread,
    wallNanos: spread,
    rssBytes: undefined,
    heapBytes: undefined,
  } as const
  const row = sidesAsMarkdown([side]).split('\n')[2] ?? ''
  assert.match(row, /^\| gatehouse gcra \| 150 \(100 to 200\) \| 150 +\| +\| +\|$/)
})
