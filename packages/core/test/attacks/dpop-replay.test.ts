import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { dpop } from '../../src/identity/dpop.ts'
import type { TokenPrincipal } from '../../src/identity/tokens.ts'
import { movableClock } from '../support/clock.ts'
import { proofOf, TOKEN, tokens } from '../support/dpop.ts'
import { start } from '../support/http.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'

// The attacker has read a whole request, token and proof, in a log or on a proxy, and sends it again.
describe('attack: a DPoP request that was overheard', async () => {
  const clock = movableClock()
  const gate = gatehouse<TokenPrincipal>({
    hosts: ['api.example.com'],
    https: 'dangerouslyAllowHttp',
    clock,
    authenticate: dpop(tokens()),
  })
  const api = await start(gate.handler((_req, res) => res.end('secret')))
  after(async () => {
    await api.close()
    await gate.close()
  })
  const claims = { htu: 'http://api.example.com/orders' }
  const send = async (proof: string, path = '/orders', method = 'GET', token = TOKEN): Promise<string> => {
    const fields = ['Host', 'api.example.com', 'Authorization', `DPoP ${token}`, 'DPoP', proof]
    const { status, body } = await api.send({ path, method, fields })
    return status === 200 ? 'let in' : `${status} ${(JSON.parse(body) as { code: string }).code}`
  }

  test('DPP-14: sent again, at once', async () => {
    const proof = proofOf({ claims })
    assert.equal(await send(proof), 'let in')
    assert.equal(await send(proof), '401 invalid_dpop_proof')
  })

  test('DPP-14: sent ten times at the same moment, it is let in once', async () => {
    const proof = proofOf({ claims })
    const results = await Promise.all(Array.from({ length: 10 }, () => send(proof)))
    assert.equal(results.filter((one) => one === 'let in').length, 1)
  })

  test('DPP-14: with another query', async () => {
    const proof = proofOf({ claims })
    assert.equal(await send(proof, '/orders?page=1'), 'let in')
    assert.equal(await send(proof, '/orders?page=2'), '401 invalid_dpop_proof')
  })

  test('DPP-08: with another method', async () => {
    assert.equal(await send(proofOf({ claims }), '/orders', 'DELETE'), '401 invalid_dpop_proof')
  })

  test('DPP-12: with another token of the same client', async () => {
    assert.equal(await send(proofOf({ claims }), '/orders', 'GET', 'free-token'), '401 invalid_dpop_proof')
  })

  test('DPP-11: kept until nobody remembers it', async () => {
    const proof = proofOf({ claims })
    assert.equal(await send(proof), 'let in')
    clock.advance(24 * 3_600_000)
    assert.equal(await send(proof), '401 invalid_dpop_proof')
  })
})
