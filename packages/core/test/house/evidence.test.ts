import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')

/** What the gate has to do with an item: it holds it, it holds a part of it, or it is the application's or operator's. */
const STATES: readonly unknown[] = ['held', 'partly', 'yours']

interface Item {
  readonly id: string
  readonly title: string
  readonly state: string
  /** Ids of docs/requirements.md. */
  readonly requirements: readonly string[]
  readonly note?: string
}

interface Evidence {
  readonly standard: string
  readonly version: string
  readonly source: string
  readonly scope: string
  readonly items: readonly Item[]
}

/** The maps, and the form of an id of each standard. */
const MAPS: readonly (readonly [path: string, id: RegExp])[] = [
  ['docs/evidence/asvs-5.0.json', /^(?:[1-9]|1[0-7])\.[1-9]\.[1-9]\d?$/],
  ['docs/evidence/api-top-10-2023.json', /^API(?:[1-9]|10):2023$/],
]

/** The ids of the rows of a part of docs/requirements.md that list at least one test. That they do so rightly, and that
 * each test names its id, is looked at in `requirements.test.ts`. */
function proven(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^\| ([A-Z]{2,4}-\d{2}) .*\.test\.ts\)/gm)].map(([, id = '']) => id))
}

const [whole = '', part = ''] = read('docs/requirements.md').split('\n## Held in part\n')
const held = proven(whole)
const inPart = proven(part)

const repeated = (texts: readonly string[]): readonly string[] =>
  texts.filter((text, at) => texts.indexOf(text) !== at)

for (const [path, form] of MAPS) {
  describe(path, () => {
    const { standard, version, source, scope, items } = JSON.parse(read(path)) as Evidence

    test('says what it maps, and where that is to be read', () => {
      assert.ok([standard, version, scope].every((text) => text.length > 0))
      assert.match(source, /^https:\/\//)
    })

    test('has each item once, by an id of the standard', () => {
      const ids = items.map(({ id }) => id)
      assert.ok(ids.length >= 10)
      assert.deepEqual(repeated(ids), [])
      assert.deepEqual(
        ids.filter((id) => !form.test(id)),
        [],
      )
    })

    test('gives each item a title, a state, and requirements that there are', () => {
      for (const { id, title, state, requirements } of items) {
        assert.ok(title.length > 0, id)
        assert.ok(STATES.includes(state), `${id}: ${state}`)
        assert.deepEqual(repeated(requirements), [], id)
        for (const requirement of requirements) {
          assert.ok(
            held.has(requirement) || inPart.has(requirement),
            `${id}: ${requirement} has no row with a test`,
          )
        }
      }
    })

    test('says held only of what whole requirements hold', () => {
      for (const { id, requirements } of items.filter(({ state }) => state === 'held')) {
        assert.ok(requirements.length > 0, id)
        assert.deepEqual(
          requirements.filter((requirement) => !held.has(requirement)),
          [],
          id,
        )
      }
    })

    test('says of what is held in part what holds it, and that nothing holds what is not ours', () => {
      for (const { id, state, requirements } of items) {
        if (state === 'partly') assert.ok(requirements.length > 0, id)
        if (state === 'yours') assert.deepEqual(requirements, [], id)
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
    assert.deepEqual(said?.slice(2, 5), counts.map(String), path)
  }
})
