import assert from 'node:assert/strict'
import { createHmac, createPublicKey, verify } from 'node:crypto'
import { describe, test } from 'node:test'
import { algorithmOf, type Jwk, outcomeOf, payloadOf } from './outcome.ts'
import * as rfc7515 from './rfc7515.ts'
import * as rfc7520 from './rfc7520.ts'
import { BILBO_EC, BILBO_RSA, FIGURE_5, HOBBIT } from './wycheproof-jws.ts'

const { A1_KEY, A2_KEY, A3_KEY, A4_KEY, A2_SIGNATURE, A3_SIGNATURE, CLAIMS, CLAIMS_TEXT } = rfc7515
const { COMPACT, HOBBIT_TEXT, jsonOf } = rfc7520

/** RFC 8037 A.1, A.2. */
const ED25519 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const
/** RFC 8037 A.4. */
const ED25519_JWS =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'

const A2_JWS = `eyJhbGciOiJSUzI1NiJ9.${CLAIMS}.${A2_SIGNATURE}`
const A3_JWS = `eyJhbGciOiJFUzI1NiJ9.${CLAIMS}.${A3_SIGNATURE}`
const KEYS: readonly Jwk[] = [A1_KEY, A2_KEY, A3_KEY, A4_KEY, ED25519, BILBO_RSA, BILBO_EC, FIGURE_5]

describe('the tokens of the RFCs that are valid', () => {
  const rows: readonly [name: string, key: Jwk, jws: string, payload: string][] = [
    ['RFC 7515 A.1, HS256', A1_KEY, rfc7515.A1_JWS, CLAIMS_TEXT],
    ['RFC 7515 A.2, RS256', A2_KEY, A2_JWS, CLAIMS_TEXT],
    ['RFC 7515 A.3, ES256', A3_KEY, A3_JWS, CLAIMS_TEXT],
    ['RFC 7515 A.4, ES512', A4_KEY, rfc7515.A4_JWS, 'Payload'],
    ['RFC 7520 §4.1, RS256', { ...BILBO_RSA, use: 'sig' }, COMPACT['4.1'], HOBBIT_TEXT],
    ['RFC 7520 §4.2, PS384', { ...BILBO_RSA, use: 'sig' }, COMPACT['4.2'], HOBBIT_TEXT],
    ['RFC 7520 §4.3, ES512', { ...BILBO_EC, use: 'sig' }, COMPACT['4.3'], HOBBIT_TEXT],
    ['RFC 7520 §4.4, HS256', FIGURE_5, COMPACT['4.4'], HOBBIT_TEXT],
    [
      'RFC 7520 §4.6, what is protected of it, in compact form',
      FIGURE_5,
      `eyJhbGciOiJIUzI1NiJ9.${HOBBIT}.${rfc7520.FIGURE_43_SIGNATURE}`,
      HOBBIT_TEXT,
    ],
    [
      'RFC 7520 §4.8, what is protected by the first signature, in compact form',
      BILBO_RSA,
      `eyJhbGciOiJSUzI1NiJ9.${HOBBIT}.${rfc7520.RS256_OF_THREE}`,
      HOBBIT_TEXT,
    ],
    ['RFC 7797 §4.1, a payload that is encoded', A1_KEY, rfc7520.ENCODED, '$.02'],
    ['RFC 8037 A.5, EdDSA', ED25519, ED25519_JWS, 'Example of Ed25519 signing'],
  ]
  for (const [name, key, jws, payload] of rows) {
    test(`JWT-01: ${name}`, () => {
      assert.equal(outcomeOf([key], jws), 'ok')
      assert.equal(payloadOf(jws), payload)
    })

    test(`JWT-01: ${name}, is refused with another payload`, () => {
      const [head, , tail] = jws.split('.')
      assert.equal(outcomeOf([key], `${head}.YW5vdGhlcg.${tail}`), 'token.bad-signature')
    })

    test(`JWT-04: ${name}, is refused where the key is for another algorithm`, () => {
      for (const other of KEYS) {
        if (other['kty'] === key['kty']) continue
        // The algorithm of a key that names none would be that of the token: write one that fits the key.
        const alg = { oct: 'HS256', RSA: 'RS512', EC: 'ES256', OKP: 'EdDSA' }[String(other['kty'])]
        if (other['kty'] === 'EC' && other['crv'] !== 'P-256') continue
        assert.notEqual(alg, algorithmOf(jws))
        assert.equal(outcomeOf([{ ...other, alg }], jws), 'token.wrong-algorithm')
      }
    })
  }

  test('JWT-17: RFC 8037 A.5 is refused where the key is for Ed25519 by that name', () => {
    assert.equal(outcomeOf([{ ...ED25519, alg: 'Ed25519' }], ED25519_JWS), 'token.wrong-algorithm')
  })
})

describe('the JSON serializations of RFC 7520', () => {
  const keys = { '4.1': BILBO_RSA, '4.2': BILBO_RSA, '4.3': BILBO_EC, '4.4': FIGURE_5 } as const
  for (const section of ['4.1', '4.2', '4.3', '4.4'] as const) {
    const compact = COMPACT[section]
    const key = { ...keys[section], alg: algorithmOf(compact) }
    for (const [index, json] of jsonOf(compact).entries()) {
      const name = index === 0 ? 'flattened' : 'general'
      test(`JWT-02: RFC 7520 §${section}, ${name}, is refused: JSON serialization`, () => {
        assert.equal(outcomeOf([key], json), 'token.malformed')
      })
    }
  }
})

describe('the tokens of the RFCs that are refused', () => {
  const MALFORMED = 'token.malformed'
  const rows: readonly [name: string, key: Jwk, jws: string, ours: string, because: string][] = [
    [
      'RFC 7515 A.5',
      { ...A1_KEY, alg: 'HS256' },
      rfc7515.A5_JWS,
      'token.wrong-algorithm',
      'alg "none" does not exist',
    ],
    ['RFC 7515 A.6', { ...A3_KEY, alg: 'ES256' }, rfc7515.A6_JSON, MALFORMED, 'JSON serialization'],
    ['RFC 7515 A.7', { ...A3_KEY, alg: 'ES256' }, rfc7515.A7_JSON, MALFORMED, 'JSON serialization'],
    ['RFC 7515 E', { ...A1_KEY, alg: 'HS256' }, rfc7515.E_JWS, MALFORMED, 'a "crit" is not understood'],
    [
      'RFC 7520 §4.5, compact',
      FIGURE_5,
      rfc7520.DETACHED,
      'token.bad-signature',
      'the payload is detached, and an empty one is another',
    ],
    ['RFC 7520 §4.5, flattened', FIGURE_5, rfc7520.DETACHED_JSON, MALFORMED, 'JSON serialization'],
    ['RFC 7520 §4.6', FIGURE_5, rfc7520.FIGURE_45, MALFORMED, 'JSON serialization'],
    ['RFC 7520 §4.7', FIGURE_5, rfc7520.FIGURE_50, MALFORMED, 'JSON serialization'],
    [
      'RFC 7520 §4.7, what is protected of it, in compact form',
      FIGURE_5,
      `.${HOBBIT}.${rfc7520.FIGURE_48_SIGNATURE}`,
      MALFORMED,
      'no header is protected',
    ],
    ['RFC 7520 §4.8', FIGURE_5, rfc7520.FIGURE_61, MALFORMED, 'JSON serialization'],
    [
      'RFC 7520 §4.8, what is protected by the second signature, in compact form',
      { ...BILBO_EC, alg: 'ES512' },
      `.${HOBBIT}.${rfc7520.ES512_OF_THREE}`,
      MALFORMED,
      'no header is protected',
    ],
    [
      'RFC 7797 §4.2, detached',
      { ...A1_KEY, alg: 'HS256' },
      `${rfc7520.UNENCODED_HEAD}..${rfc7520.UNENCODED_SIGNATURE}`,
      MALFORMED,
      '"b64": false is not understood',
    ],
    [
      'RFC 7797 §4.2, with the payload encoded',
      { ...A1_KEY, alg: 'HS256' },
      `${rfc7520.UNENCODED_HEAD}.JC4wMg.${rfc7520.UNENCODED_SIGNATURE}`,
      MALFORMED,
      '"b64": false is not understood',
    ],
    [
      'RFC 7797, a payload that is not encoded, in the token',
      { ...A1_KEY, alg: 'HS256' },
      rfc7520.UNENCODED_INLINE,
      MALFORMED,
      'a payload that is no base64url',
    ],
  ]
  for (const [name, key, jws, ours, because] of rows) {
    test(`JWT-01: ${name} is refused: ${because}`, () => assert.equal(outcomeOf([key], jws), ours))
  }

  // So that they are refused for the reason that is named, and not because they were copied wrongly.
  const macs: readonly [name: string, k: string, signed: string, signature: string][] = [
    ['RFC 7520 §4.7', FIGURE_5.k, `.${HOBBIT}`, rfc7520.FIGURE_48_SIGNATURE],
    ['RFC 7797 §4.2', A1_KEY.k, `${rfc7520.UNENCODED_HEAD}.$.02`, rfc7520.UNENCODED_SIGNATURE],
    [
      'RFC 7797, the payload in the token',
      A1_KEY.k,
      rfc7520.UNENCODED_INLINE.slice(0, rfc7520.UNENCODED_INLINE.lastIndexOf('.')),
      rfc7520.UNENCODED_INLINE.slice(rfc7520.UNENCODED_INLINE.lastIndexOf('.') + 1),
    ],
  ]
  for (const [name, k, signed, signature] of macs) {
    test(`JWT-01: ${name} has the right MAC, for one who understands it`, () => {
      const mac = createHmac('sha256', Buffer.from(k, 'base64url')).update(signed).digest('base64url')
      assert.equal(signature, mac)
    })
  }

  test('JWT-01: the second signature of RFC 7520 §4.8 fits, for one who takes a header that is not protected', () => {
    const key = createPublicKey({ key: BILBO_EC, format: 'jwk' })
    const signature = Buffer.from(rfc7520.ES512_OF_THREE, 'base64url')
    assert.ok(verify('sha512', Buffer.from(`.${HOBBIT}`), { key, dsaEncoding: 'ieee-p1363' }, signature))
  })
})
