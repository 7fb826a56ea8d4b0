import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAuthority } from '../../src/lib/authority.ts'
import { escapeForLog } from '../../src/lib/chars.ts'
import { mergeVary, splitList } from '../../src/lib/field-list.ts'
import { parseCidr, parseIp } from '../../src/lib/ip.ts'
import { parseJson } from '../../src/lib/json.ts'
import { parseMediaType } from '../../src/lib/media-type.ts'
import { parseOrigin, parseOriginPattern } from '../../src/lib/origin.ts'
import { pathProblem, splitTarget, withoutParameters } from '../../src/lib/path.ts'
import { isPercentEncoded } from '../../src/lib/percent.ts'
import { baseName, findParameter, queryProblem } from '../../src/lib/query.ts'

interface Splitter {
  [Symbol.split](text: string, limit?: number): string[]
}

/** Text that counts the characters which are read from it one by one or copied out of it. */
class CountingText extends String {
  reads = 0

  override charCodeAt(index: number): number {
    this.reads += 1
    return super.charCodeAt(index)
  }

  override charAt(index: number): string {
    this.reads += 1
    return super.charAt(index)
  }

  override slice(start?: number, end?: number): string {
    const part = super.slice(start, end)
    this.reads += part.length
    return part
  }

  override split(separator: string | Splitter, limit?: number): string[] {
    this.reads += this.length
    return super.split(separator as string, limit)
  }
}

/** How many characters a reader reads; the same on every machine, unlike the time it takes. */
function work(read: (text: string) => unknown, value: string): number {
  const text = new CountingText(value)
  read(text as unknown as string)
  return text.reads
}

const SIZE = 64 * 1024

/** What makes a careless reader look at the same characters again and again. */
const hostile: readonly (readonly [name: string, unit: string])[] = [
  ['letters', 'a'],
  ['commas', ','],
  ['spaces', ' '],
  ['commas and spaces', ', '],
  ['spaces and letters', ' a'],
  ['short elements', 'a,'],
  ['dots', '.'],
  ['labels', 'a.'],
  ['numeric labels', '1.'],
  ['colons', ':'],
  ['groups', '1:'],
  ['opening brackets', '['],
  ['brackets', '[]'],
  ['at signs', '@'],
  ['percent signs', '%'],
  ['escapes', '%2e'],
  ['UTF-8 escapes', '%c3%a9'],
  ['ampersands', '&'],
  ['parameters', 'a=&'],
  ['slashes', '/'],
  ['segments', '/a'],
  ['quotes', '"'],
  ['backslashes', '\\'],
  ['line feeds', '\n'],
  ['lone surrogates', '\ud83d'],
]

const unlimited = { maxElements: Infinity, maxEmpty: Infinity, maxOws: Infinity }
const narrow = { maxElements: 64, maxEmpty: 16, maxOws: 1 }

const readers: readonly (readonly [
  id: string,
  name: string,
  read: (text: string) => unknown,
  wrap: string,
])[] = [
  ['COR-16', 'splitList without limits', (text) => splitList(text, unlimited), ''],
  ['COR-16', 'splitList with limits', (text) => splitList(text, narrow), ''],
  ['COR-08', 'mergeVary', (text) => mergeVary(text, ['Origin']), ''],
  ['REQ-02', 'parseAuthority', parseAuthority, ''],
  ['REQ-02', 'parseAuthority in a bracket', parseAuthority, '['],
  ['COR-13', 'parseOrigin', parseOrigin, 'https://'],
  ['COR-13', 'parseOrigin of a scheme', parseOrigin, 'a'],
  ['COR-13', 'parseOriginPattern', parseOriginPattern, 'https://*.'],
  ['REQ-05', 'pathProblem', pathProblem, '/'],
  ['REQ-05', 'withoutParameters', withoutParameters, '/'],
  ['REQ-12', 'isPercentEncoded', isPercentEncoded, ''],
  ['REQ-12', 'queryProblem', queryProblem, ''],
  ['REQ-12', 'findParameter', (text) => findParameter(text, () => undefined), ''],
  ['REQ-12', 'baseName', baseName, 'a'],
  ['REQ-04', 'splitTarget', splitTarget, 'http://'],
  ['PRX-12', 'parseIp', parseIp, ''],
  ['PRX-12', 'parseIp with a zone', parseIp, 'fe80::1%'],
  ['PRX-12', 'parseCidr', parseCidr, '::/'],
  ['CSR-06', 'parseMediaType', parseMediaType, 'a/b;'],
  ['CSR-06', 'parseMediaType in a quoted string', parseMediaType, 'a/b;c="'],
  ['LOG-03', 'escapeForLog', (text) => escapeForLog(text, SIZE), ''],
]

for (const [id, name, read, start] of readers) {
  test(`${id}: the work of ${name} grows no faster than 64 KiB of hostile text`, () => {
    for (const [what, unit] of hostile) {
      const text = start + unit.repeat(SIZE / unit.length)
      const half = work(read, text.slice(0, text.length / 2))
      const whole = work(read, text)
      assert.ok(whole <= 2.5 * half + 64, `${what}: ${half} at half the length, ${whole} at the whole`)
      assert.ok(whole <= 12 * text.length, `${what}: ${whole} for ${text.length} characters`)
    }
  })
}

test('COR-16: a list that passes a limit is not read any further', () => {
  for (const unit of [',', ' ', ', ', 'a,', 'a, ', ';', '\n']) {
    assert.ok(
      work((text) => splitList(text, narrow), unit.repeat(SIZE / unit.length)) < 1000,
      JSON.stringify(unit),
    )
  }
})

test('REQ-02: an authority that is too long is not read at all', () => {
  for (const [, unit] of hostile) assert.ok(work(parseAuthority, unit.repeat(SIZE / unit.length)) <= 2)
})

test('LOG-03: text is not read beyond what is kept', () => {
  assert.ok(work(escapeForLog, '\n'.repeat(SIZE)) < 5000)
  assert.ok(work(escapeForLog, 'a'.repeat(SIZE)) < 5000)
})

/** JSON texts of about a given length. */
const documents: readonly (readonly [name: string, write: (length: number) => string])[] = [
  ['one long string', (length) => `"${'a'.repeat(length)}"`],
  ['one string of escapes', (length) => `"${'\\"'.repeat(length / 2)}"`],
  ['one string of backslashes', (length) => `"${'\\\\'.repeat(length / 2)}"`],
  ['one string of Unicode escapes', (length) => `"${'\\u0061'.repeat(length / 6)}"`],
  ['one long name', (length) => `{"${'a'.repeat(length)}":1}`],
  ['one long escaped name', (length) => `{"${'\\u0061'.repeat(length / 6)}":1}`],
  ['nested arrays', (length) => '['.repeat(length / 2) + ']'.repeat(length / 2)],
  ['nested objects', (length) => '{"a":'.repeat(length / 6) + '1' + '}'.repeat(length / 6)],
  ['many names', (length) => `{${Array.from({ length: length / 8 }, (_, i) => `"${i + 10_000}":1`).join()}}`],
  ['many small objects', (length) => `[${'{"a":1},'.repeat(length / 8)}1]`],
  ['many strings', (length) => `[${'"a",'.repeat(length / 4)}1]`],
  ['many numbers', (length) => `[${'1,'.repeat(length / 2)}1]`],
  ['white space', (length) => ' '.repeat(length) + '1'],
]

/** Longer than what is read once: beyond 64 KiB the structure is counted first. */
const LONG = 4 * SIZE

for (const [name, write] of documents) {
  test(`REQ-11: the work of parseJson grows no faster than 256 KiB of ${name}`, () => {
    const read = (text: string): void => {
      assert.equal(parseJson(text, { maxDepth: LONG, maxKeys: LONG }).ok, true)
    }
    const [half, whole] = [work(read, write(LONG / 2)), work(read, write(LONG))]
    assert.ok(whole <= 2.5 * half + 64, `${half} at half the length, ${whole} at the whole`)
    assert.ok(whole <= 6 * LONG, `${whole} for ${LONG} characters`)
  })
}
