import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = new URL('../../../../', import.meta.url)
const at = (path: string): URL => new URL(path, root)
/** What is not to be started: the apps before and after that docs/migrating shows, which run in tests. */
const NOT_STARTED: ReadonlySet<string> = new Set(['migration'])
const examples = readdirSync(at('examples')).filter(
  (name) => existsSync(at(`examples/${name}/package.json`)) && !NOT_STARTED.has(name),
)

describe('the examples', () => {
  for (const name of examples) {
    const folder = `examples/${name}`
    // The demo is what runs without a name.
    const command = name === 'node-http' ? 'npm start' : `npm start -- ${name}`
    test(`${name} starts by one command, which its README says, and has a test`, () => {
      assert.ok(existsSync(at(`${folder}/src/main.ts`)))
      assert.match(readFileSync(at(`${folder}/README.md`), 'utf8'), new RegExp(`^${command}( |$)`, 'm'))
      assert.ok(readdirSync(at(`${folder}/test`)).some((file) => file.endsWith('.test.ts')))
    })
  }

  test('one that is not there is answered with all of them, at once', () => {
    const start = fileURLToPath(at('.ci/start.mjs'))
    for (const name of ['nothing', '../bench', 'express/src', '']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [start, name], { encoding: 'utf8' })
      assert.deepEqual([status, stdout], [1, ''], name)
      const listed = [...stderr.matchAll(/^ {2}npm start -- (\S+)$/gm)].map((match) => match[1])
      assert.deepEqual(listed, examples.toSorted())
    }
  })
})
