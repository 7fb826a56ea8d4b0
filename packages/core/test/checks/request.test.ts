import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { describe, test } from 'node:test'
import { compileRequest } from '../../src/checks/request.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { Line } from '../support/forwarding.ts'
import { fieldOf, refusalOf, verdictOf } from '../support/guards.ts'
import { type Received, received } from '../support/received.ts'

const guard = compileRequest()
const HOST: Line = ['Host', 'api.example.com']
const judge = (request: Received): string => verdictOf(guard, received(request))

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

describe('fields that may occur once', () => {
  for (const name of ['Authorization', 'Content-Type', 'Origin', 'DPoP', 'Idempotency-Key']) {
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

  test('REQ-08: all five may come together', () => {
    const lines = ['Authorization', 'Content-Type', 'Origin', 'DPoP', 'Idempotency-Key'].map((name): Line => [
      name,
      'a',
    ])
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
