import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { bundled } from './built.ts'

const run = promisify(execFile)

/** What the small API answers, whatever flags node has. */
const ANSWERS = {
  open: '200 anybody',
  limited: '429 quota_exceeded',
  'no token': '401 authentication_required',
  'a bad token': '401 invalid_token',
  'a good token': '200 ada',
  'no scope': '403 insufficient_scope',
  content: '200 ada',
  'bad content': '400 malformed_content',
  'an error': '500 internal_error',
  'another page': '200 ada',
  password: true,
  schemes: 'ConfigError,ConfigError,ConfigError,ConfigError',
  mistakes: 'ConfigError',
  lines: true,
  metrics: true,
}

/** What nothing stops in a process without flags. */
const FREE = {
  outside: 'no error: a secret of the machine',
  'code of text': 'no error: 1',
  'a prototype that is set': 'no error: 1',
  'the setter of prototypes': true,
}

const KNOWN = process.allowedNodeEnvironmentFlags

describe('a process with the strictest flags', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-hardened-')))
  const program = join(folder, 'small-api.mjs')
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-outside-')))
  before(async () => {
    const { text } = await bundled(readFileSync(new URL('small-api.ts', import.meta.url), 'utf8'))
    writeFileSync(program, text)
    writeFileSync(join(outside, 'secret'), 'a secret of the machine')
  })
  after(() => {
    for (const each of [folder, outside]) rmSync(each, { recursive: true, force: true })
  })

  async function answersWith(flags: readonly string[]): Promise<unknown> {
    const { stdout } = await run(process.execPath, [...flags, program, join(outside, 'secret')], {
      env: {},
      timeout: 60_000,
    })
    return JSON.parse(stdout)
  }

  const permission = [
    // Of Node 20 it is experimental.
    KNOWN.has('--permission') ? '--permission' : '--experimental-permission',
    `--allow-fs-read=${join(folder, '*')}`,
    // From Node 25 on it asks for the network, too.
    ...(KNOWN.has('--allow-net') ? ['--allow-net'] : []),
  ]
  const denied = { outside: 'ERR_ACCESS_DENIED' }
  const rows: readonly (readonly [name: string, flags: readonly string[], stopped: object])[] = [
    ['no flag', [], {}],
    ['--permission, and nothing to read but the package', permission, denied],
    ['--frozen-intrinsics', ['--frozen-intrinsics'], { 'a prototype that is set': 'TypeError' }],
    [
      '--disallow-code-generation-from-strings',
      ['--disallow-code-generation-from-strings'],
      { 'code of text': 'EvalError' },
    ],
    ['--disable-proto=delete', ['--disable-proto=delete'], { 'the setter of prototypes': false }],
    ['--disable-proto=throw', ['--disable-proto=throw'], {}],
    [
      'all of them',
      [
        ...permission,
        '--frozen-intrinsics',
        '--disallow-code-generation-from-strings',
        '--disable-proto=delete',
      ],
      {
        ...denied,
        'a prototype that is set': 'TypeError',
        'code of text': 'EvalError',
        'the setter of prototypes': false,
      },
    ],
  ]
  for (const [name, flags, stopped] of rows) {
    test(`DEP-03: with ${name} the core serves, limits, verifies and refuses as without`, async () => {
      assert.deepEqual(await answersWith(flags), { ...ANSWERS, ...FREE, ...stopped })
    })
  }
})
