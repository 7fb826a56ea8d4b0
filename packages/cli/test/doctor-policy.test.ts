import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CHECKS } from '../src/index.ts'
import { BROKEN, SEEDED } from './samples/seeded-policies.ts'
import { cli, codesOf, folderOf, type Ran, silencedOf } from './support/run.ts'

const samples = new URL('./samples/', import.meta.url)
const SEEDS = pathToFileURL(fileURLToPath(new URL('seeded-policies.ts', samples))).href

/** What else a check needs to be told. */
const FLAGS: Readonly<Record<string, readonly string[]>> = { 'policy.memory-store': ['--instances', '4'] }

/** Asks doctor about one of the exports of the samples. */
function look(t: TestContext, expression: string, ...flags: readonly string[]): Promise<Ran> {
  const cwd = folderOf(t, {
    'policy.mjs': `import * as seeds from ${JSON.stringify(SEEDS)}\nexport const policy = seeds.${expression}\n`,
  })
  return cli(['doctor', 'policy.mjs', '--no-project', '--json', '--fail-on', 'info', ...flags], { cwd })
}

describe('doctor and a policy', () => {
  for (const [table, group, name] of [
    ['policy', SEEDED, 'SEEDED'],
    ['mistake', BROKEN, 'BROKEN'],
  ] as const) {
    test(`DEP-01: every check of a ${table} has a seeded mistake`, () => {
      assert.deepEqual(CHECKS[table].map(({ code }) => code).sort(), Object.keys(group).sort())
    })

    for (const code of Object.keys(group)) {
      test(`DEP-01: ${code} is found, and silenced by its code`, async (t) => {
        const expression = `${name}[${JSON.stringify(code)}]`
        const flags = FLAGS[code] ?? []
        const found = await look(t, expression, ...flags)
        assert.equal(found.code, 1)
        assert.ok(codesOf(found).includes(code), `${code} is not among ${codesOf(found).join(', ')}`)
        const silenced = await look(t, expression, ...flags, '--silence', code)
        assert.ok(!codesOf(silenced).includes(code))
        assert.deepEqual(silencedOf(silenced), [code])
        assert.equal(silenced.code, codesOf(silenced).length === 0 ? 0 : 1)
      })
    }
  }

  test('DEP-01: each seeded policy has its own mistake, and few others', async (t) => {
    for (const code of Object.keys(SEEDED)) {
      const codes = codesOf(await look(t, `SEEDED[${JSON.stringify(code)}]`, ...(FLAGS[code] ?? [])))
      assert.ok(codes.length <= 3, `${code}: ${codes.join(', ')}`)
    }
  })

  test('DEP-01: nothing is found in a policy without a mistake', async (t) => {
    const { code, out } = await look(t, 'CLEAN')
    assert.equal(out.includes('"code"'), false, out)
    assert.equal(code, 0)
  })

  test('DEP-01: nothing is found in the hardened sample', async () => {
    const file = fileURLToPath(new URL('hardened.ts', samples))
    const ran = await cli(['doctor', file, '--no-project', '--fail-on', 'info'], { cwd: join(file, '..') })
    assert.match(ran.out, /^Nothing found by \d+ checks of hardened\.ts\.\n$/)
    assert.equal(ran.code, 0)
  })

  test('DEP-01: a module that throws its mistakes by itself is reported like any other', async (t) => {
    const cwd = folderOf(t, {
      'gate.mjs': `import { gatehouse } from ${JSON.stringify(import.meta.resolve('@gatehouse/core'))}\nexport const gate = gatehouse({ hosts: [] })\n`,
    })
    const ran = await cli(['doctor', '--no-project', '--json'], { cwd })
    assert.equal(ran.code, 1)
    assert.ok(codesOf(ran).every((code) => code.startsWith('mistake.')))
  })
})
