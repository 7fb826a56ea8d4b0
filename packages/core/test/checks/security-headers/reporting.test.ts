import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDictionary } from 'structured-headers'
import { headers, insteadOf, mistakesOfHeaders, sent, sentBy } from '../../support/headers.ts'

const endpoints = { default: 'https://api.example.com/reports', csp: 'https://r.example:8443/a?b=%22c' }

describe('reporting endpoints', () => {
  test('HDR-08: are a dictionary of https URLs', () => {
    const field = sent({ reporting: { endpoints } })['Reporting-Endpoints']
    assert.equal(field, 'default="https://api.example.com/reports", csp="https://r.example:8443/a?b=%22c"')
    const members = [...parseDictionary(field)].map(([name, [url]]) => [name, url])
    assert.deepEqual(Object.fromEntries(members), endpoints)
  })

  test('HDR-08: none are sent where there are none', () => {
    assert.equal('Reporting-Endpoints' in sent(), false)
    assert.equal('Reporting-Endpoints' in sent({ reporting: { endpoints: {} } }), false)
  })

  test('HDR-08: a rule has those of the policy, or others, or none', () => {
    const policy = headers({ reporting: { endpoints } })
    const of = (rule: object): string | undefined => sentBy(headers(rule, policy))['Reporting-Endpoints']
    assert.equal(of({}), sentBy(policy)['Reporting-Endpoints'])
    assert.equal(of({ reporting: { endpoints: { a: 'https://a.example/' } } }), 'a="https://a.example/"')
    assert.equal(of({ reporting: { endpoints: {} } }), undefined)
  })

  const urls = [
    'http://a.example/',
    '/reports',
    'https://',
    'https://user@a.example/',
    'https://a.example/#x',
    'https://a.example/"',
    'https://a.example/\\',
    'https://a.example/ x',
    'https://a.example/\r\nX-A: b',
    'https://a.example/\u00fc',
    'https://a.example/%zz',
    `https://a.example/${'a'.repeat(2048)}`,
    '',
    1,
  ]
  for (const url of urls) {
    test(`HDR-08: no endpoint is ${JSON.stringify(url).slice(0, 40)}`, () => {
      assert.deepEqual(mistakesOfHeaders({ reporting: { endpoints: { a: url } } }), [
        'malformed_value headers.reporting.endpoints.a',
      ])
    })
  }

  for (const name of ['A', '1a', 'a b', 'a"', '']) {
    test(`HDR-08: no endpoint is called ${JSON.stringify(name)}`, () => {
      const [mistake = '', ...more] = mistakesOfHeaders({
        reporting: { endpoints: { [name]: 'https://a.example/' } },
      })
      assert.match(mistake, /^malformed_value headers\.reporting\.endpoints/)
      assert.deepEqual(more, [])
    })
  }

  const at = 'headers.contentSecurityPolicy["report-to"]'
  const rows: readonly (readonly [name: string, setting: unknown, mistakes: readonly string[]])[] = [
    ['one that is there', { reporting: { endpoints }, contentSecurityPolicy: { 'report-to': 'csp' } }, []],
    [
      'one that is not',
      { reporting: { endpoints }, contentSecurityPolicy: { 'report-to': 'cps' } },
      [`unknown_reference ${at}`],
    ],
    ['one without any', { contentSecurityPolicy: { 'report-to': 'csp' } }, [`unknown_reference ${at}`]],
    [
      'one in a text',
      { set: { 'Content-Security-Policy': "default-src 'none'; report-to csp" } },
      ['unknown_reference headers.set["Content-Security-Policy"]'],
    ],
    [
      'one of another header',
      { set: { 'cross-origin-opener-policy': 'same-origin; report-to="coop"' } },
      ['unknown_reference headers.set["cross-origin-opener-policy"]'],
    ],
    [
      'one of another header that is there',
      { reporting: { endpoints }, set: { 'Cross-Origin-Opener-Policy': 'same-origin; report-to="csp"' } },
      [],
    ],
    [
      'the field by hand',
      { set: { 'Reporting-Endpoints': 'a="https://a.example/"' } },
      ['contradiction headers.set["Reporting-Endpoints"]'],
    ],
    ['no object', { reporting: [] }, ['wrong_type headers.reporting']],
    ['no object of endpoints', { reporting: { endpoints: 'x' } }, ['wrong_type headers.reporting.endpoints']],
    [
      'Clear-Site-Data on everything',
      { set: { 'Clear-Site-Data': '"*"' } },
      ['contradiction headers.set["Clear-Site-Data"]'],
    ],
  ]
  for (const [name, setting, mistakes] of rows) {
    test(`HDR-08: report-to names ${name}`, () => assert.deepEqual(mistakesOfHeaders(setting), mistakes))
  }

  test('HDR-08: a rule that takes away the endpoint of the policy does not build', () => {
    const policy = headers({ reporting: { endpoints }, contentSecurityPolicy: { 'report-to': 'csp' } })
    assert.deepEqual(mistakesOfHeaders({ reporting: { endpoints: {} } }, policy), [
      'unknown_reference headers',
    ])
  })

  test('HDR-08: the nearest name is what to write', () => {
    const [instead = ''] = insteadOf({
      reporting: { endpoints },
      contentSecurityPolicy: { 'report-to': 'defualt' },
    })
    assert.match(instead, /"default"/)
  })
})
