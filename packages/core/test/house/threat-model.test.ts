import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { KINDS } from '../../src/contract/kinds.ts'

const root = new URL('../../../../', import.meta.url)
const page = readFileSync(new URL('docs/threat-model.md', root), 'utf8')

/** The rows of the threats, as cells. */
const threats = page
  .slice(page.indexOf('\n## The threats\n'), page.indexOf('\n## What is not stopped\n'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:Threat |-)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

/** That links lead to what exists is looked at in `requirements.test.ts`, for every document. */
describe('docs/threat-model.md', () => {
  test('has threats, each with a page that says what stops it, a kind that tells of it, and a test that tries it', () => {
    assert.ok(threats.length > 25, `${threats.length} threats`)
    for (const [threat, stops = '', tells = '', tried = ''] of threats) {
      assert.match(stops, /\]\((?:checks|guides)\/[a-z-]+\.md\)/, threat)
      assert.match(tells, /`[a-z.-]+`/, threat)
      assert.match(tried, /\.test\.ts\)/, threat)
    }
  })

  test('names kinds that there are', () => {
    const kinds = threats.flatMap(([, , tells = '']) =>
      [...tells.matchAll(/`([^`]+)`/g)].map(([, kind]) => kind),
    )
    assert.deepEqual(
      kinds.filter((kind) => !Object.hasOwn(KINDS, kind ?? '')),
      [],
    )
  })

  test('names every file of attacks, and each of them once', () => {
    const files = readdirSync(new URL('packages/core/test/attacks/', root)).filter((name) =>
      name.endsWith('.test.ts'),
    )
    const named = threats.flatMap(([, , , tried = '']) =>
      [...tried.matchAll(/\/attacks\/([^)]+)\)/g)].map(([, name]) => name),
    )
    assert.deepEqual(named.toSorted(), files.toSorted())
  })
})
