import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_FORWARDING_ENTRIES, MAX_FORWARDING_LENGTH } from '../../src/request/forwarded-for.ts'
import { type ForwardedElement, parseForwarded } from '../../src/request/forwarded.ts'

/** Elements without the parameters that they do not have. */
function parse(value: string): readonly Partial<ForwardedElement>[] | undefined {
  return parseForwarded(value)?.map((element) =>
    Object.fromEntries(Object.entries(element).filter(([, text]) => text !== undefined)),
  )
}

describe('what the grammar allows', () => {
  const rows: readonly (readonly [string, string, readonly Partial<ForwardedElement>[]])[] = [
    ['PRX-06: an example of RFC 7239 §4: an obfuscated node', 'for="_gazonk"', [{ for: '_gazonk' }]],
    [
      'PRX-06: an example of RFC 7239 §4: IPv6 with a port, and a name in capitals',
      'For="[2001:db8:cafe::17]:4711"',
      [{ for: '[2001:db8:cafe::17]:4711' }],
    ],
    [
      'PRX-06: an example of RFC 7239 §4: three parameters',
      'for=192.0.2.60;proto=http;by=203.0.113.43',
      [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }],
    ],
    [
      'PRX-06: an example of RFC 7239 §4: two elements',
      'for=192.0.2.43, for=198.51.100.17',
      [{ for: '192.0.2.43' }, { for: '198.51.100.17' }],
    ],
    [
      'PRX-06: an example of RFC 7239 §7.1: a list',
      'for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown',
      [{ for: '192.0.2.43' }, { for: '[2001:db8:cafe::17]' }, { for: 'unknown' }],
    ],
    [
      'PRX-06: an obfuscated node needs no quotes',
      'for=_hidden, for=_SEVKISEK',
      [{ for: '_hidden' }, { for: '_SEVKISEK' }],
    ],
    [
      'PRX-06: names have no case',
      'FOR=a;BY=b;HoSt=c;PROTO=D',
      [{ for: 'a', by: 'b', host: 'c', proto: 'D' }],
    ],
    [
      'PRX-06: commas, semicolons and spaces stand in quotes',
      'host="a, b;c";for=d',
      [{ host: 'a, b;c', for: 'd' }],
    ],
    ['PRX-06: escapes are resolved', String.raw`host="\"a\\b\c"`, [{ host: '"a\\bc' }]],
    ['PRX-06: an escape before a comma keeps it in the quotes', String.raw`host="a\,b"`, [{ host: 'a,b' }]],
    ['PRX-06: obs-text stands in quotes', 'host="\u00e9\\\u00ff"', [{ host: '\u00e9\u00ff' }]],
    ['PRX-06: a quoted value may be empty', 'for=""', [{ for: '' }]],
    ['PRX-06: parameters that the RFC does not know are dropped', 'ext="x, for=1";for=a', [{ for: 'a' }]],
    [
      'PRX-06: names of members that every object has are parameters like others',
      '__proto__=x;constructor=y;for=a',
      [{ for: 'a' }],
    ],
    [
      'PRX-06: an element may have no parameters at all',
      'for=a, ;, for=b;',
      [{ for: 'a' }, {}, { for: 'b' }],
    ],
    [
      'PRX-06: empty elements of the list do not count (RFC 9110 §5.6.1.2)',
      ', for=a, ,,for=b , ',
      [{ for: 'a' }, { for: 'b' }],
    ],
    [
      'PRX-06: white space stands around commas and semicolons',
      '\tfor=a ; by=b\t,  for=c ',
      [{ for: 'a', by: 'b' }, { for: 'c' }],
    ],
    [
      'PRX-06: the same parameter in two elements is no duplicate',
      'for=a;for2=b, for=c',
      [{ for: 'a' }, { for: 'c' }],
    ],
  ]
  for (const [name, value, expected] of rows) {
    test(name, () => assert.deepEqual(parse(value), expected))
  }
})

describe('what the grammar does not allow', () => {
  const rows = [
    ['PRX-06: nothing', ''],
    ['PRX-06: nothing but commas', ' , ,'],
    ['PRX-06: a parameter twice', 'for=a;for=b'],
    ['PRX-06: a parameter twice, in another case, with others between', 'for=a;by=b;FOR=a'],
    ['PRX-06: an unknown parameter twice', 'x=a;X=b'],
    ['PRX-06: a name alone', 'for'],
    ['PRX-06: no value', 'for='],
    ['PRX-06: no name', '=a'],
    ['PRX-06: space before the equals sign', 'for =a'],
    ['PRX-06: space after the equals sign', 'for= a'],
    ['PRX-06: two values', 'for=a b'],
    ['PRX-06: brackets without quotes', 'for=[2001:db8::1]'],
    ['PRX-06: a port without quotes', 'for=192.0.2.1:80'],
    ['PRX-06: a quote that never ends', 'for="a'],
    ['PRX-06: a quote that ends in an escape', 'for="a\\'],
    ['PRX-06: an escaped closing quote', 'for="a\\"'],
    ['PRX-06: text after the quotes', 'for="a"b'],
    ['PRX-06: text before the quotes', 'for=a"b"'],
    ['PRX-06: two quoted values', 'for="a""b"'],
    ['PRX-06: an escape outside of quotes', 'for=\\a'],
    ['PRX-06: a control character in quotes', 'for="a\u0001"'],
    ['PRX-06: an escaped control character', 'for="\\\n"'],
    ['PRX-06: DEL in quotes', 'for="\u007f"'],
    ['PRX-06: a character that no field can hold', 'for="\u0100"'],
    ['PRX-06: one bad element among good ones', 'for=a, for="b, for=c'],
  ] as const
  for (const [name, value] of rows) {
    test(name, () => assert.equal(parse(value), undefined))
  }
})

describe('bounds', () => {
  test('PRX-06: the number of elements is bounded', () => {
    assert.equal(parse(Array(MAX_FORWARDING_ENTRIES).fill('for=a').join())?.length, MAX_FORWARDING_ENTRIES)
    assert.equal(
      parse(
        Array(MAX_FORWARDING_ENTRIES + 1)
          .fill('for=a')
          .join(),
      ),
      undefined,
    )
  })

  test('PRX-06: the length is bounded', () => {
    assert.equal(parse('for=a'.padEnd(MAX_FORWARDING_LENGTH))?.length, 1)
    assert.equal(parse('for=a'.padEnd(MAX_FORWARDING_LENGTH + 1)), undefined)
  })

  test('PRX-06: the number of parameters is bounded', () => {
    const parameters = (count: number): string =>
      Array.from({ length: count }, (_, index) => `p${index}=a`).join(';')
    assert.deepEqual(parse(parameters(16)), [{}])
    assert.equal(parse(parameters(17)), undefined)
  })
})
