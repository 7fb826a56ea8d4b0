import { type JsonWebKeyInput, KeyObject } from 'node:crypto'
import { decodeBase64url } from '../../lib/base64url.ts'
import type { Algorithm, JwtAlgorithm } from './algorithms.ts'
import { type KeyProblem, keyProblem, type KeyUse } from './key-use.ts'

/**
 * A key as JSON (RFC 7517 §4): what node:crypto reads and exports as such. It is taken from there by way of a name that
 * all its types have: those of Node 26 export no `JsonWebKey`.
 */
export type Jwk = JsonWebKeyInput['key'] & {
  /** By this tokens say which key they are signed with. */
  readonly kid?: string
}

/** Whether the material is written as a JWK. */
export function isJwk(material: unknown): material is Jwk {
  return (
    typeof material === 'object' &&
    material !== null &&
    !Array.isArray(material) &&
    !(material instanceof Uint8Array) &&
    !(material instanceof KeyObject)
  )
}

/** What a secret or private key has: the numbers of RSA, EC and OKP, the secret of `oct`, the seed of AKP. */
const SECRET_MEMBERS = ['k', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'] as const

/** Whether a JWK has what no key has that is meant to be shown (RFC 7518 §6.2.2, §6.3.2, §6.4). */
export function hasSecretMember(jwk: object): boolean {
  return SECRET_MEMBERS.some((name) => Object.hasOwn(jwk, name))
}

/** The public members alone: what verifies a request has no use for the rest. */
export function publicHalf(jwk: Jwk): Jwk {
  const half: Jwk = {}
  for (const name of ['kty', 'crv', 'x', 'y', 'n', 'e']) if (jwk[name] !== undefined) half[name] = jwk[name]
  return half
}

/** What contradicts the use of a JWK: what it says about itself must agree with it (RFC 7517 §4). */
export function findJwkProblem(
  alg: JwtAlgorithm,
  algorithm: Algorithm,
  jwk: Jwk,
  use: KeyUse,
): KeyProblem | undefined {
  const { kty, curve } = algorithm
  if (jwk.kty !== kty)
    return contradiction('has another "kty" than its algorithm needs.', `Write a JWK of kty "${kty}".`)
  if (curve !== undefined && jwk.crv !== curve.crv) {
    return contradiction('has another "crv" than its algorithm needs.', `Write a JWK of crv "${curve.crv}".`)
  }
  if (jwk['alg'] !== undefined && jwk['alg'] !== alg) {
    return contradiction('is a JWK with another "alg".', 'Write the same algorithm in both places.')
  }
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') {
    return contradiction('is a JWK whose "use" is not "sig".', 'Write a key that is meant for signatures.')
  }
  if (jwk['key_ops'] !== undefined && !allows(jwk['key_ops'], use, jwk.d !== undefined)) {
    return contradiction(
      'is a JWK whose "key_ops" do not allow this.',
      `Write a key with the operation "${use}".`,
    )
  }
  return findMemberProblem(algorithm, jwk, use)
}

/** RFC 7517 §4.3. The operation of a private key is `sign`, and that of the public half that we take of it `verify`. */
function allows(operations: unknown, use: KeyUse, isPrivate: boolean): boolean {
  if (!Array.isArray(operations)) return false
  if (new Set<unknown>(operations).size !== operations.length) return false
  return operations.includes(use) || (use === 'verify' && isPrivate && operations.includes('sign'))
}

/** node:crypto reads lenient base64url; RFC 7518 §6 does not (JWT-09). */
function findMemberProblem(algorithm: Algorithm, jwk: Jwk, use: KeyUse): KeyProblem | undefined {
  const { kty, curve } = algorithm
  const needed = { oct: ['k'], RSA: ['n', 'e'], EC: ['x', 'y'], OKP: ['x'] }[kty]
  for (const name of use === 'sign' && kty !== 'oct' ? [...needed, 'd'] : needed) {
    const value = jwk[name]
    if (typeof value !== 'string' || value === '') {
      return keyProblem('malformed_value', `is a JWK without "${name}".`, 'Write the whole key.')
    }
    const bytes = decodeBase64url(value)
    if (bytes === undefined) {
      return keyProblem(
        'malformed_value',
        `is a JWK whose "${name}" is not base64url.`,
        'Write the key as it was exported.',
      )
    }
    // RFC 7518 §6.2.1.2, §6.2.2.1: a coordinate, or the private number, has the full length of the curve.
    if (curve !== undefined && bytes.length !== curve.bytes) {
      return keyProblem(
        'malformed_value',
        `is a JWK whose "${name}" has another length than its curve.`,
        'Write the key as it was exported.',
      )
    }
  }
  return undefined
}

function contradiction(message: string, instead: string): KeyProblem {
  return keyProblem('contradiction', message, instead)
}
