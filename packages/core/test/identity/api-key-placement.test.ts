import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestFacts } from '../../src/contract/request.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { generateApiKey, hashApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey, type ApiKeyOptions, type ApiKeyRecord } from '../../src/identity/api-key.ts'
import { facts } from '../support/facts.ts'
import { compiled, outcome, schemeMistakes } from '../support/schemes.ts'

const KEY = 'k-0123456789/abc=def'
const KEYS: readonly ApiKeyRecord[] = [{ id: 'k1', hash: hashApiKey(KEY), subject: 'billing' }]

function found(options: Partial<ApiKeyOptions>, request: RequestFacts): string {
  return outcome(compiled(apiKey({ keys: KEYS, ...options })).identify(request))
}

const withCookie = (field: string): RequestFacts => facts({ fields: [['Cookie', field]] })
const withQuery = (query: string): RequestFacts => facts({ query })

describe('a key in a cookie', () => {
  const rows: readonly (readonly [name: string, field: string, expected: string])[] = [
    ['alone', `key=${KEY}`, 'billing'],
    ['among others', `a=b; key=${KEY}; c=d`, 'billing'],
    ['without a space', `a=b;key=${KEY};c=d`, 'billing'],
    ['of another name', `keys=${KEY}`, 'none'],
    ['of another case', `Key=${KEY}`, 'none'],
    ['in the value of another', `a=key=${KEY}`, 'none'],
    ['that has no value', 'key=', 'credentials.malformed'],
    ['that is no pair', 'key', 'credentials.malformed'],
    ['that is quoted', `key="${KEY}"`, 'credentials.malformed'],
    ['that is escaped', `key=${encodeURIComponent(KEY)}`, 'credentials.wrong'],
    ['twice', `key=${KEY}; key=${KEY}`, 'credentials.repeated'],
    ['twice, one of them empty', `key=; key=${KEY}`, 'credentials.repeated'],
    ['that is wrong', 'key=other', 'credentials.wrong'],
    ['in no cookie at all', '', 'none'],
  ]
  for (const [name, field, expected] of rows) {
    test(`KEY-01: ${name} is ${expected}`, () => {
      assert.equal(found({ cookie: 'key' }, withCookie(field)), expected)
    })
  }

  test('KEY-01: only the cookie counts, and only for a policy that says so', () => {
    assert.equal(found({ cookie: 'key' }, facts()), 'none')
    assert.equal(found({ cookie: 'key' }, facts({ fields: [['X-API-Key', KEY]] })), 'none')
    assert.equal(found({ cookie: 'key' }, withQuery(`?key=${KEY}`)), 'none')
    assert.equal(found({}, withCookie(`X-API-Key=${KEY}`)), 'none')
  })

  test('TLS-01: it travels in the Cookie field', () => {
    const { fields, queryFields } = compiled(apiKey({ keys: KEYS, cookie: '__Host-key' }))
    assert.deepEqual([fields, queryFields], [['cookie'], undefined])
  })
})

describe('a key in the query', () => {
  const dared = { dangerouslyQueryParameter: 'api_key' }
  const rows: readonly (readonly [name: string, query: string, expected: string])[] = [
    ['as it is', `?api_key=${KEY}`, 'billing'],
    ['among others', `?a=b&api_key=${KEY}&c`, 'billing'],
    ['escaped', `?api_key=${encodeURIComponent(KEY)}`, 'billing'],
    ['under an escaped name', `?api%5Fkey=${KEY}`, 'billing'],
    ['under another name', `?api_keys=${KEY}`, 'none'],
    ['under a name in another case', `?API_KEY=${KEY}`, 'none'],
    ['without a value', '?api_key', 'credentials.malformed'],
    ['with an empty value', '?api_key=', 'credentials.malformed'],
    ['with broken escapes', '?api_key=%', 'credentials.malformed'],
    ['with a line break', `?api_key=${KEY}%0a`, 'credentials.malformed'],
    ['twice', `?api_key=${KEY}&api_key=${KEY}`, 'credentials.repeated'],
    ['twice, once escaped', `?api_key=${KEY}&api%5fkey=x`, 'credentials.repeated'],
    ['that is wrong', '?api_key=other', 'credentials.wrong'],
    ['without a query', '', 'none'],
  ]
  for (const [name, query, expected] of rows) {
    test(`KEY-01: ${name} is ${expected}, for a policy that dares`, () => {
      assert.equal(found(dared, withQuery(query)), expected)
    })
    test(`KEY-01: ${name} is no key for any other policy`, () => {
      assert.equal(found({}, withQuery(query)), 'none')
      assert.equal(found({ cookie: 'api_key' }, withQuery(query)), 'none')
    })
  }

  test('KEY-01: only the query counts', () => {
    assert.equal(found(dared, facts({ fields: [['X-API-Key', KEY]] })), 'none')
    assert.equal(found(dared, facts({ fields: [['api_key', KEY]] })), 'none')
  })

  test('KEY-01: prefix and checksum are looked at there, too, before anything is looked up', () => {
    const keys = (): never => assert.fail('looked up')
    const { key } = generateApiKey('acme_live')
    const other = key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x')
    const query = withQuery(`?api_key=${other}`)
    assert.equal(found({ ...dared, keys, prefix: 'acme_live' }, query), 'credentials.malformed')
    const cookie = { keys, prefix: 'acme_live', cookie: 'key' }
    assert.equal(found(cookie, withCookie(`key=${other}`)), 'credentials.malformed')
  })

  test('TLS-01: the https check hears of the parameter', () => {
    const { fields, queryFields } = compiled(apiKey({ keys: KEYS, ...dared }))
    assert.deepEqual([fields, queryFields], [[], ['api_key']])
  })
})

describe('what is said of the place', () => {
  const rows: readonly (readonly [
    name: string,
    options: Partial<ApiKeyOptions>,
    challenge: string,
    description: object,
  ])[] = [
    ['nothing', {}, 'header="X-API-Key"', { in: 'header', name: 'X-API-Key' }],
    ['a header', { header: 'X-Key' }, 'header="X-Key"', { in: 'header', name: 'X-Key' }],
    ['a cookie', { cookie: '__Host-k' }, 'cookie="__Host-k"', { in: 'cookie', name: '__Host-k' }],
    ['a parameter', { dangerouslyQueryParameter: 'key' }, 'query="key"', { in: 'query', name: 'key' }],
  ]
  for (const [name, options, challenge, description] of rows) {
    test(`AUT-01: the challenge for ${name} says where the key goes`, () => {
      const scheme = compiled(apiKey({ keys: KEYS, ...options }))
      assert.deepEqual(scheme.challenges([]), [`ApiKey realm="api", ${challenge}`])
    })
    test(`KEY-01: the description of ${name} is that of an apiKey`, () => {
      const scheme = compiled(apiKey({ keys: KEYS, name: 'partner', ...options }))
      assert.deepEqual(scheme.describe?.(), {
        securitySchemes: { partner: { type: 'apiKey', ...description } },
        alternatives: [['partner']],
      })
    })
  }

  test('AUT-13: keys in two places are taken by two schemes, and two keys at once by none', () => {
    const scheme = compiled(
      anyOf(apiKey({ keys: KEYS }), apiKey({ keys: KEYS, name: 'cookieKey', cookie: 'key' })),
    )
    const fields = [
      ['X-API-Key', KEY],
      ['Cookie', `key=${KEY}`],
    ] as const
    for (const field of fields) assert.equal(outcome(scheme.identify(facts({ fields: [field] }))), 'billing')
    assert.equal(outcome(scheme.identify(facts({ fields }))), 'credentials.repeated')
  })
})

describe('a place with mistakes', () => {
  const A = 'authenticate'
  const rows: readonly (readonly [name: string, options: object, expected: readonly string[]])[] = [
    ['a header and a cookie', { header: 'X-Key', cookie: 'key' }, [`contradiction ${A}.cookie`]],
    [
      'all three',
      { header: 'X-Key', cookie: 'key', dangerouslyQueryParameter: 'key' },
      [`contradiction ${A}.cookie`, `contradiction ${A}.dangerouslyQueryParameter`],
    ],
    ['a cookie that is none', { cookie: 'a key' }, [`malformed_value ${A}.cookie`]],
    ['an empty cookie', { cookie: '' }, [`malformed_value ${A}.cookie`]],
    [
      'a parameter with an ampersand',
      { dangerouslyQueryParameter: 'a&b' },
      [`malformed_value ${A}.dangerouslyQueryParameter`],
    ],
    [
      'an empty parameter',
      { dangerouslyQueryParameter: '' },
      [`malformed_value ${A}.dangerouslyQueryParameter`],
    ],
    [
      'a parameter that is a flag',
      { dangerouslyQueryParameter: true },
      [`wrong_type ${A}.dangerouslyQueryParameter`],
    ],
    ['a query without its danger', { queryParameter: 'key' }, [`unknown_option ${A}.queryParameter`]],
  ]
  for (const [name, options, expected] of rows) {
    test(`KEY-01: ${name} does not build`, () => {
      assert.deepEqual(schemeMistakes(apiKey({ keys: KEYS, ...options })), expected)
    })
  }
})
