import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HELP, readOptions, type Settings } from '../src/options.ts'
import { PARTS } from '../src/parts.ts'

function settingsOf(...args: readonly string[]): Settings {
  const parsed = readOptions(args)
  assert.equal(parsed.type, 'run', JSON.stringify(parsed))
  return parsed.settings
}

function namesOf({ prepared }: Settings): readonly string[] {
  return prepared.map(({ part }) => part.name)
}

/** The plan of the only part. */
function planOf(...args: readonly string[]): Readonly<Record<string, unknown>> {
  const [prepared, ...others] = settingsOf(...args).prepared
  assert.ok(prepared !== undefined && others.length === 0)
  return { ...prepared.plan }
}

test('every part that is for a whole run is measured when nothing is said', () => {
  const settings = settingsOf()
  const expected = PARTS.filter(({ when }) => when.full).map(({ name }) => name)
  assert.deepEqual(namesOf(settings), expected)
  assert.ok(settings.prepared.every(({ whole }) => whole))
  assert.ok(!expected.includes('sinks'))
})

test('--quick is a look at the gate within 90 seconds', () => {
  const settings = settingsOf('--quick')
  assert.deepEqual(namesOf(settings), ['gate'])
  const [gate] = settings.prepared
  assert.ok(gate !== undefined && !gate.whole)
  assert.ok(gate.seconds <= 85, `${gate.seconds} s`)
})

test('--only chooses a part, and a row of it', () => {
  assert.deepEqual(namesOf(settingsOf('--only', 'sinks')), ['sinks'])
  assert.deepEqual(namesOf(settingsOf('--only', 'sinks', '--only', 'limiter')), ['limiter', 'sinks'])
  assert.equal(settingsOf('--only', 'limiter').prepared[0]?.whole, true)
  const some = settingsOf('--only', 'limiter:redis', '--only', 'limiter:memory')
  assert.deepEqual(
    { ...some.prepared[0]?.plan },
    { ...planOf('--only', 'limiter'), parts: ['memory', 'redis'] },
  )
  assert.equal(some.prepared[0]?.whole, false)
  assert.equal(settingsOf('--only', 'limiter', '--rounds', '9').prepared[0]?.whole, false)
})

test('rows of a part can be named at once, and what is measured of them is kept where that is said', () => {
  const gate = planOf('--only', 'gate:floor,gatehouse,401', '--only', 'gate:403')
  assert.deepEqual(
    [gate['stacks'], gate['scenarios']],
    [
      ['floor', 'floor-allowed', 'gatehouse'],
      ['401', '403'],
    ],
  )
  // A name with a comma is one name.
  assert.deepEqual(planOf('--only', 'micro:allowed, writeHead')['rows'], ['allowed, writeHead'])
  assert.equal(settingsOf('--only', '401', '--keep').keep, true)
  assert.equal(settingsOf().keep, false)
})

test('a whole run takes about an hour, with gates on other lines of Node', () => {
  const whole = settingsOf('--only', 'gate', '--only', 'micro', '--only', 'growth', '--only', 'limiter')
  const bounds: Readonly<Record<string, number>> = { gate: 37, micro: 9, growth: 8, limiter: 4 }
  for (const { part, seconds } of whole.prepared)
    assert.ok(seconds <= 60 * (bounds[part.name] ?? 0), `${part.name}: ${seconds} s`)
})

test('a row alone is of the first part that has it, or of those that are named', () => {
  assert.deepEqual(planOf('--only', '401')['scenarios'], ['401'])
  assert.deepEqual(planOf('--only', 'decisions')['parts'], ['decisions'])
  assert.deepEqual(planOf('--only', 'limiter', '--only', 'redis')['parts'], ['redis'])
})

test('--only never leaves out what everything is compared to', () => {
  const floors = ['floor', 'floor-allowed']
  assert.deepEqual(planOf('--only', 'gatehouse')['stacks'], [...floors, 'gatehouse'])
  assert.deepEqual(planOf('--only', 'floor')['stacks'], floors)
  assert.deepEqual(planOf('--only', 'gate:express', '--only', 'gate:401')['stacks'], [...floors, 'express'])
  assert.deepEqual(planOf('--only', 'throws', '--only', 'healthy')['sinks'], ['none', 'healthy', 'throws'])
})

test('--rounds, --seconds and --keys win over --quick, in any order', () => {
  const gate = planOf('--rounds', '7', '--quick', '--seconds=9')
  assert.deepEqual([gate['rounds'], gate['seconds']], [7, 9])
  const limiter = planOf('--keys', '5000', '--only', 'limiter', '--rounds=2', '--quick')
  assert.deepEqual([limiter['keys'], limiter['rounds'], limiter['seconds']], [5000, 2, 1])
})

test('a row that is not measured takes no time, and --quick less', () => {
  const secondsOf = (...args: readonly string[]): number => settingsOf(...args).prepared[0]?.seconds ?? 0
  const parts = ['memory', 'decisions', 'redis'].map((row) => secondsOf('--only', `limiter:${row}`))
  assert.ok(parts.every((seconds) => seconds > 0))
  assert.equal(Math.round(parts.reduce((sum, each) => sum + each) - secondsOf('--only', 'limiter')), 0)
  for (const { name } of PARTS)
    assert.ok(secondsOf('--only', name, '--quick') < secondsOf('--only', name), name)
})

test('--node keeps lines in order, once each, and --report alone measures nothing', () => {
  assert.deepEqual(settingsOf('--node', '24,20', '--node', '24').nodes, ['20', '24'])
  const report = settingsOf('--report')
  assert.deepEqual([report.prepared, report.report], [[], true])
  assert.deepEqual(namesOf(settingsOf('--report', '--only', 'gate')), ['gate'])
})

test('--json, --markdown and --compare keep the names of their files', () => {
  const { json, markdown, compare } = settingsOf('--json', 'r.json', '--markdown=t.md', '--compare=b.json')
  assert.deepEqual([json, markdown, compare], ['r.json', 't.md', 'b.json'])
})

test('--help wins over everything that can be read, and names every option, part and row', () => {
  assert.deepEqual(readOptions(['--quick', '--help']), { type: 'help' })
  assert.deepEqual(readOptions(['-h']), { type: 'help' })
  const all = ['quick', 'only', 'rounds', 'seconds', 'keys', 'node', 'json', 'markdown', 'compare', 'report']
  for (const option of [...all, 'help']) assert.match(HELP, RegExp(`^  --${option} `, 'm'))
  for (const { name, axes } of PARTS) {
    assert.match(HELP, RegExp(`^  ${name} `, 'm'))
    for (const row of Object.values(axes).flat()) assert.ok(HELP.replaceAll(/\s+/g, ' ').includes(row), row)
  }
  for (const line of HELP.split('\n')) assert.ok(line.length <= 120, line)
})

test('no name is of two axes of a part, or of a part and a row of another', () => {
  const parts = PARTS.map(({ name }) => name)
  assert.equal(new Set(parts).size, parts.length)
  for (const { name, axes } of PARTS) {
    const rows = Object.values(axes).flat()
    assert.equal(new Set(rows).size, rows.length, name)
    assert.ok(!rows.some((row) => parts.includes(row) || row.includes(':')), name)
  }
})

const MISTAKES: readonly { readonly args: readonly string[]; readonly message: RegExp }[] = [
  { args: ['--fast'], message: /^Unknown option '--fast'$/ },
  { args: ['allowed'], message: /^Unexpected argument 'allowed'/ },
  { args: ['--json'], message: /^Option '--json <value>' argument missing$/ },
  { args: ['--json='], message: /^--json needs the name of a file$/ },
  { args: ['--markdown='], message: /^--markdown needs the name of a file$/ },
  { args: ['--compare='], message: /^--compare needs the name of a file$/ },
  { args: ['--only', 'nonsense'], message: /^--only nonsense: the names are gate, / },
  { args: ['--only', 'gate:401,memory'], message: /^--only gate:401,memory: the rows of gate are / },
  { args: ['--only', 'gate:memory'], message: /^--only gate:memory: the rows of gate are / },
  { args: ['--only', 'limiter', '--only', '401'], message: /^--only 401: the names are / },
  { args: ['--keys', '999'], message: /^--keys 999: write a whole number from 1000 to 16777216$/ },
  { args: ['--keys', '16777217'], message: /^--keys 16777217: / },
  { args: ['--quick=yes'], message: /^Option '--quick' does not take an argument$/ },
  { args: ['--node', '22,23'], message: /^--node 23: the lines are 20, 22, 24, 26$/ },
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
