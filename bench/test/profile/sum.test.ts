import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProfile, headingOf, profileAsMarkdown, profilePlots } from '../../src/profile/report.ts'
import type { ProfileSample } from '../../src/profile/run.ts'
import { placer } from '../../src/profile/places.ts'
import { sharesOf } from '../../src/profile/sum.ts'
import { summariseProfile } from '../../src/profile/summary.ts'
import type { Profile } from '../../src/stacks/profiler.ts'

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 })
const nodes = [
  { id: 1, callFrame: frame('(root)'), children: [2, 3, 5, 6] },
  { id: 2, callFrame: frame('(idle)') },
  { id: 3, callFrame: frame('judge', 'file:///packages/core/dist/index.js'), children: [4] },
  { id: 4, callFrame: frame('get') },
  { id: 5, callFrame: frame('(garbage collector)') },
  { id: 6, callFrame: frame('(program)') },
]
const placeOf = placer(() => 'checks/rate-limit.ts')

/** Each look at a node, and how long it was since the one before. */
const seen = (...looks: readonly (readonly [id: number, micros: number])[]): Profile => ({
  nodes,
  samples: looks.map(([id]) => id),
  timeDeltas: looks.map(([, micros]) => micros),
})

test('what V8 calls idle is work, but for the time in which the event loop waited', () => {
  const profile = seen([3, 100], [4, 100], [5, 100], [2, 100], [2, 100], [2, 100], [6, 100])
  assert.deepEqual(sharesOf({ profile, idleMicros: 200 }, placeOf), {
    places: { 'gate: checks/rate-limit': 0.4, gc: 0.2, rest: 0.4 },
    functions: { 'judge (checks/rate-limit.ts)': 0.2, 'judge: get (checks/rate-limit.ts)': 0.2 },
  })
})

test('an event loop that waited for longer than V8 saw leaves no rest', () => {
  const { places } = sharesOf({ profile: seen([3, 100], [2, 100]), idleMicros: 300 }, placeOf)
  assert.deepEqual(places, { 'gate: checks/rate-limit': 1, rest: 0 })
})

test('a look that was held up counts no longer than most do', () => {
  const { places } = sharesOf({ profile: seen([3, 50_000], [5, 100], [6, 100]), idleMicros: 0 }, placeOf)
  const third = 100 / 300
  assert.deepEqual(places, { 'gate: checks/rate-limit': third, gc: third, rest: third })
})

test('what was called idle while others had the core is waiting and work in the same parts', () => {
  const profile = seen([3, 100], [2, 100], [2, 100], [2, 4000], [5, 100])
  const { places } = sharesOf({ profile, idleMicros: 2100 }, placeOf)
  assert.deepEqual(places, { 'gate: checks/rate-limit': 100 / 350, gc: 100 / 350, rest: 150 / 350 })
})

test('a process that nobody saw at work is told as a mistake', () => {
  for (const profile of [seen(), seen([2, 100])])
    assert.throws(() => sharesOf({ profile, idleMicros: 100 }, placeOf), /nothing was seen/)
})

const SAMPLES: readonly ProfileSample[] = [
  { places: { socket: 0.5, rest: 0.5 }, cpuMicros: 10, isFloor: true, functions: {} },
  { places: { socket: 0.5, rest: 0.5 }, cpuMicros: 14, isFloor: true, functions: {} },
  {
    places: { socket: 0.25, rest: 0.25, 'gate: chain': 0.3, 'gate: lib': 0.2 },
    cpuMicros: 20,
    isFloor: false,
    functions: { 'eventOf (chain)': 0.05, 'run (chain)': 0.1 },
  },
].map((sample, index) => ({
  scenario: '403',
  stack: sample.isFloor ? 'floor' : 'gatehouse',
  round: index + 1,
  ...sample,
}))
const RESULTS = { runs: [{ node: 'v20.0.0', samples: SAMPLES }], leftOut: ['redis, since it is not there'] }

test('shares become microseconds of the request while nobody looked, in the mean of the rounds', () => {
  const [summary] = summariseProfile(SAMPLES)
  assert.equal(summary?.floor.cpuMicros, 12)
  assert.equal(summary.floor.places.get('socket'), 6)
  assert.deepEqual([...summary.gate.places.keys()].slice(0, 1), ['gate: chain'])
  assert.deepEqual(summary.gate.functions[0], ['run (chain)', 2])
})

test('the table has kinds, places of the gate, the whole and the difference', () => {
  const [, heading, table, heaviest, leftOut] = profileAsMarkdown(RESULTS)
  assert.equal(heading, `### ${headingOf('403')}\n`)
  const rows = table?.replaceAll(/ +/g, ' ').split('\n') ?? []
  assert.equal(rows[0], '| 403, µs of a request | floor | gatehouse | difference |')
  assert.ok(rows.includes('| writing to the socket: the kernel, asked by node:net | 6.00 | 5.00 | -1.00 |'))
  assert.ok(rows.includes('| the gate itself | 0.00 | 10.00 | +10.00 |'))
  assert.ok(rows.includes('| of it chain | | 6.00 | |'))
  assert.equal(rows.at(-2), '| all of it | 12.00 | 20.00 | +8.00 |')
  assert.match(heaviest ?? '', /run \(chain\) +\| 2\.00/)
  assert.equal(leftOut, 'Left out: redis, since it is not there.\n')
  assert.match(formatProfile(RESULTS), /all of it +│ +12\.00 │ +20\.00 │ +\+8\.00/)
})

test('the picture has a bar of the floor and one of the gate', () => {
  const [plot] = profilePlots(RESULTS)
  assert.ok(plot?.form.type === 'stacked')
  assert.deepEqual(
    plot.form.bars.map(({ name }) => name),
    ['403, floor', '403, gatehouse'],
  )
  assert.equal(
    plot.form.bars[1]?.values.reduce((sum, value) => sum + value, 0),
    20,
  )
})
