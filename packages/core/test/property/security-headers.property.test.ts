import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseDictionary, Token } from 'structured-headers'
import { compileSecurityHeaders } from '../../src/checks/security-headers.ts'
import { DIRECTIVES, parseDirectives } from '../../src/checks/security-headers/csp-directives.ts'
import { FEATURES } from '../../src/checks/security-headers/permissions.ts'
import { isFieldValue } from '../../src/lib/chars.ts'
import { legacyReportOf, reportsOf, summaryOf } from '../../src/node/report-collector/report.ts'
import { mistakesAt, place } from '../support/compile.ts'
import { sentBy } from '../support/headers.ts'
import { anyText } from './any-text.ts'

/** CSP3 §2.2.1, word for word and slowly: a serialized policy as a browser reads it. */
function readAsBrowser(serialized: string): ReadonlyMap<string, readonly string[]> {
  const policy = new Map<string, readonly string[]>()
  for (const token of serialized.split(';')) {
    const stripped = token.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '')
    if (stripped === '' || /[^\0-\x7f]/.test(stripped)) continue
    const [, name = '', value = ''] = /^([^\t\n\f\r ]*)(.*)$/s.exec(stripped) ?? []
    if (policy.has(name.toLowerCase())) continue
    policy.set(
      name.toLowerCase(),
      value.split(/[\t\n\f\r ]+/).filter((word) => word !== ''),
    )
  }
  return policy
}

/** A token or a string of a structured field. */
function textOf(item: unknown): unknown {
  return item instanceof Token ? item.toString() : item
}

const word = fc.oneof(
  fc.constantFrom(
    "'self'",
    "'none'",
    'data:',
    'https:',
    'https://a.example',
    '*.a.example:8443',
    'http://a.example/b%3Bc',
    'allow-forms',
    "'script'",
    '/reports',
    'default',
  ),
  fc.string({ unit: fc.constantFrom(...Array.from("ab'*:/.;, %\r\n\t-")), maxLength: 12 }),
  anyText,
)
const directive = fc.oneof(fc.constantFrom(...Object.keys(DIRECTIVES)), anyText)
const value = fc.oneof(
  fc.array(word, { maxLength: 4 }),
  fc.record({ add: fc.array(word, { maxLength: 2 }), remove: fc.array(word, { maxLength: 2 }) }),
  fc.constantFrom(true, false),
  word,
)
const changes = fc.dictionary(directive, value, { maxKeys: 4, noNullPrototype: true })

describe('policies that build', () => {
  test('HDR-07: a policy is read by a browser as it was written, and nothing ends it', () => {
    let built = 0
    fc.assert(
      fc.property(changes, (contentSecurityPolicy) => {
        const where = place('headers')
        const compiled = compileSecurityHeaders(where, { preset: 'page', contentSecurityPolicy })
        if (mistakesAt(where).length > 0) return
        built++
        const before = readAsBrowser(
          sentBy(compileSecurityHeaders(place(''), 'page'))['Content-Security-Policy'] ?? '',
        )
        const text = sentBy(compiled)['Content-Security-Policy'] ?? ''
        assert.ok(isFieldValue(text) && !text.includes(','))
        const read = readAsBrowser(text)
        const wanted = new Map(before)
        for (const [name, said] of Object.entries(contentSecurityPolicy)) {
          if (said === false) wanted.delete(name)
          else if (said === true) wanted.set(name, [])
          else if (typeof said === 'string') wanted.set(name, [said])
          else if (Array.isArray(said)) wanted.set(name, said)
          else wanted.set(name, read.get(name) ?? [])
        }
        assert.deepEqual(read, wanted)
      }),
      { numRuns: 3000 },
    )
    assert.ok(built > 100, `${built} of 3000 were policies`)
  })

  test('HDR-02: a text of set is read as a browser reads it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("aB'-: ;\t"), 'img-src', 'self'), maxLength: 40 }),
        (text) => {
          assert.deepEqual(parseDirectives(text).directives, readAsBrowser(text))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('HDR-07: a Permissions-Policy and the endpoints are dictionaries, and say what was written', () => {
    const origin = fc.oneof(fc.constantFrom('self', 'https://a.example', 'https://*.b.example'), anyText)
    const allowlist = fc.oneof(fc.uniqueArray(origin, { maxLength: 3 }), fc.constantFrom('*', 'default'))
    const features = fc.dictionary(fc.oneof(fc.constantFrom(...FEATURES), anyText), allowlist, {
      maxKeys: 4,
      noNullPrototype: true,
    })
    const url = fc.oneof(fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }), anyText)
    const endpoints = fc.dictionary(fc.oneof(fc.constantFrom('default', 'a-b_c.1'), anyText), url, {
      maxKeys: 3,
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(features, endpoints, (permissionsPolicy, named) => {
        const where = place('headers')
        const compiled = compileSecurityHeaders(where, { permissionsPolicy, reporting: { endpoints: named } })
        if (mistakesAt(where).length > 0) return
        const sent = sentBy(compiled)
        const members = parseDictionary(sent['Reporting-Endpoints'] ?? '')
        assert.deepEqual(Object.fromEntries([...members].map(([name, [text]]) => [name, text])), named)
        const permissions = parseDictionary(sent['Permissions-Policy'] ?? '')
        for (const [feature, said] of Object.entries(permissionsPolicy)) {
          const [allowed] = permissions.get(feature) ?? []
          if (said === 'default') assert.equal(allowed, undefined)
          else if (said === '*') assert.equal(textOf(allowed), '*')
          else {
            assert.ok(Array.isArray(allowed))
            assert.deepEqual(
              allowed.map(([each]) => textOf(each)),
              said,
            )
          }
        }
      }),
      { numRuns: 1500 },
    )
  })
})

describe('reports', () => {
  const rules = { urls: 'path', maxReports: 20 } as const
  const body = fc.dictionary(
    fc.oneof(fc.constantFrom('blockedURL', 'document-uri', 'message'), anyText),
    fc.oneof(anyText, fc.webUrl(), fc.double(), fc.boolean(), fc.constant(null)),
    { maxKeys: 8 },
  )
  const report = fc.record({
    type: fc.oneof(fc.constant('csp-violation'), anyText),
    url: anyText,
    age: fc.double(),
    user_agent: anyText,
    body,
  })

  test('HDR-09: whatever comes, what is handed on is plain, bounded and escaped', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(report, { maxLength: 4 }), fc.jsonValue()), (sent) => {
        const reports = [
          ...(reportsOf(JSON.parse(JSON.stringify(sent)), rules) ?? []),
          ...(legacyReportOf({ 'csp-report': sent }, 'a', rules) ?? []),
        ]
        for (const each of reports) {
          const texts = [
            each.type,
            each.url,
            each.userAgent,
            ...Object.entries(each.body).flat(),
            summaryOf(each),
          ]
          for (const text of texts) {
            assert.ok(
              typeof text !== 'string' ||
                (text.length <= 5000 && !/[\0-\x1f\x7f-\x9f\u2028\u2029\u202e]/.test(text)),
            )
          }
          assert.ok(Number.isInteger(each.age) && each.age >= 0)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('HDR-09: of a URL nothing is left of what carries secrets', () => {
    const secret = fc.string({ unit: fc.constantFrom(...Array.from('SECRET')), minLength: 3, maxLength: 8 })
    const web = fc.tuple(fc.constantFrom('', 'u:'), secret, fc.domain(), secret, secret)
    fc.assert(
      fc.property(web, ([user, password, host, query, fragment]) => {
        const url = `https://${user}${password}@${host.toLowerCase()}/path?q=${query}#${fragment}`
        const [one] =
          reportsOf([{ type: 'a', url, body: { message: `at ${url} it`, referrer: url } }], rules) ?? []
        assert.ok(one !== undefined)
        assert.equal(one.url, `https://${host.toLowerCase()}/path`)
        assert.ok(!/[A-Z]/.test(JSON.stringify(one.body)), JSON.stringify(one))
      }),
      { numRuns: 500 },
    )
  })

  test('HDR-09: long texts cost no more than their length', () => {
    for (const text of ['a'.repeat(65_000), 'a:'.repeat(32_000), 'a://'.repeat(16_000), '@'.repeat(65_000)]) {
      const begun = process.hrtime.bigint()
      reportsOf([{ type: 'a', url: text, body: { message: text } }], rules)
      assert.ok(process.hrtime.bigint() - begun < 500_000_000n, text.slice(0, 4))
    }
  })
})
