import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ALL_CHECKS } from '../src/doctor/table.ts'
import { folderOf } from './support/run.ts'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const CORE = JSON.stringify(new URL('../../core/dist/index.js', import.meta.url))
const gateOf = (policy: string): string =>
  `import { apiKey, gatehouse } from ${CORE}\nexport const gate = gatehouse({ hosts: ['api.example.com'], authenticate: apiKey({ keys: () => undefined }), ${policy} })\n`

// Whoever runs the tests may want colours.
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }

interface Ended {
  readonly code: number | null
  readonly out: string
}

/** Runs what is published, with its output in a pipe. */
function piped(cwd: string, ...args: readonly string[]): Ended {
  const { status, stdout } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: status, out: stdout }
}

/** Runs what is published, with its output in a file. */
function written(cwd: string, ...args: readonly string[]): Ended {
  const path = join(cwd, 'output.txt')
  const file = openSync(path, 'w')
  const { status } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    env,
    stdio: ['ignore', file, 'ignore'],
    timeout: 60_000,
  })
  closeSync(file)
  return { code: status, out: readFileSync(path, 'utf8') }
}

describe('the bin, as it is built', () => {
  test('DEP-01: the whole list of checks comes out, into a pipe and into a file', (t) => {
    const cwd = folderOf(t)
    for (const run of [piped, written]) {
      const { code, out } = run(cwd, 'doctor', '--list')
      assert.equal(code, 0)
      assert.deepEqual(
        out.trimEnd().split(/ .*\n?/),
        [...ALL_CHECKS.map(({ code: each }) => each), ''],
        run.name,
      )
    }
  })

  test('DEP-05: every change of a policy is named, and the exit codes say what was found', (t) => {
    const cwd = folderOf(t, {
      'before.mjs': gateOf(
        `rateLimit: { limit: 100, window: '1m' }, routes: { 'GET /b': { scopes: ['b', 'c'] }, 'GET /c': { scopes: ['c'] } }`,
      ),
      'after.mjs': gateOf(
        `rateLimit: { limit: 200, window: '1m' }, routes: { 'GET /b': { scopes: ['b'] }, 'GET /d': { public: 'new' } }`,
      ),
    })
    writeFileSync(join(cwd, 'routes.json'), piped(cwd, 'routes', 'before.mjs', '--json').out)
    for (const run of [piped, written]) {
      const same = run(cwd, 'routes', 'before.mjs', '--against', 'routes.json')
      assert.equal(same.code, 0, run.name)
      assert.match(same.out, /^As it is in routes\.json\.\n.*each of them guarded or open for a reason\.\n$/m)
      const other = run(cwd, 'routes', 'after.mjs', '--against', 'routes.json')
      assert.equal(other.code, 1, run.name)
      for (const line of [
        'Changed: policy, options.rateLimit.limit: 100 -> 200',
        'Changed: GET /b, scopes.names: ["b","c"] -> ["b"]',
        'Changed: GET /c, route: there -> nothing',
        'Changed: GET /d, route: nothing -> added',
      ])
        assert.ok(other.out.includes(`${line}\n`), other.out)
      assert.match(other.out, /each of them guarded or open for a reason\.\n$/)
      assert.deepEqual(run(cwd, 'routes', 'nowhere.mjs').code, 3)
      assert.deepEqual(run(cwd, 'docter').code, 2)
    }
  })
})
