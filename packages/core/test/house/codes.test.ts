import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import { MISTAKES } from '../../src/contract/mistakes.ts'

const page = readFileSync(new URL('../../../../docs/codes.md', import.meta.url), 'utf8')
const source = sources(new URL('../../src/', import.meta.url))

/** The first cells of the table under a heading. */
function listed(heading: string): readonly string[] {
  const part = page.split(`## ${heading}`)[1]?.split('\n## ')[0] ?? ''
  return [...part.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '')
}

/** The text of every source file but the tables themselves. */
function sources(folder: URL): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/contract[\\/](?:codes|kinds|mistakes)\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
}

/** Kinds that only a scheme of somebody's own refuses with, until one of the house does. */
const FOR_OTHERS: ReadonlySet<string> = new Set([])

const tables = [
  ['What a client sees', CODES],
  ['What a log sees', KINDS],
  ["What a policy's author sees", MISTAKES],
] as const

describe('the tables of codes', () => {
  for (const [heading, table] of tables) {
    test(`docs/codes.md lists exactly the source's codes: ${heading}`, () => {
      assert.deepEqual(listed(heading), Object.keys(table))
    })
  }

  test('every kind names a code that exists, and every code has a kind', () => {
    const used = new Set(Object.values(KINDS).map((row) => row.code))
    for (const code of used) assert.ok(code === undefined || code in CODES, code)
    for (const code of Object.keys(CODES)) assert.ok(used.has(code as keyof typeof CODES), code)
  })

  test('every kind and every mistake is used somewhere', () => {
    for (const name of [...Object.keys(KINDS), ...Object.keys(MISTAKES)])
      assert.equal(source.includes(`'${name}'`), !FOR_OTHERS.has(name), name)
  })

  test('ERR-01: the title of a code is one constant sentence', () => {
    for (const [code, row] of Object.entries(CODES)) assert.match(row.title, /^[A-Z][^$]*\.$/, code)
  })
})
