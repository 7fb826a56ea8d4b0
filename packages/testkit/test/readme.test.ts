import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { CHANGES } from '../src/adapter/transport.ts'

// The blocks of README.md that have a name, as files of a project: their tests are tests of this file.
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const TESTKIT = new URL('../src/index.ts', import.meta.url).href
const CORE = import.meta.resolve('@gatehouse/core')

const project = mkdtempSync(join(tmpdir(), 'gatehouse-testkit-'))
// Not in a hook: those of the root may run when the tests of one file have ended, and the next is not imported yet.
process.once('exit', () => rmSync(project, { recursive: true, force: true }))
for (const folder of ['src', 'test']) mkdirSync(join(project, folder))

const tests: string[] = []
for (const [, name = '', block = ''] of README.matchAll(/^```ts (\S+)\n([^]*?)^```/gm)) {
  const folder = name.endsWith('.test.ts') ? 'test' : 'src'
  const file = join(project, folder, name.replace(/\.ts$/, '.mts'))
  writeFileSync(
    file,
    block
      .replaceAll("'@gatehouse/core'", `'${CORE}'`)
      .replaceAll("'@gatehouse/testkit'", `'${TESTKIT}'`)
      .replaceAll("'../src/api.ts'", "'../src/api.mts'"),
  )
  if (folder === 'test') tests.push(file)
}
// What loads modules in a thread of its own keeps no process alive, and the tests would be over before they came.
const waiting = setInterval(() => undefined, 1_000)
for (const file of tests) await import(pathToFileURL(file).href)
clearInterval(waiting)

test('README.md has a test for each thing that it speaks of', () => {
  assert.deepEqual(
    tests.map((file) => file.slice(join(project, 'test').length + 1)),
    ['api.test.mts', 'attacks.test.mts', 'issuer.test.mts'],
  )
})

test('README.md has each field that a transport changes, with the transport', () => {
  const rows = README.split('\n').filter((line) => line.startsWith('| `'))
  for (const [field, over] of CHANGES) {
    const said = rows.some((row) => row.toLowerCase().includes(`\`${field}\``) && row.includes(` ${over} `))
    assert.ok(said, `${field} over ${over}`)
  }
})
