import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  fieldText,
  fitsContentDigest,
  readSignatures,
  signatureBase,
  type SignedMessage,
  stringOf,
} from '../../src/lib/message-signature.ts'

const read = (input: string, signature = 's=:AAAA:'): ReturnType<typeof readSignatures> =>
  readSignatures({ headers: { 'signature-input': input, signature } })

/** What a component of a message is signed as. */
function component(text: string, message: Partial<SignedMessage>): string | undefined {
  const base = signatureBase(
    { headers: {}, ...message },
    { components: [text], parameters: new Map(), text: '', signature: Buffer.alloc(0) },
  )
  return base?.split('\n')[0]?.slice(text.length + 2)
}

describe('the signature of a message', () => {
  test('SIG-02: is read with its components and parameters', () => {
    const found = read(
      String.raw`a=("@method" "@query-param";name="x;y" "date");created=1;nonce="a\"b\\";x=:AAAA:;y;z=?0;t=b/c , s=()`,
      's=:AAAA: ,\ta=:BBBB:;p=1',
    )
    const a = found?.get('a')
    assert.deepEqual(a?.components, ['"@method"', '"@query-param";name="x;y"', '"date"'])
    assert.deepEqual(
      [...(a?.parameters ?? [])].map(([name]) => name),
      ['created', 'nonce', 'x', 'y', 'z', 't'],
    )
    assert.equal(stringOf(a?.parameters.get('nonce')), String.raw`a"b\ `.trim())
    assert.equal(a?.signature.toString('base64'), 'BBBB')
    assert.deepEqual(found?.get('s')?.components, [])
  })

  for (const [name, input, signature] of [
    ['without an input', ''],
    ['of another label', 't=()'],
    ['whose label stands twice', 's=(), s=("date")'],
    ['whose component stands twice', 's=("date" "date")'],
    ['whose parameter stands twice', 's=();created=1;created=2'],
    ['with a list that does not end', 's=("date"'],
    ['with a component that is no string', 's=(date)'],
    ['with two spaces', 's=("date"  "@method")'],
    ['with a space before a parameter', 's=(); created=1'],
    ['with a control character', 's=("da\u0001te")'],
    ['with something after it', 's=()x'],
    ['with a comma after it', 's=(),'],
    ['with a semicolon for a comma', 's=();t=()'],
    ['with a decimal', 's=();created=1.5'],
    ['that is an item', 's="date"'],
    ['that is not canonical', 's=()', 's=:AAB=:'],
    ['that is empty', 's=()', 's=::'],
    ['without bytes', 's=()', 's=AAAA'],
    ['that stands twice', 's=()', 's=:AAAA:, s=:BBBB:'],
    [
      'of more labels than four',
      'a=(), b=(), c=(), d=(), e=()',
      'a=:AAAA:, b=:AAAA:, c=:AAAA:, d=:AAAA:, e=:AAAA:',
    ],
    [
      'of more components than sixty-four',
      `s=(${Array.from({ length: 65 }, (_, i) => `"x${i}"`).join(' ')})`,
    ],
    ['that is too long', `s=();nonce="${'a'.repeat(8_192)}"`],
  ] as const) {
    test(`SIG-02: one ${name} is malformed`, () => {
      assert.equal(read(input, signature), undefined)
    })
  }

  test('SIG-02: malformed fields take no longer than they are long', () => {
    for (const piece of ['"a" ', '"a";', '"\\\\', ' ', '"a";b=c', ';a=b', 'a', '"a";b="c'])
      assert.equal(read(`s=(${piece.repeat(8_000 / piece.length)}`), undefined, piece)
  })

  test('SIG-02: white space in the midst of a field takes no longer than it is long', () => {
    const field = `a${' '.repeat(256 * 1024)}b`
    const start = process.cpuUsage()
    assert.equal(fieldText({ headers: { 'x-field': field } }, 'x-field'), field)
    const { user, system } = process.cpuUsage(start)
    // Of the processor: what is not linear takes some twenty seconds.
    assert.ok(user + system < 1_000_000, `${user + system} µs`)
  })

  test('SIG-02: a field is its lines, each without white space around it', () => {
    const headers = { 'x-list': ['  a', 'b\t', ' c '], 'x-empty': '', 'x-none': undefined }
    assert.equal(fieldText({ headers }, 'x-list'), 'a, b, c')
    assert.equal(fieldText({ headers }, 'x-empty'), '')
    for (const name of ['x-none', 'x-other', 'constructor', '__proto__'])
      assert.equal(fieldText({ headers }, name), undefined)
    assert.equal(component('"x-list"', { headers }), 'a, b, c')
  })

  const url = 'https://EXAMPLE.com:443/a/../B%2f?q=a+b&q2=%C3%BC!(~)&r=1&r=2&e='
  for (const [text, expected, given = url] of [
    ['"@target-uri"', url],
    ['"@scheme"', 'https'],
    ['"@authority"', 'example.com'],
    ['"@authority"', 'example.com', 'http://example.com:80'],
    ['"@authority"', 'example.com:80', 'https://example.com:80/'],
    ['"@path"', '/a/../B%2f'],
    ['"@path"', '/', 'https://example.com?a'],
    ['"@query"', '?q=a+b&q2=%C3%BC!(~)&r=1&r=2&e='],
    ['"@query"', '?', 'https://example.com/'],
    ['"@request-target"', '/a/../B%2f?q=a+b&q2=%C3%BC!(~)&r=1&r=2&e='],
    ['"@request-target"', '/', 'https://example.com'],
    ['"@query-param";name="q"', 'a%20b'],
    ['"@query-param";name="q2"', '%C3%BC%21%28%7E%29'],
    ['"@query-param";name="e"', ''],
    ['"@query-param";name="r"', undefined],
    ['"@query-param";name="x"', undefined],
    ['"@query-param"', undefined],
    ['"@query-param";name="q";req', undefined],
    ['"@method";req', undefined],
    ['"@status"', undefined],
    ['"@unknown"', undefined],
    ['"@path"', undefined, '/a'],
    ['"@path"', undefined, 'https://example.com/#a'],
    ['"@target-uri"', undefined, 'https://example.com/\u0141'],
    ['"x-field";sf', undefined],
    ['"x-field";bs', undefined],
    ['"x-lines"', undefined],
  ] as const) {
    test(`SIG-02: ${text} of ${given} is ${expected}`, () => {
      const headers = { 'x-field': 'a', 'x-lines': 'a\n"@method": GET' }
      assert.equal(component(text, { url: given, headers }), expected)
    })
  }

  test('SIG-02: a response has a status, and nothing of a request', () => {
    assert.equal(component('"@status"', { status: 200 }), '200')
    for (const text of ['"@method"', '"@path"', '"@target-uri"'])
      assert.equal(component(text, { status: 200 }), undefined)
  })

  test('SIG-02: a digest of content is compared where it is known', () => {
    // RFC 9530, Appendix B.
    const sha256 = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'
    assert.equal(fitsContentDigest(sha256, '{"hello": "world"}'), true)
    assert.equal(fitsContentDigest(sha256, Buffer.from('{"hello": "world"}')), true)
    assert.equal(fitsContentDigest(sha256, '{"hello": "World"}'), false)
    assert.equal(fitsContentDigest('', ''), false)
  })
})
