import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { describeMachine } from '../src/machine.ts'
import { formatGate } from '../src/gate/report.ts'
import { formatMachine } from '../src/report.ts'
import { type Sample, summarise } from '../src/statistics.ts'
import { FLOOR } from './support/sample.ts'

const samples: readonly Sample[] = [
  FLOOR,
  { ...FLOOR, stack: 'gatehouse', perSecond: 24_000, p50: 1.25, p99: 3, cpuMicros: 25 },
]
const machine = describeMachine()
const report =
  formatGate({
    runs: [{ node: process.version, summaries: summarise(samples, ['floor', 'gatehouse']), samples }],
    leftOut: ['koa, since it is not there'],
  }) + formatMachine(machine)

test('the table has a row for each stack, with its ratios to the floor', () => {
  assert.match(report, /│ floor +│ +20\.0 │ +1\.00 │ +30000 │ +1\.00 │/)
  assert.match(report, /│ gatehouse +│ +25\.0 │ +0\.80 │ +24000 │ +0\.80 │ +1\.25 │ +3\.00 │ +1\.50 │/)
})

test('the legend says what a ratio of processor time is, and how far to trust it', () => {
  assert.match(report, /floor \/ stack/)
  assert.match(report, /smaller than the\nspread of the rounds is no difference/)
})

test('the report says what each stack is, what it holds in memory, and what was left out', () => {
  assert.match(report, /│ +RSS MB │/)
  assert.match(report, /│ +50 │/)
  assert.match(report, /^gatehouse +hosts, https/m)
  assert.match(report, /^left out: koa, since it is not there$/m)
  assert.doesNotMatch(report, /^express /m)
})

test('the report names the machine by its parts, without its name and without colours', () => {
  assert.ok(report.includes(`${machine.cores} cores`))
  assert.ok(report.includes(process.version))
  assert.ok(!report.includes(hostname()))
  assert.ok(!report.includes('\u001b'))
})
