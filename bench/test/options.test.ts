import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationOf, HELP, readOptions, type Settings } from '../src/options.ts'
import { SINKS } from '../src/sinks/sink-stack.ts'

function settingsOf(...args: readonly string[]): Settings {
  const parsed = readOptions(args)
  assert.equal(parsed.type, 'run')
  return parsed.settings
}

const LIMITER = {
  parts: ['memory', 'decisions', 'redis'],
  keys: 1_000_000,
  fills: 3,
  decisions: 500_000,
  rounds: 5,
  seconds: 4,
  warmUpSeconds: 2,
}

test('the bench measures everything when nothing is said', () => {
  assert.deepEqual(settingsOf(), {
    gate: {
      scenarios: ['allowed', '401', 'preflight'],
      stacks: ['floor', 'gatehouse', 'express'],
      rounds: 5,
      seconds: 4,
      warmUpSeconds: 2,
    },
    limiter: LIMITER,
    sinks: undefined,
    json: undefined,
    markdown: undefined,
  })
})

test('--limiter measures the limiter alone, as much as without it', () => {
  const { gate, limiter } = settingsOf('--limiter')
  assert.equal(gate, undefined)
  assert.deepEqual(limiter, LIMITER)
})

test('--quick leaves room in its minute for the set-up', () => {
  const quick = settingsOf('--quick')
  assert.deepEqual(quick.gate?.scenarios, ['allowed', '401'])
  assert.deepEqual([quick.gate?.rounds, quick.gate?.seconds, quick.gate?.warmUpSeconds], [3, 2, 1])
  assert.equal(quick.limiter, undefined)
  assert.ok(durationOf(quick) <= 45, `${durationOf(quick)} s`)
})

test('--limiter --quick stays within a minute, with fewer keys', () => {
  const quick = settingsOf('--limiter', '--quick')
  assert.equal(quick.gate, undefined)
  assert.equal(quick.limiter?.keys, 100_000)
  assert.deepEqual(quick.limiter.parts, ['memory', 'decisions', 'redis'])
  assert.ok(durationOf(quick) <= 50, `${durationOf(quick)} s`)
})

const ONLY = [
  { only: ['allowed'], scenarios: ['allowed'], stacks: ['floor', 'gatehouse', 'express'] },
  { only: ['gatehouse'], scenarios: ['allowed', '401', 'preflight'], stacks: ['floor', 'gatehouse'] },
  { only: ['preflight', 'express', '401'], scenarios: ['401', 'preflight'], stacks: ['floor', 'express'] },
  { only: ['floor'], scenarios: ['allowed', '401', 'preflight'], stacks: ['floor'] },
] as const
for (const { only, scenarios, stacks } of ONLY) {
  test(`--only ${only.join(', ')} leaves out the rest, and never the floor`, () => {
    const { gate, limiter } = settingsOf(...only.flatMap((name) => ['--only', name]))
    assert.deepEqual(gate?.scenarios, scenarios)
    assert.deepEqual(gate.stacks, stacks)
    assert.equal(limiter, undefined)
  })
}

test('--limiter --only measures those parts of it, in its own order', () => {
  const { gate, limiter } = settingsOf('--limiter', '--only', 'redis', '--only', 'memory')
  assert.equal(gate, undefined)
  assert.deepEqual(limiter?.parts, ['memory', 'redis'])
})

test('--sinks measures sinks alone, beside none, and within a minute with --quick', () => {
  const { gate, limiter, sinks } = settingsOf('--sinks')
  assert.deepEqual([gate, limiter], [undefined, undefined])
  assert.deepEqual(sinks, { sinks: SINKS, rounds: 15, seconds: 1, warmUpSeconds: 2 })
  const some = settingsOf('--sinks', '--only', 'throws', '--only', 'healthy', '--rounds', '2').sinks
  assert.deepEqual([some?.sinks, some?.rounds], [['none', 'healthy', 'throws'], 2])
  assert.ok(durationOf(settingsOf('--sinks', '--quick')) <= 45)
})

test('--rounds, --seconds and --keys win over --quick, in any order', () => {
  const { gate } = settingsOf('--rounds', '7', '--quick', '--seconds=9')
  assert.deepEqual([gate?.rounds, gate?.seconds, gate?.warmUpSeconds], [7, 9, 1])
  const { limiter } = settingsOf('--keys', '5000', '--limiter', '--rounds=2', '--quick')
  assert.deepEqual([limiter?.keys, limiter?.rounds, limiter?.seconds], [5000, 2, 1])
})

test('a part that is not measured takes no time', () => {
  const all = durationOf(settingsOf('--limiter'))
  const parts = ['memory', 'decisions', 'redis'].map((part) =>
    durationOf(settingsOf('--limiter', '--only', part)),
  )
  assert.equal(
    parts.reduce((sum, seconds) => sum + seconds),
    all,
  )
  assert.ok(parts.every((seconds) => seconds > 0))
})

test('--json and --markdown keep the names of their files', () => {
  const { json, markdown } = settingsOf('--json', 'results.json', '--markdown=tables.md')
  assert.deepEqual([json, markdown], ['results.json', 'tables.md'])
})

test('--help wins over everything that can be read, and names every option', () => {
  assert.deepEqual(readOptions(['--quick', '--help']), { type: 'help' })
  assert.deepEqual(readOptions(['-h']), { type: 'help' })
  const all = ['quick', 'limiter', 'sinks', 'only', 'rounds', 'seconds', 'keys', 'json', 'markdown', 'help']
  for (const option of all) assert.match(HELP, RegExp(`^  --${option} `, 'm'))
})

const MISTAKES: readonly { readonly args: readonly string[]; readonly message: RegExp }[] = [
  { args: ['--fast'], message: /^Unknown option '--fast'$/ },
  { args: ['allowed'], message: /^Unexpected argument 'allowed'/ },
  { args: ['--json'], message: /^Option '--json <value>' argument missing$/ },
  { args: ['--json='], message: /^--json needs the name of a file$/ },
  { args: ['--markdown='], message: /^--markdown needs the name of a file$/ },
  { args: ['--only', 'redis'], message: /^--only redis: the names are allowed, / },
  {
    args: ['--limiter', '--only', 'allowed'],
    message: /^--only allowed: the names are memory, decisions, redis$/,
  },
  { args: ['--sinks', '--only', 'allowed'], message: /^--only allowed: the names are none, none again, / },
  { args: ['--sinks', '--limiter'], message: /^--limiter and --sinks: / },
  { args: ['--keys', '999'], message: /^--keys 999: write a whole number from 1000 to 16777216$/ },
  { args: ['--keys', '16777217'], message: /^--keys 16777217: / },
  { args: ['--quick=yes'], message: /^Option '--quick' does not take an argument$/ },
  {
    args: ['--only', 'koa'],
    message: /^--only koa: the names are allowed, 401, preflight, floor, gatehouse, express$/,
  },
  { args: ['--rounds', '0'], message: /^--rounds 0: write a whole number from 1 to 100$/ },
  { args: ['--rounds', '1e1'], message: /^--rounds 1e1: / },
  { args: ['--rounds', '101'], message: /^--rounds 101: / },
  { args: ['--seconds', '61'], message: /^--seconds 61: write a whole number from 1 to 60$/ },
  { args: ['--seconds', ''], message: /^--seconds : / },
]
for (const { args, message } of MISTAKES) {
  test(`${JSON.stringify(args)} is told as a mistake`, () => {
    const parsed = readOptions(args)
    assert.equal(parsed.type, 'mistake')
    assert.match(parsed.message, message)
  })
}
