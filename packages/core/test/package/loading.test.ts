import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { builtCore } from './built.ts'

/** Modules of Node that a process has loaded which ran a module. */
function loadedBy(module: string): readonly string[] {
  const input = `${module}\nconsole.log(JSON.stringify(process.moduleLoadList))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module'], {
    input,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  return (JSON.parse(stdout) as string[]).map((name) => name.replace(/^NativeModule /, ''))
}

describe('what Node loads for an import of the core', () => {
  const rows: readonly (readonly [name: string, modules: RegExp])[] = [
    // An import of node:http asks it for its WebSocket, too.
    ['undici, by any import of node:http on Node 22 and later', /undici/],
    ['TLS', /^(?:https|tls|_tls_wrap)$/],
    ['what few gates need', /^(?:cluster|dns|zlib|inspector)$/],
  ]
  for (const [name, modules] of rows) {
    test(`DEP-03: an import of the core does not load ${name}`, async () => {
      const loaded = loadedBy(await builtCore())
      assert.ok(loaded.includes('http'), 'a gate needs node:http')
      assert.deepEqual(
        loaded.filter((each) => modules.test(each)),
        [],
      )
    })
  }

  test('DEP-03: plain imports would load it', () => {
    const loaded = loadedBy("import 'node:https'; import 'node:zlib'")
    for (const [, modules] of rows.slice(1)) assert.ok(loaded.some((each) => modules.test(each)))
  })
})
