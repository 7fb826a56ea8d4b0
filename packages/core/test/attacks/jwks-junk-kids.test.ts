import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { compileRemoteKeys, remoteKeys } from '../../src/identity/remote-keys.ts'
import { movableClock } from '../support/clock.ts'
import { mistakesAt, place, schemeContext } from '../support/compile.ts'
import { endpoint, json } from '../support/endpoint.ts'
import { published, said, SECOND } from '../support/remote-keys.ts'

// Whoever can send a token can name any key: each name must not cost a request to the issuer, which would be a flood of
// the issuer by way of this server, nor may the junk keep a key that is new from being found.
describe('attack: tokens that name keys at random', () => {
  test('JWKS-02: 10,000 names cause one fetch at most, and JWKS-06: a new key is there after the cooldown', async () => {
    const keys = [published('a')]
    const { url, asked } = await endpoint((_req, res) => json(res, { keys }))
    const where = place('authenticate.keys')
    const clock = movableClock()
    const options = remoteKeys({ url, allowPrivateAddresses: true, dangerouslyAllowHttp: true })
    const ring = compileRemoteKeys(where, options, 'https://id.example.com', schemeContext(where, clock))
    assert.deepEqual(mistakesAt(where), [])
    assert.ok(ring !== undefined)
    const junk = (): string[] => Array.from({ length: 10_000 }, () => randomUUID())

    assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
    for (const kid of junk()) assert.equal(said(await ring.candidates('ES256', kid)), 'unknown key')
    assert.equal(asked.length, 1, 'none within the cooldown')

    clock.advance(30 * SECOND)
    const all = await Promise.all(junk().map(async (kid) => ring.candidates('ES256', kid)))
    assert.deepEqual(new Set(all.map(said)), new Set(['unknown key']))
    assert.equal(asked.length, 2, 'one after it')

    const fresh = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    keys.push({ ...fresh, kid: 'new' })
    clock.advance(15 * SECOND)
    for (const kid of junk()) await ring.candidates('ES256', kid)
    assert.equal(said(await ring.candidates('ES256', 'new')), 'unknown key')
    assert.equal(asked.length, 2)
    clock.advance(15 * SECOND)
    const flood = junk().map(async (kid) => ring.candidates('ES256', kid))
    assert.equal(said(await ring.candidates('ES256', 'new')), 'new')
    await Promise.all(flood)
    assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
    assert.equal(asked.length, 3)
  })
})
