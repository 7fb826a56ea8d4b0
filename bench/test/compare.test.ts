import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareRuns } from '../src/compare.ts'
import { describeMachine } from '../src/machine.ts'
import { part } from '../src/part.ts'
import type { ResultsFile } from '../src/results.ts'

interface Costs {
  readonly costs: Readonly<Record<string, readonly number[]>>
}

const costs = part<object, Costs>({
  name: 'costs',
  about: 'of the test',
  when: { full: true, quick: true },
  axes: {},
  plan: () => ({}),
  outline: () => '',
  seconds: () => 0,
  measure: () => Promise.reject(new Error('it is not measured')),
  format: () => '',
  rounds: ({ costs: all }) =>
    Object.entries(all).map(([name, values]) => ({ name, unit: 'µs', values, lowerIsBetter: true })),
})

const machine = describeMachine()
const run = (all: Costs['costs'], on = machine): ResultsFile => ({
  machine: on,
  measured: [{ part: 'costs', plan: {}, results: { costs: all } }],
})
const FIVE = [10, 10.1, 9.9, 10.2, 9.8]
const slower = FIVE.map((value) => value * 1.5)

test('what is worse is named, with how much and how surely, and what is noise is counted', () => {
  const { text, worse } = compareRuns([costs], run({ one: FIVE, two: FIVE }), run({ one: slower, two: FIVE }))
  assert.ok(worse)
  assert.match(text, /Worse beyond doubt: 1\n {2}costs: one: 10\.0 µs before, 15\.0 now: 1\.50 times as bad/)
  assert.match(text, /The same, or less than a tenth apart: 1/)
  assert.doesNotMatch(text, /two/)
})

test('what is better is no failure', () => {
  const { text, worse } = compareRuns([costs], run({ one: slower }), run({ one: FIVE }))
  assert.ok(!worse)
  assert.match(text, /Better beyond doubt: 1\n {2}costs: one: .* 1\.50 times as good/)
})

test('three rounds tell nothing, and it is said', () => {
  const { text, worse } = compareRuns([costs], run({ one: [1, 2, 3] }), run({ one: [10, 20, 30] }))
  assert.ok(!worse)
  assert.match(text, /Too few rounds to tell anything/)
})

test('another machine, and what only one run has, are said', () => {
  const other = { ...machine, cpu: 'another processor' }
  const { text } = compareRuns([costs], run({ one: FIVE }, other), run({ two: FIVE }))
  assert.match(text, /Not the same cpu: another processor before/)
  assert.match(text, /nothing that both runs measured/)
  assert.match(text, /Measured now and not before: 1/)
})
