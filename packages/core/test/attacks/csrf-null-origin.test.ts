import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crossSite, type CrossSitePolicy, outcome } from '../support/cross-site.ts'

/*
 * A sandboxed frame, a data: URL, a redirect through another origin: the browser says `Origin: null`. Whoever takes that for
 * "no origin", for a file of a friend, or for a member of a list lets in every page of the web.
 */

const APP = 'https://app.example.com'
const policies: readonly (readonly [name: string, policy: CrossSitePolicy])[] = [
  ['that says nothing', {}],
  ['with a list', { crossSite: { trustedOrigins: [APP] } }],
  ['whose cors lets null read', { cors: { origins: [APP], dangerouslyAllowNullOrigin: true } }],
  [
    'whose cors has an expression that accepts it',
    { cors: { origins: [/^(?:null|https:\/\/a\.example)$/] } },
  ],
  ['whose cors has a resolver that accepts all', { cors: { origins: () => true, credentials: true } }],
  ['whose cors is for everybody', { cors: { origins: '*' } }],
]
describe('attack: a page hides its origin', () => {
  for (const [name, policy] of policies) {
    test(`CSR-01: null is nobody to a policy ${name}`, () => {
      const compiled = crossSite(policy)
      for (const site of [undefined, 'cross-site', 'same-site']) {
        for (const cookie of [undefined, 'session=1']) {
          const request = { origin: 'null', ...(site && { site }), ...(cookie && { cookie }) }
          assert.equal(outcome(compiled, request), 'cross-site.refused')
        }
      }
      const upgrade = { method: 'GET', isUpgrade: true, origin: 'null', cookie: 'session=1' }
      assert.equal(outcome(compiled, upgrade), 'cross-site.refused')
    })
  }

  for (const origin of [
    'NULL',
    'Null',
    ' null',
    'null null',
    'null, https://api.example.com',
    'about:blank',
    'file://',
    'data:',
  ])
    test(`CSR-01: and so is ${JSON.stringify(origin)}`, () =>
      assert.equal(outcome(crossSite(), { origin }), 'cross-site.refused'))
})
