import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bearerChallenge, bearerToken } from '../../src/identity/bearer.ts'
import { facts } from '../support/facts.ts'

function found(field: string | readonly string[] | undefined, query = '', queryToo = false): string {
  const values = field === undefined ? [] : typeof field === 'string' ? [field] : field
  const result = bearerToken(
    facts({ fields: values.map((value) => ['Authorization', value] as const), query }),
    queryToo,
  )
  if (typeof result === 'string') return `token ${result}`
  return result.type === 'bad' ? result.kind : result.type
}

const MALFORMED = 'credentials.malformed'
const REPEATED = 'credentials.repeated'

describe('the Authorization field', () => {
  const rows: readonly [name: string, field: string | readonly string[] | undefined, expected: string][] = [
    ['none', undefined, 'none'],
    ['AUT-06: a token', 'Bearer abc', 'token abc'],
    ['AUT-06: the scheme in lower case', 'bearer abc', 'token abc'],
    ['AUT-06: the scheme in mixed case', 'bEaReR abc', 'token abc'],
    ['AUT-06: every character of a token68', 'Bearer aZ09-._~+/==', 'token aZ09-._~+/=='],
    ['AUT-06: the scheme alone', 'Bearer', MALFORMED],
    ['AUT-06: the scheme and a space', 'Bearer ', MALFORMED],
    ['AUT-06: two spaces', 'Bearer  abc', MALFORMED],
    ['AUT-06: a tab', 'Bearer\tabc', MALFORMED],
    ['AUT-06: a space behind', 'Bearer abc ', MALFORMED],
    ['AUT-06: two tokens', 'Bearer abc def', MALFORMED],
    ['AUT-06: a list', 'Bearer abc, Bearer def', MALFORMED],
    ['AUT-06: a comma at once', 'Bearer,abc', MALFORMED],
    ['AUT-06: a parameter', 'Bearer token="abc"', MALFORMED],
    ['AUT-06: padding alone', 'Bearer ==', MALFORMED],
    ['AUT-06: padding inside', 'Bearer a=b', MALFORMED],
    ['AUT-06: a control character', 'Bearer a\x7fb', MALFORMED],
    ['AUT-06: a letter beyond ASCII', 'Bearer abc\xe9', MALFORMED],
    ['AUT-06: a letter that folds to an ASCII one', 'Bearer \u212aabc', MALFORMED],
    ['AUT-13: another scheme', 'Basic abc', 'none'],
    ['AUT-13: a longer name', 'BearerX abc', 'none'],
    ['AUT-13: a longer name with a hyphen', 'Bearer-Token abc', 'none'],
    ['AUT-13: a shorter name', 'Beare abc', 'none'],
    ['AUT-13: a space in front', ' Bearer abc', 'none'],
    ['AUT-13: a quote in front', '"Bearer abc"', 'none'],
    ['AUT-13: an empty field', '', 'none'],
    ['AUT-13: letters that only look alike', 'Веarer abc', 'none'],
    ['AUT-13: two fields', ['Bearer abc', 'Bearer def'], REPEATED],
    ['AUT-13: two equal fields', ['Bearer abc', 'Bearer abc'], REPEATED],
    ['AUT-13: two fields of two schemes', ['Basic abc', 'Bearer def'], REPEATED],
  ]
  for (const [name, field, expected] of rows) test(name, () => assert.equal(found(field), expected))
})

describe('the query', () => {
  const rows: readonly [
    name: string,
    field: string | undefined,
    query: string,
    expected: string,
    whenAllowed: string,
  ][] = [
    ['AUT-05: a token in the query alone', undefined, '?access_token=abc', 'none', 'token abc'],
    ['AUT-05: among others', undefined, '?a=1&access_token=abc&b', 'none', 'token abc'],
    ['AUT-05: an escaped name', undefined, '?access%5Ftoken=abc', 'none', 'token abc'],
    ['AUT-05: an escaped value', undefined, '?access_token=a%2Bb%3D', 'none', 'token a+b='],
    ['AUT-05: no value', undefined, '?access_token', 'none', MALFORMED],
    ['AUT-05: an empty value', undefined, '?access_token=', 'none', MALFORMED],
    ['AUT-05: a broken escape', undefined, '?access_token=a%', 'none', MALFORMED],
    ['AUT-05: a value with a space', undefined, '?access_token=a%20b', 'none', MALFORMED],
    [
      'AUT-05: another name',
      undefined,
      '?access_tokens=abc&x_access_token=abc&ACCESS_TOKEN=abc',
      'none',
      'none',
    ],
    ['AUT-05: no query', undefined, '', 'none', 'none'],
    ['AUT-04: twice in the query', undefined, '?access_token=abc&access_token=abc', 'none', REPEATED],
    ['AUT-04: field and query', 'Bearer abc', '?access_token=abc', REPEATED, REPEATED],
    ['AUT-04: field and an escaped name', 'Bearer abc', '?a&%61ccess_token=def', REPEATED, REPEATED],
    ['AUT-04: field and a name without value', 'Bearer abc', '?access_token', REPEATED, REPEATED],
    ['AUT-04: a malformed field and the query', 'Bearer', '?access_token=abc', REPEATED, REPEATED],
    ['AUT-13: another scheme and the query', 'Basic abc', '?access_token=abc', 'none', REPEATED],
    ['AUT-04: field and an honest query', 'Bearer abc', '?q=access_token', 'token abc', 'token abc'],
  ]
  for (const [name, field, query, expected, whenAllowed] of rows) {
    test(name, () => {
      assert.equal(found(field, query), expected)
      assert.equal(found(field, query, true), whenAllowed)
    })
  }
})

describe('AUT-01: the challenge', () => {
  test('has the realm, then the parameters, as quoted strings', () => {
    assert.equal(bearerChallenge('api', []), 'Bearer realm="api"')
    assert.equal(
      bearerChallenge('the "api" \\ all', [
        ['error', 'insufficient_scope'],
        ['scope', 'data:read data:write'],
      ]),
      'Bearer realm="the \\"api\\" \\\\ all", error="insufficient_scope", scope="data:read data:write"',
    )
  })
})
