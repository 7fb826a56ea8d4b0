import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shuffled } from '../src/rounds.ts'
import { quantile, type Sample, spreadOf, summarise } from '../src/statistics.ts'
import { FLOOR } from './support/sample.ts'

const QUANTILES = [
  { name: 'the middle of an odd number', values: [30, 10, 20], part: 0.5, expected: 20 },
  { name: 'between the two middles of an even number', values: [4, 1, 3, 2], part: 0.5, expected: 2.5 },
  { name: 'the only value', values: [7], part: 0.99, expected: 7 },
  { name: 'numbers, not their texts', values: [9, 10, 100], part: 0.5, expected: 10 },
  { name: 'in proportion between two', values: [0, 100], part: 0.99, expected: 99 },
  { name: 'the highest at 1', values: [1, 3, 2], part: 1, expected: 3 },
] as const
for (const { name, values, part, expected } of QUANTILES) {
  test(`a quantile is ${name}`, () => assert.equal(quantile(values, part), expected))
}

test('a quantile of nothing is an error, and no NaN in a table', () => {
  assert.throws(() => quantile([], 0.5), RangeError)
  assert.throws(() => spreadOf([]), RangeError)
})

test('taking a quantile leaves the values as they were', () => {
  const values = [3, 1, 2]
  quantile(values, 0.5)
  assert.deepEqual(values, [3, 1, 2])
})

function sample(stack: Sample['stack'], round: number, numbers: Partial<Sample>): Sample {
  return { ...FLOOR, perSecond: 1000, stack, round, ...numbers }
}

test('a summary is the median of the rounds, with the lowest and the highest', () => {
  const [floor] = summarise(
    [5, 1, 3].map((value, index) => sample('floor', index + 1, { perSecond: value * 100, p99: value })),
    ['floor'],
  )
  assert.deepEqual(floor?.perSecond, { median: 300, min: 100, max: 500 })
  assert.deepEqual(floor?.p99, { median: 3, min: 1, max: 5 })
  assert.equal(floor?.rounds, 3)
})

test('the floor is 1 beside itself', () => {
  const samples = [sample('floor', 1, { cpuMicros: 17 }), sample('floor', 2, { cpuMicros: 23 })]
  const one = { median: 1, min: 1, max: 1 }
  assert.deepEqual(summarise(samples, ['floor'])[0]?.ratios, { perSecond: one, p99: one, cpu: one })
})

test('higher is better in the ratios of throughput and processor time, lower in that of p99', () => {
  const [, gate] = summarise(
    [
      sample('floor', 1, { perSecond: 1000, p99: 2, cpuMicros: 20 }),
      sample('gatehouse', 1, { perSecond: 800, p99: 3, cpuMicros: 25 }),
    ],
    ['floor', 'gatehouse'],
  )
  assert.equal(gate?.ratios.perSecond.median, 0.8)
  assert.equal(gate?.ratios.cpu.median, 0.8)
  assert.equal(gate?.ratios.p99.median, 1.5)
})

test('a ratio is taken within a round: a noisy minute that hits both sides is not in it', () => {
  const samples = [20, 80, 40].flatMap((cpuMicros, index) => [
    sample('gatehouse', index + 1, { cpuMicros: cpuMicros * 1.25 }),
    sample('floor', index + 1, { cpuMicros }),
  ])
  const [, gate] = summarise(samples, ['floor', 'gatehouse'])
  assert.deepEqual(gate?.ratios.cpu, { median: 0.8, min: 0.8, max: 0.8 })
})

test('scenarios are summed up apart, and stacks come in the order that was asked for', () => {
  const samples = [
    sample('express', 1, { scenario: '401' }),
    sample('floor', 1, { scenario: '401', cpuMicros: 10 }),
    sample('floor', 1, { cpuMicros: 20 }),
  ]
  const rows = summarise(samples, ['floor', 'gatehouse', 'express'])
  assert.deepEqual(
    rows.map(({ scenario, stack, cpuMicros }) => [scenario, stack, cpuMicros.median]),
    [
      ['401', 'floor', 10],
      ['401', 'express', 20],
      ['allowed', 'floor', 20],
    ],
  )
})

test('a round without the floor is an error', () => {
  assert.throws(() => summarise([sample('floor', 1, {}), sample('express', 2, {})], ['express']), RangeError)
})

test('a shuffled round has everybody once, in an order of chance', () => {
  const names = ['a', 'b', 'c'] as const
  assert.deepEqual(
    shuffled(names, () => 0),
    ['a', 'b', 'c'],
  )
  assert.deepEqual(
    shuffled(names, () => 0.999),
    ['c', 'b', 'a'],
  )
  assert.deepEqual([...shuffled(names)].toSorted(), ['a', 'b', 'c'])
})

test('the ratio of stacks is to another of them, where that is said', () => {
  const samples = [sample('none', 1, { cpuMicros: 20 }), sample('hung', 1, { cpuMicros: 40 })]
  assert.equal(summarise(samples, ['none', 'hung'], 'none')[1]?.ratios.cpu.median, 0.5)
})

test('a refusal is told beside the floor of what is allowed in rounds of its own run, and of no other', () => {
  const samples = [
    // A run of a slow minute, without the refusal.
    sample('floor', 1, { cpuMicros: 60 }),
    sample('floor', 2, { cpuMicros: 20 }),
    ...[2, 3].flatMap((round) => [
      sample('floor', round, { scenario: '403', cpuMicros: 10 }),
      sample('gatehouse', round, { scenario: '403', cpuMicros: 25 }),
    ]),
  ]
  const [allowed, floor, refused] = summarise(samples, ['floor', 'gatehouse'])
  assert.deepEqual(refused?.toAllowed, { median: 0.8, min: 0.8, max: 0.8 })
  assert.equal(floor?.toAllowed?.median, 2)
  assert.equal(allowed?.toAllowed?.median, 1)
  assert.equal(summarise(samples.slice(2), ['floor'])[0]?.toAllowed, undefined)
  // What was measured among them is nearer than what was measured minutes before.
  const among = [...samples, sample('floor-allowed', 2, { scenario: '403', cpuMicros: 30 })]
  assert.equal(summarise(among, ['gatehouse'])[0]?.toAllowed?.median, 1.2)
})
