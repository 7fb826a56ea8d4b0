import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { ORDER } from '../../src/chain/order.ts'
import { readRequirements, STATES } from '../support/requirements.ts'

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

/** How many requirements there are of each group: they are numbered from 01, without a gap, and keep their numbers. */
const GROUPS: readonly (readonly [prefix: string, count: number])[] = [
  ['REQ', 17],
  ['PRX', 12],
  ['TLS', 7],
  ['HDR', 9],
  ['CKE', 1],
  ['COR', 27],
  ['CSR', 12],
  ['WS', 1],
  ['AUT', 16],
  ['BSC', 1],
  ['KEY', 2],
  ['JWT', 21],
  ['JWKS', 7],
  ['INT', 1],
  ['REV', 1],
  ['DPP', 18],
  ['MTL', 1],
  ['STP', 1],
  ['PRM', 1],
  ['AZ', 12],
  ['RL', 30],
  ['ERR', 4],
  ['IDM', 1],
  ['SIG', 2],
  ['LOG', 6],
  ['DEP', 5],
]

const IDS = GROUPS.flatMap(([prefix, count]) =>
  Array.from({ length: count }, (_, at) => `${prefix}-${String(at + 1).padStart(2, '0')}`),
)

const { text: page, requirements, files } = readRequirements()

describe('docs/requirements.md', () => {
  test('has every requirement, in their order, and each of them once', () => {
    assert.deepEqual(
      requirements.map(({ id }) => id),
      IDS,
    )
  })

  test('gives each requirement a state, and counts them', () => {
    for (const { id, state, text } of requirements) {
      assert.ok(
        STATES.some((each) => each === state),
        `${id}: ${state}`,
      )
      assert.match(text, /\.$/, id)
    }
    for (const state of STATES) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${state}\` `))
      const count = requirements.filter((each) => each.state === state).length
      assert.equal(row?.split('|').at(-2)?.trim(), `${count}`, state)
    }
  })

  test('says of each requirement that is not plainly held how it differs, and where that is documented, or what is missing', () => {
    for (const { id, state, differs, missing } of requirements) {
      assert.equal(differs !== undefined, state === 'held, differently', `${id}: Differs`)
      assert.equal(missing !== undefined, state === 'in part', `${id}: Missing`)
      if (differs !== undefined) assert.match(differs, /\]\([^)]+\.md(?:#[a-z-]+)?\)/, id)
      assert.ok((differs ?? missing ?? 'held').length > 3, id)
    }
  })

  test('lists the requirements that are not plainly held once more, under the deviations', () => {
    const [, deviations = ''] = page.split('\n## Deviations\n')
    for (const state of STATES.slice(1)) {
      const [, listed = ''] = new RegExp(`^- \\*\\*${state}\\*\\*: ([^.]+)`, 'm').exec(deviations) ?? []
      assert.deepEqual(
        listed.split(/,\s+/),
        requirements.filter((each) => each.state === state).map(({ id }) => id),
      )
    }
  })

  test('every requirement is named in the title of a test', () => {
    const folders = [...members('packages/'), ...members('examples/')].map((folder) => `${folder}test/`)
    // The checks of the suites for stores and adapters are tests that are shipped.
    const tests = [...folders, 'packages/testkit/src/'].flatMap((folder) => filesUnder(folder, '.ts'))
    const named = new Set(tests.flatMap((path) => [...idsIn(path)]))
    assert.deepEqual(
      IDS.filter((id) => !named.has(id)),
      [],
    )
  })

  test('every test that is listed exists, and has the requirement that it is listed for in a title', () => {
    for (const { id, labels } of requirements) {
      assert.ok(labels.length > 0, `${id} lists no test`)
      for (const label of labels) {
        const path = files.get(label)
        assert.ok(path !== undefined, `${id}: [${label}] leads nowhere`)
        assert.ok(existsSync(new URL(path, root)), `${id}: ${path}`)
        assert.ok(idsIn(path).has(id), `${id} is in no title of ${path}`)
      }
    }
  })

  test('every label leads to a test that some requirement lists', () => {
    const listed = new Set(requirements.flatMap(({ labels }) => labels))
    assert.deepEqual(
      [...files.keys()].filter((label) => !listed.has(label)),
      [],
    )
  })

  test('no other requirement is spoken of, there, in a document or in the title of a test', () => {
    const known = new Set(IDS)
    const prefixes = GROUPS.map(([prefix]) => prefix).join('|')
    const spoken = new RegExp(`\\b(?:${prefixes})-\\d{2}\\b`, 'g')
    for (const path of [...filesUnder('docs/', '.md'), 'CHANGELOG.md', 'ARCHITECTURE.md']) {
      for (const [id] of read(path).matchAll(spoken)) assert.ok(known.has(id), `${path}: ${id}`)
    }
    for (const path of [...members('packages/'), ...members('examples/')].flatMap((folder) =>
      filesUnder(`${folder}test/`, '.ts'),
    )) {
      for (const id of idsIn(path)) assert.ok(known.has(id), `${path}: ${id}`)
    }
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
