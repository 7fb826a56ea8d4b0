import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isWellFormed, quotedString } from '../../src/lib/chars.ts'
import { parseForm } from '../../src/lib/form.ts'
import { parseJson } from '../../src/lib/json.ts'
import { parseMediaType } from '../../src/lib/media-type.ts'
import { anyText } from './any-text.ts'

const token = fc.string({ unit: fc.constantFrom(...'abAB01!#$&-^_.+'.split('')), minLength: 1, maxLength: 6 })
const space = fc.constantFrom('', ' ', '\t', ' \t ')
const parameter = fc.record({
  name: token,
  value: fc.oneof(token, fc.string({ unit: fc.constantFrom(...'a ;,="\\/é'.split('')), maxLength: 6 })),
  before: space,
  after: space,
})

test('CSR-06: a media type that was written by the grammar is read as it was meant; one that was cut is not', () => {
  fc.assert(
    fc.property(token, token, fc.array(parameter, { maxLength: 4 }), (type, subtype, parameters) => {
      const written = parameters.map(
        ({ name, value, before, after }) =>
          `${before};${after}${name}=${/^[\w!#$&^.+-]+$/.test(value) ? value : quotedString(value)}`,
      )
      const names = parameters.map(({ name }) => name.toLowerCase())
      const read = parseMediaType(`${type}/${subtype}${written.join('')}`)
      if (new Set(names).size < names.length) assert.equal(read, undefined)
      else {
        assert.equal(read?.essence, `${type}/${subtype}`.toLowerCase())
        assert.deepEqual(
          [...read.parameters],
          parameters.map(({ value }, index) => [names[index], value]),
        )
      }
      assert.equal(parseMediaType(`${type}/${subtype}${written.join('')},`), undefined)
      assert.equal(parseMediaType(`${type}/`), undefined)
    }),
    { numRuns: 1000 },
  )
})

test('CSR-06: no text makes the reader of media types throw, and what it takes is a type', () => {
  const near = fc.string({ unit: fc.constantFrom(...'ab/;="\\ ,\t'.split('')), maxLength: 14 })
  fc.assert(
    fc.property(fc.oneof(anyText, near), (text) => {
      const read = parseMediaType(text)
      if (read !== undefined) assert.match(read.essence, /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/)
    }),
    { numRuns: 2000 },
  )
})

test('REQ-11: a form is what URLSearchParams makes of it, or is refused: for a name twice, or what that one mends', () => {
  const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%61', '%c3%a9', '%', '%c3', '%2B', 'é', '__proto__')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const form = parseForm(text)
      const loose = [...new URLSearchParams(text)]
      const names = loose.map(([name]) => name)
      const isMended = loose.flat().some((part) => part.includes('\ufffd'))
      const isStrict = !/%(?![0-9a-f]{2})/i.test(text) && !isMended && new Set(names).size === names.length
      assert.equal(form !== undefined, isStrict, text)
      if (form !== undefined) assert.deepEqual([...form], loose)
    }),
    { numRuns: 3000 },
  )
})

test('REQ-11: JSON has half a character exactly when one of its strings has', () => {
  const unit = fc.constantFrom('a', '\\\\', '\\"', '\\ud83d', '\\ude00', '\\uD800', 'ud83d', '😀', '\\u0061')
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 8 }), fc.boolean(), (units, isName) => {
      const string = `"${units.join('')}"`
      const text = isName ? `{${string}:1}` : `[${string}]`
      assert.equal(
        parseJson(text, { loneSurrogates: false }).ok,
        isWellFormed(String(JSON.parse(string))),
        text,
      )
    }),
    { numRuns: 2000 },
  )
})

/** What a reader finds that walks through the value, slowly. */
function reachesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, inner]) => {
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    if (name === 'constructor' && isObject && Object.hasOwn(inner, 'prototype')) return true
    return reachesPrototype(inner)
  })
}

test('REQ-11: JSON is refused exactly when a constructor in it has a prototype', () => {
  const key = fc.constantFrom('constructor', 'prototype', 'a', '\u0063onstructor')
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<unknown>(1, 'constructor', 'prototype', null),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      assert.equal(parseJson(JSON.stringify(value)).ok, !reachesPrototype(value))
    }),
    { numRuns: 3000 },
  )
})
