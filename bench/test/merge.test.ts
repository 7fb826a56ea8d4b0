import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adaptersPart } from '../src/adapters/part.ts'
import { describeMachine } from '../src/machine.ts'
import { microPart } from '../src/micro/part.ts'
import type { MicroReport } from '../src/micro/report.ts'
import { summariseMicro } from '../src/micro/summary.ts'
import type { Kept, Part } from '../src/part.ts'
import { profilePart } from '../src/profile/part.ts'
import type { ProfileResults, ProfileSample } from '../src/profile/run.ts'
import { type NodeRun, summarise } from '../src/statistics.ts'
import { targetsAsMarkdown } from '../src/page/targets.ts'
import { FLOOR } from './support/sample.ts'

const MACHINE = { ...describeMachine(), date: '2026-01-01T00:00:00.000Z', commit: 'aaaa', loadBefore: 0.1 }
const TODAY = { ...MACHINE, date: '2026-02-02T00:00:00.000Z', commit: 'bbbb' }

/** As they are kept, or measured now; the second is of today. */
function merge(part: Part, earlier: object, now: object, rows: readonly string[] = []): Kept<object, object> {
  const plan = { ...part.prepare({ ...NOTHING, only: rows }).plan }
  assert.ok(part.merge !== undefined, part.name)
  return part.merge(
    { machine: MACHINE, plan, results: earlier },
    { machine: TODAY, plan: { ...plan, nodes: ['26'] }, results: now },
  )
}
const NOTHING = { quick: false, only: [], rounds: 2, seconds: 1, keys: undefined, nodes: [] }

/** Apps with no middleware take ten microseconds. */
function appsOn(node: string, costs: Readonly<Record<string, readonly number[]>>): NodeRun {
  const samples = Object.entries(costs).flatMap(([scenario, rounds]) =>
    rounds.flatMap((cpuMicros, index) =>
      (['bare', 'gate'] as const).map((stack) => ({
        ...FLOOR,
        scenario,
        stack,
        round: index + 1,
        cpuMicros: stack === 'bare' ? 10 : cpuMicros,
      })),
    ),
  )
  return { node, samples, summaries: summarise(samples, ['bare', 'gate'], 'bare') }
}

test('apps on another line of Node stand beside those that were kept, and the same takes its place', () => {
  const earlier = { runs: [appsOn('v20.1.0', { koa: [20, 20], hono: [20, 20] })] }
  const first = merge(adaptersPart, earlier, { runs: [appsOn('v26.1.0', { koa: [40] })] })
  const second = merge(adaptersPart, first.results, {
    runs: [appsOn('v20.1.0', { koa: [12.5] }), appsOn('v26.1.0', { hono: [50] })],
  })
  const { runs } = second.results as { readonly runs: readonly NodeRun[] }
  const told = runs.flatMap(({ node, summaries }) =>
    summaries
      .filter(({ stack }) => stack === 'gate')
      .map(({ scenario, ratios, rounds }) => [node, scenario, ratios.cpu.median, rounds]),
  )
  assert.deepEqual(told, [
    ['v20.1.0', 'koa', 0.8, 1],
    ['v20.1.0', 'hono', 0.5, 2],
    ['v26.1.0', 'koa', 0.25, 1],
    ['v26.1.0', 'hono', 0.2, 1],
  ])
  assert.match(adaptersPart.outline(second.plan), /^koa, hono; in 3 runs, .*; Node 20, 26$/)
  assert.match(
    adaptersPart.markdown(second.results).join('\n'),
    /^- On 2026-01-01 at commit `aaaa`, load before 0\.1, 2 rounds of 1 s: hono \(bare, gate\) on v20\.1\.0\.$/m,
  )
})

/** Rows with those that are taken off them. */
function rowsOn(line: string, values: Readonly<Record<string, number>>): MicroReport {
  const samples = Object.entries(values).map(([row, value]) => ({ node: line, row, round: 1, value }))
  const nodes = { [line]: `v${line}.1.0` }
  return { nodes, samples, summaries: summariseMicro({ samples }, Object.keys(values)) }
}

test('rows in-process on another line of Node stand beside those that were kept, each above its own floor', () => {
  const start = { 'empty process': 30, import: 40 }
  const earlier = rowsOn('20', { ...start, 'limiter decision': 100, packed: 300 })
  const first = merge(
    microPart,
    earlier,
    rowsOn('26', { 'empty process': 50, import: 55, 'bytes of a key': 26 }),
  )
  const { summaries, nodes } = first.results as MicroReport
  assert.deepEqual(nodes, { '20': 'v20.1.0', '26': 'v26.1.0' })
  assert.deepEqual(
    summaries.map(({ node, row, own }) => [row, node, own.median]),
    [
      ['limiter decision', '20', 100],
      ['bytes of a key', '26', 26],
      ['import', '20', 10],
      ['import', '26', 5],
      // What is packed is the same on each, whatever was kept says.
      ['packed', '', 300],
    ],
  )
  const page = microPart.markdown(first.results).join('\n')
  assert.match(page, /\| import +\| .* \| 10\.0 +\| 5\.0 +\| 15, 5: reached +\|/)
  assert.match(page, /\| packed +\| .* \| 300 on each +\| +\| 150, 100: not reached +\|/)
  assert.match(
    page,
    /^- On 2026-01-01 .*: `packed` on any Node; `limiter decision`, `import` on v20\.1\.0\.$/m,
  )
  assert.match(
    targetsAsMarkdown((part) => (part === 'micro' ? first.results : undefined))
      .join('\n')
      .replaceAll(/ +/g, ' '),
    /\| Node 20 \| Node 26 \|[^]*\| 10\.00 \| 5\.00 \| reached \|[^]*\| 300 on each \| \| \*\*not reached\*\* \|/,
  )
  const again = merge(
    microPart,
    first.results,
    rowsOn('26', { packed: 200, 'empty process': 20, import: 21 }),
  )
  assert.deepEqual(
    (again.results as MicroReport).summaries.map(({ node, row, own }) => [row, node, own.median]),
    [
      ['limiter decision', '20', 100],
      ['bytes of a key', '26', 26],
      ['import', '20', 10],
      ['import', '26', 1],
      ['packed', '', 200],
    ],
  )
})

test('a row that the bench knows no more is gone', () => {
  const { samples, ...report } = rowsOn('20', { 'limiter decision': 100 })
  const earlier = { ...report, samples: [...samples, { node: '20', row: 'long gone', round: 1, value: 1 }] }
  const { results } = merge(microPart, earlier, rowsOn('26', { 'limiter decision': 90 }))
  assert.deepEqual(
    (results as MicroReport).samples.map(({ row }) => row),
    ['limiter decision', 'limiter decision'],
  )
})

function seenOn(node: string, ...scenarios: readonly string[]): ProfileResults {
  const samples = scenarios.flatMap((scenario) =>
    ['floor', 'gatehouse'].map((stack): ProfileSample => {
      const isFloor = stack === 'floor'
      return { scenario, stack, isFloor, round: 1, cpuMicros: isFloor ? 10 : 12, places: {}, functions: {} }
    }),
  )
  return { runs: [{ node, samples }], leftOut: ['gatehouse in round 2 of 429, since it did not answer'] }
}

test('what was looked into is kept beside the rest, and the first line of Node has the plain headings', () => {
  const earlier = seenOn('v20.1.0', 'allowed', '401')
  const once = merge(profilePart, earlier, { ...seenOn('v20.1.0', '429', 'allowed'), leftOut: [] })
  const { results } = merge(profilePart, once.results, { ...seenOn('v26.1.0', 'allowed'), leftOut: [] })
  const { runs, leftOut } = results as ProfileResults
  assert.deepEqual(
    runs.map(({ node, samples }) => [node, samples.map(({ scenario }) => scenario)]),
    [
      ['v20.1.0', ['allowed', 'allowed', '401', '401', '429', '429']],
      ['v26.1.0', ['allowed', 'allowed']],
    ],
  )
  assert.deepEqual(leftOut, [])
  const page = profilePart.markdown(results).join('\n')
  assert.match(page, /^### Where the time of allowed goes$/m)
  assert.match(page, /^### Where the time of allowed goes on Node v26\.1\.0$/m)
})
