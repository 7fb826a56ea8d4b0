import assert from 'node:assert/strict'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { describe, test } from 'node:test'
import { fieldLines, fieldsOfLines, lowerCase, varyLine, withoutField } from '../../src/lib/field-lines.ts'

/** Whether node:http would write a field. */
function isTaken(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

describe('HDR-04: the lines of fields', () => {
  test('HDR-04: are name, colon, value, in their order', () => {
    assert.equal(fieldLines(['A', '1', 'B', 'two words', 'A', '']), 'A: 1\r\nB: two words\r\nA: \r\n')
    assert.equal(fieldLines([]), '')
  })

  test('HDR-04: are the fields that they were made of', () => {
    for (const fields of [[], ['A', '1'], ['A', '', 'B', 'c: d', 'A', '"e: f"']])
      assert.deepEqual(fieldsOfLines(fieldLines(fields) ?? ''), fields)
  })

  test('HDR-04: of a list that cannot change are made once, and of another each time', () => {
    const list = ['A', '1']
    assert.equal(fieldLines(list), 'A: 1\r\n')
    list[1] = '2'
    assert.equal(fieldLines(list), 'A: 2\r\n')
    const frozen = Object.freeze(['A', '3'])
    assert.equal(fieldLines(frozen), fieldLines(frozen))
  })

  test('every character that node:http refuses in a name or a value makes no line', () => {
    for (let code = 0; code < 0x120; code++) {
      const char = String.fromCharCode(code)
      for (const text of [char, `a${char}`, `${char}b`, `a${char}b`]) {
        assert.equal(
          fieldLines(['X-A', text]) !== undefined,
          isTaken('X-A', text),
          `value ${JSON.stringify(text)}`,
        )
        assert.equal(
          fieldLines([text, 'a']) !== undefined,
          isTaken(text, 'a'),
          `name ${JSON.stringify(text)}`,
        )
      }
    }
  })

  test('a list with one field that is unfit makes none at all', () => {
    assert.equal(fieldLines(['A', '1', 'B', 'x\r\nSet-Cookie: a=b']), undefined)
    assert.equal(fieldLines(Object.freeze(['A', 'x\nB: 1'])), undefined)
  })

  for (const name of [
    'Content-Length',
    'transfer-encoding',
    'CONNECTION',
    'Date',
    'Trailer',
    'Expect',
    'Keep-Alive',
  ]) {
    test(`${name}, which node:http decides by, makes none`, () => {
      assert.equal(fieldLines([name, '1']), undefined)
    })
  }

  test('HDR-04: names beyond those that are remembered are known as well', () => {
    for (let i = 0; i < 500; i++) assert.equal(lowerCase(`X-Name-${i}`), `x-name-${i}`)
    assert.equal(fieldLines(['X-Name-499', '1', 'x y', '1']), undefined)
  })
})

describe('COR-05: the line of Vary', () => {
  const rows: readonly (readonly [string, readonly string[], string | undefined, string | undefined])[] = [
    ['of no field', [], undefined, ''],
    ['of what every response depends on', ['Origin'], undefined, 'Vary: Origin\r\n'],
    ['of what this one does besides', ['Origin'], 'Accept', 'Vary: Accept, Origin\r\n'],
    ['has a name once', ['Origin'], 'origin, Accept', 'Vary: origin, Accept\r\n'],
    ['of all', ['Origin'], '*', 'Vary: *\r\n'],
    ['of what is unfit', ['Origin'], 'a\r\nb', undefined],
  ]
  for (const [what, names, besides, line] of rows) {
    test(`COR-05: ${what}`, () => {
      assert.equal(varyLine(names, besides), line)
      assert.equal(varyLine(names, besides), line)
    })
  }

  test('COR-05: many others are no more than a bound, and right all the same', () => {
    const names = ['Origin']
    for (let i = 0; i < 200; i++) assert.equal(varyLine(names, `X-${i}`), `Vary: X-${i}, Origin\r\n`)
  })

  test('COR-05: fields without one of them', () => {
    assert.deepEqual(withoutField(['Vary', 'a', 'B', 'c', 'vary', 'd'], 'vary'), ['B', 'c'])
  })
})
