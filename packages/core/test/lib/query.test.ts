import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  baseName,
  decodeParameter,
  findParameter,
  MAX_PARAMETERS,
  queryProblem,
} from '../../src/lib/query.ts'

function parametersOf(query: string): readonly (readonly [string, string])[] {
  const found: [string, string][] = []
  findParameter<never>(query, (name, value) => {
    found.push([name, value])
    return undefined
  })
  return found
}

describe('the parameters of a query', () => {
  const rows: readonly (readonly [
    name: string,
    query: string,
    found: readonly (readonly [string, string])[],
  ])[] = [
    ['nothing', '', []],
    ['one', 'a=1', [['a', '1']]],
    [
      'two',
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a name without a value',
      'a&b=',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    ['a value without a name', '=1', [['', '1']]],
    ['nothing between ampersands', '&&a=1&', [['a', '1']]],
    ['a value with an equals sign', 'a=1=2', [['a', '1=2']]],
    ['an escaped name, and a value as it was sent', '%61=%61', [['a', '%61']]],
    ['a space in a name', 'a+b%20c=1', [['a b c', '1']]],
    ['a name that cannot be decoded', '%zz=1&a=2', [['a', '2']]],
    ['a semicolon, which separates nothing', 'a=1;b=2', [['a', '1;b=2']]],
    ['a question mark', '?a=1', [['?a', '1']]],
    ['names of prototypes', '__proto__=1', [['__proto__', '1']]],
  ]
  for (const [name, query, found] of rows)
    test(`REQ-12: ${name}`, () => assert.deepEqual(parametersOf(query), found))

  test('REQ-12: the first thing that is found ends the search', () => {
    const seen: string[] = []
    const found = findParameter('a=1&b=2&c=3', (name, value) => {
      seen.push(name)
      return name === 'b' ? value : undefined
    })
    assert.equal(found, '2')
    assert.deepEqual(seen, ['a', 'b'])
  })

  test('REQ-12: no more are looked at than readers take', () => {
    assert.equal(parametersOf('a&'.repeat(5 * MAX_PARAMETERS)).length, MAX_PARAMETERS)
  })
})

describe('what is wrong with a query', () => {
  test('REQ-12: broken percent-encoding, in a name or a value', () => {
    for (const query of ['%', 'a=%', 'a=%4', '%zz=1', 'a=caf%e9', 'a=%c0%af', 'a=1&%c3=2'])
      assert.equal(queryProblem(query), 'bad-percent', query)
    for (const query of ['', 'a', 'a=b+c', '%C3%A9=%0d%0a%00', 'a=%252'])
      assert.equal(queryProblem(query), undefined, query)
  })

  test('REQ-12: more parameters than readers take', () => {
    const full = Array.from({ length: MAX_PARAMETERS }, () => 'a').join('&')
    assert.equal(queryProblem(full), undefined)
    assert.equal(queryProblem(`${full}&a`), 'too-many')
  })
})

const decoded: readonly (readonly [text: string, value: string | undefined])[] = [
  ['', ''],
  ['a+b', 'a b'],
  ['a%2Bb', 'a+b'],
  ['%e2%82%ac', '\u20ac'],
  ['%', undefined],
  ['%ff', undefined],
]
for (const [text, value] of decoded)
  test(`REQ-12: ${JSON.stringify(text)} is decoded`, () => assert.equal(decodeParameter(text), value))

const bases: readonly (readonly [name: string, base: string])[] = [
  ['a', 'a'],
  ['a[]', 'a'],
  ['a[b]', 'a'],
  ['a[b][c]', 'a'],
  ['a[', 'a'],
  ['[a]', 'a'],
  ['[a][b]', 'a'],
  ['[a', '[a'],
  ['a]', 'a]'],
  ['[]', ''],
  ['', ''],
]
for (const [name, base] of bases)
  test(`REQ-12: "${name}" belongs to "${base}"`, () => assert.equal(baseName(name), base))
