import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeGate } from '../../src/gate/merge.ts'
import { gatePart } from '../../src/gate/part.ts'
import type { GatePlan, GateResults } from '../../src/gate/run.ts'
import { STACK_NAMES } from '../../src/gate/stacks.ts'
import { describeMachine } from '../../src/machine.ts'
import { byLine, linesOf, runsAsMarkdown } from '../../src/page/lines.ts'
import type { Kept } from '../../src/part.ts'
import { type Sample, summarise } from '../../src/statistics.ts'

const MACHINE = { ...describeMachine(), date: '2026-01-01T00:00:00.000Z', commit: 'aaaa', loadBefore: 0.1 }
const PLAN: GatePlan = {
  rounds: 2,
  seconds: 2,
  peers: { rounds: 1, seconds: 1 },
  tokens: 100,
  nodes: [],
  scenarios: ['allowed', '401'],
  stacks: ['floor', 'gatehouse', 'express'],
}

/** Processor time by stack, round by round. */
type Costs = Readonly<Record<string, readonly number[]>>

function run(node: string, scenarios: Readonly<Record<string, Costs>>): GateResults['runs'][number] {
  const samples = Object.entries(scenarios).flatMap(([scenario, stacks]) =>
    Object.entries(stacks).flatMap(([stack, costs]) =>
      costs.map((cpuMicros, index): Sample => {
        const same = { requests: 1, seconds: 1, perSecond: 1, p50: 1, p99: 1, rssBytes: 1, userMicros: 1 }
        const round = index + 1
        return { ...same, scenario, stack, round, cpuMicros, systemMicros: 1, besideMicros: undefined }
      }),
    ),
  )
  return { node, samples, summaries: summarise(samples, STACK_NAMES) }
}

function kept(
  runs: GateResults['runs'],
  on: Partial<typeof MACHINE> = {},
  leftOut: readonly string[] = [],
): Kept<GatePlan, GateResults> {
  return { machine: { ...MACHINE, ...on }, plan: PLAN, results: { runs, leftOut } }
}

/** The ratio and the number of rounds of a stack in a scenario, on the first Node. */
function ratioOf({ results }: Kept<GatePlan, GateResults>, scenario: string, stack: string): unknown {
  const found = results.runs[0]?.summaries.find((each) => each.scenario === scenario && each.stack === stack)
  return found && [found.ratios.cpu.median, found.rounds]
}

const EARLIER = kept(
  [
    run('v20.1.0', {
      allowed: { floor: [10, 10], gatehouse: [20, 20], express: [100] },
      '401': { floor: [10, 10], gatehouse: [10, 10] },
    }),
  ],
  {},
  [
    'koa in allowed on v20.1.0, since it failed: oh',
    'a process of gatehouse in allowed, since it did not answer: another took its place',
    'hono in 401 on v20.1.0, since it failed: oh',
  ],
)
// The machine is twice as slow today.
const TODAY = { date: '2026-02-02T00:00:00.000Z', commit: 'bbbb', loadBefore: 0.2 }
const AGAIN = kept(
  [run('v20.1.0', { allowed: { floor: [20, 20, 20], gatehouse: [25, 25, 25], koa: [100] } })],
  TODAY,
)

test('what is measured again takes the place of the same stack in the same scenario, and of nothing else', () => {
  const merged = mergeGate(EARLIER, AGAIN)
  assert.deepEqual(ratioOf(merged, 'allowed', 'gatehouse'), [0.8, 3])
  assert.deepEqual(ratioOf(merged, 'allowed', 'koa'), [0.2, 1])
  assert.deepEqual(ratioOf(merged, '401', 'gatehouse'), [1, 2])
  assert.deepEqual(merged.plan.stacks, ['floor', 'gatehouse', 'express', 'koa'])
  assert.deepEqual(merged.plan.scenarios, ['allowed', '401'])
  assert.equal(merged.machine.commit, 'bbbb')
})

test('the ratio of a peer stays that of its own run, whatever the floor took since', () => {
  const merged = mergeGate(EARLIER, AGAIN)
  assert.deepEqual(ratioOf(merged, 'allowed', 'express'), [0.1, 1])
  // The floor keeps the rounds that somebody stands beside: of the first run for the 401, of the second all.
  assert.deepEqual(ratioOf(merged, 'allowed', 'floor'), [1, 5])
  const refused = merged.results.runs[0]?.summaries.find(
    ({ scenario, stack }) => scenario === '401' && stack === 'gatehouse',
  )
  assert.deepEqual(refused?.toAllowed, { median: 1, min: 1, max: 1 })
  const third = mergeGate(merged, kept([run('v20.1.0', { allowed: { floor: [1], express: [2] } })], TODAY))
  assert.deepEqual(ratioOf(third, 'allowed', 'express'), [0.5, 1])
  assert.deepEqual(ratioOf(third, 'allowed', 'gatehouse'), [0.8, 3])
})

test('who was not measured again stays beside the floors of its own rounds', () => {
  const costs = { floor: [10], 'floor-allowed': [20], gatehouse: [10], express: [40] }
  const again = { floor: [10], 'floor-allowed': [30], gatehouse: [10] }
  const { results } = mergeGate(
    kept([run('v20.1.0', { '401': costs })]),
    kept([run('v20.1.0', { '401': again })]),
  )
  const told = results.runs[0]?.summaries.map(({ stack, toAllowed }) => [stack, toAllowed?.median])
  assert.deepEqual(told?.slice(-2), [
    ['gatehouse', 3],
    ['express', 0.5],
  ])
})

test('lines of Node are kept apart, and another version of a line takes its place', () => {
  const on22 = kept([run('v22.1.0', { allowed: { floor: [10], gatehouse: [16] } })], TODAY)
  const merged = mergeGate(EARLIER, on22)
  assert.deepEqual(
    merged.results.runs.map(({ node }) => node),
    ['v20.1.0', 'v22.1.0'],
  )
  assert.deepEqual(merged.plan.nodes, ['20', '22'])
  assert.deepEqual(linesOf(merged.results.runs), ['Node 20.1.0', 'Node 22.1.0'])
  assert.deepEqual(byLine(merged.results.runs), [
    ['allowed', 'gatehouse', '0.50 (0.50 to 0.50)', '0.63 (0.63 to 0.63)'],
  ])
  const newer = mergeGate(merged, kept([run('v22.2.0', { '401': { floor: [10], gatehouse: [8] } })], TODAY))
  assert.deepEqual(
    newer.results.runs.map(({ node, samples }) => [node, samples.length]),
    [
      ['v20.1.0', 9],
      ['v22.2.0', 2],
    ],
  )
})

test('the page tells a mix as a mix: when, at which commit, and what', () => {
  const alone = runsAsMarkdown(EARLIER.results).join('\n')
  assert.doesNotMatch(alone, /measured in one run/)
  const merged = mergeGate(EARLIER, AGAIN)
  const page = runsAsMarkdown(merged.results).join('\n')
  assert.match(page, /Not all of it was measured in one run/)
  assert.match(
    page,
    /- On 2026-01-01 at commit `aaaa`, load before 0\.1, 2 rounds of 2 s \(1 of 1 s for the stacks of others\): /,
  )
  assert.match(page, /allowed \(express, floor\) on v20\.1\.0; 401 \(floor, gatehouse\) on v20\.1\.0\.\n/)
  assert.match(
    page,
    /- On 2026-02-02 at commit `bbbb`, .*: allowed \(floor, gatehouse, koa\) on v20\.1\.0\.\n/,
  )
  assert.match(gatePart.outline(merged.plan), /in 2 runs, with fresh processes/)
  // A run of which nothing is left is not told.
  const all = mergeGate(kept([run('v20.1.0', { '401': { floor: [1], gatehouse: [1] } })]), {
    ...kept([run('v20.1.0', { '401': { floor: [1], gatehouse: [1] } })], TODAY),
  })
  assert.doesNotMatch(runsAsMarkdown(all.results).join('\n'), /measured in one run/)
})

test('what was left out and is measured now is left out no more', () => {
  const { results } = mergeGate(EARLIER, AGAIN)
  assert.deepEqual(results.leftOut, ['hono in 401 on v20.1.0, since it failed: oh'])
  assert.match(
    runsAsMarkdown(results).join('\n'),
    /^- Left out: hono in 401 on v20\.1\.0, since it failed: oh\.$/m,
  )
})

test('numbers of two lines of Node are never compared with each other', () => {
  const names = gatePart.rounds({ runs: AGAIN.results.runs, leftOut: [] }).map(({ name }) => name)
  assert.deepEqual(names, ['Node 20, allowed, gatehouse', 'Node 20, allowed, koa'])
})
