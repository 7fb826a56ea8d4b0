import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { ORDER } from '../../src/chain/order.ts'

const root = new URL('../../../../', import.meta.url)
const has = (path: string): boolean => existsSync(new URL(path, root))
const files = (path: string): readonly string[] =>
  readdirSync(new URL(path, root)).filter((name) => name.endsWith('.ts'))

/** The lines of a source that are neither empty nor of a block comment. */
function linesOfCode(path: string): number {
  const text = readFileSync(new URL(path, root), 'utf8').replace(/\/\*[^]*?\*\//g, '')
  return text.split('\n').filter((line) => line.trim() !== '').length
}

/** Where a check lives, when its file is not called like it. */
const FILE_OF: Readonly<Record<string, string>> = {
  'client-limits': 'rate-limit',
  'caller-limits': 'rate-limit',
  'client-concurrency': 'concurrency',
  'caller-concurrency': 'concurrency',
}

describe('the house', () => {
  for (const { name } of ORDER) {
    const file = FILE_OF[name] ?? name
    test(`the ${name} check has its file, its tests and its page`, () => {
      assert.ok(has(`packages/core/src/checks/${file}.ts`), `packages/core/src/checks/${file}.ts`)
      assert.ok(has(`packages/core/test/checks/${file}.test.ts`), `packages/core/test/checks/${file}.test.ts`)
      assert.ok(has(`docs/checks/${file}.md`), `docs/checks/${file}.md`)
    })
  }

  test('every page of a check is linked from the index of the documents', () => {
    const index = readFileSync(new URL('docs/README.md', root), 'utf8')
    for (const name of readdirSync(new URL('docs/checks/', root)))
      assert.ok(index.includes(`checks/${name}`), name)
  })

  test('every package has a page, linked from the index of the documents', () => {
    const index = readFileSync(new URL('docs/README.md', root), 'utf8')
    for (const name of readdirSync(new URL('packages/', root)))
      if (has(`packages/${name}/package.json`))
        assert.ok(index.includes(`(../packages/${name}/README.md)`), name)
  })

  test('what each package brings when it is installed is in the table of the README', () => {
    const readme = readFileSync(new URL('README.md', root), 'utf8')
    const table = /^\| Installed [^]*?\n\n/m.exec(readme)?.[0] ?? ''
    for (const name of readdirSync(new URL('packages/', root)))
      if (has(`packages/${name}/package.json`)) assert.ok(table.includes(`\`@gatehouse/${name}\``), name)
  })

  test('DEP-03: the core depends on nothing at run time', () => {
    const manifest = JSON.parse(readFileSync(new URL('packages/core/package.json', root), 'utf8')) as object
    for (const key of ['dependencies', 'peerDependencies', 'optionalDependencies'])
      assert.ok(!(key in manifest), key)
  })

  test('DEP-03: no source of a package makes code from text', () => {
    for (const folder of readdirSync(new URL('packages/', root)).map((name) => `packages/${name}/src/`)) {
      for (const name of readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })) {
        if (!name.endsWith('.ts')) continue
        const text = readFileSync(new URL(folder + name, root), 'utf8')
        // EVAL of Redis is a method of its clients, and takes a script.
        assert.doesNotMatch(
          text,
          /(?<![.\w])eval\((?!script: )|(?<![.\w])Function\(|new Function\(|node:vm/,
          folder + name,
        )
      }
    }
  })

  test('the index of the core re-exports and does nothing else', () => {
    const text = readFileSync(new URL('packages/core/src/index.ts', root), 'utf8').replace(
      /\/\*[^]*?\*\//g,
      '',
    )
    assert.doesNotMatch(text, /\b(?:const|let|function|class|if)\b/)
  })

  test('an adapter is thin', () => {
    for (const name of ['express', 'fastify', 'hono', 'koa']) {
      assert.deepEqual(files(`packages/adapter-${name}/src`), ['index.ts'])
      const count = linesOfCode(`packages/adapter-${name}/src/index.ts`)
      assert.ok(count <= 100, `${count} lines`)
    }
  })

  // It is two adapters, of Express and of Fastify, and Nest calls guards, filters and decorators at places of their own.
  test('the adapter for Nest is a few files, each of them thin', () => {
    assert.deepEqual([...files('packages/adapter-nest/src')].sort(), [
      'allow.ts',
      'front.ts',
      'handlers.ts',
      'index.ts',
      'request.ts',
      'rules.ts',
    ])
    for (const name of files('packages/adapter-nest/src')) {
      const count = linesOfCode(`packages/adapter-nest/src/${name}`)
      assert.ok(count <= 100, `${name}: ${count} lines`)
    }
  })
})
