import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { jwt } from '../../src/identity/jwt.ts'
import { readJwks } from '../../src/identity/jwt/jwks.ts'
import { compileKeys } from '../../src/identity/jwt/keys.ts'
import { movableClock } from '../support/clock.ts'
import { mistakesOf } from '../support/compile.ts'
import { schemeMistakes } from '../support/schemes.ts'
import {
  AUDIENCE,
  claims,
  compiled,
  forged,
  HS256,
  identify,
  ISSUER,
  NOW,
  outcome,
  pairFor,
  part,
  rsaPair,
  token,
  verifierOf,
} from '../support/tokens.ts'

/*
 * What has gone wrong in packages that verify tokens, by the id of its public advisory: docs/advisories.md. Each test does
 * here what the advisory did there.
 */

const { publicKey } = rsaPair()
const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
const pkcs1 = publicKey.export({ format: 'pem', type: 'pkcs1' }).toString()
const OPTIONS = { issuer: ISSUER, audience: AUDIENCE, keys: HS256 }
const unsigned = (header: object): string =>
  `${part(JSON.stringify(header))}.${part(JSON.stringify(claims()))}.`
/** The mistakes of a key. */
const keyMistakes = (key: unknown): readonly string[] =>
  mistakesOf('keys', (where) => compileKeys(where, key, 'verify'))

describe('advisories: the algorithm of a token', () => {
  test('JWT-03: GHSA-c7hr-j4mj-j2w6, jsonwebtoken: a token does not choose its algorithm', () => {
    const rs = verifierOf({ alg: 'RS256', key: publicKey })
    assert.equal(outcome(rs, forged({ alg: 'HS256' }, claims(), pem)), 'token.wrong-algorithm')
    assert.equal(outcome(rs, unsigned({ alg: 'none' })), 'token.wrong-algorithm')
  })

  test('JWT-03: CVE-2022-23540, jsonwebtoken: without a key there is no verifier, and none is no algorithm', () => {
    for (const key of [undefined, null, '', false, []]) assert.notDeepEqual(keyMistakes(key), [])
    assert.notDeepEqual(keyMistakes({ alg: 'none', key: '' }), [])
    assert.equal(outcome(verifierOf(), unsigned({ alg: 'none' })), 'token.wrong-algorithm')
  })

  test('JWT-04: CVE-2022-23541, jsonwebtoken: of two keys of two kinds, each verifies its own kind', () => {
    const both = verifierOf([{ alg: 'RS256', key: publicKey, kid: 'a' }, HS256])
    for (const secret of [pem, pkcs1, publicKey.export({ format: 'der', type: 'spki' })]) {
      for (const header of [{ alg: 'HS256' }, { alg: 'HS256', kid: 'a' }]) {
        assert.notEqual(outcome(both, forged(header, claims(), secret)), 'ok')
      }
    }
  })

  test('JWT-04: CVE-2022-23539, jsonwebtoken: a key of another type than its algorithm needs does not build', () => {
    const ec = pairFor('ES256').publicKey
    const ed = pairFor('Ed25519').publicKey
    for (const [alg, key] of [
      ['RS256', ec],
      ['RS256', ed],
      ['ES256', publicKey],
      ['ES384', ec],
      ['Ed25519', ec],
      ['PS256', ed],
    ] as const) {
      assert.notDeepEqual(keyMistakes({ alg, key }), [], alg)
    }
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey
    assert.notDeepEqual(keyMistakes({ alg: 'RS256', key: pss }), [])
  })

  test('JWT-03: CVE-2020-15084, express-jwt: a policy names the algorithm of every key', () => {
    assert.notDeepEqual(keyMistakes({ key: publicKey }), [])
    assert.notDeepEqual(keyMistakes(publicKey), [])
    assert.notDeepEqual(keyMistakes({ alg: ['RS256', 'HS256'], key: publicKey }), [])
  })

  for (const [id, what] of [
    ['CVE-2026-22817', 'its JWT middleware'],
    ['CVE-2026-22818', 'its JWK middleware'],
  ] as const) {
    test(`JWT-04: ${id}, hono: a published key without an alg has one all the same, not that of the token (${what})`, () => {
      const jwk = publicKey.export({ format: 'jwk' })
      const read = readJwks({ keys: [jwk] }, ['RS256', 'PS256', 'ES256'])
      assert.deepEqual(
        read?.keys.map(({ alg }) => alg),
        ['RS256'],
      )
      const verify = verifierOf({ alg: 'RS256', key: jwk })
      for (const secret of [JSON.stringify(jwk), pem, String(jwk.n)]) {
        assert.equal(outcome(verify, forged({ alg: 'HS256' }, claims(), secret)), 'token.wrong-algorithm')
      }
    })
  }

  for (const [id, text] of [
    ['CVE-2023-48223', pkcs1],
    ['CVE-2026-34950', `\n\t ${pem}`],
    ['CVE-2026-34950', `# our key\n${pkcs1}`],
  ] as const) {
    test(`JWT-19: ${id}, fast-jwt: ${JSON.stringify(text.slice(0, 30))} is no secret`, () => {
      assert.deepEqual(keyMistakes({ alg: 'HS256', key: text }), ['unsafe_value keys.key'])
    })
  }

  test('JWT-08: CVE-2026-44351, fast-jwt: an empty secret is no secret', () => {
    assert.deepEqual(keyMistakes({ alg: 'HS256', key: '' }), ['out_of_range keys.key'])
    for (const key of [Buffer.alloc(0), Buffer.alloc(1), new Uint8Array(8)]) {
      assert.deepEqual(keyMistakes({ alg: 'HS256', key }), ['out_of_range keys.key'])
    }
    assert.equal(outcome(verifierOf(), forged({ alg: 'HS256' }, claims(), '')), 'token.bad-signature')
    assert.equal(
      outcome(verifierOf(), forged({ alg: 'HS256', kid: 'x' }, claims(), '')),
      'token.bad-signature',
    )
  })

  test('JWT-05: CVE-2018-0114, node-jose: a token that brings its key along is refused', () => {
    const { privateKey: _, publicKey: own } = pairFor('ES256')
    const header = { alg: 'HS256', jwk: own.export({ format: 'jwk' }) }
    assert.equal(outcome(verifierOf(), forged(header)), 'token.unknown-key')
  })

  test('JWT-06: CVE-2026-35042, fast-jwt: a token with a critical extension is refused', () => {
    for (const crit of [['x-custom-policy'], ['exp'], [], 'x', null]) {
      const header = { alg: 'HS256', crit, 'x-custom-policy': 'require-mfa' }
      assert.equal(outcome(verifierOf(), forged(header)), 'token.malformed')
    }
  })
})

describe('advisories: the claims of a token', () => {
  test('JWT-10: CVE-2025-30144, fast-jwt: a list of issuers is no issuer', () => {
    for (const iss of [[ISSUER], ['https://evil.example', ISSUER], { 0: ISSUER }, null]) {
      assert.notEqual(outcome(verifierOf(), token({ iss })), 'ok')
    }
  })

  test('JWT-12: CVE-2026-107723, fast-jwt: claims that are a list are no claims', () => {
    for (const payload of ['[]', `[${JSON.stringify(claims())}]`, '"text"', 'null', '1']) {
      assert.notEqual(outcome(verifierOf(), forged({ alg: 'HS256' }, payload)), 'ok', payload)
    }
  })

  test('JWT-12: CVE-2026-44459, hono: a time that is no finite number never counts as none', () => {
    for (const name of ['exp', 'nbf', 'iat']) {
      for (const value of ['1e400', '-1e400', '"9999999999"', '[9999999999]', 'true', 'null', '{}']) {
        const all = JSON.stringify(claims({ [name]: 'HERE' })).replace('"HERE"', value)
        assert.notEqual(outcome(verifierOf(), forged({ alg: 'HS256' }, all)), 'ok', `${name}: ${value}`)
      }
    }
    assert.equal(outcome(verifierOf(), token({ exp: 0 })), 'token.expired')
  })

  test('JWT-12: GHSA-687g-22h4-j4w4, fast-jwt: the skew between clocks is bounded', () => {
    for (const clockSkew of [Infinity, NaN, -1, '3m', 1e15] as readonly unknown[]) {
      const scheme = jwt({ ...OPTIONS, clockSkew: clockSkew as number })
      assert.match(schemeMistakes(scheme).join(), /authenticate\.clockSkew/)
    }
  })

  test('JWT-20: GHSA-cjw9-ghj4-fwxf, fast-jwt: no expression decides about a claim', () => {
    for (const option of ['audience', 'issuer']) {
      const scheme = jwt({ ...OPTIONS, [option]: /^(a+)+X$/ })
      assert.match(schemeMistakes(scheme).join(), new RegExp(`authenticate\\.${option}`))
    }
  })
})

describe('advisories: tokens that are remembered', () => {
  test('JWT-21: CVE-2026-35039, fast-jwt: two tokens are never one, however alike they are', () => {
    const scheme = compiled(jwt(OPTIONS))
    const subject = (sub: string): unknown => {
      const found = identify(scheme, token({ sub, jti: 'same', iat: NOW }))
      return found.type === 'authenticated' ? found.principal.subject : found.type
    }
    for (const sub of ['alice', 'bob', 'alice', 'bob']) assert.equal(subject(sub), sub)
  })

  test('JWT-21: GHSA-x937-hj6v-793p, fast-jwt: a token without an iat is over at its end, remembered or not', () => {
    const clock = movableClock()
    const scheme = compiled(jwt({ ...OPTIONS, clockSkew: 0 }), clock)
    const text = token({ exp: NOW + 60, iat: undefined })
    assert.equal(identify(scheme, text).type, 'authenticated')
    clock.advance(59_999)
    assert.equal(identify(scheme, text).type, 'authenticated')
    clock.advance(1)
    assert.equal(identify(scheme, text).type, 'bad')
  })
})

describe('advisories: tokens that cost', () => {
  for (const [id, header] of [
    ['GHSA-jv3g-j58f-9mq9', { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31, p2s: 'AAAA' }],
    ['GHSA-hhhv-q57g-882q', { alg: 'dir', enc: 'A128GCM', zip: 'DEF' }],
  ] as const) {
    test(`JWT-16: ${id}, jose: an encrypted token is not read at all`, () => {
      const jwe = `${part(JSON.stringify(header))}.AAAA.AAAA.AAAA.AAAA`
      assert.equal(outcome(verifierOf(), jwe), 'token.malformed')
      assert.equal(outcome(verifierOf(), forged(header)), 'token.wrong-algorithm')
    })
  }
})
