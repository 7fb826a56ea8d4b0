import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { quotedString } from '../../src/lib/chars.ts'
import { type ForwardedElement, parseForwarded } from '../../src/request/forwarded.ts'
import { anyText } from './any-text.ts'

/** Pieces of a field, so that much of it is well-formed. */
const pieces: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...[
        'for=',
        'For=',
        'by=',
        'host=',
        'proto=',
        'ext=',
        '=',
        'a',
        '192.0.2.1',
        '_x',
        '"a b"',
        '"[2001:db8::1]:80"',
      ],
      ...['"', '"', '\\', '\\"', ';', ';', ',', ',', ' ', '\t', 'é', '\u0001', '\u0100'],
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''))

/** The grammar of RFC 7239 §4 as regular expressions, one pair at a time. */
function slowParse(value: string): readonly ForwardedElement[] | undefined {
  const pair =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*)")/
  const elements: ForwardedElement[] = []
  let rest = value
  for (;;) {
    rest = rest.replace(/^[\t ]*/, '')
    if (rest !== '' && !rest.startsWith(',')) {
      const names: string[] = []
      const values: string[] = []
      for (;;) {
        const [all = '', name = '', token, quoted = ''] = pair.exec(rest) ?? []
        if (all !== '') {
          names.push(name.toLowerCase())
          values.push(token ?? quoted.replace(/\\(.)/g, '$1'))
        }
        rest = rest.slice(all.length).replace(/^[\t ]*/, '')
        if (!rest.startsWith(';')) break
        rest = rest.slice(1).replace(/^[\t ]*/, '')
      }
      if (new Set(names).size < names.length || names.length > 16) return undefined
      const of = (name: string): string | undefined => values[names.indexOf(name)]
      elements.push({ for: of('for'), by: of('by'), host: of('host'), proto: of('proto') })
    }
    if (rest === '') return elements.length > 0 ? elements : undefined
    if (!rest.startsWith(',')) return undefined
    rest = rest.slice(1)
  }
}

test('PRX-06: Forwarded is read as regular expressions of the grammar read it', () => {
  fc.assert(
    fc.property(fc.oneof(pieces, pieces, anyText), (value) => {
      assert.deepEqual(parseForwarded(value), slowParse(value))
    }),
    { numRuns: 4000 },
  )
})

test('PRX-06: what is written by the grammar comes back', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '1', ':', '[', '"', '\\', ',', ';', '=', ' ', 'é'),
    maxLength: 8,
  })
  const value = fc.option(text, { nil: undefined })
  const element = fc.record({ for: value, by: value, host: value, proto: value }, { noNullPrototype: true })
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 6 }), (elements) => {
      const field = elements.map((one) =>
        // The last parameter keeps an element from being empty, which would not count.
        [
          ...Object.entries(one).flatMap(([name, said]) =>
            said === undefined ? [] : [`${name}=${quotedString(said)}`],
          ),
          'x=y',
        ].join(';'),
      )
      assert.deepEqual(parseForwarded(field.join(', ')), elements)
    }),
    { numRuns: 500 },
  )
})

test('PRX-03: elements of lines that are joined are the elements of each line, in order', () => {
  fc.assert(
    fc.property(pieces, pieces, (first, second) => {
      const [before, after] = [parseForwarded(first), parseForwarded(second)]
      if (before === undefined || after === undefined) return
      assert.deepEqual(parseForwarded(`${first}, ${second}`), [...before, ...after])
    }),
    { numRuns: 1000 },
  )
})
