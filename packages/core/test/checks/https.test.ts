import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileHttps, type HttpsSetting } from '../../src/checks/https.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import { mistakesOf } from '../support/compile.ts'
import type { Line } from '../support/forwarding.ts'
import { fieldOf, refusalOf, verdictOf } from '../support/guards.ts'
import { context, https, stsOf } from '../support/https.ts'
import { type Received, received } from '../support/received.ts'

const HOST: Line = ['Host', 'api.example.com']
const named = (value: string): readonly Line[] => [['Host', value]]

/** Where a plain request is sent. */
function locationOf(
  setting: HttpsSetting | undefined,
  request: Received,
  hosts = context(['api.example.com']),
): string | undefined {
  const refusal = refusalOf(https(setting, hosts), received(request))
  assert.equal(refusal?.kind, 'https.redirected')
  return fieldOf(refusal.fields, 'location')
}

describe('modes', () => {
  test('TLS-01: https passes in every mode, with credentials', () => {
    for (const setting of [
      undefined,
      'redirect',
      'refuse',
      { mode: 'redirect' },
      'dangerouslyAllowHttp',
    ] as const) {
      assert.equal(
        verdictOf(https(setting), received({ tls: true, lines: [HOST, ['Cookie', 'a=b']] })),
        'pass',
      )
    }
  })

  test('TLS-01: plain http without credentials is a 308 by default', () => {
    for (const setting of [undefined, 'redirect', {}, { mode: 'redirect' }] as const) {
      assert.equal(verdictOf(https(setting), received()), 'https.redirected')
    }
    assert.equal(CODES[KINDS['https.redirected'].code].status, 308)
  })

  test('TLS-01: plain http is a 403 in refuse mode', () => {
    const refusal = refusalOf(https('refuse'), received())
    assert.equal(refusal?.kind, 'https.refused')
    assert.equal(refusal.fields, undefined)
    assert.equal(CODES[KINDS['https.refused'].code].status, 403)
  })

  const credentials: readonly Line[] = [
    ['Authorization', 'Bearer secret-7c1f'],
    ['AUTHORIZATION', ''],
    ['Cookie', 'session=secret-7c1f'],
    ['Proxy-Authorization', 'Basic secret-7c1f'],
    ['X-Api-Key', 'secret-7c1f'],
    ['Api-Key', 'secret-7c1f'],
    ['X-Auth-Token', 'secret-7c1f'],
    ['X-Of-The-Scheme', 'secret-7c1f'],
    ['X-Of-The-Policy', 'secret-7c1f'],
  ]
  for (const line of credentials) {
    test(`TLS-01: ${line.join(': ')} in clear is refused with an event of its own, in either mode`, () => {
      for (const mode of ['redirect', 'refuse'] as const) {
        const guard = https(
          { mode, credentialFields: ['X-Of-The-Policy'] },
          context(['api.example.com'], ['x-of-the-scheme']),
        )
        const refusal = refusalOf(guard, received({ lines: [HOST, line] }))
        assert.equal(refusal?.kind, 'https.credential-in-clear')
        assert.equal(refusal.fields, undefined, 'there is no Location to follow')
        assert.ok(refusal.reason.includes(line[0].toLowerCase()), 'the log names the field')
        assert.ok(!JSON.stringify(refusal).includes('secret-7c1f'), 'and not what it held')
      }
    })
  }

  const tokens = { ...context(['api.example.com']), credentialQueryFields: ['access_token'] }
  for (const query of [
    'access_token=secret-7c1f',
    'a=b&access_token=secret-7c1f&c',
    'access_token',
    '%61ccess%5Ftoken=secret-7c1f',
    'x=%&%zz=1&access_token=secret-7c1f',
  ]) {
    test(`TLS-01: a credential in the query is refused and not sent back: ${query}`, () => {
      for (const mode of ['redirect', 'refuse'] as const) {
        const refusal = refusalOf(https(mode, tokens), received({ url: `/x?${query}` }))
        assert.equal(refusal?.kind, 'https.credential-in-clear')
        assert.ok(!JSON.stringify(refusal).includes('secret-7c1f'))
      }
    })
  }

  for (const query of ['', '?', '?access_tokens=a', '?a=access_token', '?Access_Token=a', '?%zz=a&&']) {
    test(`TLS-01: a query without a credential is redirected: ${query}`, () => {
      assert.equal(locationOf('redirect', { url: `/x${query}` }, tokens), `https://api.example.com/x${query}`)
    })
  }

  test('TLS-01: a field that is no credential is redirected', () => {
    assert.equal(
      verdictOf(https('redirect'), received({ lines: [HOST, ['X-Of-The-Policy', 'a']] })),
      'https.redirected',
    )
  })

  test('TLS-01: dangerouslyAllowHttp checks nothing and still sends STS over https', () => {
    const guard = https('dangerouslyAllowHttp')
    assert.equal(guard.check, undefined)
    assert.equal(stsOf(guard, received({ tls: true })), 'max-age=31536000')
    assert.equal(stsOf(guard, received()), undefined)
    assert.equal(
      stsOf(https({ mode: 'dangerouslyAllowHttp', hsts: { maxAge: 0 } }), received({ tls: true })),
      'max-age=0',
    )
  })
})

describe('the Location', () => {
  const targets = [
    '/',
    '/?',
    '/a?',
    '/a?b=c&d=%20%2F/../x;y',
    '/a;b/c%20d/%C3%A9?q=a+b&&=',
    "/~a!$&'()*+,=:@-._",
    `/${'a'.repeat(4_000)}?b`,
  ]
  for (const url of targets) {
    test(`TLS-02: ${url.slice(0, 40)} is kept byte for byte`, () => {
      assert.equal(locationOf('redirect', { url }), `https://api.example.com${url}`)
      assert.equal(locationOf('redirect', { url, method: 'POST' }), `https://api.example.com${url}`)
    })
  }

  const rows: readonly (readonly [
    name: string,
    setting: HttpsSetting,
    host: string,
    hosts: readonly string[],
    location: string,
  ])[] = [
    [
      'TLS-02: the port of https is 443',
      'redirect',
      'localhost:3000',
      ['localhost:3000'],
      'https://localhost/a',
    ],
    [
      'TLS-02: unless the policy says another',
      { port: 3443 },
      'localhost:3000',
      ['localhost:3000'],
      'https://localhost:3443/a',
    ],
    ['TLS-02: 443 is not written', { port: 443 }, 'a.example', ['a.example'], 'https://a.example/a'],
    ['TLS-02: an IPv6 address has its brackets', 'redirect', '[::1]:3000', ['[::1]:3000'], 'https://[::1]/a'],
    ['TLS-02: and its port', { port: 3443 }, '[::1]:3000', ['[::1]:3000'], 'https://[::1]:3443/a'],
    ['TLS-02: an IPv4 address is one', 'redirect', '127.0.0.1:80', ['127.0.0.1'], 'https://127.0.0.1/a'],
    [
      'TLS-03: the host is the one of the list that was asked for',
      'redirect',
      'B.example.',
      ['a.example', 'b.example'],
      'https://b.example/a',
    ],
    ['TLS-03: also below a wildcard', 'redirect', 'x.a.example', ['*.a.example'], 'https://x.a.example/a'],
    [
      'TLS-03: unless the policy says one',
      { host: 'WWW.example.com' },
      'a.example',
      ['a.example'],
      'https://www.example.com/a',
    ],
    [
      'TLS-03: which may be an address',
      { host: '[2001:DB8:0::1]', port: 8443 },
      'a.example',
      ['a.example'],
      'https://[2001:db8::1]:8443/a',
    ],
  ]
  for (const [name, setting, host, hosts, location] of rows) {
    test(name, () =>
      assert.equal(locationOf(setting, { url: '/a', lines: named(host) }, context(hosts)), location),
    )
  }

  test('TLS-03: a policy that lets in any host redirects to the one that it says', () => {
    const request = { url: '/a', lines: named('evil.example') }
    assert.equal(
      locationOf({ host: 'api.example.com' }, request, context('any')),
      'https://api.example.com/a',
    )
  })

  test('TLS-03: a host that is not in the list is refused, even when the check of hosts is in shadow mode', () => {
    const guard = https('redirect')
    for (const host of ['evil.example', 'api.example.com.evil.example', 'api.example.com:8080', 'a b', '']) {
      assert.equal(verdictOf(guard, received({ lines: named(host) })), 'https.refused', host)
    }
    assert.equal(verdictOf(guard, received({ lines: [], version: '1.0' })), 'https.refused')
  })

  test('TLS-02: what cannot be a Location is refused, even when the check of the request is in shadow mode', () => {
    const guard = https('redirect')
    for (const url of ['*', '', 'x', '/caf\u00e9', '/a?\u00e9', '/a?b\tc', '/a\r\nSet-Cookie:x']) {
      assert.equal(verdictOf(guard, received({ url, method: 'OPTIONS' })), 'https.refused', url)
    }
  })

  test('TLS-02: the absolute-form is redirected by its path', () => {
    const request = { url: 'http://api.example.com/a?b=%2f' }
    assert.equal(locationOf('redirect', request), 'https://api.example.com/a?b=%2f')
    assert.equal(locationOf('redirect', { url: 'http://api.example.com?b' }), 'https://api.example.com/?b')
  })

  test('TLS-02: there is no loop behind a trusted proxy that ends TLS', () => {
    const proxy = { trustedRanges: ['10.0.0.0/8'] }
    const forwarded = (proto: string): readonly Line[] => [
      HOST,
      ['X-Forwarded-For', '198.51.100.1'],
      ['X-Forwarded-Proto', proto],
    ]
    const guard = https('redirect')
    assert.equal(verdictOf(guard, received({ proxy, peer: '10.0.0.1', lines: forwarded('https') })), 'pass')
    assert.equal(
      verdictOf(guard, received({ proxy, peer: '10.0.0.1', lines: forwarded('http') })),
      'https.redirected',
    )
    // From a stranger the field is worth nothing.
    assert.equal(verdictOf(guard, received({ proxy, lines: forwarded('https') })), 'https.redirected')
  })
})

describe('Strict-Transport-Security', () => {
  const secure = received({ tls: true })

  test('TLS-04: is on every response over https, refusals too, and on none over http', () => {
    for (const setting of [undefined, 'redirect', 'refuse'] as const) {
      const guard = https(setting)
      assert.equal(stsOf(guard, secure), 'max-age=31536000')
      assert.equal(stsOf(guard, received()), undefined)
      // A request that another check refuses for its host gets it, too.
      assert.equal(stsOf(guard, received({ tls: true, lines: [] })), 'max-age=31536000')
    }
  })

  test('TLS-04: is there once: the gate owns the name, and its silence over http counts', () => {
    const { response } = https('redirect')
    assert.equal(response?.wins, 'gate')
    assert.deepEqual(response.names, ['strict-transport-security'])
    assert.equal(response.fields(secure).length, 2)
    assert.equal(response.fields(secure), response.fields(secure), 'nothing is made per request')
  })

  test('TLS-04: false leaves it to somebody else', () => {
    assert.equal(https({ hsts: false }).response, undefined)
  })

  const values: readonly (readonly [
    name: string,
    hsts: NonNullable<Exclude<HttpsSetting, string>['hsts']>,
    value: string,
  ])[] = [
    ['TLS-05: a year for this host is the default', {}, 'max-age=31536000'],
    ['TLS-05: more may be said', { maxAge: '730d' }, 'max-age=63072000'],
    ['TLS-05: a number is milliseconds', { maxAge: 31_536_000_000 }, 'max-age=31536000'],
    [
      'TLS-05: includeSubDomains is explicit',
      { includeSubDomains: true },
      'max-age=31536000; includeSubDomains',
    ],
    [
      'TLS-05: preload comes with both',
      { includeSubDomains: true, preload: true },
      'max-age=31536000; includeSubDomains; preload',
    ],
    ['TLS-05: less than a year is spelled ramp', { maxAge: '5m', ramp: true }, 'max-age=300'],
    [
      'TLS-05: a ramp may include names below',
      { maxAge: '7d', ramp: true, includeSubDomains: true },
      'max-age=604800; includeSubDomains',
    ],
    ['TLS-06: 0 is the off switch', { maxAge: 0 }, 'max-age=0'],
    ['TLS-06: 0s, too', { maxAge: '0s' }, 'max-age=0'],
    [
      'TLS-06: for the names below as well',
      { maxAge: 0, includeSubDomains: true },
      'max-age=0; includeSubDomains',
    ],
  ]
  for (const [name, hsts, value] of values)
    test(name, () => assert.equal(stsOf(https({ hsts }), secure), value))

  for (const host of [
    '127.0.0.1',
    '192.0.2.1:8443',
    '[::1]',
    '[2001:db8::1]:8443',
    'localhost',
    'LOCALHOST.',
    'app.localhost:8443',
  ]) {
    test(`TLS-07: is not sent for ${host}`, () => {
      assert.equal(
        stsOf(https('refuse', context('any')), received({ tls: true, lines: named(host) })),
        undefined,
      )
    })
  }

  for (const host of ['localhost.example.com', 'notlocalhost', 'api.example.com:8443']) {
    test(`TLS-07: is sent for ${host}`, () => {
      assert.notEqual(
        stsOf(https({ host: 'a.example' }, context('any')), received({ tls: true, lines: named(host) })),
        undefined,
      )
    })
  }
})

describe('what the policy says', () => {
  const rows: readonly (readonly [
    name: string,
    setting: unknown,
    mistakes: readonly string[],
    any?: true,
  ])[] = [
    ['ERR-03: an unknown word', 'allow', ['malformed_value https']],
    ['ERR-03: true', true, ['wrong_type https']],
    ['ERR-03: null', null, ['wrong_type https']],
    ['ERR-03: an unknown mode', { mode: 'off' }, ['malformed_value https.mode']],
    ['ERR-03: an unknown option', { redirect: true }, ['unknown_option https.redirect']],
    ['ERR-03: a port out of range', { port: 0 }, ['out_of_range https.port']],
    ['ERR-03: a port for no redirect', { mode: 'refuse', port: 8443 }, ['contradiction https.port']],
    [
      'ERR-03: a host for no redirect',
      { mode: 'dangerouslyAllowHttp', host: 'a.example' },
      ['contradiction https.host'],
    ],
    ['TLS-03: a host with a port', { host: 'a.example:8443' }, ['malformed_value https.host']],
    ['TLS-03: a host with a scheme', { host: 'https://a.example' }, ['malformed_value https.host']],
    ['TLS-03: a host with a path', { host: 'a.example/b' }, ['malformed_value https.host']],
    ['TLS-03: a host that is none', { host: 7 }, ['wrong_type https.host']],
    ['TLS-03: redirects to any host, by default', undefined, ['contradiction https'], true],
    ['TLS-03: redirects to any host', 'redirect', ['contradiction https'], true],
    ['TLS-03: redirects to any host, in full', { port: 8443 }, ['contradiction https.host'], true],
    ['TLS-03: refusals for any host are none', 'refuse', [], true],
    [
      'TLS-01: a credential field that is no name',
      { credentialFields: ['X Key'] },
      ['malformed_value https.credentialFields[0]'],
    ],
    [
      'TLS-01: a credential field said twice',
      { credentialFields: ['X-Key', 'X-Key'] },
      ['duplicate_value https.credentialFields[1]'],
    ],
    ['TLS-05: less than a year', { hsts: { maxAge: '364d' } }, ['unsafe_value https.hsts.maxAge']],
    [
      'TLS-05: a ramp that is over',
      { hsts: { maxAge: '365d', ramp: true } },
      ['contradiction https.hsts.ramp'],
    ],
    [
      'TLS-05: a ramp to the off switch',
      { hsts: { maxAge: 0, ramp: true } },
      ['contradiction https.hsts.ramp'],
    ],
    [
      'TLS-05: preload without the names below',
      { hsts: { preload: true } },
      ['contradiction https.hsts.preload'],
    ],
    [
      'TLS-05: preload on a ramp',
      { hsts: { preload: true, includeSubDomains: true, maxAge: '30d', ramp: true } },
      ['contradiction https.hsts.preload'],
    ],
    [
      'TLS-05: preload with the off switch',
      { hsts: { preload: true, includeSubDomains: true, maxAge: 0 } },
      ['contradiction https.hsts.preload'],
    ],
    [
      'TLS-05: half a second',
      { hsts: { maxAge: '500ms', ramp: true } },
      ['malformed_value https.hsts.maxAge', 'contradiction https.hsts.ramp'],
    ],
    [
      'TLS-05: a text that is no duration',
      { hsts: { maxAge: 'a year' } },
      ['malformed_value https.hsts.maxAge'],
    ],
    [
      'TLS-05: a flag that is none',
      { hsts: { includeSubDomains: 'yes' } },
      ['wrong_type https.hsts.includeSubDomains'],
    ],
    ['TLS-05: hsts: true', { hsts: true }, ['wrong_type https.hsts']],
  ]
  for (const [name, setting, mistakes, any] of rows) {
    test(name, () => {
      const hosts = any === true ? context('any') : context(['api.example.com'])
      assert.deepEqual(
        mistakesOf('https', (where) => compileHttps(where, setting, hosts)),
        mistakes,
      )
    })
  }
})
