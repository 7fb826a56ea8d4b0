import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

const root = new URL('../../../../', import.meta.url)
const page = readFileSync(new URL('docs/advisories.md', root), 'utf8')

const ID = /^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})$/

/** The rows of the page's tables. */
const rows = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, id = '']) => /^(?:CVE|GHSA)/.test(id))
  .map(([, id = '', name = '', , link = '']) => ({
    id,
    name,
    path: /\]\(\.\.\/([^)]+)\)/.exec(link)?.[1] ?? '',
  }))

describe('docs/advisories.md', () => {
  test('lists advisories by their ids, and each of them once', () => {
    assert.ok(rows.length > 90, `${rows.length} rows`)
    for (const { id } of rows) assert.match(id, ID)
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length)
  })

  for (const { id, name, path } of rows) {
    test(`${id} is the name of a test, and so is ${name}`, () => {
      const text = readFileSync(new URL(path, root), 'utf8')
      // In a title, or in the table that titles are made of: in quotes, and not in a comment.
      const quoted = text.replace(/^ *(?:\/\/|\*|\/\*).*$/gm, '')
      assert.match(quoted, new RegExp(`['\`][^'\`\n]*\\b${id}\\b`), path)
      assert.ok(text.includes(name), path)
    })
  }

  test('every test of advisories is linked', () => {
    const linked = new Set(rows.map((row) => row.path))
    const folder = 'packages/core/test/attacks/'
    const named = readdirSync(new URL(folder, root)).filter((name) => name.includes('advisories'))
    assert.ok(named.length > 5, `${named.length} files`)
    for (const name of named) assert.ok(linked.has(folder + name), name)
  })

  test('every advisory that a test of them names is listed', () => {
    const listed = new Set(rows.map(({ id }) => id))
    for (const path of new Set(rows.map((row) => row.path))) {
      const text = readFileSync(new URL(path, root), 'utf8')
      for (const [id] of text.matchAll(/\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-\w{4}){3})\b/g))
        assert.ok(listed.has(id), id)
    }
  })
})
