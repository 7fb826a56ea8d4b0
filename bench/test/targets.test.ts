import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NAMES } from '../src/micro/rows.ts'
import { leadAsMarkdown } from '../src/page/lead.ts'
import { targetsAsMarkdown } from '../src/page/targets.ts'
import type { ProfileSample } from '../src/profile/run.ts'
import { type Sample, summarise } from '../src/statistics.ts'
import { TARGETS } from '../src/targets/table.ts'
import { type ResultsOf, type Target, verdictOf } from '../src/targets/target.ts'
import { FLOOR } from './support/sample.ts'

const base: Sample = { ...FLOOR, cpuMicros: 16 }
const STACKS = ['floor', 'gatehouse', 'gatehouse-no-cache', 'fastify', 'fastify-cache', 'hono']
const runOf = (node: string, samples: readonly Sample[]) => ({
  node,
  samples,
  summaries: summarise(samples, STACKS),
})
const SAMPLES: readonly Sample[] = [
  base,
  { ...base, stack: 'gatehouse', cpuMicros: 20 },
  { ...base, stack: 'gatehouse-no-cache', cpuMicros: 32 },
  { ...base, stack: 'fastify', cpuMicros: 96 },
  { ...base, stack: 'fastify-cache', cpuMicros: 50 },
  { ...base, stack: 'hono', cpuMicros: 128 },
  // A short answer: its own floor is faster than that of what is allowed.
  { ...base, scenario: '403', cpuMicros: 12 },
  { ...base, scenario: '403', stack: 'gatehouse', cpuMicros: 16 },
]
const gate = { runs: [runOf('v20.1.0', SAMPLES)], leftOut: [] }
const results =
  (parts: Readonly<Record<string, object>>): ResultsOf =>
  (part) =>
    parts[part]

const targetOf = (what: string): Target => {
  const found = TARGETS.find((target) => target.what === what)
  assert.ok(found !== undefined, what)
  return found
}
const figures = (what: string, resultsOf: ResultsOf) => targetOf(what).figures(resultsOf)

test('what is allowed is judged beside the floor of its scenario, a refusal beside that of what is allowed', () => {
  const resultsOf = results({ gate })
  assert.deepEqual(figures('whole policy, HS256, callers return', resultsOf), [{ node: '20', value: 0.8 }])
  assert.deepEqual(figures('403 by scope', resultsOf), [{ node: '20', value: 1, toOwnFloor: 0.75 }])
})

test('the nearest that a refusal can be is told as it was measured, of the rounds of the gate', () => {
  const text = { ...base, scenario: '403', stack: 'floor-text' }
  const runs = [
    runOf('v20.1.0', [...SAMPLES, { ...text, cpuMicros: 12.5 }]),
    runOf('v22.1.0', [
      base,
      { ...base, scenario: '403', cpuMicros: 12 },
      { ...base, scenario: '403', stack: 'gatehouse', cpuMicros: 20 },
      { ...text, cpuMicros: 17 },
      // A round that the gate was not in.
      { ...base, round: 2 },
      { ...text, round: 2, cpuMicros: 1 },
    ]),
  ]
  const resultsOf = results({ gate: { runs, leftOut: [] } })
  const [, , reasons] = targetsAsMarkdown(resultsOf)
  assert.match(
    reasons ?? '',
    /^- 403 by scope: .* `floor-text`, .* it is 1\.28 on Node 20; 0\.94 on Node 22, less than must be\.$/m,
  )
  assert.deepEqual(
    figures('403 by scope', resultsOf).map(({ nearest }) => nearest?.toFixed(2)),
    ['1.28', '0.94'],
  )
})

test('the nearest that limits on Redis can be is with leases, beside the floor of the same rounds', () => {
  const redis = { ...base, scenario: 'redis' }
  const samples = [
    redis,
    { ...redis, stack: 'gatehouse-lease', cpuMicros: 25 },
    { ...redis, stack: 'gatehouse', cpuMicros: 32 },
  ]
  const summaries = summarise(samples, ['floor', 'gatehouse-lease', 'gatehouse'])
  const resultsOf = results({ gate: { runs: [{ node: 'v20.1.0', samples, summaries }], leftOut: [] } })
  const [, , reasons] = targetsAsMarkdown(resultsOf)
  assert.match(
    reasons ?? '',
    /^- whole policy, its limits on Redis: .* `gatehouse-lease`, .* it is 0\.64 on Node 20, less than must be\.$/m,
  )
})

test('p99, apps and rows in-process have figures of their own, by line of Node', () => {
  const adapters = {
    runs: [
      {
        node: 'v24.2.0',
        samples: [],
        summaries: summarise(
          [
            { ...base, scenario: 'koa', stack: 'bare' },
            { ...base, scenario: 'koa', stack: 'gate', cpuMicros: 20 },
          ],
          ['bare', 'gate'],
          'bare',
        ),
      },
    ],
  }
  const sustained = [
    { ...base, scenario: 'sustained' },
    { ...base, scenario: 'sustained', stack: 'gatehouse', p99: 3 },
  ]
  const own = { median: 2.5, min: 2, max: 3 }
  const micro = {
    nodes: { '26': 'v26.0.0' },
    samples: [],
    summaries: [{ node: '26', row: 'allowed, writeHead', whole: own, own, verdict: 'must' }],
  }
  const resultsOf = results({ adapters, micro, gate: { runs: [runOf('v22.0.0', sustained)], leftOut: [] } })
  assert.deepEqual(figures('Koa behind the adapter', resultsOf), [{ node: '24', value: 0.8 }])
  assert.deepEqual(figures('p99 at a sustained load', resultsOf), [{ node: '22', value: 1.5 }])
  const inProcess = TARGETS.find(({ what }) => what.startsWith('in-process'))
  assert.deepEqual(inProcess?.figures(resultsOf), [{ node: '26', value: 2.5 }])
  assert.deepEqual([inProcess.must, inProcess.aim], [3, 2])
})

const VERDICTS = [
  [[], 'not measured'],
  [[0.95, 0.96], 'aim'],
  [[0.95, 0.94], 'must'],
  [[0.95, 0.87], 'missed'],
] as const
for (const [values, verdict] of VERDICTS) {
  test(`${values.join(' and ')} of 0.88 and 0.95: ${verdict}`, () => {
    const found = values.map((value, index) => ({ node: String(index), value }))
    assert.equal(verdictOf(targetOf('whole policy, HS256, callers return'), found), verdict)
  })
}

test('where less is better, more is not reached', () => {
  const target = targetOf('p99 at a sustained load')
  assert.equal(verdictOf(target, [{ node: '20', value: 1.1 }]), 'aim')
  assert.equal(verdictOf(target, [{ node: '20', value: 1.6 }]), 'missed')
})

test('every figure is in the table, that which is missing as not measured', () => {
  const [, table, reasons] = targetsAsMarkdown(results({ gate }))
  const rows = (table ?? '').replaceAll(/ +/g, ' ').split('\n')
  assert.ok(rows.includes('| What | Must | Aim | Node 20 | Verdict |'))
  assert.ok(rows.includes('| 403 by scope | 0.98 of the floor | 1.05 | 1.00 (0.75) | reached |'))
  assert.ok(rows.includes('| 429 | 0.95 of the floor | 1 | | not measured |'))
  assert.match(
    table ?? '',
    /callers return +\| 0\.88 of the floor +\| 0\.95 \| 0\.80 +\| \*\*not reached\*\* \|/,
  )
  assert.equal(rows.length, TARGETS.length + 3)
  assert.match(reasons ?? '', /^- whole policy, HS256, callers return: /m)
  assert.doesNotMatch(reasons ?? '', /403/)
})

test('what is not reached is told with its profile, and what it would be without the gate', () => {
  const sample = { scenario: 'allowed', round: 1, functions: {} }
  const samples: readonly ProfileSample[] = [
    { ...sample, stack: 'floor', isFloor: true, cpuMicros: 16, places: { socket: 0.5, rest: 0.5 } },
    {
      ...sample,
      stack: 'gatehouse',
      isFloor: false,
      cpuMicros: 20,
      places: { socket: 0.3, rest: 0.5, 'gate: chain': 0.2 },
    },
  ]
  const profile = { runs: [{ node: 'v20.1.0', samples }], leftOut: [] }
  const [, , reasons] = targetsAsMarkdown(results({ gate, profile }))
  assert.match(
    reasons ?? '',
    /in µs: the gate itself \+4\.0, what is not JavaScript \+2\.0, writing to sockets -2\.0\. .* it would be 1\.00: \[Where the time of allowed goes\]\(#where-the-time-of-allowed-goes\)\.$/m,
  )
})

test('the profile that is told is that of the line which is furthest from what must be, where there is one', () => {
  const sample = { scenario: 'allowed', round: 1, functions: {} }
  const on = (node: string, cpuMicros: number) => ({
    node,
    samples: [
      { ...sample, stack: 'floor', isFloor: true, cpuMicros: 10, places: { socket: 1 } },
      { ...sample, stack: 'gatehouse', isFloor: false, cpuMicros, places: { 'gate: chain': 1 } },
    ] satisfies readonly ProfileSample[],
  })
  const told = (gates: readonly (readonly [node: string, cpuMicros: number])[]): string => {
    const runs = gates.map(([node, cpuMicros]) =>
      runOf(node, [base, { ...base, stack: 'gatehouse', cpuMicros }]),
    )
    const profile = { runs: [on('v20.1.0', 13), on('v26.2.0', 14)], leftOut: [] }
    const [, , reasons = ''] = targetsAsMarkdown(results({ gate: { runs, leftOut: [] }, profile }))
    return /takes (on Node \d+).*\]\((#[\w-]+)\)/.exec(reasons)?.slice(1).join(' ') ?? reasons
  }
  const first = 'on Node 20 #where-the-time-of-allowed-goes'
  const other = 'on Node 26 #where-the-time-of-allowed-goes-on-node-v2620'
  assert.equal(
    told([
      ['v20.1.0', 30],
      ['v26.2.0', 40],
    ]),
    other,
  )
  assert.equal(
    told([
      ['v20.1.0', 40],
      ['v26.2.0', 30],
    ]),
    first,
  )
  assert.equal(
    told([
      ['v20.1.0', 30],
      ['v24.0.0', 40],
    ]),
    first,
  )
})

test('what is no ratio to the floor is told with its profile, and no ratio', () => {
  const sample = { scenario: 'allowed', round: 1, functions: {}, places: { socket: 1 }, cpuMicros: 10 }
  const samples = [
    { ...sample, stack: 'floor', isFloor: true },
    { ...sample, stack: 'gatehouse', isFloor: false },
  ]
  const slow = [
    { ...base, scenario: 'sustained' },
    { ...base, scenario: 'sustained', stack: 'gatehouse', p99: 9 },
  ]
  const [, , reasons] = targetsAsMarkdown(
    results({
      gate: { runs: [runOf('v22.0.0', slow)], leftOut: [] },
      profile: { runs: [{ node: 'v22.0.0', samples }], leftOut: [] },
    }),
  )
  assert.match(
    reasons ?? '',
    /^- p99 at a sustained load: .*\. \[Where the time of allowed goes\]\(#[a-z-]+\)\.$/m,
  )
  assert.doesNotMatch(reasons ?? '', /it would be/)
})

test('what is not reached is told with what it is made of, and that is measured in the same part', () => {
  const summaries = [
    ['24', 'import', 30],
    ['24', 'modules of Node', 6.25],
    ['24', 'compiling the source', 18],
    ['26', 'modules of Node', 7],
    ['', 'packed', 300],
    ['', 'packed code', 200],
  ].map(([node, row, median]) => ({ node, row, own: { median, min: 0, max: 99 } }))
  const [, , reasons] = targetsAsMarkdown(results({ micro: { nodes: {}, samples: [], summaries } }))
  assert.match(
    reasons ?? '',
    /^- import of .* Measured beside it: modules of Node 6\.3 ms; compiling the source 18\.0 ms\.$/m,
  )
  assert.match(reasons ?? '', /^- `@gatehouse\/core`, packed .* Measured beside it: packed code 200 kB\.$/m)
  const pieces = TARGETS.flatMap((target) => target.pieces ?? [])
  assert.ok(pieces.length > 0)
  for (const piece of pieces) assert.ok(NAMES.includes(piece), piece)
})

test('the lead is told with no cache on either side, and with what each has', () => {
  const [, table] = leadAsMarkdown(results({ gate }))
  assert.match(
    (table ?? '').replaceAll(/ +/g, ' '),
    /\| allowed \| 0\.50 \| fastify 0\.17 \| 3\.0 times \| 0\.80 \| fastify-cache 0\.32 \| 2\.5 times \|/,
  )
  assert.deepEqual(leadAsMarkdown(results({})), [])
})
