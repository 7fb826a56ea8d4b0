import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type ContentSecurityPolicy,
  DIRECTIVES,
} from '../../../src/checks/security-headers/csp-directives.ts'
import { wrongSource } from '../../../src/checks/security-headers/csp-sources.ts'
import { directivesOf, headers, insteadOf, mistakesOfHeaders, sent, sentBy } from '../../support/headers.ts'

const HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

/** The policy that a page has with changes. */
function policyOf(contentSecurityPolicy: ContentSecurityPolicy): Readonly<Record<string, string>> {
  return directivesOf(sent({ preset: 'page', contentSecurityPolicy })['Content-Security-Policy'])
}

describe('changes of a policy', () => {
  const before = policyOf({})
  const rows: readonly (readonly [
    name: string,
    change: ContentSecurityPolicy,
    after: Readonly<Record<string, string | undefined>>,
  ])[] = [
    ['nothing', {}, {}],
    ['a list stands in place of the one before', { 'script-src': [HASH] }, { 'script-src': HASH }],
    [
      'add',
      { 'img-src': { add: ['https://img.example'] } },
      { 'img-src': "'self' data: https://img.example" },
    ],
    ['add what is there', { 'img-src': { add: ['data:'] } }, { 'img-src': "'self' data:" }],
    ['remove', { 'img-src': { remove: ['data:'] } }, { 'img-src': "'self'" }],
    ['remove all', { 'style-src': { remove: ["'self'"] } }, { 'style-src': "'none'" }],
    ['add to none', { 'base-uri': { add: ["'self'"] } }, { 'base-uri': "'self'" }],
    ['add to what falls back to none', { 'media-src': { add: ['blob:'] } }, { 'media-src': 'blob:' }],
    [
      'add to what falls back to a list',
      { 'script-src-elem': { add: ['https://cdn.example'] } },
      { 'script-src-elem': "'self' https://cdn.example" },
    ],
    ['leave out', { 'form-action': false }, { 'form-action': undefined }],
    ['no value', { 'upgrade-insecure-requests': true }, { 'upgrade-insecure-requests': '' }],
    ['a sandbox', { sandbox: ['allow-forms', 'allow-scripts'] }, { sandbox: 'allow-forms allow-scripts' }],
    ['a sandbox that allows nothing', { sandbox: true }, { sandbox: '' }],
    [
      'trusted types',
      { 'require-trusted-types-for': ["'script'"], 'trusted-types': ['default', "'allow-duplicates'"] },
      { 'require-trusted-types-for': "'script'", 'trusted-types': "default 'allow-duplicates'" },
    ],
    ['WebRTC', { webrtc: "'block'" }, { webrtc: "'block'" }],
    ['paths for reports', { 'report-uri': ['/reports'] }, { 'report-uri': '/reports' }],
  ]
  for (const [name, change, after] of rows) {
    test(`HDR-02: ${name}`, () => {
      const wanted = { ...before, ...after }
      assert.deepEqual(
        policyOf(change),
        Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
      )
    })
  }

  test('HDR-02: a text in set may hold all that the builder knows', () => {
    const text = `default-src 'none'; script-src ${HASH}; base-uri 'none'; sandbox allow-scripts; webrtc 'block'`
    assert.equal(sent({ set: { 'content-security-policy': text } })['Content-Security-Policy'], text)
  })

  test('HDR-02: a policy that only reports begins with what is enforced', () => {
    const both = sent({
      preset: 'page',
      contentSecurityPolicy: { sandbox: true, 'img-src': ["'none'"] },
      contentSecurityPolicyReportOnly: { 'style-src': ["'none'"], 'report-uri': ['/reports'] },
    })
    const { sandbox: _, ...enforced } = directivesOf(both['Content-Security-Policy'])
    assert.deepEqual(directivesOf(both['Content-Security-Policy-Report-Only']), {
      ...enforced,
      'style-src': "'none'",
      'report-uri': '/reports',
    })
  })

  test('HDR-02: a rule without a preset changes what the policy has', () => {
    const policy = headers({
      preset: 'page',
      contentSecurityPolicy: { 'img-src': ["'self'"], 'report-to': 'csp' },
      permissionsPolicy: { camera: ['self'] },
      reporting: { endpoints: { csp: 'https://a.example/r' } },
      set: { 'X-Robots-Tag': 'none' },
      authenticatedCache: 'private',
      dangerouslyKeep: ['Server'],
    })
    const rule = headers({ contentSecurityPolicy: { 'img-src': { add: ['data:'] } } }, policy)
    const wanted = sentBy(policy)
    assert.deepEqual(sentBy(rule), {
      ...wanted,
      'Content-Security-Policy': String(wanted['Content-Security-Policy']).replace(
        "img-src 'self'",
        "img-src 'self' data:",
      ),
    })
    assert.deepEqual([rule.cache, rule.removed.has('server')], ['private', false])
    for (const other of ['page', { preset: 'page' }] as const)
      assert.deepEqual(sentBy(headers(other, policy)), sent('page'))
  })
})

describe('what a policy may not say', () => {
  const csp = (change: object): object => ({ preset: 'page', contentSecurityPolicy: change })
  const raw = (text: string): object => ({ set: { 'Content-Security-Policy': text } })
  const at = 'headers.contentSecurityPolicy'
  const set = 'headers.set["Content-Security-Policy"]'
  const rows: readonly (readonly [name: string, setting: unknown, mistakes: readonly string[]])[] = [
    ['a typo in a directive', csp({ 'script-sr': ["'self'"] }), [`unknown_option ${at}["script-sr"]`]],
    [
      'a typo in a directive of a text',
      raw("default-src 'none'; scrip-src 'self'"),
      [`unknown_option ${set}`],
    ],
    ['a directive of the past', csp({ 'plugin-types': ['a/b'] }), [`unknown_option ${at}["plugin-types"]`]],
    ['one of the past in a text', raw("default-src 'none'; prefetch-src *"), [`unknown_option ${set}`]],
    ['a directive twice', raw("default-src 'none'; Default-Src 'self'"), [`duplicate_value ${set}`]],
    [
      'two policies in a text',
      raw("default-src 'none'; img-src 'self', script-src *"),
      [`malformed_value ${set}`],
    ],
    [
      'a text without a directive',
      raw(';'),
      [`malformed_value ${set}`, `unsafe_value ${set}`, `unsafe_value ${set}`],
    ],
    ['a typo in a keyword', csp({ 'img-src': ["'sefl'"] }), [`malformed_value ${at}["img-src"][0]`]],
    ['a keyword without its quotes', csp({ 'img-src': ['self'] }), [`malformed_value ${at}["img-src"][0]`]],
    [
      'a hash without its quotes',
      csp({ 'script-src': [HASH.slice(1, -1)] }),
      [`malformed_value ${at}["script-src"][0]`],
    ],
    ['a scheme without its colon', csp({ 'img-src': ['data'] }), [`malformed_value ${at}["img-src"][0]`]],
    [
      'a keyword where it says nothing',
      csp({ 'img-src': ["'strict-dynamic'"] }),
      [`malformed_value ${at}["img-src"][0]`, `contradiction ${at}["img-src"]`],
    ],
    ['a hash where it says nothing', csp({ 'img-src': [HASH] }), [`malformed_value ${at}["img-src"][0]`]],
    [
      'a hash that is cut short',
      csp({ 'script-src': ["'sha256-47DEQ='"] }),
      [`malformed_value ${at}["script-src"][0]`],
    ],
    [
      'an unknown hash',
      csp({ 'script-src': ["'sha1-47DEQpj8HBSa+/TImW+5JCeuQeQ='"] }),
      [`malformed_value ${at}["script-src"][0]`],
    ],
    ['a word twice', csp({ 'img-src': ['data:', 'data:'] }), [`duplicate_value ${at}["img-src"][1]`]],
    ['an empty list', csp({ 'img-src': [] }), [`malformed_value ${at}["img-src"]`]],
    ['a text for a list', csp({ 'img-src': "'self'" }), [`wrong_type ${at}["img-src"]`]],
    [
      'a number in a list',
      csp({ 'img-src': [1] }),
      [`wrong_type ${at}["img-src"][0]`, `malformed_value ${at}["img-src"]`],
    ],
    ['true for a list', csp({ 'img-src': true }), [`wrong_type ${at}["img-src"]`]],
    [
      'a list where there is no value',
      csp({ 'upgrade-insecure-requests': ['1'] }),
      [`wrong_type ${at}["upgrade-insecure-requests"]`],
    ],
    [
      'a value in a text where there is none',
      raw("default-src 'none'; upgrade-insecure-requests 1"),
      [`malformed_value ${set}`],
    ],
    [
      'two names',
      raw("default-src 'none'; report-to a b"),
      [`malformed_value ${set}`, `unknown_reference ${set}`],
    ],
    [
      'a name that is none',
      csp({ 'report-to': 'A' }),
      [`malformed_value ${at}["report-to"]`, `unknown_reference ${at}["report-to"]`],
    ],
    ['an unknown flag', csp({ sandbox: ['allow-script'] }), [`malformed_value ${at}.sandbox[0]`]],
    [
      'an unknown word',
      csp({ 'require-trusted-types-for': ["'scripts'"] }),
      [`malformed_value ${at}["require-trusted-types-for"][0]`],
    ],
    [
      'a name of a policy that is none',
      csp({ 'trusted-types': ['a$'] }),
      [`malformed_value ${at}["trusted-types"][0]`],
    ],
    [
      'reports in clear',
      csp({ 'report-uri': ['http://a.example/'] }),
      [`malformed_value ${at}["report-uri"][0]`],
    ],
    ...['//evil.example/r', String.raw`/\evil.example/r`, 'https://a@evil.example/r', 'https://?r'].map(
      (url) =>
        [
          `reports to ${url}, which is no path of this host`,
          csp({ 'report-uri': [url] }),
          [`malformed_value ${at}["report-uri"][0]`],
        ] as const,
    ),
    [
      'reports to a host with a comma, which would begin another policy',
      csp({ 'report-uri': ['https://a.example,b.example/r'] }),
      [`malformed_value ${at}["report-uri"][0]`],
    ],
    ['adding what is no list', csp({ 'img-src': { add: 'data:' } }), [`wrong_type ${at}["img-src"].add`]],
    [
      'a change of another name',
      csp({ 'img-src': { plus: ['data:'] } }),
      [`unknown_option ${at}["img-src"].plus`],
    ],
    [
      'removing what is not there',
      csp({ 'img-src': { remove: ['blob:'] } }),
      [`unknown_reference ${at}["img-src"].remove[0]`],
    ],
    [
      'a wrong word to add',
      csp({ 'img-src': { add: ['self'] } }),
      [`malformed_value ${at}["img-src"].add[0]`],
    ],
    ['leaving out what is not there', csp({ sandbox: false }), [`unknown_reference ${at}.sandbox`]],
    ['no object', csp([]), [`wrong_type ${at}`]],
    ['both ways', { contentSecurityPolicy: {}, ...raw("default-src 'none'") }, [`contradiction ${at}`]],
    // What browsers would ignore.
    ['none beside others', csp({ 'img-src': ["'none'", 'data:'] }), [`contradiction ${at}["img-src"]`]],
    [
      'unsafe-inline beside a nonce',
      csp({ 'style-src': ["'unsafe-inline'", "'nonce'"] }),
      [`contradiction ${at}["style-src"]`],
    ],
    [
      'unsafe-inline beside a hash',
      raw(`default-src 'none'; style-src 'unsafe-inline' ${HASH}`),
      [`contradiction ${set}`],
    ],
    [
      'strict-dynamic alone',
      csp({ 'script-src': ["'strict-dynamic'"] }),
      [`contradiction ${at}["script-src"]`],
    ],
    [
      'strict-dynamic beside self',
      csp({ 'script-src': ["'nonce'", "'strict-dynamic'", "'self'"] }),
      [`contradiction ${at}["script-src"]`],
    ],
    [
      'unsafe-hashes without a hash',
      csp({ 'style-src': ["'unsafe-hashes'"] }),
      [`contradiction ${at}["style-src"]`],
    ],
    [
      'a sandbox that only reports',
      { contentSecurityPolicyReportOnly: { sandbox: true, 'report-uri': ['/r'] } },
      ['contradiction headers.contentSecurityPolicyReportOnly.sandbox'],
    ],
    [
      'what only reports, to nobody',
      { contentSecurityPolicyReportOnly: {} },
      ['missing_option headers.contentSecurityPolicyReportOnly'],
    ],
    // What lets in scripts of anybody.
    ...[
      "'unsafe-inline'",
      "'unsafe-eval'",
      'data:',
      'blob:',
      'https:',
      '*',
      'http://a.example',
      'https://*',
      '*.com',
      'https://*.com:8443/js/',
    ].map(
      (word) =>
        [`${word} for scripts`, csp({ 'script-src': [word] }), [`unsafe_value ${at}["script-src"]`]] as const,
    ),
    [
      'unsafe-inline in what scripts fall back to',
      raw("default-src 'unsafe-inline'"),
      [`unsafe_value ${set}`],
    ],
    ['data: for objects', csp({ 'object-src': ['data:'] }), [`unsafe_value ${at}["object-src"]`]],
    [
      'attributes of anybody',
      csp({ 'script-src-attr': ["'unsafe-inline'"] }),
      [`unsafe_value ${at}["script-src-attr"]`],
    ],
    ['nothing of scripts', raw("frame-ancestors 'none'"), [`unsafe_value ${set}`, `unsafe_value ${set}`]],
    ['nothing of objects', raw("script-src 'self'"), [`unsafe_value ${set}`]],
    [
      'a nonce without base-uri',
      csp({ 'script-src': ["'nonce'"], 'base-uri': false }),
      [`unsafe_value ${at}`],
    ],
    ...['*', 'https:', 'https://*.com'].map(
      (word) =>
        [
          `a nonce, and a base-uri of ${word}`,
          csp({ 'script-src': ["'nonce'"], 'base-uri': [word] }),
          [`unsafe_value ${at}["base-uri"]`],
        ] as const,
    ),
    [
      'a nonce that stays the same',
      csp({ 'script-src': ["'nonce-abc'"] }),
      [`unsafe_value ${at}["script-src"][0]`],
    ],
    [
      'what is not dangerous',
      { dangerouslyAllowScripts: ["'self'"] },
      ['malformed_value headers.dangerouslyAllowScripts[0]'],
    ],
    // And what it may.
    ['unsafe-inline for styles alone', csp({ 'style-src': ["'self'", "'unsafe-inline'"] }), []],
    ['https: for images', csp({ 'img-src': ['https:'] }), []],
    ['a sandbox that runs no script', raw('sandbox allow-forms'), []],
    [
      'what is dangerous, and says so',
      { ...csp({ 'script-src': ["'self'", "'unsafe-eval'"] }), dangerouslyAllowScripts: ["'unsafe-eval'"] },
      [],
    ],
    [
      'unsafe-inline with a nonce, whatever is allowed: without one it would count again',
      {
        ...csp({ 'script-src': ["'nonce'", "'unsafe-inline'"] }),
        dangerouslyAllowScripts: ["'unsafe-inline'"],
      },
      [`contradiction ${at}["script-src"]`],
    ],
  ]
  for (const [name, setting, mistakes] of rows) {
    test(`HDR-02: ${name}`, () => assert.deepEqual(mistakesOfHeaders(setting), mistakes))
  }

  test('HDR-02: the nearest spelling is what to write', () => {
    const typos: readonly (readonly [setting: unknown, instead: RegExp])[] = [
      [csp({ 'frame-ancestor': ["'none'"] }), /"frame-ancestors"/],
      [raw("default-scr 'none'; script-src 'none'; object-src 'none'"), /"default-src"/],
      [csp({ 'script-src': ["'strict-dynamc'", "'nonce'"] }), /"'strict-dynamic'"/],
      [csp({ 'img-src': ['htps:'] }), /'https:'/],
      [csp({ 'img-src': ['htps://a.example'] }), /'https:'/],
      [csp({ sandbox: ['allow-form'] }), /"allow-forms"/],
      [csp({ 'img-src': { remove: ['dta:'] } }), /"data:"/],
      [csp({ directives: { 'img-src': ['data:'] } }), /the directives themselves/],
    ]
    for (const [setting, instead] of typos) assert.match(insteadOf(setting)[0] ?? '', instead)
  })

  test('HDR-02: what is wrong in the policy is not said again at each rule', () => {
    const where = headers({ preset: 'page' })
    const wrong = {
      ...where,
      base: { ...where.base, rows: new Map([['content-security-policy', ['A', 'x'] as const]]) },
    }
    assert.deepEqual(mistakesOfHeaders({ set: { 'X-A': 'b' } }, wrong), [])
  })

  test('HDR-07: nothing ends a directive, the policy or the field', () => {
    for (const word of [
      'a;script-src *',
      'a,b',
      'a b',
      'a\tb',
      'a\nb',
      'https://a/;x',
      "https://a/,'self'",
      '\u0130',
    ]) {
      for (const directive of ['img-src', 'report-uri', 'trusted-types', 'sandbox'])
        assert.notDeepEqual(mistakesOfHeaders(csp({ [directive]: [word] })), [], `${directive} ${word}`)
      assert.notDeepEqual(mistakesOfHeaders(csp({ 'report-to': word })), [], word)
      assert.notDeepEqual(mistakesOfHeaders(csp({ [word]: ["'none'"] })), [], word)
    }
  })
})

describe('sources', () => {
  const { words } = DIRECTIVES['img-src']
  const right = [
    "'self'",
    '*',
    'https:',
    'custom-app:',
    'a.example',
    '*.a.example',
    'https://a.example',
    'https://*.a.example:*',
    'wss://a.example:8443',
    '127.0.0.1:3000',
    'localhost',
    'https://a.example/path/',
    'https://a.example/a%3Bb/c.js',
    'https://xn--bcher-kva.example',
  ]
  const wrong = [
    '',
    "'",
    "''",
    "'self",
    'https://',
    'https:///x',
    'https:/a.example',
    '://a.example',
    'a.*.example',
    '*a.example',
    '**.a.example',
    'a..example',
    '.a.example',
    'a_b.example',
    'a.example:',
    'a.example:0',
    'a.example:99999',
    'a.example:80a',
    'https://user@a.example',
    'https://[::1]',
    'https://a.example?x',
    'https://a.example/?x',
    'https://a.example/#x',
    'https://a.example/%3',
    "https://a.example/'nonce'",
    'https://b\u00fccher.example',
    'a.example.:',
    `${'a'.repeat(256)}.example`,
  ]
  test('HDR-02: what CSP3 §2.3.1 takes', () => {
    for (const source of right) assert.equal(wrongSource(source, words), undefined, source)
  })
  test('HDR-02: what it does not', () => {
    for (const source of wrong) assert.notEqual(wrongSource(source, words), undefined, source)
  })
})
