import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { cli, folderOf } from './support/run.ts'

/** Pages that show a whole policy, and what doctor warns of that they mean, and say. */
const PAGES: readonly (readonly [page: string, meant: readonly string[]])[] = [
  ['docs/guides/dashboard.md', ['policy.http-allowed']],
  ['docs/guides/doctor.md', []],
  ['docs/guides/metrics.md', []],
  ['packages/dashboard/README.md', ['policy.http-allowed']],
]

/** The first example of a page that makes a gate: as a module that exports it and does not listen. */
function moduleOf(page: string): string {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8')
  const block = [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].find(([, code]) => code?.includes('gatehouse({'))
  const code = (block?.[1] ?? assert.fail(`${page} makes no gate`))
    .replaceAll(/'(@gatehouse\/[a-z]+)'/g, (_all, name: string) => JSON.stringify(SOURCES[name]))
    .replace('.listen(3000)', '')
    .replaceAll(/process\.env\['\w+'\] \?\? ''/g, `'${'a'.repeat(64)}'`)
  return code.includes('export const gate') ? code : `${code}\nexport { gate }\n`
}

const SOURCES: Readonly<Record<string, string>> = {
  '@gatehouse/core': import.meta.resolve('@gatehouse/core'),
  '@gatehouse/dashboard': new URL('../../dashboard/src/index.ts', import.meta.url).href,
}

describe('what the guides show', () => {
  for (const [page, meant] of PAGES) {
    test(`DEP-01: doctor has nothing to warn of in ${page}`, async (t) => {
      const cwd = folderOf(t, { 'gate.mts': moduleOf(page) })
      const { out } = await cli(['doctor', 'gate.mts', '--no-project', '--json'], { cwd })
      const { findings } = JSON.parse(out) as {
        readonly findings: readonly { readonly code: string; readonly severity: string }[]
      }
      const serious = findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code)
      assert.deepEqual(serious, meant, out)
    })
  }
})
