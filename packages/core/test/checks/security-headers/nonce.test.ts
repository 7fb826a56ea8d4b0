import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CspSource } from '../../../src/checks/security-headers/csp-directives.ts'
import { facts } from '../../support/facts.ts'
import { directivesOf, headers, sentBy } from '../../support/headers.ts'

const HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

describe('a nonce in a policy', () => {
  const rows: readonly (readonly [sources: readonly CspSource[], without: string, nonced: string])[] = [
    [["'nonce'"], "'none'", "'nonce-N'"],
    [["'self'", "'nonce'"], "'self'", "'self' 'nonce-N'"],
    [["'nonce'", "'strict-dynamic'"], "'none'", "'nonce-N' 'strict-dynamic'"],
    [["'nonce'", "'strict-dynamic'", HASH], `'strict-dynamic' ${HASH}`, `'nonce-N' 'strict-dynamic' ${HASH}`],
    [["'nonce'", "'report-sample'"], "'report-sample'", "'nonce-N' 'report-sample'"],
  ]
  for (const [sources, without, nonced] of rows) {
    test(`HDR-06: ${sources.join(' ')} with one, and without`, () => {
      const compiled = headers({ preset: 'page', contentSecurityPolicy: { 'script-src': sources } })
      const policy = (nonce?: string): string | undefined =>
        directivesOf(sentBy(compiled, nonce)['Content-Security-Policy'])['script-src']
      assert.equal(compiled.nonced, true)
      assert.equal(policy(), without)
      assert.equal(policy('N'), nonced)
    })
  }

  test('HDR-06: each place of each policy has the same one, and nothing else changes', () => {
    const compiled = headers({
      preset: 'page',
      contentSecurityPolicy: { 'script-src': ["'nonce'"], 'style-src': ["'nonce'"] },
      contentSecurityPolicyReportOnly: { 'img-src': ["'none'"], 'report-uri': ['/r'] },
    })
    const {
      'Content-Security-Policy': csp,
      'Content-Security-Policy-Report-Only': only,
      ...rest
    } = sentBy(compiled, 'N')
    assert.equal(`${csp} ${only}`.match(/'nonce-N'/g)?.length, 4)
    const {
      'Content-Security-Policy': _,
      'Content-Security-Policy-Report-Only': __,
      ...same
    } = sentBy(compiled)
    assert.deepEqual(rest, same)
  })

  test('HDR-06: without one nothing is made per response', () => {
    const [, response] = headers('page').responses
    assert.equal(response?.withNonce, undefined)
    assert.equal(headers('page').nonced, false)
    assert.equal(response?.fields(facts()), response?.fields(facts()))
  })

  test('HDR-06: a text of set has room for it, too', () => {
    const text = "default-src 'none'; base-uri 'none'; script-src 'nonce'"
    const compiled = headers({ set: { 'Content-Security-Policy': text, 'X-A': "'nonce'" } })
    assert.match(String(sentBy(compiled, 'N')['Content-Security-Policy']), /script-src 'nonce-N'$/)
    assert.equal(sentBy(compiled, 'N')['X-A'], "'nonce'", 'no other field is touched')
  })
})
