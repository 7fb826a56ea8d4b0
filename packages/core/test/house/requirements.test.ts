import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { ORDER } from '../../src/chain/order.ts'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** The files under a folder with an ending, as paths from the root. */
function filesUnder(folder: string, ending: string): readonly string[] {
  const url = new URL(folder, root)
  if (!existsSync(url)) return []
  return readdirSync(url, { recursive: true, encoding: 'utf8' })
    .map((name) => folder + name.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(ending) && !path.includes('node_modules/'))
}

const members = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root)).map((name) => `${folder}${name}/`)

/** The ids that titles of tests begin with: `'COR-05: ...'`, `'HDR-01, COR-19: ...'`. */
function idsIn(path: string): ReadonlySet<string> {
  const titles = read(path).matchAll(/['"`]((?:[A-Z]{2,4}-\d{2}(?:, )?)+):/g)
  return new Set([...titles].flatMap(([, ids = '']) => ids.split(', ')))
}

const page = read('docs/requirements.md')

interface Held {
  readonly id: string
  /** Links, from the folder of the page. */
  readonly files: readonly string[]
}

/** The rows of the page's tables. */
const rows: readonly Held[] = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, id = '']) => /^[A-Z]{2,4}-\d{2}$/.test(id))
  .map(([, id = '', , tests = '']) => ({
    id,
    files: [...tests.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path),
  }))

describe('docs/requirements.md', () => {
  test('lists the requirements, and each of them once', () => {
    assert.ok(rows.length > 100, `${rows.length} rows`)
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length)
  })

  test('every requirement that is held is named in the title of a test', () => {
    const folders = [...members('packages/'), ...members('examples/')].map((folder) => `${folder}test/`)
    // The checks of the suites for stores and adapters are tests that are shipped.
    const tests = [...folders, 'packages/testkit/src/'].flatMap((folder) => filesUnder(folder, '.ts'))
    const named = new Set(tests.flatMap((path) => [...idsIn(path)]))
    assert.deepEqual(
      rows.filter(({ id }) => !named.has(id)),
      [],
    )
  })

  test('every file that is listed exists, and names the requirement it is listed for', () => {
    for (const { id, files } of rows) {
      assert.ok(files.length > 0, `${id} lists no test`)
      for (const path of files) {
        assert.ok(existsSync(new URL(path, root)), `${id}: ${path}`)
        assert.ok(idsIn(path).has(id), `${id} is in no title of ${path}`)
      }
    }
  })

  test('no other requirement is spoken of', () => {
    const listed = new Set(rows.map(({ id }) => id))
    for (const [id] of page.matchAll(/\b[A-Z]{2,4}-\d{2}\b/g)) assert.ok(listed.has(id), id)
  })
})

describe('the documents', () => {
  const documents = [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...filesUnder('docs/', '.md'),
    ...[...members('packages/'), ...members('examples/')]
      .map((folder) => `${folder}README.md`)
      .filter((path) => existsSync(new URL(path, root))),
  ]

  for (const path of documents) {
    test(`${path} links to what exists`, () => {
      // What stands in a block of code is no link.
      const text = read(path).replace(/^```[^]*?^```/gm, '')
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue
        const [file = '', anchor] = target.split('#')
        const url = file === '' ? new URL(path, root) : new URL(file, new URL(path, root))
        assert.ok(existsSync(url), target)
        if (anchor !== undefined) assert.ok(anchorsOf(readFileSync(url, 'utf8')).has(anchor), target)
      }
    })
  }

  for (const path of documents) {
    test(`${path} has a head on each of its tables`, () => {
      const lines = read(path)
        .replace(/^```[^]*?^```/gm, '')
        .split('\n')
      const first = (at: number): boolean =>
        lines[at]?.startsWith('|') === true && !lines[at - 1]?.startsWith('|')
      const headless = lines.filter((_, at) => first(at) && !/^\|[ :|-]+\|$/.test(lines[at + 1] ?? ''))
      assert.deepEqual(headless, [])
    })
  }

  test('the guide of shadow mode has a row for each check, in their order', () => {
    const [, table = ''] = read('docs/guides/shadow-mode.md').split('## What each check does in shadow mode')
    const listed = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name)
    assert.deepEqual(
      listed,
      ORDER.map(({ name }) => name),
    )
  })

  test('ARCHITECTURE.md has the order table of the source, reasons and all', () => {
    const text = read('ARCHITECTURE.md').replace(/ +\|/g, ' |')
    const table = ORDER.map(({ name, reason }) => `| \`${name}\` | ${reason} |`).join('\n')
    assert.ok(text.includes(table), table)
  })

  test('README.md has the checks in their order', () => {
    const listed = [...read('README.md').matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name)
    const names: readonly string[] = ORDER.map(({ name }) => name)
    assert.deepEqual(
      listed.filter((name) => names.includes(name ?? '')),
      names,
    )
  })
})

/** The anchors of a page: its headings, as GitHub makes links of them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}
