import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto'
import { decodeBase64url } from '../../lib/base64url.ts'
import { type Secret, unwrapped } from '../../lib/secret.ts'
import type { Algorithm, JwtAlgorithm } from './algorithms.ts'
import { findJwkProblem, isJwk, type Jwk, publicHalf } from './jwk.ts'
import { type KeyProblem, keyProblem, type KeyUse } from './key-use.ts'
import { isKeyText } from './secret-text.ts'

/** What a key is written as: a secret text or bytes, wrapped or not, PEM, a JWK, or a key that node:crypto holds. */
export type KeyMaterial = string | Uint8Array | Jwk | KeyObject | Secret

/** Makes the key object that an algorithm needs; whether it is strong enough is another question. */
export function importKey(
  alg: JwtAlgorithm,
  algorithm: Algorithm,
  given: unknown,
  use: KeyUse,
): KeyObject | KeyProblem {
  const material = unwrapped(given)
  if (isJwk(material)) {
    const jwkProblem = findJwkProblem(alg, algorithm, material, use)
    if (jwkProblem !== undefined) return jwkProblem
  }
  return algorithm.kty === 'oct' ? importSecret(material) : importAsymmetric(algorithm, material, use)
}

function importSecret(material: unknown): KeyObject | KeyProblem {
  const secret = secretBytes(material)
  if (secret === undefined) {
    return keyProblem(
      'wrong_type',
      'is not a secret.',
      'Write a text, bytes, a JWK with "k", or a secret KeyObject.',
    )
  }
  if (isKeyText(secret)) {
    return keyProblem(
      'unsafe_value',
      'is the text of a key or certificate, not a secret.',
      'Write the algorithm of that key, such as RS256, or a random secret. Parse a JWK before you give it.',
    )
  }
  return createSecretKey(secret)
}

function secretBytes(material: unknown): Uint8Array | undefined {
  if (typeof material === 'string') return Buffer.from(material, 'utf8')
  if (material instanceof Uint8Array) return material
  if (material instanceof KeyObject) return material.type === 'secret' ? material.export() : undefined
  return isJwk(material) && typeof material.k === 'string' ? decodeBase64url(material.k) : undefined
}

function importAsymmetric(algorithm: Algorithm, material: unknown, use: KeyUse): KeyObject | KeyProblem {
  try {
    if (material instanceof KeyObject) return fromKeyObject(material, use)
    if (isJwk(material)) {
      return use === 'sign'
        ? createPrivateKey({ key: material, format: 'jwk' })
        : createPublicKey({ key: publicHalf(material), format: 'jwk' })
    }
    const pem = pemText(material)
    if (pem !== undefined) return use === 'sign' ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    // The error of node:crypto may quote what it could not read.
    return keyProblem('malformed_value', 'cannot be read as a key.', instead(algorithm, use))
  }
  return keyProblem('wrong_type', 'is neither PEM nor a JWK nor a KeyObject.', instead(algorithm, use))
}

function fromKeyObject(key: KeyObject, use: KeyUse): KeyObject | KeyProblem {
  if (key.type === 'secret') {
    return keyProblem(
      'contradiction',
      'is a secret, and the algorithm needs a key pair.',
      'Write an HS algorithm, or the key of a pair.',
    )
  }
  if (use === 'verify') return key.type === 'private' ? createPublicKey(key) : key
  return key.type === 'private'
    ? key
    : keyProblem('contradiction', 'is a public key, and cannot sign.', 'Write the private key.')
}

function pemText(material: unknown): string | undefined {
  const text = material instanceof Uint8Array ? Buffer.from(material).toString('latin1') : material
  return typeof text === 'string' && text.includes('-----BEGIN ') ? text : undefined
}

function instead(algorithm: Algorithm, use: KeyUse): string {
  const half = use === 'sign' ? 'private' : 'public'
  return `Write the ${half} ${algorithm.kty} key as PEM text, a JWK or a KeyObject.`
}
