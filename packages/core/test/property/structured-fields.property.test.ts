import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BareItem, parseDictionary, parseItem, parseList, Token } from 'structured-headers'
import {
  sfBytes,
  sfDictionary,
  sfInteger,
  sfItem,
  sfList,
  sfString,
  sfToken,
} from '../../src/lib/structured-fields.ts'
import { anyText } from './any-text.ts'

/** A serialized bare item, and what an independent parser must read from it. */
interface Sample {
  readonly text: string
  readonly value: BareItem | true
}

const key: fc.Arbitrary<string> = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/)

const bare: fc.Arbitrary<Sample> = fc.oneof(
  fc.string().map((value): Sample => ({ text: sfString(value), value })),
  fc.stringMatching(/^[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]{0,8}$/).map((token): Sample => ({
    text: sfToken(token),
    value: new Token(token),
  })),
  fc
    .oneof(fc.integer(), fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }))
    .map((value): Sample => ({ text: sfInteger(value), value })),
  fc.uint8Array().map((bytes): Sample => ({ text: sfBytes(bytes), value: Uint8Array.from(bytes).buffer })),
)

const parameters: fc.Arbitrary<readonly (readonly [string, Sample])[]> = fc.uniqueArray(
  fc.tuple(key, fc.oneof(bare, fc.constant<Sample>({ text: '', value: true }))),
  { selector: ([name]) => name, maxLength: 4 },
)

function serialized(members: readonly (readonly [string, Sample])[]): Record<string, string | true> {
  return Object.fromEntries(members.map(([name, { text, value }]) => [name, value === true ? true : text]))
}

function values(members: readonly (readonly [string, Sample])[]): Map<string, unknown> {
  return new Map(members.map(([name, { value }]) => [name, value]))
}

test('RL-12: an item with parameters is what the structured-headers package reads', () => {
  fc.assert(
    fc.property(bare, parameters, (item, members) => {
      const [value, read] = parseItem(sfItem(item.text, serialized(members)))
      assert.deepEqual(value, item.value)
      assert.deepEqual(read, values(members))
    }),
    { numRuns: 500 },
  )
})

test('RL-12: a list is what the structured-headers package reads', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(bare, parameters), { minLength: 1, maxLength: 4 }), (items) => {
      const read = parseList(sfList(items.map(([item, members]) => sfItem(item.text, serialized(members)))))
      assert.deepEqual(
        read,
        items.map(([item, members]) => [item.value, values(members)]),
      )
    }),
    { numRuns: 300 },
  )
})

test('HDR-08: a dictionary is what the structured-headers package reads', () => {
  fc.assert(
    fc.property(parameters, (members) => {
      const read = parseDictionary(sfDictionary(serialized(members)))
      const expected = members.map(([name, { value }]) => [name, [value, new Map()]] as const)
      assert.deepEqual(read, new Map(expected))
    }),
    { numRuns: 300 },
  )
})

test('HDR-08: any text is serialized so that it is read back, or refused with a TypeError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), anyText), (text) => {
      for (const write of [sfString, sfToken]) {
        let out: string | undefined
        try {
          out = write(text)
        } catch (error) {
          assert.ok(error instanceof TypeError)
        }
        if (out === undefined) continue
        const [value] = parseItem(out)
        assert.equal(value instanceof Token ? value.toString() : value, text)
      }
    }),
    { numRuns: 500 },
  )
})
