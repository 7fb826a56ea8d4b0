import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  clientCertificate,
  type ClientCertificateOptions,
  type FindHolder,
} from '../../../src/identity/mutual-tls/client-certificate.ts'
import { makeCertificates, tlsApi } from '../../support/certificates.ts'
import { facts } from '../../support/facts.ts'
import { compiled, outcome, outcomeOf, schemeMistakes } from '../../support/schemes.ts'

const made = makeCertificates()
const { alice, bob, forged } = made
const ALICE = new X509Certificate(alice.cert).fingerprint256
const known = { [ALICE]: { subject: 'billing', roles: ['service'], scopes: ['data:read'] } }

describe('MTL-01: a caller that is known by its certificate alone', () => {
  test('MTL-01: who holds a certificate of the list, by its fingerprint in either spelling', () => {
    for (const key of [ALICE, ALICE.toLowerCase(), ALICE.replaceAll(':', ''), alice.thumbprint]) {
      const ready = compiled(clientCertificate({ certificates: { [key]: { subject: 'billing' } } }))
      assert.equal(outcome(ready.identify(facts({ clientCertificate: alice.der }))), 'billing', key)
    }
  })

  test('MTL-01: the principal says who, what for, and by which certificate', () => {
    const found = compiled(clientCertificate({ certificates: known })).identify(
      facts({ clientCertificate: alice.der }),
    )
    assert.ok(!(found instanceof Promise) && found.type === 'authenticated')
    assert.deepEqual(found.principal, {
      scheme: 'clientCertificate',
      subject: 'billing',
      issuer: undefined,
      scopes: ['data:read'],
      roles: ['service'],
      fingerprint: alice.thumbprint,
    })
    assert.ok(Object.isFrozen(found.principal) && Object.isFrozen(found.principal.roles))
  })

  test('MTL-01: another certificate is nobody, and no certificate no credential', () => {
    const ready = compiled(clientCertificate({ certificates: known }))
    assert.equal(outcome(ready.identify(facts({ clientCertificate: bob.der }))), 'credentials.wrong')
    assert.equal(outcome(ready.identify(facts())), 'none')
    assert.equal(outcome(ready.identify(facts({ forwardedCertificate: alice.der }))), 'none')
  })

  test('MTL-01: from the field of a proxy, where the policy says so', () => {
    const ready = compiled(clientCertificate({ certificates: known, from: 'client-cert-field' }))
    assert.equal(outcome(ready.identify(facts({ clientCertificate: alice.der }))), 'none')
    assert.equal(outcome(ready.identify(facts({ forwardedCertificate: alice.der }))), 'billing')
  })

  const lookups: readonly (readonly [string, FindHolder, string])[] = [
    ['a holder', () => ({ subject: 'billing' }), 'billing'],
    ['a holder, later', () => Promise.resolve({ subject: 'billing' }), 'billing'],
    ['the common name', ({ der }) => ({ subject: new X509Certificate(der).subject }), 'CN=alice'],
    ['the fingerprint', ({ fingerprint }) => ({ subject: fingerprint }), alice.thumbprint],
    ['nobody', () => undefined, 'credentials.wrong'],
    ['null, later', () => Promise.resolve(null), 'credentials.wrong'],
    ['a text', () => 'billing' as never, 'dependency.failed'],
    ['an empty subject', () => ({ subject: '' }), 'dependency.failed'],
    ['roles that are a text', () => ({ subject: 'a', roles: 'admin' }) as never, 'dependency.failed'],
    [
      'an error',
      () => {
        throw new Error('down')
      },
      'dependency.failed',
    ],
    ['an error, later', () => Promise.reject(new Error('down')), 'dependency.failed'],
  ]
  for (const [name, certificates, expected] of lookups) {
    test(`MTL-01: a function that gives ${name}`, async () => {
      const ready = compiled(clientCertificate({ certificates }))
      const found = await ready.identify(facts({ clientCertificate: alice.der }))
      assert.equal(outcomeOf(found), expected)
    })
  }

  const wrong: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['nothing', {}, ['missing_option authenticate.certificates']],
    ['a list', { certificates: [ALICE] }, ['wrong_type authenticate.certificates']],
    [
      'a SHA-1 fingerprint',
      { certificates: { [ALICE.slice(0, 59)]: { subject: 'a' } } },
      [`malformed_value authenticate.certificates["${ALICE.slice(0, 59)}"]`],
    ],
    [
      'a holder without a subject',
      { certificates: { [ALICE]: {} } },
      [`missing_option authenticate.certificates["${ALICE}"].subject`],
    ],
    [
      'one certificate in two spellings',
      { certificates: { [ALICE]: { subject: 'a' }, [ALICE.toLowerCase()]: { subject: 'b' } } },
      [`duplicate_value authenticate.certificates["${ALICE.toLowerCase()}"]`],
    ],
    ['another source', { certificates: known, from: 'header' }, ['malformed_value authenticate.from']],
  ]
  for (const [name, options, expected] of wrong) {
    test(`MTL-01: ${name} does not build`, () =>
      assert.deepEqual(schemeMistakes(clientCertificate(options as ClientCertificateOptions)), expected))
  }

  test('MTL-01: OpenAPI knows it as mutualTLS', () => {
    const described = compiled(clientCertificate({ certificates: known })).describe?.()
    assert.deepEqual(described?.alternatives, [['clientCertificate']])
    assert.equal(described.securitySchemes['clientCertificate']?.type, 'mutualTLS')
  })

  test('STP-01: a challenge says what to come back with, and PRM-01: where the metadata of the API are', () => {
    const { challenges } = compiled(clientCertificate({ certificates: known }))
    assert.deepEqual(challenges([]), ['ClientCertificate realm="api"'])
    assert.deepEqual(
      challenges([
        ['error', 'insufficient_user_authentication'],
        ['max_age', '300'],
        ['resource_metadata', 'https://api.example.com/x'],
      ]),
      [
        'ClientCertificate realm="api", error="insufficient_user_authentication", max_age="300", ' +
          'resource_metadata="https://api.example.com/x"',
      ],
    )
  })

  test('MTL-01: over TLS, a certificate counts that the authority vouches for, and no other', async () => {
    const everybody: FindHolder = ({ der }) => ({ subject: new X509Certificate(der).subject })
    const api = await tlsApi(made, { authenticate: clientCertificate({ certificates: everybody }) })
    try {
      assert.equal((await api.send({ as: alice })).body, 'CN=alice')
      assert.equal((await api.send({ as: forged })).code, 'authentication_required')
      const nobody = await api.send()
      assert.equal(nobody.status, 401)
      assert.equal(nobody.challenge, 'ClientCertificate realm="api"')
    } finally {
      await api.close()
    }
  })
})
