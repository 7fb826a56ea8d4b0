import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseHttpDate } from '../../src/lib/http-date.ts'

const NOW = Date.UTC(2026, 0, 1)

describe('parseHttpDate()', () => {
  const dates: readonly (readonly [text: string, iso: string])[] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37Z'],
    ['Wed Nov 16 08:49:37 1994', '1994-11-16T08:49:37Z'],
    ['Thu, 29 Feb 2024 23:59:59 GMT', '2024-02-29T23:59:59Z'],
    // RFC 9110 §5.6.7: a leap second is a second.
    ['Sat, 31 Dec 2016 23:59:60 GMT', '2016-12-31T23:59:59Z'],
    // More than 50 years ahead is the past.
    ['Friday, 01-Jan-77 00:00:00 GMT', '1977-01-01T00:00:00Z'],
    ['Friday, 01-Jan-76 00:00:00 GMT', '2076-01-01T00:00:00Z'],
    ['Mon, 01 Jan 0001 00:00:00 GMT', '0001-01-01T00:00:00Z'],
  ]
  for (const [text, iso] of dates)
    test(`RFC 9110 §5.6.7: reads ${text}`, () => assert.equal(parseHttpDate(text, NOW), Date.parse(iso)))

  const none: readonly string[] = [
    '',
    '120',
    '2026-01-01T00:00:00Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Mon, 30 Feb 2026 00:00:00 GMT',
    'Mon, 00 Jan 2026 00:00:00 GMT',
    'Mon, 32 Jan 2026 00:00:00 GMT',
    'Mon, 01 Jan 2026 25:00:00 GMT',
    'Mon, 01 Jan 2026 00:61:00 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT'.padEnd(1_000_000),
  ]
  for (const text of none)
    test(`takes no date from ${JSON.stringify(text.slice(0, 40))}`, () =>
      assert.equal(parseHttpDate(text, NOW), undefined))

  test('reads back what toUTCString writes', () => {
    for (let i = 0; i < 500; i++) {
      const ms = (i * 7_919_777_000) % Date.UTC(9999, 0, 1)
      assert.equal(parseHttpDate(new Date(ms).toUTCString(), NOW), ms)
    }
  })
})
