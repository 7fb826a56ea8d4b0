import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { readRequirements } from '../support/requirements.ts'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** What the gate has to do with an item: it holds it, it holds a part of it, it is for the application and whoever runs
 * it, or no gate has to do with it. */
const STATES: readonly unknown[] = ['held', 'partly', 'application', 'out of scope']

interface Item {
  readonly id: string
  readonly title: string
  readonly state: string
  /** Ids of docs/requirements.md. */
  readonly requirements: readonly string[]
  /** Files of tests, from the root, for what is under no id of that page. */
  readonly tests?: readonly string[]
  readonly note?: string
}

interface Evidence {
  readonly standard: string
  readonly version: string
  readonly source: string
  readonly scope: string
  readonly items: readonly Item[]
}

/** How many requirements each section of ASVS 5.0.0 has: 345 in all, numbered from 1 without a gap. */
const ASVS: Readonly<Record<string, readonly number[]>> = {
  1: [2, 10, 12, 3, 3],
  2: [3, 3, 5, 2],
  3: [1, 3, 5, 8, 8, 1, 5],
  4: [5, 5, 2, 4],
  5: [1, 6, 3, 3],
  6: [3, 12, 8, 6, 8, 4, 2, 4],
  7: [3, 4, 2, 5, 3, 2],
  8: [4, 4, 3, 2],
  9: [3, 4],
  10: [2, 3, 5, 16, 5, 2, 3],
  11: [4, 5, 5, 4, 2, 2, 2],
  12: [5, 2, 5],
  13: [4, 6, 4, 7],
  14: [2, 8, 3],
  15: [5, 5, 7, 4],
  16: [1, 5, 4, 3, 4],
  17: [2, 8, 2],
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1)

const asvsIds = Object.entries(ASVS).flatMap(([chapter, sections]) =>
  sections.flatMap((count, at) => numbers(count).map((number) => `${chapter}.${at + 1}.${number}`)),
)

/** The maps, and every id of each standard. */
const MAPS: readonly (readonly [path: string, ids: readonly string[]])[] = [
  ['docs/evidence/asvs-5.0.json', asvsIds],
  ['docs/evidence/api-top-10-2023.json', numbers(10).map((number) => `API${number}:2023`)],
]

/** The states of docs/requirements.md. That the page says the truth about its tests is looked at in
 * `requirements.test.ts`. */
const stateOf: ReadonlyMap<string, string> = new Map(
  readRequirements().requirements.map(({ id, state }) => [id, state]),
)

const repeated = (texts: readonly string[]): readonly string[] =>
  texts.filter((text, at) => texts.indexOf(text) !== at)

for (const [path, ids] of MAPS) {
  describe(path, () => {
    const { standard, version, source, scope, items } = JSON.parse(read(path)) as Evidence

    test('says what it maps, and where that is to be read', () => {
      assert.ok([standard, version, scope].every((text) => text.length > 0))
      assert.match(source, /^https:\/\//)
    })

    test('has every item of the standard, in its order, and each of them once', () => {
      assert.deepEqual(
        items.map(({ id }) => id),
        ids,
      )
    })

    test('gives each item a title and a state', () => {
      for (const { id, title, state } of items) {
        assert.ok(title.length > 0, id)
        assert.ok(STATES.includes(state), `${id}: ${state}`)
      }
    })

    test('names requirements and tests that there are', () => {
      for (const { id, requirements, tests = [] } of items) {
        assert.deepEqual(repeated([...requirements, ...tests]), [], id)
        for (const requirement of requirements) assert.ok(stateOf.has(requirement), `${id}: ${requirement}`)
        for (const file of tests) {
          assert.match(file, /^packages\/.+\.test\.ts$/, id)
          assert.ok(existsSync(new URL(file, root)), `${id}: ${file}`)
        }
      }
    })

    test('says held only of what whole requirements hold', () => {
      for (const { id, requirements } of items.filter(({ state }) => state === 'held')) {
        assert.ok(requirements.length > 0, id)
        assert.deepEqual(
          requirements.filter((requirement) => stateOf.get(requirement) === 'in part'),
          [],
          id,
        )
      }
    })

    test('says of what is held in part what holds it, and what is left', () => {
      for (const { id, requirements, tests = [], note = '' } of items.filter(
        ({ state }) => state === 'partly',
      )) {
        assert.ok(requirements.length + tests.length > 0, id)
        assert.ok(note.length > 0, id)
      }
    })

    test('says that nothing here holds what is for others, and why no gate has to do with it', () => {
      for (const { id, state, requirements, tests = [], note = '' } of items) {
        if (state !== 'application' && state !== 'out of scope') continue
        assert.deepEqual([...requirements, ...tests], [], id)
        if (state === 'out of scope') assert.ok(note.length > 0, id)
      }
    })
  })
}

test('the page of the evidence counts what the maps say', () => {
  const page = read('docs/evidence/README.md')
  for (const [path] of MAPS) {
    const { items } = JSON.parse(read(path)) as Evidence
    const counts = STATES.map((state) => items.filter((item) => item.state === state).length)
    const [, file = ''] = /([^/]+)$/.exec(path) ?? []
    const row = page.split('\n').find((line) => line.includes(`(${file})`))
    const said = row?.split('|').map((cell) => cell.trim())
    assert.deepEqual(said?.slice(2, 2 + STATES.length), counts.map(String), path)
  }
})

test('what sources and documents cite of ASVS is in it', () => {
  const known = new Set(asvsIds)
  const folders = readdirSync(new URL('packages/', root)).map((name) => `packages/${name}/src/`)
  for (const folder of ['docs/', ...folders]) {
    for (const name of readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:md|ts)$/.test(name)) continue
      for (const [, id = ''] of read(folder + name).matchAll(/ASVS (\d+\.\d+\.\d+)/g)) {
        assert.ok(known.has(id) || id === '5.0.0', `${folder}${name}: ${id}`)
      }
    }
  }
})
