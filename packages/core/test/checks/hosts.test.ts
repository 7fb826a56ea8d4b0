import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileHosts, type HostList } from '../../src/checks/hosts.ts'
import type { Guard } from '../../src/contract/guard.ts'
import { parseAuthority } from '../../src/lib/authority.ts'
import { mistakesAt, mistakesOf, place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import type { Line } from '../support/forwarding.ts'
import { verdictOf } from '../support/guards.ts'
import { type Received, received } from '../support/received.ts'

function hosts(...list: readonly string[]): Guard & { readonly hosts: HostList } {
  const where = place('')
  const guard = compileHosts(where, list, undefined)
  assert.deepEqual(mistakesAt(where), [])
  return guard
}

const ANY = compileHosts(place(''), undefined, true)
const API = hosts('api.example.com')
const named = (...values: readonly string[]): readonly Line[] => values.map((value): Line => ['Host', value])

describe('one Host field', () => {
  const rows: readonly (readonly [name: string, request: Received, listed: string, any: string])[] = [
    ['REQ-01: HTTP/1.1 without Host is refused', { lines: [] }, 'host.missing', 'host.missing'],
    [
      'REQ-01: HTTP/2 without :authority and Host is refused',
      { lines: [], version: '2.0' },
      'host.missing',
      'host.missing',
    ],
    [
      'REQ-01: HTTP/1.0 without Host is served where every host is',
      { lines: [], version: '1.0' },
      'host.missing',
      'pass',
    ],
    [
      'REQ-01: two Host fields are refused, equal ones too',
      { lines: named('api.example.com', 'api.example.com') },
      'host.repeated',
      'host.repeated',
    ],
    [
      'REQ-01: two Host fields are refused in HTTP/1.0',
      { lines: named('api.example.com', 'evil.example'), version: '1.0' },
      'host.repeated',
      'host.repeated',
    ],
    [
      'REQ-01: two Host fields are two in any case of the name',
      { lines: [...named('api.example.com'), ['HOST', 'evil.example']] },
      'host.repeated',
      'host.repeated',
    ],
  ]
  for (const [name, request, listed, any] of rows) {
    test(name, () => {
      assert.equal(verdictOf(API, received(request)), listed)
      assert.equal(verdictOf(ANY, received(request)), any)
    })
  }

  const malformed = [
    '',
    'user@api.example.com',
    'user:password@api.example.com',
    'api.example.com:65536',
    'api.example.com:0',
    'api.example.com:',
    'api.example.com:80:80',
    'api.example.com:http',
    'api.example.com, evil.example',
    'api.example.com evil.example',
    'api.example.com/',
    'api.example.com/admin?',
    'api.example.com?x',
    'api.example.com#x',
    'api.example.com\\x',
    'api.example.com\0',
    'api.example.com\t',
    'api..example.com',
    '.example.com',
    'api%2eexample.com',
    'bücher.example',
    '::1',
    '[::1',
    '[::1]x',
    '[fe80::1%25eth0]',
    '127.1',
    '0x7f.0.0.1',
    'a'.repeat(300),
  ]
  for (const value of malformed) {
    test(`REQ-02: Host ${JSON.stringify(value.slice(0, 40))} is refused, also where every host is served`, () => {
      const request = { lines: named(value) }
      assert.equal(verdictOf(API, received(request)), 'host.malformed')
      assert.equal(verdictOf(ANY, received(request)), 'host.malformed')
    })
  }

  test('REQ-02: a good Host before a malformed one changes nothing about it', () => {
    for (const value of ['api.example.com', 'api.example.com/x', 'api.example.com', 'api.example.com/x']) {
      const expected = value.endsWith('/x') ? 'host.malformed' : 'pass'
      assert.equal(verdictOf(API, received({ lines: named(value) })), expected)
    }
  })
})

describe('the host is one of the list', () => {
  const rows: readonly (readonly [
    name: string,
    list: readonly string[],
    scheme: 'http' | 'https',
    host: string,
    verdict: string,
  ])[] = [
    ['REQ-03: the same name passes', ['api.example.com'], 'https', 'api.example.com', 'pass'],
    ['REQ-03: case does not count in a request', ['api.example.com'], 'https', 'API.Example.COM', 'pass'],
    ['REQ-03: case does not count in the list', ['API.Example.COM'], 'https', 'api.example.com', 'pass'],
    ['REQ-03: one trailing dot does not count', ['api.example.com'], 'https', 'api.example.com.', 'pass'],
    ['REQ-03: nor in the list', ['api.example.com.'], 'https', 'api.example.com', 'pass'],
    [
      'REQ-03: two trailing dots are no host',
      ['api.example.com'],
      'https',
      'api.example.com..',
      'host.malformed',
    ],
    [
      'REQ-03: the default port of https is none',
      ['api.example.com'],
      'https',
      'api.example.com:443',
      'pass',
    ],
    ['REQ-03: the default port of http is none', ['api.example.com'], 'http', 'api.example.com:80', 'pass'],
    [
      'REQ-03: port 80 is no default of https',
      ['api.example.com'],
      'https',
      'api.example.com:80',
      'host.unknown',
    ],
    [
      'REQ-03: port 443 is no default of http',
      ['api.example.com'],
      'http',
      'api.example.com:443',
      'host.unknown',
    ],
    [
      'REQ-03: another port needs an entry of its own',
      ['localhost'],
      'http',
      'localhost:3000',
      'host.unknown',
    ],
    ['REQ-03: which matches it', ['localhost:3000'], 'http', 'localhost:3000', 'pass'],
    ['REQ-03: and that port only', ['localhost:3000'], 'http', 'localhost', 'host.unknown'],
    [
      'REQ-03: an entry with the default port matches none at all',
      ['a.example:443'],
      'https',
      'a.example',
      'pass',
    ],
    ['REQ-03: but not over the other scheme', ['a.example:443'], 'http', 'a.example', 'host.unknown'],
    [
      'REQ-03: one name may have several entries',
      ['a.example', 'a.example:8443'],
      'https',
      'a.example:8443',
      'pass',
    ],
    ['REQ-03: an IPv4 address with a port', ['127.0.0.1:3000'], 'http', '127.0.0.1:3000', 'pass'],
    ['REQ-03: an IPv6 address', ['[::1]'], 'http', '[::1]', 'pass'],
    ['REQ-03: an IPv6 address with a port', ['[::1]:3000'], 'http', '[::1]:3000', 'pass'],
    ['REQ-03: an IPv6 address in another spelling', ['[2001:DB8::1]'], 'https', '[2001:db8:0:0::1]', 'pass'],
    [
      'REQ-03: an IPv4-mapped address is not the IPv4 address',
      ['127.0.0.1'],
      'http',
      '[::ffff:127.0.0.1]',
      'host.unknown',
    ],
    ['REQ-03: a name below is another', ['example.com'], 'https', 'api.example.com', 'host.unknown'],
    ['REQ-03: a wildcard is for names below', ['*.example.com'], 'https', 'api.example.com', 'pass'],
    ['REQ-03: at any depth', ['*.example.com'], 'https', 'a.b.c.example.com', 'pass'],
    ['REQ-03: without case', ['*.Example.com'], 'https', 'API.EXAMPLE.COM', 'pass'],
    ['REQ-03: not for the name itself', ['*.example.com'], 'https', 'example.com', 'host.unknown'],
    ['REQ-03: nor for one that ends alike', ['*.example.com'], 'https', 'evilexample.com', 'host.unknown'],
    [
      'REQ-03: nor for one that begins alike',
      ['*.example.com'],
      'https',
      'a.example.com.evil.example',
      'host.unknown',
    ],
    ['REQ-03: a wildcard has its port', ['*.example.com:8443'], 'https', 'a.example.com:8443', 'pass'],
    ['REQ-03: and that port only', ['*.example.com:8443'], 'https', 'a.example.com', 'host.unknown'],
    ['REQ-03: a wildcard below localhost', ['*.localhost:3000'], 'http', 'app.localhost:3000', 'pass'],
  ]
  for (const [name, list, scheme, host, verdict] of rows) {
    test(`${name}: ${list.join(', ')} and ${scheme}://${host}`, () => {
      assert.equal(
        verdictOf(hosts(...list), received({ lines: named(host), tls: scheme === 'https' })),
        verdict,
      )
    })
  }

  test('REQ-03: dangerouslyAnyHost lets in every well-formed host, and nothing else', () => {
    assert.equal(verdictOf(ANY, received({ lines: named('evil.example:1') })), 'pass')
  })

  test('REQ-03: the host that a trusted proxy names counts, and Host must still be one', () => {
    const proxy = { trustedRanges: ['10.0.0.0/8'], host: true }
    const forwarded = (own: string, theirs: string): Received => ({
      proxy,
      peer: '10.0.0.1',
      lines: [
        ['Host', own],
        ['X-Forwarded-For', '198.51.100.1'],
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Host', theirs],
      ],
    })
    assert.equal(verdictOf(API, received(forwarded('internal:8080', 'api.example.com'))), 'pass')
    assert.equal(verdictOf(API, received(forwarded('api.example.com', 'evil.example'))), 'host.unknown')
    assert.equal(verdictOf(API, received(forwarded('x/y?', 'api.example.com'))), 'host.malformed')
  })
})

describe('HTTP/2', () => {
  const http2 = (lines: readonly Line[]): string => {
    const authority = lines.find(([name]) => name === ':authority')?.[1]
    return verdictOf(
      API,
      facts({ httpVersion: '2.0', fields: lines, authority: parseAuthority(authority ?? 'api.example.com') }),
    )
  }

  test('REQ-01: :authority stands for Host', () => {
    assert.equal(http2([[':authority', 'api.example.com']]), 'pass')
    assert.equal(http2([[':authority', 'evil.example']]), 'host.unknown')
    assert.equal(http2([[':authority', 'api.example.com/x?']]), 'host.malformed')
  })

  test('REQ-02: a Host that differs from :authority is refused', () => {
    const pseudo: Line = [':authority', 'api.example.com']
    assert.equal(http2([pseudo, ['host', 'api.example.com']]), 'pass')
    assert.equal(http2([pseudo, ['host', 'API.example.com.']]), 'pass')
    assert.equal(http2([pseudo, ['host', 'evil.example']]), 'host.malformed')
    assert.equal(http2([pseudo, ['host', 'api.example.com:8443']]), 'host.malformed')
  })
})

describe('what the policy says', () => {
  const rows: readonly (readonly [
    name: string,
    hosts: unknown,
    any: unknown,
    mistakes: readonly string[],
  ])[] = [
    ['neither word', undefined, undefined, ['missing_option hosts']],
    ['dangerouslyAnyHost: false is no word', undefined, false, ['missing_option hosts']],
    ['both words', ['a.example'], true, ['contradiction dangerouslyAnyHost']],
    ['dangerouslyAnyHost that is a text', ['a.example'], 'yes', ['wrong_type dangerouslyAnyHost']],
    ['no host at all', [], undefined, ['out_of_range hosts']],
    ['a text', 'a.example', undefined, ['wrong_type hosts']],
    ['a number', ['a.example', 80], undefined, ['wrong_type hosts[1]']],
    ['one host twice', ['a.example', 'A.example.'], undefined, ['duplicate_value hosts[1]']],
    ['a wildcard for a top-level domain', ['*.com'], undefined, ['unsafe_value hosts[0]']],
  ]
  for (const [name, list, any, mistakes] of rows) {
    test(`ERR-03: ${name} is a mistake`, () => {
      assert.deepEqual(
        mistakesOf('', (where) => compileHosts(where, list, any)),
        mistakes,
      )
    })
  }

  const advice: readonly (readonly [entry: string, instead: RegExp])[] = [
    ['https://api.example.com', /without scheme/],
    ['api.example.com/v1', /without scheme and path/],
    ['user@api.example.com', /without a user name/],
    ['*', /dangerouslyAnyHost/],
    ['api.*.example.com', /\* in front/],
    ['api*.example.com', /\* in front/],
    ['*example.com', /\* in front/],
    ['*.*.example.com', /\* in front/],
    ['*.', /\* in front/],
    ['::1', /brackets/],
    ['bücher.example', /ASCII/],
    ['api.example.com:0', /with or without a port/],
    ['api.example.com:65536', /with or without a port/],
    ['', /with or without a port/],
    ['*.127.0.0.1', /\* in front/],
  ]
  for (const [entry, instead] of advice) {
    test(`ERR-03: the entry ${JSON.stringify(entry)} is a mistake that says what to write`, () => {
      const where = place('')
      compileHosts(where, [entry], undefined)
      const [mistake] = mistakesAt(where)
      assert.equal(`${mistake?.code} ${mistake?.path}`, 'malformed_value hosts[0]')
      assert.match(mistake?.instead ?? '', instead)
    })
  }
})
