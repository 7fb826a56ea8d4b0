import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { HEADER_TABLE } from '../../src/checks/security-headers/presets.ts'
import { REMOVED_HEADERS } from '../../src/checks/security-headers/removed.ts'
import {
  type CompiledSecurityHeaders,
  compileSecurityHeaders,
  type SecurityHeadersSetting,
} from '../../src/checks/security-headers.ts'
import { isFieldValue, isToken } from '../../src/lib/chars.ts'
import { byName } from '../support/cors.ts'
import { mistakesAt, mistakesOf, place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'

function headers(setting?: SecurityHeadersSetting): CompiledSecurityHeaders {
  const where = place('headers')
  const compiled = compileSecurityHeaders(where, setting)
  assert.deepEqual(mistakesAt(where), [])
  return compiled
}

/** What the finisher puts on a response of its own. */
function sent(setting?: SecurityHeadersSetting): Readonly<Record<string, string>> {
  return byName(headers(setting).responses.flatMap((each) => each.fields(facts())))
}

describe('the presets', () => {
  test('HDR-01: nosniff is on the responses of both', () => {
    for (const preset of ['api', 'page'] as const)
      assert.equal(sent(preset)['X-Content-Type-Options'], 'nosniff')
  })

  test('HDR-02: api is the default', () => {
    assert.deepEqual(sent(), sent('api'))
    assert.deepEqual(sent({}), sent('api'))
    assert.deepEqual(sent({ preset: 'page' }), sent('page'))
  })

  test('HDR-02: what api sends', () => {
    assert.deepEqual(sent('api'), {
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Referrer-Policy': 'no-referrer',
      'X-Frame-Options': 'DENY',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Origin-Agent-Cluster': '?1',
      'Permissions-Policy':
        'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
      'X-Permitted-Cross-Domain-Policies': 'none',
      'X-DNS-Prefetch-Control': 'off',
    })
  })

  test('HDR-02: what page sends otherwise', () => {
    const { 'Content-Security-Policy': policy = '', 'Referrer-Policy': referrer, ...rest } = sent('page')
    const { 'Content-Security-Policy': _policy, 'Referrer-Policy': _referrer, ...same } = sent('api')
    assert.deepEqual(rest, same)
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
    assert.equal(referrer, 'strict-origin-when-cross-origin')
  })

  test('CSR-12: the Referrer-Policy of a page keeps the Origin of its own forms', () => {
    // Fetch, "serialize a request origin": with no-referrer it is null on every POST that is not CORS.
    assert.notEqual(sent('page')['Referrer-Policy'], 'no-referrer')
  })

  test('HDR-07: every value of the presets can be sent', () => {
    for (const row of HEADER_TABLE) {
      assert.ok(isToken(row.name) && isFieldValue(row.api) && isFieldValue(row.page), row.name)
    }
  })

  test('HDR-04: the value of a handler stays, and all names are known beforehand', () => {
    const [nosniff, response] = headers({ set: { 'X-Robots-Tag': 'none' } }).responses
    assert.ok(nosniff !== undefined && response !== undefined)
    // HDR-01: that one field is on all responses, whatever a handler says.
    assert.deepEqual([nosniff.wins, nosniff.names], ['gate', ['x-content-type-options']])
    assert.equal(response.wins, 'handler')
    assert.deepEqual(
      response.names,
      Object.keys(byName(response.fields(facts()))).map((name) => name.toLowerCase()),
    )
    assert.equal(response.fields(facts()), response.fields(facts()), 'nothing is made per request')
  })

  test('HDR-02: the page of the documentation lists what is sent, with the reasons', () => {
    const page = readFileSync(new URL('../../../../docs/checks/security-headers.md', import.meta.url), 'utf8')
    const cells = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    for (const row of HEADER_TABLE) {
      const found = cells.find(([, name]) => name === `\`${row.name}\``)
      assert.ok(found !== undefined, row.name)
      assert.deepEqual(found.slice(2, 5), [
        `\`${row.api}\``,
        row.page === row.api ? 'the same' : `\`${row.page}\``,
        row.why,
      ])
    }
  })
})

describe('changes', () => {
  test('HDR-04: set says otherwise, under the name of the preset', () => {
    const changed = sent({
      set: { 'referrer-policy': 'same-origin', 'CROSS-ORIGIN-RESOURCE-POLICY': 'cross-origin' },
    })
    assert.deepEqual(changed, {
      ...sent('api'),
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    })
  })

  test('HDR-04: set adds', () => {
    assert.equal(sent({ set: { 'X-Robots-Tag': 'none' } })['X-Robots-Tag'], 'none')
  })

  test('HDR-04: set leaves out', () => {
    assert.equal('X-Frame-Options' in sent({ set: { 'x-frame-options': false } }), false)
  })

  test('HDR-04: one policy does not change the next', () => {
    headers({ set: { 'X-Frame-Options': false }, dangerouslyKeep: ['Server'] })
    assert.equal(sent()['X-Frame-Options'], 'DENY')
    assert.ok(headers().removed.has('server') && REMOVED_HEADERS.has('server'))
  })

  test('HDR-03: answers to authenticated callers are not stored, unless the handler is asked', () => {
    assert.equal(headers().cache, 'no-store')
    assert.equal(headers('page').cache, 'no-store')
    for (const authenticatedCache of ['no-store', 'private', 'handler'] as const)
      assert.equal(headers({ authenticatedCache }).cache, authenticatedCache)
  })
})

describe('headers that tell what runs here', () => {
  test('HDR-05: the list of the OWASP Secure Headers Project is taken off', () => {
    assert.equal(headers().removed.size, 89)
    for (const name of [
      'server',
      'x-powered-by',
      'x-aspnet-version',
      'x-envoy-upstream-service-time',
      '$wsep',
      'x-ruxit-js-agent',
    ]) {
      assert.ok(headers().removed.has(name), name)
    }
  })

  test('HDR-05: both spellings of the name that the list lacks a letter of', () => {
    for (const end of ['ui', 'uid']) assert.ok(REMOVED_HEADERS.has(`x-kubernetes-pf-flowschema-${end}`))
  })

  test('HDR-05: names are in lower case, and none is one that the gate sends', () => {
    for (const name of REMOVED_HEADERS) {
      assert.equal(name, name.toLowerCase())
      assert.ok(isToken(name), name)
    }
    for (const row of HEADER_TABLE) assert.ok(!REMOVED_HEADERS.has(row.name.toLowerCase()))
  })

  test('HDR-05: dangerouslyKeep lets a handler send one of them', () => {
    const { removed } = headers({ dangerouslyKeep: ['SourceMap'] })
    assert.equal(removed.has('sourcemap'), false)
    assert.equal(removed.has('server'), true)
  })

  test('HDR-05: and the policy itself', () => {
    assert.equal(sent({ set: { Server: 'api' }, dangerouslyKeep: ['server'] })['Server'], 'api')
  })
})

describe('what the policy says', () => {
  const set = (name: string, value: unknown): unknown => ({ set: { [name]: value } })
  const rows: readonly (readonly [name: string, setting: unknown, mistakes: readonly string[]])[] = [
    ['ERR-03: an unknown preset', 'strict', ['malformed_value headers']],
    ['ERR-03: false', false, ['wrong_type headers']],
    ['ERR-03: an unknown preset, in full', { preset: 'strict' }, ['malformed_value headers.preset']],
    ['ERR-03: an unknown option', { csp: "default-src 'self'" }, ['unknown_option headers.csp']],
    ['ERR-03: set that is a list', { set: [] }, ['wrong_type headers.set']],
    ['ERR-03: a value that is true', set('X-Robots-Tag', true), ['wrong_type headers.set["X-Robots-Tag"]']],
    ['ERR-03: a name said twice', { set: { A: '1', a: '2' } }, ['duplicate_value headers.set.a']],
    [
      'ERR-03: leaving out what is not there',
      set('X-Frame-Option', false),
      ['unknown_reference headers.set["X-Frame-Option"]'],
    ],
    [
      'ERR-03: keeping what is not taken off',
      { dangerouslyKeep: ['X-Api'] },
      ['unknown_reference headers.dangerouslyKeep[0]'],
    ],
    [
      'HDR-01: no nosniff',
      set('x-content-type-options', false),
      ['unsafe_value headers.set["x-content-type-options"]'],
    ],
    [
      'HDR-01: another nosniff',
      set('X-Content-Type-Options', 'sniff'),
      ['unsafe_value headers.set["X-Content-Type-Options"]'],
    ],
    ['HDR-05: the name of the server', set('Server', 'api/1.2'), ['contradiction headers.set.Server']],
    [
      'TLS-04: STS',
      set('Strict-Transport-Security', 'max-age=1'),
      ['contradiction headers.set["Strict-Transport-Security"]'],
    ],
    [
      'HDR-04: CORS',
      set('Access-Control-Allow-Origin', '*'),
      ['contradiction headers.set["Access-Control-Allow-Origin"]'],
    ],
    ['HDR-04: the length', set('Content-Length', '0'), ['contradiction headers.set["Content-Length"]']],
    ['HDR-04: a cookie for everybody', set('Set-Cookie', 'a=b'), ['contradiction headers.set["Set-Cookie"]']],
    [
      'HDR-07: a line break in a value',
      set('X-A', 'a\r\nSet-Cookie: b=c'),
      ['malformed_value headers.set["X-A"]'],
    ],
    ['HDR-07: a line feed in a value', set('X-A', 'a\nb'), ['malformed_value headers.set["X-A"]']],
    ['HDR-07: a NUL in a value', set('X-A', 'a\0b'), ['malformed_value headers.set["X-A"]']],
    [
      'HDR-07: a letter outside latin1 in a value',
      set('X-A', '\u0130'),
      ['malformed_value headers.set["X-A"]'],
    ],
    ['HDR-07: an empty value', set('X-A', ''), ['malformed_value headers.set["X-A"]']],
    ['HDR-07: white space around a value', set('X-A', ' a'), ['malformed_value headers.set["X-A"]']],
    [
      'HDR-07: a line break in a name',
      set('X-A\r\nX-B', 'a'),
      ['malformed_value headers.set["X-A\\r\\nX-B"]'],
    ],
    ['HDR-07: a name with a space', set('X A', 'a'), ['malformed_value headers.set["X A"]']],
    ['HDR-07: an empty name', set('', 'a'), ['malformed_value headers.set[""]']],
    ['HDR-07: a letter of latin1 is lawful', set('X-A', 'caf\u00e9'), []],
  ]
  for (const [name, setting, mistakes] of rows) {
    test(name, () => {
      assert.deepEqual(
        mistakesOf('headers', (where) => compileSecurityHeaders(where, setting)),
        mistakes,
      )
    })
  }

  test('HDR-07: what is refused is not sent either', () => {
    const compiled = compileSecurityHeaders(place('headers'), set('X-A', 'a\r\nb'))
    assert.equal('X-A' in byName(compiled.responses.flatMap((each) => each.fields(facts()))), false)
  })

  test('ERR-03: the nearest name is what to write', () => {
    const where = place('headers')
    compileSecurityHeaders(where, set('X-Frame-Option', false))
    assert.match(mistakesAt(where)[0]?.instead ?? '', /"X-Frame-Options"/)
  })
})
