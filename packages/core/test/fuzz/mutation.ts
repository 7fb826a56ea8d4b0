import fc from 'fast-check'

/** One change of a text. Numbers are taken modulo what there is, so that every change fits every text. */
export type Change =
  | readonly [kind: 'cut' | 'double' | 'fold' | 'encode', at: number, length: number]
  | readonly [kind: 'put', at: number, what: string]
  | readonly [kind: 'code', at: number, code: number]
  | readonly [kind: 'join', at: number, with_: number]

/** What has a meaning somewhere, and what has surprised some parser. */
const PIECES: readonly string[] = [
  ...'\0\t\n\r\v\f !"#$%&\'()*+,-./0:;<=>?@A[\\]^_`a{|}~\x7f\x80\xa0\xff'.split(''),
  ...[
    '\r\n',
    ', ',
    '; ',
    '//',
    '..',
    '::',
    '%00',
    '%2e',
    '%2F',
    '%5c',
    '%c0%af',
    '%',
    '\\u0061',
    '\\"',
    '""',
  ],
  ...['__proto__', 'constructor', 'null', '-1', '65536', '4294967296', '1e400', 'http://', 'https://', '*.'],
  ...[
    '\u2028',
    '\u202e',
    '\ufeff',
    '\ufffd',
    '\ud800',
    '\udc00',
    '\uff0e',
    '\u0130',
    '\u017f',
    '\u212a',
    'ß',
  ],
]

const at = fc.nat(4096)
const length = fc.nat(24)

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constantFrom('cut', 'double', 'fold', 'encode'), at, length),
  fc.tuple(fc.constant('put' as const), at, fc.constantFrom(...PIECES)),
  fc.tuple(fc.constant('code' as const), at, fc.integer({ min: 0, max: 0xffff })),
  fc.tuple(fc.constant('join' as const), at, fc.nat(4096)),
)

/** Some changes; most often few, since much of what a text must have survives few of them. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(change, { minLength: 1, maxLength: 6 })

/** Applies the changes to a text, one after the other; `others` are what it may be joined with. */
export function mutate(text: string, made: readonly Change[], others: readonly string[]): string {
  return made.reduce((before, one) => apply(before, one, others), text).slice(0, 16_384)
}

function apply(text: string, one: Change, others: readonly string[]): string {
  const start = one[1] % (text.length + 1)
  const head = text.slice(0, start)
  const tail = text.slice(start)
  switch (one[0]) {
    case 'cut':
      return head + tail.slice(one[2])
    case 'double':
      return head + tail.slice(0, one[2]) + tail
    case 'fold':
      return head + foldCase(tail.slice(0, one[2])) + tail.slice(one[2])
    case 'encode':
      return head + percentEncoded(tail.slice(0, one[2])) + tail.slice(one[2])
    case 'put':
      return head + one[2] + tail
    case 'code':
      return head + String.fromCharCode(one[2]) + tail.slice(1)
    case 'join':
      return head + (others[one[2] % others.length] ?? '').slice(start)
  }
}

function foldCase(text: string): string {
  const upper = text.toUpperCase()
  return upper === text ? text.toLowerCase() : upper
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('')
}
