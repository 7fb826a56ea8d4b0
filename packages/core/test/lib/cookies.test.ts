import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cookieName, findCookie, hasPrefix, setCookieText, withSetCookie } from '../../src/lib/cookies.ts'

describe('finding a cookie', () => {
  const rows: readonly [name: string, field: string, expected: string][] = [
    ['alone', 's=abc', 'abc'],
    ['among others', 'a=1; s=abc; b=2', 'abc'],
    ['with blanks around the pair', 'a=1;\t s=abc \t;b=2', 'abc'],
    ['empty', 's=', ''],
    ['not there', 'a=1; ss=2; S=3', '(none)'],
    ['an empty field', '', '(none)'],
    ['beside what is no cookie', ';;=x; "a,b; s=abc', 'abc'],
    ['twice', 's=a; s=b', '(repeated)'],
    ['twice, once malformed', 's=a; s', '(repeated)'],
    ['without a value', 'a=1; s', '(malformed)'],
    ['with a blank before the equals sign', 's =abc', '(malformed)'],
    ['with a blank inside', 's x=abc', '(malformed)'],
    ['in quotes', 's="abc"', '(malformed)'],
    ['with a comma', 's=a,b', '(malformed)'],
    ['with a backslash', 's=a\\b', '(malformed)'],
    ['with a byte beyond ASCII', 's=\u00e4', '(malformed)'],
    ['in a field that is too long', `s=${'a'.repeat(65_536)}`, '(malformed)'],
  ]
  for (const [name, field, expected] of rows) {
    test(`CKE-01: ${name}`, () => {
      const found = findCookie(field, 's')
      assert.equal(found.type === 'found' ? found.value : `(${found.type})`, expected)
    })
  }

  test('CKE-01: no field throws, and what is found was there', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.constantFrom('', 's=x;', '; s=y'),
        (text, more) => {
          const field = text + more
          const found = findCookie(field, 's')
          if (found.type === 'found') assert.ok(field.includes(`s=${found.value}`))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('writing a cookie', () => {
  const cookie = { name: '__Host-s', value: 'abc', secure: true, sameSite: 'Lax' } as const

  test('CKE-01: it is for the whole host, over https alone, and for no script', () => {
    assert.equal(setCookieText(cookie), '__Host-s=abc; Path=/; Secure; HttpOnly; SameSite=Lax')
    assert.equal(
      setCookieText({ ...cookie, name: 's', secure: false, sameSite: 'Strict', maxAge: 0 }),
      's=abc; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    )
  })

  const wrong: readonly [name: string, changes: object][] = [
    ['a name that is no token', { name: 'a b' }],
    ['a value with a semicolon', { value: 'a;Domain=x' }],
    ['a value with a line break', { value: 'a\r\nb' }],
    ['a prefix without Secure', { secure: false }],
    ['an age that is no whole number', { maxAge: 0.5 }],
    ['an age below zero', { maxAge: -1 }],
    ['more than 4096 bytes', { value: 'a'.repeat(4096) }],
  ]
  for (const [name, changes] of wrong) {
    test(`CKE-01: ${name} throws`, () => {
      assert.throws(() => setCookieText({ ...cookie, ...changes }), TypeError)
    })
  }

  test('CKE-01: one of a name takes the place of the other', () => {
    assert.deepEqual(withSetCookie(['a=1; Path=/', ' s =old', 'x'], 's=new; Path=/'), [
      'a=1; Path=/',
      'x',
      's=new; Path=/',
    ])
    assert.deepEqual([cookieName('a=1'), cookieName('a'), cookieName('')], ['a', '', ''])
  })

  test('CKE-01: prefixes are known without regard to case', () => {
    assert.deepEqual(['__Host-a', '__secure-a', '__HTTP-a', 'Host-a', '__Hosta'].map(hasPrefix), [
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
