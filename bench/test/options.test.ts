import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationOf, HELP, readOptions, type Settings } from '../src/options.ts'

function settingsOf(...args: readonly string[]): Settings {
  const parsed = readOptions(args)
  assert.equal(parsed.type, 'run')
  return parsed.settings
}

test('the bench measures everything when nothing is said', () => {
  assert.deepEqual(settingsOf(), {
    plan: { scenarios: ['allowed', '401', 'preflight'], rounds: 5, seconds: 4, warmUpSeconds: 2 },
    stacks: ['floor', 'gatehouse', 'express'],
    json: undefined,
  })
})

test('--quick leaves room in its minute for the set-up', () => {
  const quick = settingsOf('--quick')
  assert.deepEqual(quick.plan, { scenarios: ['allowed', '401'], rounds: 3, seconds: 2, warmUpSeconds: 1 })
  assert.ok(durationOf(quick) <= 45, `${durationOf(quick)} s`)
})

const ONLY = [
  { only: ['allowed'], scenarios: ['allowed'], stacks: ['floor', 'gatehouse', 'express'] },
  { only: ['gatehouse'], scenarios: ['allowed', '401', 'preflight'], stacks: ['floor', 'gatehouse'] },
  { only: ['preflight', 'express', '401'], scenarios: ['401', 'preflight'], stacks: ['floor', 'express'] },
  { only: ['floor'], scenarios: ['allowed', '401', 'preflight'], stacks: ['floor'] },
] as const
for (const { only, scenarios, stacks } of ONLY) {
  test(`--only ${only.join(', ')} leaves out the rest, and never the floor`, () => {
    const settings = settingsOf(...only.flatMap((name) => ['--only', name]))
    assert.deepEqual(settings.plan.scenarios, scenarios)
    assert.deepEqual(settings.stacks, stacks)
  })
}

test('--rounds and --seconds win over --quick, in any order', () => {
  const { plan } = settingsOf('--rounds', '7', '--quick', '--seconds=9')
  assert.deepEqual([plan.rounds, plan.seconds, plan.warmUpSeconds], [7, 9, 1])
})

test('--json keeps the name of the file', () => {
  assert.equal(settingsOf('--json', 'results.json').json, 'results.json')
})

test('--help wins over everything that can be read, and names every option', () => {
  assert.deepEqual(readOptions(['--quick', '--help']), { type: 'help' })
  assert.deepEqual(readOptions(['-h']), { type: 'help' })
  for (const option of ['quick', 'only', 'rounds', 'seconds', 'json', 'help'])
    assert.match(HELP, RegExp(`--${option}`))
})

const MISTAKES: readonly { readonly args: readonly string[]; readonly message: RegExp }[] = [
  { args: ['--fast'], message: /^Unknown option '--fast'$/ },
  { args: ['allowed'], message: /^Unexpected argument 'allowed'/ },
  { args: ['--json'], message: /^Option '--json <value>' argument missing$/ },
  { args: ['--json='], message: /^--json needs the name of a file$/ },
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
