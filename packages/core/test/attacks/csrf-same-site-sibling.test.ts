import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseAuthority } from '../../src/lib/authority.ts'
import { crossSite, outcome } from '../support/cross-site.ts'

/*
 * SameSite cookies come along from every page of the site: a forgotten name below the domain, a blog of the same company, the
 * same host over http or on another port. An attacker who has one of them is no other site to the browser, and gets cookies,
 * Lax and Strict.
 */

const authority = parseAuthority('app.example.com')
const siblings = [
  'https://blog.example.com',
  'https://evil.app.example.com',
  'https://example.com',
  'https://app.example.com:8443',
  'http://app.example.com',
  'https://app.example.com.',
  'https://app.example.com@evil.example',
  'https://xapp.example.com',
]
describe('attack: a sibling acts', () => {
  for (const origin of siblings) {
    test(`CSR-01, CSR-04: ${origin} is not https://app.example.com`, () => {
      for (const policy of [{}, { crossSite: { trustedOrigins: ['https://www.example.com'] } }] as const) {
        for (const site of [undefined, 'same-site', 'cross-site']) {
          const request = { authority, origin, cookie: 'session=1', ...(site && { site }) }
          assert.equal(outcome(crossSite(policy), request), 'cross-site.refused')
          const upgrade = { ...request, method: 'GET', isUpgrade: true }
          assert.equal(outcome(crossSite(policy), upgrade), 'cross-site.refused')
        }
      }
    })
  }
})
