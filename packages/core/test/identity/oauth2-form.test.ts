import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePasswordForm } from '../../src/identity/oauth2-form.ts'

const GOOD = 'grant_type=password&username=alice&password=secret'

/** What the form says, in short. */
function read(body: string): unknown {
  const form = parsePasswordForm(body)
  return form.ok ? 'ok' : form.error
}

describe('the form of the password grant', () => {
  test('the example of RFC 6749 §4.3.2', () => {
    assert.deepEqual(parsePasswordForm('grant_type=password&username=johndoe&password=A3ddj3w'), {
      ok: true,
      username: 'johndoe',
      password: 'A3ddj3w',
      scopes: [],
      clientId: undefined,
      clientSecret: undefined,
    })
  })

  test('every parameter, in every spelling of urlencoded text', () => {
    const body =
      'client_secret=s%26t&client_id=app&scope=data%3Aread+data:write&password=a+b%2Bc%C3%A9&username=alice%40example.com&grant_type=%70assword&unknown=1'
    assert.deepEqual(parsePasswordForm(body), {
      ok: true,
      username: 'alice@example.com',
      password: 'a b+cé',
      scopes: ['data:read', 'data:write'],
      clientId: 'app',
      clientSecret: 's&t',
    })
  })

  test('RFC 6749 §3.2: a parameter without a value counts as left out', () => {
    assert.deepEqual(parsePasswordForm(`${GOOD}&scope=&client_id=&client_secret`), parsePasswordForm(GOOD))
  })

  const rows: readonly [name: string, body: string, expected: string][] = [
    ['an honest form', GOOD, 'ok'],
    ['nothing', '', 'invalid_request'],
    ['no grant_type', 'username=a&password=b', 'invalid_request'],
    ['an empty grant_type', 'grant_type=&username=a&password=b', 'invalid_request'],
    ['another grant', 'grant_type=client_credentials', 'unsupported_grant_type'],
    ['the grant in another case', GOOD.replace('=password', '=Password'), 'unsupported_grant_type'],
    ['no username', 'grant_type=password&password=b', 'invalid_request'],
    ['no password', 'grant_type=password&username=a', 'invalid_request'],
    ['an empty password', 'grant_type=password&username=a&password=', 'invalid_request'],
    ['one parameter twice', `${GOOD}&username=root`, 'invalid_request'],
    ['one parameter twice, once escaped', `${GOOD}&%75sername=root`, 'invalid_request'],
    ['one parameter twice, once empty', `${GOOD}&scope=&scope=a`, 'invalid_request'],
    ['an unknown parameter twice', `${GOOD}&x=1&x=2`, 'invalid_request'],
    ['a broken escape', `${GOOD}&x=%`, 'invalid_request'],
    ['a broken escape in a name', `${GOOD}&%zz=1`, 'invalid_request'],
    ['bytes that are no UTF-8', GOOD.replace('alice', '%ff'), 'invalid_request'],
    ['an overlong encoding', GOOD.replace('alice', '%c0%af'), 'invalid_request'],
    ['an encoded surrogate', GOOD.replace('alice', '%ed%a0%80'), 'invalid_request'],
    ['a NUL in the name', GOOD.replace('alice', 'alice%00'), 'invalid_request'],
    ['a line break in the password', GOOD.replace('secret', 'a%0ab'), 'invalid_request'],
    ['two spaces in the scope', `${GOOD}&scope=a++b`, 'invalid_request'],
    ['a quote in the scope', `${GOOD}&scope=a%22`, 'invalid_request'],
    ['a name of 256 characters', GOOD.replace('alice', 'a'.repeat(256)), 'ok'],
    ['a name of 257 characters', GOOD.replace('alice', 'a'.repeat(257)), 'invalid_request'],
    ['a password of 1025 characters', GOOD.replace('secret', 'a'.repeat(1025)), 'invalid_request'],
    ['a name from Object.prototype', `${GOOD}&__proto__=1&constructor=2`, 'ok'],
    [
      'more than 32 parameters',
      `${GOOD}&${Array.from({ length: 30 }, (_, i) => `x${i}=1`).join('&')}`,
      'invalid_request',
    ],
    ['nothing between ampersands', `&&${GOOD}&`, 'ok'],
    ['nothing between a thousand ampersands', `${GOOD}${'&'.repeat(1000)}`, 'invalid_request'],
    ['JSON', JSON.stringify({ grant_type: 'password', username: 'a', password: 'b' }), 'invalid_request'],
  ]
  for (const [name, body, expected] of rows) test(name, () => assert.equal(read(body), expected))

  const lenient: readonly [name: string, body: string, expected: string][] = [
    ['no grant_type', 'username=a&password=b', 'ok'],
    ['an empty grant_type', 'grant_type=&username=a&password=b', 'ok'],
    ['the grant', GOOD, 'ok'],
    ['another grant', 'grant_type=client_credentials&username=a&password=b', 'unsupported_grant_type'],
    ['no password', 'username=a', 'invalid_request'],
    ['the grant twice', `${GOOD}&grant_type=password`, 'invalid_request'],
  ]
  for (const [name, body, expected] of lenient) {
    test(`where the grant may be left out: ${name}`, () => {
      const form = parsePasswordForm(body, { grantType: 'optional' })
      assert.equal(form.ok ? 'ok' : form.error, expected)
    })
  }

  test('AUT-07: a description is constant text of the characters that RFC 6749 §5.2 allows', () => {
    for (const [, body, expected] of rows) {
      const form = parsePasswordForm(body)
      if (form.ok) continue
      assert.equal(form.error, expected)
      assert.match(form.description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
    }
  })
})
