import assert from 'node:assert/strict'
import { createSecretKey, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import { compactVerify, jwtVerify, SignJWT } from 'jose'
import { ALGORITHMS, type JwtAlgorithm } from '../../../src/identity/jwt/algorithms.ts'
import { compileKey } from '../../../src/identity/jwt/keys.ts'
import { createSignature, fitsSignature } from '../../../src/identity/jwt/signature.ts'
import { signJwt } from '../../../src/identity/sign.ts'
import { place } from '../../support/compile.ts'
import { AUDIENCE, claims, ISSUER, NOW, outcome, pairFor, SECRET, verifierOf } from '../../support/tokens.ts'

const names = Object.keys(ALGORITHMS) as JwtAlgorithm[]

function keysOf(alg: JwtAlgorithm): { readonly verify: KeyObject; readonly sign: KeyObject } {
  if (alg.startsWith('HS')) {
    const secret = createSecretKey(SECRET, 'utf8')
    return { verify: secret, sign: secret }
  }
  const { publicKey, privateKey } = pairFor(alg)
  return { verify: publicKey, sign: privateKey }
}

describe('every algorithm', () => {
  for (const alg of names) {
    const { verify, sign } = keysOf(alg)
    const verifier = verifierOf({ alg, key: verify })

    test(`${alg}: a token that jose signed is accepted`, async () => {
      const text = await new SignJWT(claims()).setProtectedHeader({ alg, typ: 'at+jwt' }).sign(sign)
      assert.equal(outcome(verifier, text), 'ok')
    })

    test(`${alg}: jose accepts a token that was signed here`, async () => {
      const text = signJwt(claims({ sub: 'жанна' }), { key: { alg, key: sign, kid: 'k' }, typ: 'at+jwt' })
      const { payload, protectedHeader } = await jwtVerify(text, verify, {
        algorithms: [alg],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'at+jwt',
        currentDate: new Date(NOW * 1000),
      })
      assert.deepEqual(payload, claims({ sub: 'жанна' }))
      assert.deepEqual(protectedHeader, { alg, typ: 'at+jwt', kid: 'k' })
    })

    test(`${alg}: one bit of the signature or of what is signed decides, here and in jose`, async () => {
      const text = signJwt(claims(), { key: { alg, key: sign } })
      const end = text.lastIndexOf('.')
      const signature = Buffer.from(text.slice(end + 1), 'base64url')
      for (const at of [0, signature.length >> 1, signature.length - 1]) {
        const bent = Buffer.from(signature)
        bent[at] = (bent[at] ?? 0) ^ 1
        const other = `${text.slice(0, end)}.${bent.toString('base64url')}`
        assert.equal(outcome(verifier, other), 'token.bad-signature')
        await assert.rejects(compactVerify(other, verify))
      }
    })

    test(`JWT-08: ${alg}: a signature that is one byte longer or shorter is refused`, () => {
      const signing = compileKey(place('key'), { alg, key: sign }, 'sign')
      const verifying = compileKey(place('key'), { alg, key: verify }, 'verify')
      assert.ok(signing !== undefined && verifying !== undefined)
      const signature = createSignature(signing, 'abc')
      assert.equal(signature.length, verifying.signatureBytes)
      assert.equal(fitsSignature(verifying, 'abc', signature), true)
      assert.equal(fitsSignature(verifying, 'abd', signature), false)
      assert.equal(fitsSignature(verifying, 'abc', signature.subarray(1)), false)
      assert.equal(fitsSignature(verifying, 'abc', Buffer.concat([Buffer.alloc(1), signature])), false)
      assert.equal(fitsSignature(verifying, 'abc', Buffer.concat([signature, Buffer.alloc(1)])), false)
    })
  }

  for (const alg of names) {
    test(`JWT-04: a token of ${alg} is accepted by no key of another algorithm`, () => {
      const text = signJwt(claims(), { key: { alg, key: keysOf(alg).sign } })
      for (const other of names) {
        const expected = other === alg ? 'ok' : 'token.wrong-algorithm'
        assert.equal(outcome(verifierOf({ alg: other, key: keysOf(other).verify }), text), expected, other)
      }
    })
  }
})
