import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Algorithm } from './algorithms.ts'
import { type KeyProblem, keyProblem } from './key-use.ts'
import { hasRocaMark } from './roca.ts'
import { isSmallOrder } from './small-order.ts'

/** Verifying with more takes milliseconds, which every request would pay. */
const MAX_RSA_BITS = 8192

/**
 * Why a key is not good enough for an algorithm, or not of its kind.
 *
 * @see RFC 7518 §3.2 to §3.5, RFC 8725 §3.4 and §3.5 (JWT-04, JWT-08)
 */
export function findWeakness(algorithm: Algorithm, key: KeyObject): KeyProblem | undefined {
  switch (algorithm.kty) {
    case 'oct':
      return findWeakSecret(algorithm, key)
    case 'RSA':
      return key.asymmetricKeyType === 'rsa' ? findWeakRsa(algorithm, key) : otherKind(algorithm)
    case 'EC':
      return key.asymmetricKeyDetails?.namedCurve === algorithm.curve?.named
        ? undefined
        : otherKind(algorithm)
    case 'OKP':
      return key.asymmetricKeyType === algorithm.curve?.named ? findWeakPoint(key) : otherKind(algorithm)
  }
}

/** The bits of an RSA modulus; 0 for another key. */
export function modulusBits(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0
}

function findWeakSecret({ minBits }: Algorithm, key: KeyObject): KeyProblem | undefined {
  if ((key.symmetricKeySize ?? 0) * 8 >= minBits) return undefined
  const bytes = minBits / 8
  return keyProblem(
    'out_of_range',
    'is shorter than the hash of its algorithm.',
    `Write at least ${bytes} random bytes, such as randomBytes(${bytes}).toString('base64url').`,
  )
}

function findWeakRsa({ minBits }: Algorithm, key: KeyObject): KeyProblem | undefined {
  const bits = modulusBits(key)
  if (bits < minBits || bits > MAX_RSA_BITS) {
    return keyProblem(
      'out_of_range',
      'has a modulus of a length that is not allowed.',
      `Write a key of ${minBits} to ${MAX_RSA_BITS} bits.`,
    )
  }
  if (hasRocaMark(key)) {
    return keyProblem(
      'unsafe_value',
      'has a modulus from which its private half can be computed (ROCA).',
      'Write a key from a sound generator.',
    )
  }
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n
  // With an exponent of 1 every message is its own signature.
  if (exponent >= 3n && exponent % 2n === 1n) return undefined
  return keyProblem(
    'unsafe_value',
    'has a public exponent that protects nothing.',
    'Write a key with the exponent 65537.',
  )
}

function findWeakPoint(key: KeyObject): KeyProblem | undefined {
  const half = key.type === 'private' ? createPublicKey(key) : key
  const point = Buffer.from(half.export({ format: 'jwk' }).x ?? '', 'base64url')
  if (!isSmallOrder(point)) return undefined
  return keyProblem(
    'unsafe_value',
    'is a point of small order: anybody can sign for it.',
    'Write a key from a sound generator.',
  )
}

function otherKind({ kty, curve }: Algorithm): KeyProblem {
  return keyProblem(
    'contradiction',
    'is a key of another kind than its algorithm needs.',
    `Write a key of kty ${kty}${curve === undefined ? '' : ` on ${curve.crv}`}, or the algorithm of this one.`,
  )
}
