import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileQuery } from '../../src/checks/request/query.ts'
import { isPercentEncoded } from '../../src/lib/percent.ts'
import { baseName, decodeParameter, findParameter, queryProblem } from '../../src/lib/query.ts'
import { RequestQuery } from '../../src/request/query.ts'
import { anyText } from './any-text.ts'

const piece: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'a',
    '&',
    '&',
    '=',
    '=',
    '+',
    '[',
    ']',
    '[]',
    '?',
    ';',
    '%61',
    '%26',
    '%3d',
    '%5B',
    '%2b',
  ),
  fc.constantFrom(
    '%c3%a9',
    '%f0%9f%98%80',
    '%ef%bb%bf',
    '%0d%0a',
    '%00',
    '%',
    '%zz',
    '%ff',
    '%c3',
    '__proto__',
  ),
)
const query: fc.Arbitrary<string> = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))

test('REQ-12: percent-encoding is well-formed exactly when the decoder of the language takes it', () => {
  fc.assert(
    fc.property(fc.oneof(query, anyText), (text) => {
      // What is no escape at all may be anything, lone surrogates too, which the decoder leaves as they are.
      assert.equal(isPercentEncoded(text), decodes(text), text)
    }),
    { numRuns: 5000 },
  )
})

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

test('REQ-12: a query without a problem is read as URLSearchParams reads it', () => {
  fc.assert(
    fc.property(query, (text) => {
      if (queryProblem(text) !== undefined) return
      const slow = [...new URLSearchParams(`?${text}`)]
      const read = new RequestQuery(`?${text}`, 'first')
      assert.deepEqual([...read], slow)
      for (const [name] of slow) {
        const all = slow.filter(([other]) => other === name).map(([, value]) => value)
        assert.deepEqual(read.all(name), all)
        assert.equal(read.get(name), all[0])
        assert.equal(new RequestQuery(`?${text}`, 'last').get(name), all.at(-1))
      }
    }),
    { numRuns: 5000 },
  )
})

test('REQ-12: a name of the policy gets through exactly when every reader finds one of it, and that a text', () => {
  const judge = compileQuery({ once: ['a'], credentials: [], all: false })
  fc.assert(
    fc.property(query, (text) => {
      const names = [...new URLSearchParams(`?${text}`)].map(([name]) => name)
      const mine = names.filter((name) => /^(?:a(?:\[|$)|\[a\])/.test(name))
      const isSafe =
        queryProblem(text) === undefined &&
        !names.some((name) => name.includes('__proto__')) &&
        (mine.length === 0 || (mine.length === 1 && mine[0] === 'a'))
      assert.equal(judge(`?${text}`, 'GET') === undefined, isSafe, text)
    }),
    { numRuns: 5000 },
  )
})

test('REQ-12: where all names may come once, none comes twice', () => {
  const judge = compileQuery({ once: [], credentials: ['b'], all: true })
  fc.assert(
    fc.property(query, (text) => {
      if (judge(`?${text}`, 'GET') !== undefined) return
      const names = [...new URLSearchParams(`?${text}`)].map(([name]) => name)
      const others = names.filter((name) => name !== 'b')
      assert.equal(new Set(others).size, others.length)
      for (const name of names)
        if (baseName(name) !== name) assert.equal(names.includes(baseName(name)), false)
    }),
    { numRuns: 3000 },
  )
})

test('REQ-12: no text makes the readers of queries throw', () => {
  const judges = [
    compileQuery({ once: ['a'], credentials: [], all: false }),
    compileQuery({ once: [], credentials: ['b'], all: true }),
  ]
  fc.assert(
    fc.property(anyText, (text) => {
      queryProblem(text)
      findParameter(text, () => undefined)
      decodeParameter(text)
      baseName(text)
      for (const judge of judges) judge(`?${text}`, 'GET')
      new RequestQuery(`?${text}`, 'last').get(text)
    }),
    { numRuns: 1000 },
  )
})
