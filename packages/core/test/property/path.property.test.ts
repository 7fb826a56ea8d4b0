import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeSegment, pathProblem, splitTarget, withoutParameters } from '../../src/lib/path.ts'
import { anyText } from './any-text.ts'

const piece: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a',
    '/',
    '/',
    '.',
    '..',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%00',
    '\\',
    ';',
    '%25',
    '%',
    '#',
    '\t',
    'é',
  ),
  fc.constantFrom(
    '%c3',
    '%a9',
    '%c3%a9',
    '%e2%82%ac',
    '%f0%9f%98%80',
    '%c0%af',
    '%ed%a0%80',
    '%7f',
    '%0',
    '*',
  ),
  fc.integer({ min: 0, max: 255 }).map((octet) => `%${octet.toString(16).padStart(2, '0')}`),
)
const path: fc.Arbitrary<string> = fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`)

function isForbidden(character: string): boolean {
  return character < ' ' || character === '\x7f' || character === '/' || character === '\\'
}

/** The same rules, segment by segment, with the decoder of the language. */
function isClean(value: string): boolean {
  if (!/^[\x21-\x7e]*$/.test(value) || /[\\#]|\/(?:;[^/]*)?\//.test(value)) return false
  return value.split('/').every((segment) => {
    const decoded = decodeSegment(segment)
    const name = decodeSegment(segment.split(';')[0] ?? '')
    return decoded !== undefined && !decoded.split('').some(isForbidden) && name !== '.' && name !== '..'
  })
}

test('REQ-05: a path has a problem exactly when the slow way finds one', () => {
  fc.assert(
    fc.property(path, (value) => {
      assert.equal(pathProblem(value) === undefined, isClean(value), value)
    }),
    { numRuns: 5000 },
  )
})

test('REQ-05: a URL leaves a path without a problem as it is', () => {
  fc.assert(
    fc.property(path, (value) => {
      if (pathProblem(value) === undefined) assert.equal(new URL(`http://a${value}`).pathname, value)
    }),
    { numRuns: 2000 },
  )
})

test('REQ-05: a path has the parameters taken off its segments, and nothing else', () => {
  fc.assert(
    fc.property(path, (value) => {
      assert.equal(withoutParameters(value), value.replaceAll(/;[^/]*/g, ''))
    }),
    { numRuns: 2000 },
  )
})

test('REQ-05: no text makes the path readers throw', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      pathProblem(value)
      withoutParameters(value)
      decodeSegment(value)
      splitTarget(value)
    }),
    { numRuns: 1000 },
  )
})

test('REQ-05: a segment comes back from its encoding', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      assert.equal(decodeSegment(encodeURIComponent(value)), value)
    }),
  )
})

test('REQ-04: a target is split without loss, and its path is never taken from the authority', () => {
  const query = fc.oneof(fc.constant(''), fc.constant('?'), fc.constant('?a=/b?c'))
  const authority = fc.constantFrom('example.com', 'a@b', 'example.com:80', '[::1]', 'evil.example\\x')
  fc.assert(
    fc.property(path, query, authority, (value, search, host) => {
      const direct = splitTarget(value + search)
      const absolute = splitTarget(`http://${host}${value}${search}`)
      assert.deepEqual(absolute, { path: value, query: search.slice(1), authority: host })
      assert.deepEqual(direct, { path: value, query: search.slice(1), authority: undefined })
    }),
    { numRuns: 1000 },
  )
})
