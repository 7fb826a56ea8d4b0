import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileCors } from '../../src/checks/cors.ts'
import { compileCrossSite } from '../../src/checks/cross-site.ts'
import { PASS } from '../../src/contract/check.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import { parseAuthority } from '../../src/lib/authority.ts'
import { mistakesAt, mistakesOf, place } from '../support/compile.ts'
import { crossSite, type CrossSitePolicy, outcome, said, type Said } from '../support/cross-site.ts'

const OWN = 'https://api.example.com'
const APP = 'https://app.example.com'
const EVIL = 'https://evil.example'
const COOKIE = 'session=1'
const PASSES = 'pass'
const REFUSED = 'cross-site.refused'

const PLAIN = crossSite()
const TRUSTING = crossSite({ crossSite: { trustedOrigins: [APP] } })

describe('the verdict table', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    for (const site of [undefined, 'same-origin', 'none', 'same-site', 'cross-site', 'unheard-of']) {
      test(`CSR-01: ${method}, which is safe, passes with Sec-Fetch-Site ${site ?? 'absent'}`, () => {
        const request = { method, cookie: COOKIE, origin: EVIL, ...(site !== undefined && { site }) }
        assert.equal(outcome(PLAIN, request), PASSES)
      })
    }
  }

  const cells: readonly (readonly [name: string, request: Said, result: string])[] = [
    ['same-origin passes', { site: 'same-origin', origin: OWN }, PASSES],
    ['same-origin passes without Origin', { site: 'same-origin' }, PASSES],
    [
      'same-origin passes behind a proxy that renames the host',
      { site: 'same-origin', origin: EVIL },
      PASSES,
    ],
    ['none, which a person typed, passes', { site: 'none' }, PASSES],
    ['same-site from a trusted origin passes', { site: 'same-site', origin: APP }, PASSES],
    ['same-site from another origin is refused', { site: 'same-site', origin: EVIL }, REFUSED],
    ['same-site without Origin is refused', { site: 'same-site' }, REFUSED],
    ['cross-site from a trusted origin passes', { site: 'cross-site', origin: APP }, PASSES],
    ['cross-site from another origin is refused', { site: 'cross-site', origin: EVIL }, REFUSED],
    ['cross-site from the origin null is refused', { site: 'cross-site', origin: 'null' }, REFUSED],
    ['cross-site without Origin is refused', { site: 'cross-site' }, REFUSED],
    ['cross-site that names our own origin is refused', { site: 'cross-site', origin: OWN }, REFUSED],
    ['no Sec-Fetch-Site and no Origin passes: no browser', {}, PASSES],
    ['no Sec-Fetch-Site and our own origin passes', { origin: OWN }, PASSES],
    ['no Sec-Fetch-Site and a trusted origin passes', { origin: APP }, PASSES],
    ['no Sec-Fetch-Site and another origin is refused', { origin: EVIL }, REFUSED],
    ['no Sec-Fetch-Site and the origin null is refused', { origin: 'null' }, REFUSED],
    ['no Sec-Fetch-Site and an empty Origin is refused', { origin: '' }, REFUSED],
    [
      'no Sec-Fetch-Site and our own origin in capitals is refused',
      { origin: 'https://API.example.com' },
      REFUSED,
    ],
  ]
  for (const [name, request, result] of cells) {
    test(`CSR-01: ${name}`, () => assert.equal(outcome(TRUSTING, { ...request, cookie: COOKIE }), result))
  }

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'get', 'Post']) {
    test(`CSR-01: the method ${method} is held to it`, () => {
      assert.equal(outcome(PLAIN, { method, site: 'cross-site', origin: EVIL }), REFUSED)
    })
  }

  for (const site of [
    '',
    'Same-Origin',
    'same-origin, cross-site',
    'same-origin;a',
    '"same-origin"',
    'cross',
    '?1',
  ]) {
    test(`CSR-08: the Sec-Fetch-Site ${JSON.stringify(site)}, which no browser sends, is refused`, () => {
      assert.equal(outcome(PLAIN, { site }), REFUSED)
      assert.equal(outcome(PLAIN, { site, origin: OWN }), REFUSED)
      assert.equal(outcome(TRUSTING, { site, origin: APP }), PASSES)
    })
  }

  const types = [
    'application/json',
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-Urlencoded',
    'multipart/form-data; boundary=a',
    'text/plain',
    '',
    undefined,
  ]
  for (const type of types) {
    test(`CSR-10: the content type ${type ?? 'that is absent'} changes nothing`, () => {
      const more = type === undefined ? [] : ['Content-Type', type]
      assert.equal(outcome(PLAIN, { site: 'cross-site', origin: EVIL, cookie: COOKIE, more }), REFUSED)
    })
  }

  test('CSR-01: the client sees one code, and the log learns which cell it was', () => {
    assert.deepEqual(CODES[KINDS['cross-site.refused'].code], {
      status: 403,
      title: 'This cross-site request is not allowed.',
    })
    const reasons: readonly (readonly [request: Said, reason: string])[] = [
      [{ site: 'cross-site' }, 'Sec-Fetch-Site is "cross-site", and there is no Origin to trust'],
      [
        { site: 'same-site', origin: EVIL },
        `Sec-Fetch-Site is "same-site", and the origin "${EVIL}" is not trusted`,
      ],
      [{ origin: 'null' }, 'there is no Sec-Fetch-Site, and the origin "null" is not trusted'],
    ]
    for (const [request, reason] of reasons) {
      const verdict = PLAIN.decide(said(request))
      assert.equal(verdict.type === 'refusal' && verdict.reason, reason)
    }
  })

  test('CSR-01: what a client chose is escaped and bounded in the reason', () => {
    const verdict = PLAIN.decide(said({ site: `x\n${'y'.repeat(9999)}`, origin: `h\n${'z'.repeat(9999)}` }))
    assert.ok(verdict.type === 'refusal' && verdict.reason.length < 300 && !verdict.reason.includes('\n'))
  })
})

describe('the own origin', () => {
  const rows: readonly (readonly [name: string, request: Said, result: string])[] = [
    [
      'CSR-04: a page over http of the same host is another origin to https',
      { scheme: 'https', origin: 'http://api.example.com' },
      REFUSED,
    ],
    ['CSR-04: and so is one over https to http', { scheme: 'http', origin: OWN }, REFUSED],
    ['CSR-04: over http it is that of http', { scheme: 'http', origin: 'http://api.example.com' }, PASSES],
    ['CSR-11: another port is another origin', { origin: 'https://api.example.com:8443' }, REFUSED],
    [
      'CSR-11: the host is the one that the proxy settings say, not the one of Host',
      { authority: parseAuthority('www.example.com'), origin: 'https://www.example.com' },
      PASSES,
    ],
    [
      'CSR-11: and the one of Host is not ours then',
      { authority: parseAuthority('www.example.com'), origin: OWN },
      REFUSED,
    ],
    ['CSR-11: without a host nothing is our own', { authority: undefined, origin: OWN }, REFUSED],
    ['CSR-11: a longer name is another', { origin: 'https://api.example.com.evil.example' }, REFUSED],
  ]
  for (const [name, request, result] of rows) test(name, () => assert.equal(outcome(PLAIN, request), result))
})

describe('trusted origins', () => {
  const mistakes: readonly (readonly [origin: unknown, code: string])[] = [
    ['https://app.example.com/', 'malformed_value'],
    ['https://app.example.com/path', 'malformed_value'],
    ['https://app.example.com?a', 'malformed_value'],
    ['https://app.example.com#a', 'malformed_value'],
    ['https://me@app.example.com', 'malformed_value'],
    ['https://app.example.com:443', 'malformed_value'],
    ['https://APP.example.com', 'malformed_value'],
    ['https://', 'malformed_value'],
    ['app.example.com', 'malformed_value'],
    ['//app.example.com', 'malformed_value'],
    ['', 'malformed_value'],
    ['null', 'unsafe_value'],
    ['*', 'unsafe_value'],
    ['https://*.example.com', 'unsafe_value'],
    ['http://localhost:*', 'unsafe_value'],
    [/^https:\/\/app\.example\.com$/, 'wrong_type'],
    [undefined, 'wrong_type'],
  ]
  for (const [origin, code] of mistakes) {
    test(`CSR-02: ${JSON.stringify(origin) ?? 'undefined'} is refused when the policy is built`, () => {
      const options = { trustedOrigins: [APP, origin] }
      const found = mistakesOf('crossSite', (where) =>
        compileCrossSite(where, options, { cors: undefined, keyFields: [] }),
      )
      assert.deepEqual(found, [`${code} crossSite.trustedOrigins[1]`])
    })
  }

  test('CSR-02: the mistake says what to write, and what is no list, empty or twice there is one, too', () => {
    const where = place('crossSite')
    compileCrossSite(
      where,
      { trustedOrigins: ['APP.example.com/path', APP, APP], isolate: true, token: {}, other: 1 },
      { cors: undefined, keyFields: [] },
    )
    const found = mistakesAt(where)
    assert.deepEqual(
      found.map(({ code, path }) => `${code} ${path}`),
      [
        'unknown_option crossSite.other',
        'malformed_value crossSite.trustedOrigins[0]',
        'duplicate_value crossSite.trustedOrigins[2]',
        'malformed_value crossSite.isolate',
        'wrong_type crossSite.token',
      ],
    )
    assert.equal(found[1]?.instead, "Write 'https://app.example.com'.")
    const none = (trustedOrigins: unknown): readonly string[] =>
      mistakesOf('crossSite', (at) =>
        compileCrossSite(at, { trustedOrigins }, { cors: undefined, keyFields: [] }),
      )
    assert.deepEqual(none([]), ['out_of_range crossSite.trustedOrigins'])
    assert.deepEqual(none(APP), ['wrong_type crossSite.trustedOrigins'])
  })

  test('CSR-02: http, ports, addresses and extensions can be trusted, and nothing near them is', () => {
    const origins = [
      'http://localhost:5173',
      'https://[2001:db8::1]:8443',
      'chrome-extension://abcdefghijklmnop',
    ]
    const policy = crossSite({ crossSite: { trustedOrigins: origins } })
    for (const origin of origins)
      assert.equal(outcome(policy, { site: 'cross-site', origin, cookie: COOKIE }), PASSES)
    for (const origin of ['http://localhost:51730', 'https://localhost:5173', 'http://localhost'])
      assert.equal(outcome(policy, { site: 'cross-site', origin, cookie: COOKIE }), REFUSED)
  })

  const shared: readonly (readonly [
    name: string,
    cors: CrossSitePolicy['cors'],
    origin: string,
    result: string,
  ])[] = [
    ['an exact origin of cors is trusted', { origins: [APP], credentials: true }, APP, PASSES],
    ['another one is not', { origins: [APP], credentials: true }, EVIL, REFUSED],
    [
      'an origin of a pattern is trusted',
      { origins: ['https://*.example.com'], credentials: true },
      'https://a.b.example.com',
      PASSES,
    ],
    [
      'a look-alike of a pattern is not',
      { origins: ['https://*.example.com'], credentials: true },
      'https://evilexample.com',
      REFUSED,
    ],
    [
      'an origin of a regular expression is trusted',
      { origins: [/^https:\/\/[a-z]+\.example\.com$/], credentials: true },
      APP,
      PASSES,
    ],
    [
      'an origin that a resolver allows is trusted',
      { origins: (o) => o === APP, credentials: true },
      APP,
      PASSES,
    ],
    ['one that it denies is not', { origins: (o) => o === APP, credentials: true }, EVIL, REFUSED],
    [
      'one that it has not answered for is not',
      { origins: () => new Promise<boolean>(() => undefined), credentials: true },
      APP,
      REFUSED,
    ],
    ['CSR-05: * is no trust', { origins: '*' }, EVIL, REFUSED],
    [
      'CSR-05: the origin null is not trusted, though cors lets it read',
      { origins: [APP], dangerouslyAllowNullOrigin: true },
      'null',
      REFUSED,
    ],
    [
      'CSR-05: and not where it is the only one',
      { origins: () => false, dangerouslyAllowNullOrigin: true },
      'null',
      REFUSED,
    ],
  ]
  for (const [name, cors, origin, result] of shared) {
    test(name.startsWith('CSR') ? name : `CSR-01: ${name}`, () => {
      const policy = crossSite(cors === undefined ? {} : { cors })
      for (const site of [undefined, 'same-site', 'cross-site'])
        assert.equal(outcome(policy, { origin, ...(site !== undefined && { site }) }), result)
    })
  }

  test('CSR-05: * is no trust even in what carries nothing, and the log says so', () => {
    const policy = crossSite({ cors: { origins: '*' } })
    assert.equal(outcome(policy, { site: 'cross-site', origin: EVIL }), REFUSED)
    const verdict = policy.decide(said({ site: 'cross-site', origin: EVIL }))
    assert.ok(
      verdict.type === 'refusal' && verdict.reason.endsWith('under "*" of cors it may read, and not act'),
    )
  })

  for (const expression of [/^https:\/\/.*$/, /^.*$/, /^https?:\/\/[^/]+$/]) {
    test(`CSR-05: ${String(expression)}, which accepts whoever asks, does not build`, () => {
      const where = place('cors')
      compileCors(where, { origins: [expression], credentials: true }, { exposed: [] })
      assert.notDeepEqual(mistakesAt(where), [])
    })
  }

  test('CSR-05: an origin that cors trusts without credentials acts without them, and not as the user', () => {
    const policy = crossSite({ cors: { origins: [APP] } })
    const page = { site: 'cross-site', origin: APP }
    assert.equal(outcome(policy, page), PASSES)
    assert.equal(outcome(policy, { ...page, cookie: COOKIE }), REFUSED)
    assert.equal(outcome(policy, { ...page, authorization: 'Basic YTpi' }), REFUSED)
    assert.equal(outcome(policy, { ...page, clientCertificate: Buffer.from('der') }), REFUSED)
    const verdict = policy.decide(said({ ...page, cookie: COOKIE }))
    assert.ok(verdict.type === 'refusal' && verdict.reason.endsWith('its cors has no "credentials"'))
    const named = crossSite({ cors: { origins: [APP] }, crossSite: { trustedOrigins: [APP] } })
    assert.equal(outcome(named, { ...page, cookie: COOKIE }), PASSES)
  })
})

describe('credentials that a browser does not send by itself', () => {
  const policy = crossSite({ keyFields: ['x-api-key'] })
  const page = { site: 'cross-site', origin: EVIL } as const
  const skips: readonly (readonly [name: string, request: Said])[] = [
    ['Bearer', { authorization: 'Bearer abc' }],
    ['DPoP', { authorization: 'DPoP abc' }],
    ['a scheme that no browser knows', { authorization: 'Basics abc' }],
    ['the key of the scheme of the policy', { more: ['X-API-Key', 'abc'] }],
  ]
  for (const [name, request] of skips) {
    test(`CSR-07: a request that carries ${name} alone is not held to it`, () => {
      assert.equal(outcome(policy, { ...page, ...request }), PASSES)
    })
    const ambient: readonly (readonly [name: string, request: Said])[] = [
      ['a cookie', { cookie: COOKIE }],
      ['an empty cookie', { cookie: '' }],
      ['a client certificate', { clientCertificate: Buffer.from('der') }],
      ['a certificate that a proxy reports', { forwardedCertificate: Buffer.from('der') }],
    ]
    for (const [other, more] of ambient) {
      test(`CSR-07: ${name} with ${other} is held to it`, () => {
        assert.equal(outcome(policy, { ...page, ...request, ...more }), REFUSED)
      })
    }
  }

  const held: readonly (readonly [name: string, request: Said])[] = [
    ['Basic', { authorization: 'Basic YTpi' }],
    ['basic', { authorization: 'basic YTpi' }],
    ['Basic and a tab', { authorization: 'Basic\tYTpi' }],
    ['Digest', { authorization: 'Digest username="a"' }],
    ['Negotiate', { authorization: 'Negotiate YTpi' }],
    ['NTLM', { authorization: 'NTLM YTpi' }],
    ['PrivateToken', { authorization: 'PrivateToken token=a' }],
    ['Basic with a key', { authorization: 'Basic YTpi', more: ['X-API-Key', 'abc'] }],
    ['an empty Authorization', { authorization: '' }],
    ['an empty key', { more: ['X-API-Key', ''] }],
    ['a key in a field that is not of the scheme', { more: ['X-Other-Key', 'abc'] }],
    ['a token in the query', { query: '?access_token=abc' }],
    ['nothing: a page could log its visitor in', {}],
  ]
  for (const [name, request] of held) {
    test(`CSR-07: a request that carries ${name} is held to it`, () => {
      assert.equal(outcome(policy, { ...page, ...request }), REFUSED)
    })
  }
})

describe('upgrades', () => {
  const rows: readonly (readonly [name: string, policy: CrossSitePolicy, request: Said, result: string])[] = [
    ['of our own page passes', {}, { site: 'same-origin', origin: OWN, cookie: COOKIE }, PASSES],
    ['of our own page passes without Sec-Fetch-Site', {}, { origin: OWN, cookie: COOKIE }, PASSES],
    ['of no page passes', {}, {}, PASSES],
    ['of another page is refused', {}, { site: 'cross-site', origin: EVIL, cookie: COOKIE }, REFUSED],
    ['of another page is refused without Sec-Fetch-Site', {}, { origin: EVIL, cookie: COOKIE }, REFUSED],
    ['of another page is refused without credentials, too', {}, { origin: EVIL }, REFUSED],
    [
      'of another page is refused with a token: no page can set one',
      {},
      { origin: EVIL, authorization: 'Bearer a' },
      REFUSED,
    ],
    [
      'that says none is refused: an address bar opens no socket',
      {},
      { site: 'none', origin: EVIL },
      REFUSED,
    ],
    ['that says cross-site without Origin is refused', {}, { site: 'cross-site' }, REFUSED],
    ['of a sandboxed frame is refused', {}, { site: 'cross-site', origin: 'null' }, REFUSED],
    [
      'of a trusted page passes',
      { crossSite: { trustedOrigins: [APP] } },
      { site: 'same-site', origin: APP, cookie: COOKIE },
      PASSES,
    ],
    [
      'of a page of cors passes with credentials where cors has them',
      { cors: { origins: [APP], credentials: true } },
      { site: 'same-site', origin: APP, cookie: COOKIE },
      PASSES,
    ],
    [
      'of a page of cors is refused with credentials where cors has none',
      { cors: { origins: [APP] } },
      { site: 'same-site', origin: APP, cookie: COOKIE },
      REFUSED,
    ],
    [
      'of any page passes with * and nothing',
      { cors: { origins: '*' } },
      { site: 'cross-site', origin: EVIL },
      PASSES,
    ],
    [
      'of any page is refused with * and a cookie',
      { cors: { origins: '*' } },
      { site: 'cross-site', origin: EVIL, cookie: COOKIE },
      REFUSED,
    ],
    [
      'that has no Origin is refused with * where it is said to be of another site',
      { cors: { origins: '*' } },
      { site: 'cross-site' },
      REFUSED,
    ],
  ]
  for (const [name, policy, request, result] of rows) {
    test(`WS-01: an upgrade ${name}`, () => {
      assert.equal(outcome(crossSite(policy), { method: 'GET', isUpgrade: true, ...request }), result)
    })
  }
})

describe('isolation', () => {
  const LOAD = 'cross-site.load-refused'
  const fetched = (site: string, mode: string, dest: string, more: Said = {}): Said => ({
    method: 'GET',
    site,
    cookie: COOKIE,
    ...more,
    more: ['Sec-Fetch-Mode', mode, 'Sec-Fetch-Dest', dest],
  })
  const rows: readonly (readonly [name: string, request: Said, resources: string, all: string])[] = [
    ['an image on a page of another site', fetched('cross-site', 'no-cors', 'image'), LOAD, LOAD],
    ['an image on a page of a sibling', fetched('same-site', 'no-cors', 'image'), LOAD, LOAD],
    ['a script', fetched('cross-site', 'no-cors', 'script'), LOAD, LOAD],
    ['a style', fetched('cross-site', 'no-cors', 'style'), LOAD, LOAD],
    [
      'a font of an origin that is not trusted',
      fetched('cross-site', 'cors', 'font', { origin: EVIL }),
      LOAD,
      LOAD,
    ],
    ['a fetch of one', fetched('cross-site', 'cors', 'empty', { origin: EVIL }), LOAD, LOAD],
    ['a fetch of the origin null', fetched('cross-site', 'cors', 'empty', { origin: 'null' }), LOAD, LOAD],
    ['a fetch of a trusted origin', fetched('cross-site', 'cors', 'empty', { origin: APP }), PASSES, PASSES],
    ['a frame', fetched('cross-site', 'navigate', 'iframe'), LOAD, LOAD],
    ['an old frame', fetched('cross-site', 'nested-navigate', 'iframe'), LOAD, LOAD],
    ['an object', fetched('cross-site', 'navigate', 'object'), LOAD, LOAD],
    ['an embed', fetched('cross-site', 'navigate', 'embed'), LOAD, LOAD],
    ['a word that no browser knows', fetched('elsewhere', 'no-cors', 'image'), LOAD, LOAD],
    ['OPTIONS', { ...fetched('cross-site', 'navigate', 'document'), method: 'OPTIONS' }, LOAD, LOAD],
    ['a link', fetched('cross-site', 'navigate', 'document'), PASSES, LOAD],
    ['a link of a sibling', fetched('same-site', 'navigate', 'document'), PASSES, LOAD],
    ['HEAD of a link', { ...fetched('cross-site', 'navigate', 'document'), method: 'HEAD' }, PASSES, LOAD],
    ['our own image', fetched('same-origin', 'no-cors', 'image'), PASSES, PASSES],
    ['what a person typed', fetched('none', 'navigate', 'document'), PASSES, PASSES],
    ['a program', { method: 'GET' }, PASSES, PASSES],
    ['a fetch of a browser that says nothing else', { method: 'GET', origin: EVIL }, LOAD, LOAD],
    ['the same of the origin null', { method: 'GET', origin: 'null' }, LOAD, LOAD],
    ['the same of a trusted origin', { method: 'GET', origin: APP }, PASSES, PASSES],
    ['the same of our own', { method: 'GET', origin: OWN }, PASSES, PASSES],
    [
      'a form of another site',
      fetched('cross-site', 'navigate', 'document', { method: 'POST', origin: EVIL }),
      REFUSED,
      REFUSED,
    ],
  ]
  for (const [name, request, resources, all] of rows) {
    test(`CSR-09: ${name} ${resources === PASSES ? 'passes' : 'is refused'}, and ${all === PASSES ? 'passes' : 'is refused'} where all is isolated`, () => {
      const isolated = (isolate: 'resources' | 'all'): string =>
        outcome(crossSite({ crossSite: { isolate, trustedOrigins: [APP] } }), request)
      assert.deepEqual([isolated('resources'), isolated('all')], [resources, all])
    })
  }

  test('CSR-09: caches hear what the answer depends on, where it does', () => {
    assert.equal(PLAIN.guard.response, undefined)
    const { response } = crossSite({ crossSite: { isolate: 'resources' } }).guard
    assert.equal(response?.vary, 'Origin, Sec-Fetch-Dest, Sec-Fetch-Mode, Sec-Fetch-Site')
    assert.deepEqual(response.fields(said()), [])
  })

  test('CSR-09: with cors for every page there is nothing to isolate, and the policy says so', () => {
    const found = mistakesOf('policy', (where) => {
      const { trust } = compileCors(where, { origins: '*' }, { exposed: [] })
      compileCrossSite(where, { isolate: 'all' }, { cors: trust, keyFields: [] })
    })
    assert.deepEqual(found, ['contradiction policy.isolate'])
  })
})

describe('rules that are exempt', () => {
  test('CSR-03: are so for the path that they name, and for nothing else', () => {
    const { exempt } = compileCrossSite(place('crossSite'), undefined, { cors: undefined, keyFields: [] })
    const { check } = exempt((path) => path === '/hook')
    const decide = (path: string, isUpgrade = false): unknown =>
      check?.decide(said({ path, isUpgrade, site: 'cross-site', origin: EVIL, cookie: COOKIE }))
    assert.equal(decide('/hook'), PASS)
    assert.equal(decide('/hook', true), PASS)
    assert.notEqual(decide('/hook/'), PASS)
    assert.notEqual(decide('/Hook'), PASS)
  })
})
