import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import { clientCertificate } from '../../src/identity/mutual-tls/client-certificate.ts'
import { mutualTls } from '../../src/identity/mutual-tls.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { makeCertificates } from '../support/certificates.ts'
import { testTokens } from '../support/dpop.ts'
import { start } from '../support/http.ts'

const { alice, bob } = makeCertificates()

// A certificate is public. The attacker, who has the token of alice too, writes it into the field by which a proxy
// reports whom it has seen.
describe('attack: a certificate in a field that the client wrote', () => {
  const open: (() => Promise<void>)[] = []
  after(() => Promise.all(open.map((close) => close())))
  async function ask(policy: Policy, ...fields: readonly string[]): Promise<number> {
    const gate = gatehouse({
      hosts: ['api.example.com'],
      https: 'dangerouslyAllowHttp',
      ...policy,
    })
    const api = await start(gate.handler((_req, res) => res.end('secret')))
    open.push(async () => {
      await api.close()
      await gate.close()
    })
    const token = ['Host', 'api.example.com', 'Authorization', 'Bearer bound']
    return (await api.send({ fields: [...token, ...fields] })).status
  }

  const tokens = testTokens({ bound: { 'x5t#S256': alice.thumbprint } })
  const alone = clientCertificate({
    certificates: { [alice.thumbprint]: { subject: 'alice' } },
    from: 'client-cert-field',
  })
  const byField = mutualTls(tokens, { from: 'client-cert-field' })
  const loopback = { trustedRanges: ['loopback'] }
  const field = ['Client-Cert', alice.field]

  test('MTL-01: the field of a trusted proxy is believed, so that the rows below can fail', async () => {
    assert.equal(await ask({ authenticate: byField, proxy: loopback }, ...field), 200)
    assert.equal(await ask({ authenticate: alone, proxy: loopback }, ...field), 200)
  })

  const rows: readonly (readonly [string, Policy, readonly string[]])[] = [
    ['where no proxy is trusted', { authenticate: byField }, field],
    ['where no proxy is trusted, for a caller by certificate alone', { authenticate: alone }, field],
    ['past the proxy', { authenticate: byField, proxy: { trustedRanges: ['10.0.0.0/8'] } }, field],
    ['past the proxies that are counted', { authenticate: byField, proxy: { trustedHops: 1 } }, field],
    [
      'with an address that is trusted, in a field',
      { authenticate: byField, proxy: { trustedRanges: ['10.0.0.0/8'] } },
      [...field, 'X-Forwarded-For', '10.0.0.1'],
    ],
    ['where the connection counts', { authenticate: mutualTls(tokens), proxy: loopback }, field],
    [
      'beside the one of the proxy',
      { authenticate: byField, proxy: loopback },
      [...field, 'Client-Cert', bob.field],
    ],
    [
      'before the one of the proxy, in one line',
      { authenticate: byField, proxy: loopback },
      ['Client-Cert', `${alice.field}, ${bob.field}`],
    ],
    ['by another name', { authenticate: byField, proxy: loopback }, ['X-Client-Cert', alice.field]],
    ['with an underscore', { authenticate: byField, proxy: loopback }, ['Client_Cert', alice.field]],
    ['in the chain', { authenticate: byField, proxy: loopback }, ['Client-Cert-Chain', alice.field]],
    ['as PEM', { authenticate: byField, proxy: loopback }, ['Client-Cert', encodeURIComponent(alice.cert)]],
    ['as its thumbprint', { authenticate: byField, proxy: loopback }, ['Client-Cert', alice.thumbprint]],
  ]
  for (const [name, policy, fields] of rows) {
    test(`MTL-01: ${name}`, async () => assert.equal(await ask(policy, ...fields), 401))
  }
})
