import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileCors, NO_CORS } from '../../../src/checks/cors.ts'
import { mistakesAt, mistakesOf, place } from '../../support/compile.ts'
import { answered, byName, cors, from, preflight, refused, sent } from '../../support/cors.ts'

const APP = 'https://app.example.com'

function mistakes(options: unknown): readonly string[] {
  return mistakesOf('cors', (where) => compileCors(where, options, { exposed: [] }))
}

function instead(options: unknown): string {
  const where = place('cors')
  compileCors(where, options, { exposed: [] })
  return mistakesAt(where)
    .map((mistake) => `${mistake.message} ${mistake.instead}`)
    .join('\n')
}

describe('mistakes', () => {
  const rows: readonly (readonly [name: string, options: unknown, expected: readonly string[]])[] = [
    ['no options', undefined, ['wrong_type cors']],
    ['no origins', {}, ['missing_option cors.origins']],
    ['a list of nobody', { origins: [] }, ['out_of_range cors.origins']],
    ['one origin without its list', { origins: APP }, ['wrong_type cors.origins']],
    ['one expression without its list', { origins: /^https:\/\/a\.example$/ }, ['wrong_type cors.origins']],
    ['true', { origins: true }, ['wrong_type cors.origins']],
    ['a number for an origin', { origins: [APP, 1] }, ['wrong_type cors.origins[1]']],
    ['* among others', { origins: [APP, '*'] }, ['contradiction cors.origins[1]']],
    [
      'an option of another package',
      { origins: [APP], allowedHeaders: [] },
      ['unknown_option cors.allowedHeaders'],
    ],

    ['COR-09: * with credentials', { origins: '*', credentials: true }, ['contradiction cors.origins']],
    [
      'COR-09: * for fields with credentials',
      { origins: [APP], credentials: true, headers: '*', expose: '*' },
      ['contradiction cors.headers', 'contradiction cors.expose'],
    ],
    [
      'COR-09: * in lists with credentials',
      { origins: [APP], credentials: true, headers: ['*', 'authorization'], expose: ['*'] },
      ['contradiction cors.headers', 'contradiction cors.expose'],
    ],
    [
      'COR-09: * for fields with credentials is reported with the mistakes of origins',
      { origins: ['null'], credentials: true, headers: '*' },
      ['unsafe_value cors.origins[0]', 'contradiction cors.headers'],
    ],
    [
      'COR-09: * for methods, whatever the rest',
      { origins: '*', methods: ['*'] },
      ['malformed_value cors.methods[0]'],
    ],
    ['COR-09: * for methods without a list', { origins: '*', methods: '*' }, ['wrong_type cors.methods']],
    [
      'COR-09: null with credentials, which is every site',
      { origins: [APP], dangerouslyAllowNullOrigin: true, credentials: true },
      ['contradiction cors.dangerouslyAllowNullOrigin'],
    ],
    ['COR-12: null', { origins: [APP, 'null'] }, ['unsafe_value cors.origins[1]']],
    ['COR-17: more than a day', { origins: [APP], maxAge: '25h' }, ['out_of_range cors.maxAge']],
    ['COR-17: less than nothing', { origins: [APP], maxAge: -1 }, ['malformed_value cors.maxAge']],
    ['COR-17: seconds for milliseconds', { origins: [APP], maxAge: 600 }, ['malformed_value cors.maxAge']],
    ['COR-17: true', { origins: [APP], maxAge: true }, ['wrong_type cors.maxAge']],
    [
      'COR-15: a method in lower case',
      { origins: [APP], methods: ['patch'] },
      ['malformed_value cors.methods[0]'],
    ],
    [
      'a method that is none',
      { origins: [APP], methods: ['PUT', 'PUT, DELETE'] },
      ['malformed_value cors.methods[1]'],
    ],
    [
      'COR-18: forbidden methods, in any case',
      { origins: [APP], methods: ['CONNECT', 'TRACE', 'TRACK', 'trace'] },
      [0, 1, 2, 3].map((i) => `unsafe_value cors.methods[${i}]`),
    ],
    [
      'COR-18: forbidden request fields, in any case',
      {
        origins: [APP],
        headers: ['Host', 'cookie', 'Sec-Fetch-Site', 'proxy-authorization', 'Origin', 'Set-Cookie'],
      },
      [0, 1, 2, 3, 4, 5].map((i) => `unsafe_value cors.headers[${i}]`),
    ],
    [
      'COR-18: a response field among the request fields',
      { origins: [APP], headers: ['Access-Control-Allow-Origin'] },
      ['unsafe_value cors.headers[0]'],
    ],
    [
      'COR-18: forbidden response fields',
      { origins: [APP], expose: ['Set-Cookie', 'set-cookie2'] },
      ['unsafe_value cors.expose[0]', 'unsafe_value cors.expose[1]'],
    ],
    [
      'fields that are none',
      { origins: [APP], headers: ['x a'], expose: ['x\r\na'] },
      ['malformed_value cors.headers[0]', 'malformed_value cors.expose[0]'],
    ],
    ['fields without a list', { origins: [APP], headers: 'x-a' }, ['wrong_type cors.headers']],
    [
      'COR-22: a private network for everybody',
      { origins: '*', allowPrivateNetwork: true },
      ['contradiction cors.allowPrivateNetwork'],
    ],
    ['COR-04: nobody to block', { origins: '*', block: true }, ['contradiction cors.block']],
    ['a truthy switch', { origins: [APP], credentials: 'true' }, ['wrong_type cors.credentials']],
    [
      'COR-21: no deadline',
      { origins: () => true, resolverDeadline: 0 },
      ['out_of_range cors.resolverDeadline'],
    ],
    [
      'COR-21: an endless deadline',
      { origins: () => true, resolverDeadline: '1h' },
      ['out_of_range cors.resolverDeadline'],
    ],
  ]
  for (const [name, options, expected] of rows) {
    test(`${name}: is told when the policy is built`, () => assert.deepEqual(mistakes(options), expected))
  }

  test('options without usable origins compile to nothing: no field is sent for anybody', () => {
    for (const options of [undefined, {}, { origins: [] }, { origins: APP }, null, [], 'cors']) {
      assert.equal(compileCors(place('cors'), options, { exposed: [] }), NO_CORS)
    }
  })

  test('a list whose every member is a mistake allows nobody', () => {
    const { response } = compileCors(place('cors'), { origins: ['HTTPS://A.example'] }, { exposed: [] })
    assert.deepEqual(response?.fields(from('https://a.example')), [])
    assert.equal(response?.vary, 'Origin')
  })

  test('COR-18: says what to write in place of a cookie field, and how a method is spelled', () => {
    assert.match(instead({ origins: [APP], headers: ['Cookie'] }), /credentials: true/)
    assert.match(instead({ origins: [APP], methods: ['patch'] }), /Write 'PATCH'/)
    assert.match(instead({ origins: [APP], maxAge: 600 }), /600 milliseconds.*'600s'/)
    assert.match(instead({ origins: ['null'] }), /dangerouslyAllowNullOrigin/)
  })
})

describe('origins as text', () => {
  const malformed: readonly (readonly [string, string | undefined])[] = [
    ['https://App.Example.com', 'https://app.example.com'],
    ['HTTPS://app.example.com', 'https://app.example.com'],
    ['https://app.example.com/', 'https://app.example.com'],
    ['https://app.example.com/path?a#b', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://app.example.com:80', 'http://app.example.com'],
    ['https://user:secret@app.example.com', 'https://app.example.com'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['app.example.com', 'https://app.example.com'],
    ['https://127.1', 'https://127.0.0.1'],
    ['https://0x7f.0.0.1', 'https://127.0.0.1'],
    ['https://[2001:DB8:0::1]', 'https://[2001:db8::1]'],
    ['https://*.Example.com', 'https://*.example.com'],
    ['HTTP://localhost:*', 'http://localhost:*'],
    ['https://app.example.com:0', undefined],
    ['https://app.example.com:65536', undefined],
    ['https://app.example.com:8080:*', undefined],
    ['https://[2001:db8::1%25eth0]', undefined],
    ['http://*.example.com', undefined],
    ['*.example.com', 'https://*.example.com'],
    ['*://app.example.com', undefined],
    ['https://*', undefined],
    ['https://*.com', undefined],
    ['https://*.*.example.com', undefined],
    ['https://app.*.com', undefined],
    ['https://app*.example.com', undefined],
    ['https://*.192.0.2.1', undefined],
    ['', undefined],
    [' ', undefined],
  ]
  for (const [text, near] of malformed) {
    test(`COR-13: "${text}" is refused, ${near === undefined ? 'with the forms that are not' : `for ${near}`}`, () => {
      assert.deepEqual(mistakes({ origins: [text] }), ['malformed_value cors.origins[0]'])
      const told = instead({ origins: [text] })
      assert.ok(
        told.includes(
          near === undefined ? 'Write scheme and host as browsers send them' : `Write '${near}'.`,
        ),
        told,
      )
      assert.ok(!told.includes('secret'))
    })
  }

  test('COR-13: exact origins, names below a host and all ports are accepted, and nothing near them', () => {
    const policy = cors({
      origins: [
        APP,
        'https://*.pages.example',
        'http://localhost:*',
        'https://*.dev.example:*',
        'http://[::1]:3000',
      ],
    })
    const allowed = [
      APP,
      'https://a.pages.example',
      'https://b.a.pages.example',
      'http://localhost',
      'http://localhost:65535',
      'https://a.dev.example:8443',
      'http://[::1]:3000',
    ]
    const denied = [
      'https://pages.example',
      'http://a.pages.example',
      'https://a.pages.example:8443',
      'https://localhost',
      'http://localhost:65536',
      'http://localhost:0',
      'http://localhost:80',
      'http://[::1]',
      'http://[0:0:0:0:0:0:0:1]:3000',
      'https://app.example.com:443',
      'https://APP.example.com',
      'https://app.example.com.',
    ]
    for (const origin of allowed)
      assert.equal(sent(policy, from(origin))['Access-Control-Allow-Origin'], origin)
    for (const origin of denied) assert.deepEqual(policy.response.fields(from(origin)), [], origin)
  })
})

describe('what is said by default', () => {
  test('COR-10: a JSON API with tokens works, and nothing more is allowed', () => {
    const policy = cors({ origins: [APP] })
    const { fields } = answered(policy.decide(preflight(APP, 'POST', 'authorization,content-type')))
    assert.deepEqual(byName(fields), {
      'Access-Control-Allow-Origin': APP,
      'Access-Control-Allow-Methods': 'GET, HEAD, POST',
      'Access-Control-Allow-Headers': 'authorization, content-type',
      'Access-Control-Max-Age': '600',
      Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    })
    refused(policy.decide(preflight(APP, 'POST', 'x-api-key')))
    refused(policy.decide(preflight(APP, 'DELETE')))
  })

  test('the lists of the author can change afterwards without changing the policy', () => {
    const origins = [APP]
    const policy = cors({ origins })
    origins.push('https://evil.example')
    refused(policy.decide(preflight('https://evil.example')))
  })
})

describe('a policy that takes a POST for another method', () => {
  const overriding = new Set(['PUT', 'DELETE'])
  const rows: readonly (readonly [name: string, options: object, expected: readonly string[]])[] = [
    ['every field', { headers: '*', methods: ['PUT'] }, ['contradiction cors.methods']],
    [
      'the field, and not its methods',
      { headers: ['X-HTTP-Method-Override'] },
      ['contradiction cors.methods'],
    ],
    ['the field, and all its methods', { headers: ['x-http-method'], methods: ['PUT', 'DELETE'] }, []],
    ['other fields', { headers: ['content-type'] }, []],
  ]
  for (const [name, options, expected] of rows) {
    test(`COR-15: lets pages send ${name}`, () => {
      const found = mistakesOf('cors', (where) =>
        compileCors(where, { origins: [APP], ...options }, { exposed: [], overriding }),
      )
      assert.deepEqual(found, expected)
    })
  }
})
