import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import type { Log } from 'sarif'
import { ALL_CHECKS, CHECKS } from '../src/index.ts'
import { cli, folderOf } from './support/run.ts'

const require = createRequire(import.meta.url)
const SEEDS = pathToFileURL(fileURLToPath(new URL('samples/seeded-policies.ts', import.meta.url))).href
const seeded = (code: string): string =>
  `import { SEEDED } from ${JSON.stringify(SEEDS)}\nexport const policy = SEEDED[${JSON.stringify(code)}]\n`
const HOPS = { 'policy.mjs': seeded('policy.trusted-hops') }

describe('the table of checks', () => {
  test('DEP-01: there are at least forty, each with a code of its own and all that a reader needs', () => {
    assert.ok(ALL_CHECKS.length >= 40)
    assert.equal(new Set(ALL_CHECKS.map(({ code }) => code)).size, ALL_CHECKS.length)
    for (const [table, rows] of Object.entries(CHECKS))
      for (const { code, title, why, instead, reference } of rows) {
        assert.match(code, new RegExp(`^${table}\\.[a-z0-9]+(?:-[a-z0-9]+)*$`))
        assert.match(title, /^[A-Z].*\.$/, code)
        assert.match(why, /^[A-Z].*\.$/, code)
        assert.ok(instead.length > 0 && reference.length > 0, code)
      }
  })

  test('DEP-01: what a row refers to in the documents is there', () => {
    const root = new URL('../../../', import.meta.url)
    for (const { code, reference } of ALL_CHECKS) {
      const [, page] = /^((?:docs\/\S+|README)\.md)/.exec(reference) ?? []
      if (page !== undefined) assert.ok(readFileSync(new URL(page, root), 'utf8').length > 0, code)
    }
  })

  test('DEP-01: docs/doctor.md has exactly these checks', async () => {
    const page = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^### `([^`]+)`/gm)].map((match) => match[1])
    assert.deepEqual(
      listed,
      ALL_CHECKS.map(({ code }) => code),
    )
    const { out } = await cli(['doctor', '--list'])
    for (const { code } of ALL_CHECKS) assert.ok(out.includes(code), code)
  })
})

describe('reports of doctor', () => {
  const doctor = (
    t: TestContext,
    files: Readonly<Record<string, string>>,
    ...flags: readonly string[]
  ): ReturnType<typeof cli> => cli(['doctor', '--no-project', ...flags], { cwd: folderOf(t, files) })

  test('DEP-01: what to write instead is said once, and a likely word is named', async (t) => {
    const core = JSON.stringify(import.meta.resolve('@gatehouse/core'))
    const policy = `import { gatehouse } from ${core}
export const gate = gatehouse({ hosts: ['a.example'], public: 'a test', rateLimits: {}, deadline: 0 })`
    const { out } = await doctor(t, { 'policy.mjs': policy })
    assert.match(out, /^ +write "rateLimit"$/m)
    assert.doesNotMatch(out, /write (?:Write|Did)/)
  })

  test('DEP-01: SARIF is valid by the schema of OASIS', async (t) => {
    const silence = JSON.stringify({ doctor: { silence: { 'policy.no-observer': 'it is a test' } } })
    const files = {
      'policy.mjs': seeded('policy.trusted-hops').replace(
        'SEEDED["policy.trusted-hops"]',
        '{ ...SEEDED["policy.trusted-hops"], observe: [] }',
      ),
      'gatehouse.json': silence,
    }
    const { out } = await doctor(t, files, '--sarif')
    const log = JSON.parse(out) as Log
    const schema = JSON.parse(
      readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'),
    ) as object
    const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false })
    addFormats.default(ajv)
    const valid = ajv.compile(schema)
    assert.ok(valid(log), JSON.stringify(valid.errors, undefined, 1))
    const [run] = log.runs
    const [hops, observer] = run?.results ?? []
    assert.deepEqual(
      [hops?.ruleId, hops?.level, hops?.suppressions],
      ['policy.trusted-hops', 'warning', undefined],
    )
    assert.deepEqual(observer?.suppressions, [{ kind: 'external', justification: 'it is a test' }])
    assert.equal(run?.tool.driver.rules?.[hops?.ruleIndex ?? -1]?.id, 'policy.trusted-hops')
    // What is broken is not valid: the schema is one that says something.
    assert.ok(!valid({ ...log, runs: [{ results: [] }] }))
  })

  test('DEP-01: SARIF goes to a file, and the text to whoever reads', async (t) => {
    const cwd = folderOf(t, HOPS)
    const { out } = await cli(['doctor', '--no-project', '--sarif', '--output', 'a.sarif'], { cwd })
    assert.match(out, /^warning {2}policy\.trusted-hops$/m)
    assert.equal((JSON.parse(readFileSync(join(cwd, 'a.sarif'), 'utf8')) as Log).version, '2.1.0')
  })

  test('DEP-01: the text fits into 80 columns, and says what, where, why and what to write', async (t) => {
    const { out } = await doctor(t, HOPS)
    assert.match(out, /> proxy\.trustedHops: It is 1\./)
    assert.match(out, /write proxy: \{ trustedRanges/)
    assert.match(out, /see {3}docs\/checks\/proxy\.md/)
    assert.match(out, /1 warning, by \d+ checks of policy\.mjs\.\n$/)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
  })

  test('DEP-01: --fail-on says what is a failure', async (t) => {
    assert.equal((await doctor(t, HOPS)).code, 0)
    assert.equal((await doctor(t, HOPS, '--fail-on', 'warning')).code, 1)
    assert.equal((await doctor(t, { ...HOPS, 'gatehouse.json': '{"doctor":{"failOn":"info"}}' })).code, 1)
  })

  test('DEP-01: a project silences by a code and its reason', async (t) => {
    const silenced = (value: unknown): Readonly<Record<string, string>> => ({
      ...HOPS,
      'package.json': JSON.stringify({ gatehouse: { doctor: { silence: value } } }),
    })
    const good = await doctor(
      t,
      silenced({ 'policy.trusted-hops': 'the network lets nobody else in' }),
      '--fail-on',
      'info',
    )
    assert.deepEqual([good.code, good.out.includes('1 silenced')], [0, true])
    for (const bad of [
      { 'policy.trusted-hops': '' },
      { 'policy.no-such': 'why' },
      ['policy.trusted-hops'],
      'all',
    ])
      assert.equal((await doctor(t, silenced(bad))).code, 2, JSON.stringify(bad))
  })

  test('DEP-01: what is wrong in a configuration is a usage error', async (t) => {
    const wrong = [
      '{',
      '{"doctor":1}',
      '{"doctor":{"x":1}}',
      '{"doctor":{"failOn":"all"}}',
      '{"doctor":{"instances":0}}',
      '{"doctor":{"url":1}}',
    ]
    for (const text of wrong)
      assert.equal((await doctor(t, { ...HOPS, 'gatehouse.json': text })).code, 2, text)
  })

  test('DEP-01: what is called wrongly ends with 2, what cannot be done with 3', async (t) => {
    const files = {
      ...HOPS,
      'none.mjs': 'export const x = 1\n',
      'throws.mjs': 'throw new Error("no database")\n',
      'old.mjs': 'export const gate = { admit() {}, routes() {} }\n',
    }
    const wrong = [
      ['--silence', 'no.such'],
      ['--json', '--sarif'],
      ['--output', 'x'],
      ['--url', 'ftp://x/'],
      ['--url', 'http://alice:secret@localhost/'],
      ['--fail-on', 'all'],
      ['--instances', '0'],
      ['--resolve', 'x'],
      ['--ca', 'nowhere.pem', '--url', 'http://127.0.0.1:1/'],
      ['--no-such-option'],
      ['--no-policy'],
    ]
    for (const flags of wrong) assert.equal((await doctor(t, files, ...flags)).code, 2, flags.join(' '))
    for (const [file, word] of [
      ['nowhere.mjs', 'There is no file'],
      ['none.mjs', 'exports no gate'],
      ['throws.mjs', 'no database'],
      ['old.mjs', 'update it'],
    ] as const) {
      const { code, err } = await doctor(t, files, file)
      assert.equal(code, 3, file)
      assert.ok(err.includes(word), err)
    }
    assert.equal((await doctor(t, files, '--sarif', '--output', 'no/such/folder')).code, 3)
  })

  test('DEP-01: colours are for terminals, and for nobody who says NO_COLOR', async (t) => {
    const cwd = folderOf(t, HOPS)
    const args = ['doctor', '--no-project'] as const
    const seen = async (env: Readonly<Record<string, string>>, isTerminal: boolean): Promise<boolean> =>
      // oxlint-disable-next-line no-control-regex
      /\u001b\[/.test((await cli([...args, '--quiet'], { cwd, env, isTerminal })).out)
    assert.equal(await seen({}, true), true)
    assert.equal(await seen({}, false), false)
    assert.equal(await seen({ NO_COLOR: '1' }, true), false)
    assert.equal(await seen({ FORCE_COLOR: '1' }, false), true)
    assert.equal(await seen({ TERM: 'dumb' }, true), false)
  })

  test('DEP-01: each step is told where it is asked for', async (t) => {
    const { err } = await doctor(t, HOPS, '--verbose')
    assert.match(err, /^reading policy\.mjs$/m)
  })
})

describe('the bin', () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const spawned = (cwd: string, ...args: readonly string[]): Promise<readonly [code: number, out: string]> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [...process.execArgv, main, ...args],
        { cwd, timeout: 60_000 },
        (error, stdout, stderr) =>
          resolve([typeof error?.code === 'number' ? error.code : 0, stdout + stderr]),
      )
    })

  test('DEP-01: it ends with the code of what it found, though the module holds a timer', async (t) => {
    const cwd = folderOf(t, {
      ...HOPS,
      'holding.mjs': `${seeded('policy.any-host')}setInterval(() => {}, 1000)\n`,
    })
    const [code, out] = await spawned(cwd, 'doctor', 'holding.mjs', '--no-project')
    assert.equal(code, 1)
    assert.match(out, /policy\.any-host/)
    assert.equal((await spawned(cwd, 'doctor', '--no-project'))[0], 0)
    assert.equal((await spawned(cwd, 'docter'))[0], 2)
    assert.match((await spawned(cwd, '--help'))[1], /Exit codes: 0 nothing found/)
    assert.match((await spawned(cwd, '--version'))[1], /^\d+\.\d+\.\d+(?:-0)?$/m)
  })
})
