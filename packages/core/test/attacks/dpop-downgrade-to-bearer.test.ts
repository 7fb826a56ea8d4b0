import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { generateKeyPairSync } from 'node:crypto'
import { anyOf } from '../../src/identity/any-of.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { dpop } from '../../src/identity/dpop.ts'
import type { Scheme } from '../../src/contract/scheme.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { movableClock } from '../support/clock.ts'
import { proofOf, TOKEN, tokens } from '../support/dpop.ts'
import { type Running, start } from '../support/http.ts'

// The attacker has stolen a bound token, but not its key, and tries every way to have it taken without a proof.
describe('attack: a stolen DPoP token as something less', () => {
  const open: (() => Promise<void>)[] = []
  after(() => Promise.all(open.map((close) => close())))
  async function serve(scheme: Scheme): Promise<Running> {
    const gate = gatehouse({
      hosts: ['api.example.com'],
      https: 'dangerouslyAllowHttp',
      clock: movableClock(),
      authenticate: scheme,
    })
    const api = await start(gate.handler((_req, res) => res.end('secret')))
    open.push(async () => {
      await api.close()
      await gate.close()
    })
    return api
  }

  const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const htu = 'http://api.example.com/orders'
  const rows: readonly (readonly [string, readonly string[], string?])[] = [
    ['as a bearer token', ['Authorization', `Bearer ${TOKEN}`]],
    ['as a bearer token of another case', ['Authorization', `bEaReR ${TOKEN}`]],
    ['as a bearer token, with a proof of the thief', [
      'Authorization', `Bearer ${TOKEN}`, 'DPoP', proofOf({ pair: thief, claims: { htu } }),
    ]],
    ['without a proof', ['Authorization', `DPoP ${TOKEN}`]],
    ['with an empty proof', ['Authorization', `DPoP ${TOKEN}`, 'DPoP', '']],
    ['with a proof of the thief', [
      'Authorization', `DPoP ${TOKEN}`, 'DPoP', proofOf({ pair: thief, claims: { htu } }),
    ]],
    ['with a proof by no algorithm', [
      'Authorization', `DPoP ${TOKEN}`, 'DPoP', proofOf({ pair: thief, header: { alg: 'none' }, claims: { htu } }),
    ]],
    ['in both ways at once', ['Authorization', `DPoP ${TOKEN}`, 'Authorization', `Bearer ${TOKEN}`]],
    ['in the query', [], `/orders?access_token=${TOKEN}`],
    ['in another field', ['DPoP-Authorization', `Bearer ${TOKEN}`]],
  ] // prettier-ignore
  const schemes: readonly (readonly [string, Scheme])[] = [
    ['dpop alone', dpop(tokens())],
    ['dpop that takes bearer tokens', dpop(tokens(), { bearer: 'unbound' })],
    ['dpop beside keys', anyOf(dpop(tokens()), apiKey({ keys: () => undefined }))],
    ['the tokens without dpop', tokens()],
    ['tokens in the query, too', dpop(tokens({ queryToo: true }), { bearer: 'unbound' })],
  ]
  for (const [policy, scheme] of schemes) {
    for (const [name, fields, path = '/orders'] of rows) {
      test(`DPP-16: ${name}, where there is ${policy}`, async () => {
        const api = await serve(scheme)
        const { status, body } = await api.send({ path, fields: ['Host', 'api.example.com', ...fields] })
        assert.ok(status === 400 || status === 401, String(status))
        assert.ok(!body.includes('secret') && !body.includes(TOKEN))
      })
    }
  }
})
