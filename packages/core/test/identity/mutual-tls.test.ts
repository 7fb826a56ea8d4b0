import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { mutualTls, type MutualTlsOptions } from '../../src/identity/mutual-tls.ts'
import type { TokenPrincipal } from '../../src/identity/tokens.ts'
import { makeCertificates, type Presenting, type TlsApi, tlsApi } from '../support/certificates.ts'
import { movableClock } from '../support/clock.ts'
import { testTokens } from '../support/dpop.ts'
import { facts, type FactsInit } from '../support/facts.ts'
import { compiled, outcome, outcomeOf, schemeMistakes } from '../support/schemes.ts'

const made = makeCertificates()
const { alice, bob, forged } = made
const BOUND = { 'x5t#S256': alice.thumbprint }

const tokens = (more: Parameters<typeof testTokens>[1] = {}): ReturnType<typeof testTokens> =>
  testTokens(
    {
      bound: BOUND,
      forged: { 'x5t#S256': forged.thumbprint },
      free: undefined,
      key: { jkt: alice.thumbprint },
      both: { ...BOUND, jkt: alice.thumbprint },
      list: { 'x5t#S256': [alice.thumbprint] },
      empty: { 'x5t#S256': '' },
      padded: { 'x5t#S256': `${alice.thumbprint}=` },
      old: { x5t: alice.thumbprint },
      text: alice.thumbprint,
      nothing: null,
    },
    more,
  )

const bearer = (token: string): readonly [string, string] => ['Authorization', `Bearer ${token}`]

function decide(token: string, init: FactsInit, options?: MutualTlsOptions): string {
  const found = compiled(mutualTls(tokens(), options)).identify(facts({ fields: [bearer(token)], ...init }))
  return outcome(found)
}

describe('MTL-01: the token is bound to the certificate of the connection', () => {
  const rows: readonly (readonly [string, string, Buffer | undefined, string])[] = [
    ['the certificate of the token', 'bound', alice.der, 'alice'],
    ['another certificate of the same authority', 'bound', bob.der, 'token.unbound'],
    ['no certificate', 'bound', undefined, 'token.unbound'],
    ['a token that is bound to nothing', 'free', alice.der, 'token.unbound'],
    ['a token that is bound to a key', 'key', alice.der, 'token.unbound'],
    ['a token that is bound to a key besides, which nobody checks here', 'both', alice.der, 'token.unbound'],
    ['a thumbprint in a list', 'list', alice.der, 'token.unbound'],
    ['an empty thumbprint', 'empty', alice.der, 'token.unbound'],
    ['a thumbprint in another spelling', 'padded', alice.der, 'token.unbound'],
    ['a thumbprint by another name', 'old', alice.der, 'token.unbound'],
    ['a cnf that is a text', 'text', alice.der, 'token.unbound'],
    ['a cnf that is null', 'nothing', alice.der, 'token.unbound'],
    ['a token that nobody issued', 'unknown', alice.der, 'token.malformed'],
  ]
  for (const [name, token, clientCertificate, expected] of rows) {
    test(`MTL-01: ${name}`, () => assert.equal(decide(token, { clientCertificate }), expected))
  }

  test('MTL-01: there is no falling back from one source of the certificate to the other', () => {
    assert.equal(decide('bound', { forwardedCertificate: alice.der }), 'token.unbound')
    const field = { from: 'client-cert-field' } as const
    assert.equal(decide('bound', { clientCertificate: alice.der }, field), 'token.unbound')
    const behind = { clientCertificate: bob.der, forwardedCertificate: alice.der }
    assert.equal(decide('bound', behind, field), 'alice')
    assert.equal(decide('bound', behind), 'token.unbound')
  })

  test('MTL-01: a certificate without a token is no caller, and two tokens are one too many', () => {
    const ready = compiled(mutualTls(tokens()))
    const clientCertificate = alice.der
    assert.equal(outcome(ready.identify(facts({ clientCertificate }))), 'none')
    const two = facts({ clientCertificate, fields: [bearer('bound'), bearer('bound')] })
    assert.equal(outcome(ready.identify(two)), 'credentials.repeated')
  })

  test('MTL-01: a token that is verified later is bound all the same', async () => {
    const ready = compiled(mutualTls(tokens({ late: true })))
    for (const [token, expected] of [
      ['bound', 'alice'],
      ['free', 'token.unbound'],
    ] as const) {
      const found = await ready.identify(facts({ clientCertificate: alice.der, fields: [bearer(token)] }))
      assert.equal(outcomeOf(found), expected)
    }
  })

  test('MTL-01: without a certificate nobody is asked about the token', () => {
    let asked = 0
    const counting = tokens({
      verify() {
        asked += 1
        throw new Error('asked')
      },
    })
    const found = compiled(mutualTls(counting)).identify(facts({ fields: [bearer('bound')] }))
    assert.equal(outcome(found), 'token.unbound')
    assert.equal(asked, 0)
  })

  test('MTL-01: OpenAPI says that both are needed, for each way to have a token', () => {
    const described = {
      securitySchemes: { a: { type: 'http', scheme: 'bearer' }, b: { type: 'http', scheme: 'bearer' } },
      alternatives: [['a'], ['b']],
    } as const
    const both = compiled(mutualTls(tokens({ describe: () => described }))).describe?.()
    assert.deepEqual(both?.alternatives, [
      ['a', 'mutualTls'],
      ['b', 'mutualTls'],
    ])
    assert.equal(both.securitySchemes['mutualTls']?.type, 'mutualTLS')
  })

  const wrong: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['another source', { from: 'x-client-cert' }, ['malformed_value authenticate.mutualTls.from']],
    ['an unknown option', { form: 'connection' }, ['unknown_option authenticate.mutualTls.form']],
    ['no options', null, ['wrong_type authenticate.mutualTls']],
  ]
  for (const [name, options, expected] of wrong) {
    test(`MTL-01: ${name} does not build`, () =>
      assert.deepEqual(schemeMistakes(mutualTls(tokens(), options as MutualTlsOptions)), expected))
  }
  test('MTL-01: a scheme without tokens does not build', () =>
    assert.deepEqual(schemeMistakes(mutualTls({} as never)), ['wrong_type authenticate']))
})

describe('MTL-01: over TLS', () => {
  const open: TlsApi[] = []
  after(() => Promise.all(open.map((each) => each.close())))
  async function api(options: MutualTlsOptions = {}): Promise<TlsApi> {
    const served = await tlsApi<TokenPrincipal>(made, {
      clock: movableClock(),
      authenticate: mutualTls(tokens(), options),
    })
    open.push(served)
    return served
  }

  const rows: readonly (readonly [string, Presenting, number, string | undefined])[] = [
    ['the certificate of the token', { as: alice, fields: bearer('bound') }, 200, undefined],
    ['another certificate', { as: bob, fields: bearer('bound') }, 401, 'invalid_token'],
    ['no certificate', { fields: bearer('bound') }, 401, 'invalid_token'],
    ['a certificate that nobody vouches for', { as: forged, fields: bearer('forged') }, 401, 'invalid_token'],
    ['a token that is not bound', { as: alice, fields: bearer('free') }, 401, 'invalid_token'],
    [
      'the certificate in a field',
      { as: bob, fields: [...bearer('bound'), 'Client-Cert', alice.field] },
      401,
      'invalid_token',
    ],
    ['no token', { as: alice }, 401, 'authentication_required'],
  ]
  for (const [name, presenting, status, code] of rows) {
    test(`MTL-01: ${name}`, async () => {
      const answered = await (await api()).send(presenting)
      assert.equal(answered.status, status)
      assert.equal(answered.code, code)
      if (status === 200) assert.equal(answered.body, 'alice')
      else assert.match(answered.challenge ?? '', /^Bearer realm="api"/)
    })
  }

  test('MTL-01: a session that is taken up again has the certificate that it began with, or none', async () => {
    const served = await api()
    const first = await served.send({ as: alice, fields: bearer('bound') })
    assert.equal(first.status, 200)
    const again = await served.send({ session: first.session, fields: bearer('bound') })
    assert.equal(again.reused, true)
    assert.ok(again.status === 200 || again.code === 'invalid_token')

    const nobody = await served.send({ fields: bearer('bound') })
    const late = await served.send({ as: alice, session: nobody.session, fields: bearer('bound') })
    assert.equal(late.reused, true)
    assert.equal(late.code, 'invalid_token')

    const other = await served.send({ as: bob, fields: bearer('bound') })
    const stolen = await served.send({ as: alice, session: other.session, fields: bearer('bound') })
    assert.equal(stolen.reused, true)
    assert.equal(stolen.code, 'invalid_token')
  })
})
