import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { describe, test } from 'node:test'
import { compileRequest, type RequestGuard, type RequestOptions } from '../../src/checks/request.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import { mistakesOf, place } from '../support/compile.ts'
import type { Line } from '../support/forwarding.ts'
import { fieldOf, refusalOf, verdictOf } from '../support/guards.ts'
import { type Received, received } from '../support/received.ts'

const guard = compileRequest(place('request'), undefined)
const HOST: Line = ['Host', 'api.example.com']
const judge = (request: Received): string => verdictOf(guard, received(request))
const compiled = (options: RequestOptions, credentials?: readonly string[]): RequestGuard =>
  compileRequest(place('request'), options, credentials)

describe('the request-target', () => {
  const rows: readonly (readonly [name: string, request: Received, verdict: string])[] = [
    ['REQ-04: the origin-form passes', { url: '/users/7?full=1' }, 'pass'],
    [
      'REQ-04: the absolute-form with the host of Host passes',
      { url: 'http://api.example.com/users' },
      'pass',
    ],
    [
      'REQ-04: the absolute-form is compared without case and default port',
      { url: 'HTTP://API.example.com:80/users' },
      'pass',
    ],
    [
      'REQ-04: a port of the absolute-form must be the one of Host',
      { url: 'http://api.example.com:8080/users' },
      'request.malformed',
    ],
    ['REQ-04: port 80 is no default of https', { url: 'https://api.example.com:80/' }, 'request.malformed'],
    ['REQ-04: port 443 is the default of https', { url: 'https://api.example.com:443/' }, 'pass'],
    [
      'REQ-04: the absolute-form with another host is refused',
      { url: 'http://evil.example/users' },
      'request.malformed',
    ],
    [
      'REQ-04: the absolute-form with a user is refused',
      { url: 'http://a@api.example.com/' },
      'request.malformed',
    ],
    [
      'REQ-04: the absolute-form without Host to compare with is refused',
      { url: 'http://api.example.com/', lines: [], version: '1.0' },
      'request.malformed',
    ],
    ['REQ-04: another scheme is refused', { url: 'ftp://api.example.com/' }, 'request.malformed'],
    ['REQ-04: the authority-form is refused', { url: 'api.example.com:443' }, 'request.malformed'],
    ['REQ-04: an empty target is refused', { url: '' }, 'request.malformed'],
    ['REQ-04: a relative path is refused', { url: 'users' }, 'request.malformed'],
    ['REQ-04: * passes with OPTIONS', { method: 'OPTIONS', url: '*' }, 'pass'],
    ['REQ-04: * is refused with GET', { url: '*' }, 'request.malformed'],
    ['REQ-04: *x is refused with OPTIONS', { method: 'OPTIONS', url: '*x' }, 'request.malformed'],
    ['REQ-05: a fragment is refused', { url: '/users#x' }, 'request.path-ambiguous'],
    ['REQ-05: a fragment after a query is refused', { url: '/users?a#x' }, 'request.malformed'],
    ['REQ-05: an encoded slash is refused', { url: '/users%2f7' }, 'request.path-ambiguous'],
    ['REQ-05: an encoded backslash is refused', { url: '/users%5C7' }, 'request.path-ambiguous'],
    ['REQ-05: a backslash is refused', { url: '/users\\7' }, 'request.path-ambiguous'],
    ['REQ-05: an encoded NUL is refused', { url: '/users%00' }, 'request.path-ambiguous'],
    ['REQ-05: an encoded line feed is refused', { url: '/users%0a' }, 'request.path-ambiguous'],
    ['REQ-05: two slashes are refused', { url: '/a//b' }, 'request.path-ambiguous'],
    ['REQ-05: two slashes in front are refused', { url: '//evil.example/' }, 'request.path-ambiguous'],
    ['REQ-05: dot segments are refused', { url: '/public/../admin' }, 'request.path-ambiguous'],
    ['REQ-05: encoded dot segments are refused', { url: '/public/%2e%2E/admin' }, 'request.path-ambiguous'],
    [
      'REQ-05: a dot segment with parameters is refused',
      { url: '/public/..;x/admin' },
      'request.path-ambiguous',
    ],
    ['REQ-05: half an escape is refused', { url: '/50%' }, 'request.path-ambiguous'],
    ['REQ-05: overlong UTF-8 is refused', { url: '/%c0%af' }, 'request.path-ambiguous'],
    ['REQ-05: raw UTF-8 is refused', { url: '/caf\u00e9' }, 'request.path-ambiguous'],
    [
      'REQ-05: the path of an absolute-form is looked at, too',
      { url: 'http://api.example.com/a/../b' },
      'request.path-ambiguous',
    ],
    ['REQ-05: what is odd in a path is at home in a query', { url: '/a?next=/../b//c%2f;x' }, 'pass'],
    ['REQ-05: a dot in a segment is no dot segment', { url: '/.well-known/a..b/c.json' }, 'pass'],
    ['REQ-05: a control character in a query is refused', { url: '/a?b=\tc' }, 'request.malformed'],
    ['REQ-05: raw UTF-8 in a query is refused', { url: '/a?b=\u00e9' }, 'request.malformed'],
    ['REQ-05: an empty query passes', { url: '/a?' }, 'pass'],
  ]
  for (const [name, request, verdict] of rows) test(name, () => assert.equal(judge(request), verdict))
})

describe('the method', () => {
  for (const method of ['TRACE', 'TRACK', 'CONNECT', 'GETT', 'get', '', 'GET ', 'constructor']) {
    test(`REQ-06: ${JSON.stringify(method)} is a 405 with Allow`, () => {
      const refusal = refusalOf(guard, received({ method }))
      assert.equal(refusal?.kind, 'request.method-refused')
      assert.equal(CODES[KINDS[refusal.kind].code].status, 405)
      const allowed = fieldOf(refusal.fields, 'allow')?.split(', ') ?? []
      assert.ok(allowed.includes('GET') && allowed.includes('OPTIONS'))
      for (const name of allowed) assert.equal(judge({ method: name }), 'pass', name)
    })
  }

  test('REQ-06: every other method of node:http passes', () => {
    const refused = METHODS.filter((method) => judge({ method }) !== 'pass')
    assert.deepEqual(refused, ['CONNECT', 'TRACE'])
  })
})

const SINGLETONS = [
  'Authorization',
  'Content-Type',
  'Origin',
  'DPoP',
  'Idempotency-Key',
  'Sec-Fetch-Site',
  'Sec-Fetch-Mode',
  'Sec-Fetch-Dest',
  'Access-Control-Request-Method',
]

describe('fields that may occur once', () => {
  for (const name of SINGLETONS) {
    test(`REQ-08: one ${name} passes, two are refused, whatever their case`, () => {
      const line: Line = [name, 'a']
      assert.equal(judge({ lines: [HOST, line] }), 'pass')
      for (const again of [name, name.toLowerCase(), name.toUpperCase()]) {
        const lines: readonly Line[] = [line, HOST, ['X-Between', 'b'], [again, 'a']]
        assert.equal(judge({ lines }), 'request.field-repeated', again)
        assert.equal(judge({ lines, version: '1.0' }), 'request.field-repeated', again)
      }
      const refusal = refusalOf(guard, received({ lines: [line, line] }))
      assert.ok(refusal?.reason.includes(name), 'the log names the field')
    })
  }

  test('REQ-08: fields that are lists, and fields whose names have the same length, may repeat', () => {
    const names = [
      'Accept',
      'Cookie',
      'X-Forwarded-For',
      'Accept-Charset',
      'X-Abc',
      'Date',
      'Authorizatiom',
      'Accept-Encod',
      'Sec-Purpose-Key',
      'Sec-Fetch-User',
      'Sec-Fetch-Site2',
      'X-Transfer-Encode',
    ]
    const lines = names.flatMap((name): Line[] => [
      [name, 'a'],
      [name, 'b'],
    ])
    assert.equal(judge({ lines: [HOST, ...lines] }), 'pass')
  })

  test('REQ-08: repeated Host is left to the check of hosts', () => {
    assert.equal(judge({ lines: [HOST, HOST] }), 'pass')
  })

  test('REQ-08: all of them may come together', () => {
    const lines = SINGLETONS.map((name): Line => [name, 'a'])
    assert.equal(judge({ method: 'POST', lines: [HOST, ...lines, ['Content-Length', '0']] }), 'pass')
  })
})

describe('the length of the body', () => {
  const length: Line = ['Content-Length', '5']
  const chunked: Line = ['Transfer-Encoding', 'chunked']
  const rows: readonly (readonly [name: string, request: Received, verdict: string])[] = [
    ['REQ-09: Content-Length alone passes', { lines: [HOST, length] }, 'pass'],
    ['REQ-09: Transfer-Encoding alone passes', { lines: [HOST, chunked] }, 'pass'],
    ['REQ-09: both are refused', { lines: [HOST, length, chunked] }, 'request.malformed'],
    ['REQ-09: both are refused in the other order', { lines: [chunked, HOST, length] }, 'request.malformed'],
    ['REQ-09: chunked is read in any case', { lines: [HOST, ['Transfer-Encoding', 'Chunked']] }, 'pass'],
    ...[
      'xchunked',
      'chunked, identity',
      'gzip, chunked',
      'chunked, chunked',
      '"chunked"',
      '\u000bchunked',
      '',
    ].map((coding): readonly [string, Received, string] => [
      `REQ-09: the coding ${JSON.stringify(coding)} is refused`,
      { lines: [HOST, ['Transfer-Encoding', coding]] },
      'request.malformed',
    ]),
    [
      'REQ-09: both are refused in any case of their names',
      { lines: [HOST, ['CONTENT-LENGTH', '5'], ['transfer-ENCODING', 'x']] },
      'request.malformed',
    ],
    ['REQ-09: two Content-Lengths are refused', { lines: [HOST, length, length] }, 'request.malformed'],
    ['REQ-09: two Transfer-Encodings are refused', { lines: [HOST, chunked, chunked] }, 'request.malformed'],
    [
      'REQ-09: Transfer-Encoding in HTTP/1.0 is refused',
      { lines: [HOST, chunked], version: '1.0' },
      'request.malformed',
    ],
    ['REQ-09: HTTP/0.9 is refused', { lines: [], version: '0.9' }, 'request.malformed'],
    ['REQ-09: HTTP/2.0 in the first line of HTTP/1 is refused', { version: '2.0' }, 'request.malformed'],
    ['REQ-09: HTTP/2 passes', { version: '2.0', lines: [[':method', 'POST'], HOST] }, 'pass'],
    ['REQ-09: Content-Length in HTTP/1.0 passes', { lines: [HOST, length], version: '1.0' }, 'pass'],
  ]
  for (const [name, request, verdict] of rows) {
    test(name, () => {
      const refusal = refusalOf(guard, received({ method: 'POST', ...request }))
      assert.equal(refusal?.kind ?? 'pass', verdict)
      if (refusal !== undefined) assert.equal(fieldOf(refusal.fields, 'connection'), 'close')
    })
  }

  test('REQ-09: the connection stays open for what is malformed without doubt about its length', () => {
    assert.equal(refusalOf(guard, received({ url: 'x' }))?.fields, undefined)
  })
})

test('REQ-04: a refusal says nothing of what was asked for', () => {
  const refusal = refusalOf(guard, received({ url: '/secret-7c1f/../x?token=secret-7c1f' }))
  assert.equal(JSON.stringify(refusal).includes('secret-7c1f'), false)
})

describe('a method that asks to be taken for another', () => {
  const FIELDS = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']
  for (const name of FIELDS) {
    test(`REQ-07: ${name} with another method is refused, and its own passes`, () => {
      for (const [method, value] of [
        ['POST', 'DELETE'],
        ['POST', 'delete'],
        ['POST', 'GET'],
        ['GET', 'DELETE'],
        ['GET', 'HEAD'],
        ['POST', 'POST, DELETE'],
        ['POST', 'DELETE;POST'],
        ['POST', 'nonsense'],
        ['POST', ''],
      ] as const) {
        const lines: readonly Line[] = [HOST, [name, value]]
        assert.equal(judge({ method, lines }), 'request.method-overridden', `${method} ${value}`)
        const lower: readonly Line[] = [[name.toLowerCase(), value], HOST]
        assert.equal(judge({ method, lines: lower }), 'request.method-overridden', `${method} ${value}`)
      }
      for (const value of ['POST', 'post', ' POST '])
        assert.equal(judge({ method: 'POST', lines: [HOST, [name, value]] }), 'pass', value)
    })

    test(`REQ-07: every line of ${name} is looked at`, () => {
      const lines: readonly Line[] = [HOST, [name, 'POST'], ['X-Between', 'b'], [name, 'DELETE']]
      assert.equal(judge({ method: 'POST', lines }), 'request.method-overridden')
    })
  }

  const queries: readonly (readonly [url: string, verdict: string])[] = [
    ['/?_method=DELETE', 'request.method-overridden'],
    ['/?a=1&%5Fmethod=DELETE', 'request.method-overridden'],
    ['/?_method[]=DELETE', 'request.method-overridden'],
    ['/?_method', 'request.method-overridden'],
    ['/?_method=POST&_method=DELETE', 'request.method-overridden'],
    ['/?_method=post', 'pass'],
    ['/?method=DELETE&x_method=PUT&_methods=PUT', 'pass'],
  ]
  for (const [url, verdict] of queries)
    test(`REQ-07: ${url} with POST: ${verdict}`, () => assert.equal(judge({ method: 'POST', url }), verdict))

  test('REQ-07: where the policy allows it, the gate is told which, and the check is the same', () => {
    const open = compiled({ methodOverride: ['PUT', 'DELETE'] })
    assert.deepEqual([...(open.overriding ?? [])], ['PUT', 'DELETE'])
    assert.equal(compiled({}).overriding, undefined)
    const lines: readonly Line[] = [HOST, ['X-HTTP-Method-Override', 'DELETE']]
    assert.equal(verdictOf(open, received({ method: 'DELETE', lines })), 'pass')
    assert.equal(verdictOf(open, received({ method: 'POST', lines })), 'request.method-overridden')
  })

  test('REQ-07: the log is not told what the client asked for', () => {
    const lines: readonly Line[] = [HOST, ['X-HTTP-Method-Override', 'secret-7c1f']]
    const refusal = refusalOf(guard, received({ method: 'POST', lines }))
    assert.equal(JSON.stringify(refusal).includes('secret-7c1f'), false)
  })
})

describe('parameters of the query', () => {
  const once = compiled({ query: { once: ['account', 'redirect_uri'] } }, ['access_token'])
  const strict = compiled({ query: { repeated: 'refuse' } })
  const AMBIGUOUS = 'request.query-ambiguous'
  const rows: readonly (readonly [name: string, by: RequestGuard, query: string, verdict: string])[] = [
    ['a list passes', guard, 'tag=a&tag=b&tag[]=c', 'pass'],
    ['a name of the policy may come once', once, 'account=1&tag=a&tag=b', 'pass'],
    ['and not twice', once, 'account=1&account=2', AMBIGUOUS],
    ['not twice, with the same value', once, 'account=1&x&account=1', AMBIGUOUS],
    ['not twice, without a value', once, 'account&account', AMBIGUOUS],
    ['not twice, spelled otherwise', once, 'account=1&%61ccount=2', AMBIGUOUS],
    ['not as a list', once, 'account[]=1', AMBIGUOUS],
    ['not as a list with escaped brackets', once, 'account%5B%5D=1', AMBIGUOUS],
    ['not as an object', once, 'account[ne]=1', AMBIGUOUS],
    ['not with the bracket in front', once, '[account]=1', AMBIGUOUS],
    ['nor with half a bracket', once, 'account[=1', AMBIGUOUS],
    ['the second name of the policy', once, 'redirect_uri=a&redirect_uri=b', AMBIGUOUS],
    ['a name that the scheme reads may come once', once, 'access_token=1', 'pass'],
    ['twice, it is for the scheme to refuse', once, 'access_token=1&access_token=2', 'pass'],
    ['as a list, the scheme would not see it', once, 'access_token=1&access_token[]=2', AMBIGUOUS],
    ['names are not compared without case', once, 'account=1&Account=2', 'pass'],
    ['longer names are others', once, 'account=1&accounts=2&x[account]=3&account.x=4', 'pass'],
    ['where all may come once, a list is refused', strict, 'tag=a&tag=b', AMBIGUOUS],
    ['also one with brackets', strict, 'tag[]=a&tag[]=b', AMBIGUOUS],
    ['and a name with and without', strict, 'tag=a&tag[]=b', AMBIGUOUS],
    ['in either order', strict, 'tag[x]=a&tag=b', AMBIGUOUS],
    ['the members of an object pass', strict, 'where[a]=1&where[b]=2', 'pass'],
    ['but not a member twice', strict, 'where[a]=1&where[a]=2', AMBIGUOUS],
    ['different names pass', strict, 'a=1&b=2&constructor=3', 'pass'],
    ['a prototype is refused', guard, '__proto__=1', AMBIGUOUS],
    ['as a member', guard, 'a[__proto__][b]=1', AMBIGUOUS],
    ['escaped', guard, '%5f_proto_%5F[b]=1', AMBIGUOUS],
    ['through the constructor', guard, 'constructor[prototype][b]=1', AMBIGUOUS],
    ['through the constructor of a member', guard, 'a[constructor][prototype][b]=1', AMBIGUOUS],
    ['with a dot', guard, 'a.constructor.prototype.b=1', AMBIGUOUS],
    ['words that are half of it pass', guard, 'constructor=lotus&prototype=1&c[prototype]=2', 'pass'],
    ['as a value it means nothing', guard, 'q=__proto__', 'pass'],
    ['broken percent-encoding', guard, 'q=100%', AMBIGUOUS],
    ['Latin-1', guard, 'q=caf%e9', AMBIGUOUS],
    ['more parameters than readers take', guard, 'a&'.repeat(1000), AMBIGUOUS],
    ['an escaped line break is data', guard, 'text=a%0d%0ab', 'pass'],
    ['an escaped NUL is data', guard, 'text=a%00b', 'pass'],
    ['a raw line break is no URI', guard, 'text=a\r\nb', 'request.malformed'],
    ['a raw NUL is no URI', guard, 'text=a\0b', 'request.malformed'],
  ]
  for (const [name, by, query, verdict] of rows) {
    test(`REQ-12: ${name}`, () => assert.equal(verdictOf(by, received({ url: `/?${query}` })), verdict))
  }

  test('REQ-12: the log is told the name that the policy gave, and no value', () => {
    const refusal = refusalOf(once, received({ url: '/?account=secret-7c1f&account=2' }))
    assert.match(refusal?.reason ?? '', /"account"/)
    assert.equal(JSON.stringify(refusal).includes('secret-7c1f'), false)
  })

  test('REQ-12: which value counts is told to whoever reads the query', () => {
    assert.equal(compiled({}).counts, 'first')
    assert.equal(compiled({ query: {} }).counts, 'first')
    assert.equal(compiled({ query: { repeated: 'last' } }).counts, 'last')
  })
})

test('REQ-05: parameters of a path pass, unless the policy refuses them', () => {
  const strict = compiled({ pathParameters: 'refuse' })
  for (const url of ['/a;v=1', '/;a', '/a;/b', '/a;?b']) {
    assert.equal(judge({ url }), 'pass', url)
    assert.equal(verdictOf(strict, received({ url })), 'request.path-ambiguous', url)
  }
  for (const url of ['/a%3Bv=1', '/a?b;c']) assert.equal(verdictOf(strict, received({ url })), 'pass', url)
})

test('REQ-10: a request-target is 414 when it is longer than the policy allows', () => {
  const long = (length: number): string => `/?${'a'.repeat(length - 2)}`
  assert.equal(judge({ url: long(8192) }), 'pass')
  assert.equal(judge({ url: long(8193) }), 'request.target-too-long')
  assert.equal(judge({ url: `/${'a'.repeat(8192)}` }), 'request.target-too-long')
  const wide = compiled({ maxTarget: 20_000 })
  assert.equal(verdictOf(wide, received({ url: long(20_000) })), 'pass')
  assert.equal(verdictOf(wide, received({ url: long(20_001) })), 'request.target-too-long')
  assert.equal(CODES[KINDS['request.target-too-long'].code].status, 414)
})

describe('control characters in field values', () => {
  const values = ['a\0b', 'a\rb', 'a\nb', 'a\r\n b', 'a\u0007b', 'a\u007fb', '\u000bchunked']
  for (const value of values) {
    test(`REQ-05: ${JSON.stringify(value)} is refused where the parser lets it through`, () => {
      const lines: readonly Line[] = [HOST, ['X-Any', value]]
      assert.equal(judge({ lines, lenient: true }), 'request.malformed')
    })
  }

  test('REQ-05: what a field may hold passes there, too', () => {
    const lines: readonly Line[] = [HOST, ['X-Any', 'a\tb \u00e9'], ['X-Empty', '']]
    assert.equal(judge({ lines, lenient: true }), 'pass')
  })
})

describe('what a policy can say', () => {
  const rows: readonly (readonly [name: string, value: unknown, mistakes: readonly string[]])[] = [
    ['nothing', undefined, []],
    ['an empty object', {}, []],
    [
      'everything',
      { methodOverride: ['PUT'], pathParameters: 'refuse', query: { once: ['a'], repeated: 'last' } },
      [],
    ],
    ['no object', 'strict', ['wrong_type request']],
    ['null', null, ['wrong_type request']],
    ['an unknown option', { methods: [] }, ['unknown_option request.methods']],
    ['a safe method', { methodOverride: ['GET'] }, ['malformed_value request.methodOverride[0]']],
    ['TRACE', { methodOverride: ['TRACE'] }, ['malformed_value request.methodOverride[0]']],
    ['CONNECT', { methodOverride: ['CONNECT'] }, ['malformed_value request.methodOverride[0]']],
    ['true for a list', { methodOverride: true }, ['wrong_type request.methodOverride']],
    ['an empty list', { methodOverride: [] }, ['out_of_range request.methodOverride']],
    ['a method twice', { methodOverride: ['PUT', 'PUT'] }, ['duplicate_value request.methodOverride[1]']],
    ['a length for nothing', { maxTarget: 10 }, ['out_of_range request.maxTarget']],
    ['another word for parameters', { pathParameters: 'strip' }, ['malformed_value request.pathParameters']],
    [
      'another word for repeated',
      { query: { repeated: 'list' } },
      ['malformed_value request.query.repeated'],
    ],
    ['a name with brackets', { query: { once: ['a[]'] } }, ['malformed_value request.query.once[0]']],
    ['a name twice', { query: { once: ['a', 'a'] } }, ['duplicate_value request.query.once[1]']],
  ]
  for (const [name, value, mistakes] of rows) {
    test(`ERR-03: ${name}`, () =>
      assert.deepEqual(
        mistakesOf('request', (where) => compileRequest(where, value)),
        mistakes,
      ))
  }
})
