import { constants, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'
import type { Algorithm, JwtAlgorithm } from './algorithms.ts'

/** A key that is ready to verify, or to sign. */
export interface CompiledKey {
  readonly alg: JwtAlgorithm
  readonly algorithm: Algorithm
  readonly kid: string | undefined
  readonly key: KeyObject
  /** The key with the parameters of its algorithm, as node:crypto takes it. */
  readonly input: KeyInput
  /** The exact length of every signature of this key. */
  readonly signatureBytes: number
}

/** A key, with the parameters that its algorithm fixes where they are not those that node:crypto takes by default. */
export type KeyInput =
  | KeyObject
  | { readonly key: KeyObject; readonly padding: number; readonly saltLength: number }
  | { readonly key: KeyObject; readonly dsaEncoding: 'ieee-p1363' }

/** The parameters of an algorithm: none of them is ever taken from a token. */
export function keyInput(algorithm: Algorithm, key: KeyObject): KeyInput {
  // RFC 7518 §3.4: both numbers side by side, not the DER that node:crypto takes by default.
  if (algorithm.kty === 'EC') return { key, dsaEncoding: 'ieee-p1363' }
  // RFC 7518 §3.5: the salt is as long as the hash, neither more nor less.
  if (algorithm.padding === constants.RSA_PKCS1_PSS_PADDING)
    return { key, padding: algorithm.padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  // RFC 7518 §3.3: node:crypto takes RSASSA-PKCS1-v1_5 by default for a key of type `rsa`, and key-strength.ts lets no other
  // type be one for it; RFC 8037 §3.1: Ed25519 has no parameters. An object around the key costs Node 24 ten microseconds of
  // each signature, more than half of what RSA itself takes.
  return key
}

/**
 * Whether a signature fits: false for one of another length, or that node:crypto cannot read. Never throws.
 *
 * @param signed the signing input, which is ASCII (RFC 7515 §5.2)
 */
export function fitsSignature(key: CompiledKey, signed: string, signature: Uint8Array): boolean {
  // RFC 7518 §3.4: another length MUST fail. Equal lengths are also what a comparison in constant time needs.
  if (signature.length !== key.signatureBytes) return false
  try {
    if (key.algorithm.kty === 'oct') return timingSafeEqual(mac(key, signed), signature)
    return verify(key.algorithm.hash, Buffer.from(signed, 'latin1'), key.input, signature)
  } catch {
    return false
  }
}

/** Signs. Throws when the key cannot. */
export function createSignature(key: CompiledKey, signed: string): Buffer {
  if (key.algorithm.kty === 'oct') return mac(key, signed)
  return sign(key.algorithm.hash, Buffer.from(signed, 'latin1'), key.input)
}

function mac(key: CompiledKey, signed: string): Buffer {
  // Every HMAC row of the table has a hash; without one this throws.
  return createHmac(key.algorithm.hash ?? '', key.key)
    .update(signed, 'latin1')
    .digest()
}
