import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from '../../src/lib/json.ts'
import { anyText } from './any-text.ts'

/** A JSON text together with what is known of it, because it was built from its parts. */
interface Model {
  readonly text: string
  readonly depth: number
  readonly names: number
  readonly duplicate: boolean
  readonly prototype: boolean
}

const space: fc.Arbitrary<string> = fc.constantFrom('', '', ' ', '\n\t')

function escapeAll(text: string): string {
  return text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function scalar(text: string): Model {
  return { text, depth: 0, names: 0, duplicate: false, prototype: false }
}

interface Member {
  readonly name: string
  readonly escaped: boolean
  readonly value: Model
}

function object(members: readonly Member[], pad: string): Model {
  const names = members.map((member) => member.name)
  const written = members.map(
    ({ name, escaped, value }) =>
      `${pad}${escaped ? `"${escapeAll(name)}"` : JSON.stringify(name)}${pad}:${value.text}`,
  )
  const inner = combine(members.map((member) => member.value))
  return {
    text: `{${written.join(`${pad},`)}${pad}}`,
    depth: inner.depth + 1,
    names: inner.names + names.length,
    duplicate: inner.duplicate || new Set(names).size < names.length,
    prototype: inner.prototype || names.includes('__proto__'),
  }
}

function array(values: readonly Model[], pad: string): Model {
  const inner = combine(values)
  return {
    ...inner,
    text: `[${pad}${values.map((value) => value.text).join(`${pad},`)}]`,
    depth: inner.depth + 1,
  }
}

function combine(values: readonly Model[]): Model {
  return {
    text: '',
    depth: Math.max(0, ...values.map((value) => value.depth)),
    names: values.reduce((sum, value) => sum + value.names, 0),
    duplicate: values.some((value) => value.duplicate),
    prototype: values.some((value) => value.prototype),
  }
}

const { model } = fc.letrec<{ model: Model; member: Member }>((tie) => ({
  model: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('1', 'true', 'null', '"a"', '"\\"{[,:"', '"\\\\"', '-0.5e3').map(scalar),
    fc.tuple(fc.array(tie('member'), { maxLength: 4 }), space).map(([members, pad]) => object(members, pad)),
    fc.tuple(fc.array(tie('model'), { maxLength: 4 }), space).map(([values, pad]) => array(values, pad)),
  ),
  member: fc.record({
    name: fc.oneof(
      fc.constantFrom('a', 'b', 'c', '', '1', '"', '\\', '__proto__', 'é'),
      fc.string({ maxLength: 4 }),
    ),
    escaped: fc.boolean(),
    value: tie('model'),
  }),
}))

test('JWT-07: JSON is refused exactly when a name is twice, a name is __proto__, or a limit is passed', () => {
  fc.assert(
    fc.property(model, fc.nat(4), fc.nat(6), (known, maxDepth, maxKeys) => {
      const result = parseJson(known.text, { maxDepth, maxKeys })
      const fine = !known.duplicate && !known.prototype && known.depth <= maxDepth && known.names <= maxKeys
      assert.equal(result.ok, fine, known.text)
      if (result.ok) {
        assert.deepEqual(result.value, JSON.parse(known.text))
        return
      }
      if (result.reason === 'duplicate-name') assert.ok(known.duplicate)
      if (result.reason === 'prototype-name') assert.ok(known.prototype)
      if (result.reason === 'too-deep') assert.ok(known.depth > maxDepth)
      if (result.reason === 'too-many-names') assert.ok(known.names > maxKeys)
      assert.notEqual(result.reason, 'syntax')
    }),
    { numRuns: 3000 },
  )
})

test('REQ-11: a long text is refused exactly when it would be as a short one', () => {
  const padding = ' '.repeat(70_000)
  fc.assert(
    fc.property(model, fc.nat(4), fc.nat(6), fc.nat(6), (known, maxDepth, maxKeys, maxItems) => {
      const limits = { maxDepth, maxKeys, maxItems }
      const long = parseJson(known.text + padding, limits)
      assert.equal(long.ok, parseJson(known.text, limits).ok, known.text)
    }),
    { numRuns: 500 },
  )
})

test('REQ-11: any JSON that a program writes is parsed to the same value', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.boolean(), (text, pretty) => {
      fc.pre(!text.includes('__proto__'))
      const written = pretty ? JSON.stringify(JSON.parse(text), null, 2) : text
      assert.deepEqual(parseJson(written), { ok: true, value: JSON.parse(written) })
    }),
    { numRuns: 500 },
  )
})

test('JWT-07: text that JSON.parse refuses is refused for its syntax, and nothing throws', () => {
  const fragment = fc.string({
    unit: fc.constantFrom(...'{}[]",:\\u01a tnulf \n\ufeff'.split(''), '"a"', '"a":1'),
    maxLength: 10,
  })
  fc.assert(
    fc.property(fc.oneof(fragment, anyText), (text) => {
      const result = parseJson(text)
      let valid = true
      try {
        JSON.parse(text)
      } catch {
        valid = false
      }
      assert.equal(result.ok || result.reason !== 'syntax', valid)
    }),
    { numRuns: 3000 },
  )
})
