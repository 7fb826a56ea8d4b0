import { createPublicKey, KeyObject } from 'node:crypto'
import { anything, oneOf, textThat } from '../../options/readers.ts'
import { at, optional, type Place, readOptions, report, required } from '../../options/read.ts'
import { ALGORITHMS, type JwtAlgorithm } from './algorithms.ts'
import { isJwk } from './jwk.ts'
import { importKey, type KeyMaterial } from './key-material.ts'
import { type KeyProblem, keyProblem, type KeyUse } from './key-use.ts'
import { findWeakness, modulusBits } from './key-strength.ts'
import { type CompiledKey, createSignature, fitsSignature, keyInput } from './signature.ts'

/**
 * A key, and the one algorithm that it is for (RFC 8725 §3.1).
 *
 * @example
 * const key: JwtKey = { alg: 'RS256', key: readFileSync('id.example.com.pem', 'utf8'), kid: '2026-01' }
 */
export interface JwtKey {
  /** The one algorithm of this key; a token that names another is refused, whatever its signature. */
  readonly alg: JwtAlgorithm
  /**
   * For HS256, HS384 and HS512 a random secret, at least as long as the hash, as text, bytes, a JWK or a KeyObject.
   * For the others PEM (SubjectPublicKeyInfo, PKCS #8, or a certificate, whose dates are not looked at), a JWK or a
   * KeyObject. Of a private key only the public half is kept for verifying.
   */
  readonly key: KeyMaterial
  /** The name by which tokens choose this key; the `kid` of a JWK when left out. */
  readonly kid?: string
}

/** A token without `kid` is tried with every key of its algorithm: the bound is what a forged token may cost. */
const MAX_KEYS_PER_ALGORITHM = 8

const MAX_KID = 256

const KEY_READERS = {
  alg: required(
    oneOf(...(Object.keys(ALGORITHMS) as JwtAlgorithm[])),
    "Write the algorithm of the key, such as 'RS256'.",
  ),
  key: required(anything<unknown>(), 'Write a secret, PEM text, a JWK or a KeyObject.'),
  kid: optional(
    textThat(
      (kid) => kid !== '' && kid.length <= MAX_KID,
      'the name of a key',
      "a short text, such as '2026-01'",
    ),
  ),
}

/** Compiles one key or a list of keys; reports what cannot be used. */
export function compileKeys(place: Place, value: unknown, use: KeyUse): readonly CompiledKey[] {
  const isList = Array.isArray(value)
  const given: readonly unknown[] = isList ? value : [value]
  if (given.length === 0) report(place, 'out_of_range', 'is empty.', 'Write at least one key.')
  const keys: CompiledKey[] = []
  for (const [index, one] of given.entries()) {
    const where = isList ? at(place, index) : place
    const key = compileKey(where, one, use)
    if (key === undefined) continue
    const conflict = keys.find((other) => collide(key, other))
    if (conflict === undefined) keys.push(key)
    else report(where, 'duplicate_value', ...explain(key, conflict))
  }
  for (const alg of new Set(keys.map((key) => key.alg))) {
    if (keys.filter((key) => key.alg === alg).length > MAX_KEYS_PER_ALGORITHM) {
      report(
        place,
        'out_of_range',
        `has more than ${MAX_KEYS_PER_ALGORITHM} keys for ${alg}.`,
        'Leave out keys that are no longer used.',
      )
    }
  }
  return keys
}

/** Compiles one key; reports why it cannot be used. No mistake contains any part of the key. */
export function compileKey(place: Place, value: unknown, use: KeyUse): CompiledKey | undefined {
  const read = readOptions(place, value, KEY_READERS)
  if (read?.alg === undefined || read.key === undefined) return undefined
  const prepared = prepareKey(read.alg, read.key, use)
  if ('code' in prepared) return report(at(place, 'key'), prepared.code, prepared.message, prepared.instead)
  if (read.kid === undefined || prepared.kid === undefined || read.kid === prepared.kid) {
    return { ...prepared, kid: read.kid ?? prepared.kid }
  }
  return report(at(place, 'kid'), 'contradiction', 'is another than the "kid" of the JWK.', 'Leave it out.')
}

/** Prepares a key for its algorithm, or says why it cannot be used. */
export function prepareKey(alg: JwtAlgorithm, material: unknown, use: KeyUse): CompiledKey | KeyProblem {
  const algorithm = ALGORITHMS[alg]
  const key = importKey(alg, algorithm, material, use)
  if (!(key instanceof KeyObject)) return key
  const weakness = findWeakness(algorithm, key)
  if (weakness !== undefined) return weakness
  const compiled: CompiledKey = {
    alg,
    algorithm,
    kid: isJwk(material) && typeof material['kid'] === 'string' ? material['kid'] : undefined,
    key,
    input: keyInput(algorithm, key),
    signatureBytes: algorithm.signatureBytes ?? Math.ceil(modulusBits(key) / 8),
  }
  if (use === 'verify' || signsForItself(compiled)) return compiled
  return keyProblem(
    'malformed_value',
    'has a public half that does not belong to it.',
    'Write the key as it was exported.',
  )
}

/** node:crypto takes an EC pair whose halves do not belong together: it would sign what nobody can verify. */
function signsForItself(key: CompiledKey): boolean {
  if (key.algorithm.kty === 'oct') return true
  const half = createPublicKey(key.key)
  const verifying: CompiledKey = { ...key, key: half, input: keyInput(key.algorithm, half) }
  return fitsSignature(verifying, 'probe', createSignature(key, 'probe'))
}

/** Two keys of one list that cannot stand side by side. */
function collide(a: CompiledKey, b: CompiledKey): boolean {
  if (a.alg === b.alg && a.kid === b.kid && a.kid !== undefined) return true
  // Two names of one algorithm share the row: one key may go by EdDSA and Ed25519 while issuers change (RFC 9864).
  return a.key.equals(b.key) && (a.algorithm !== b.algorithm || (a.alg === b.alg && a.kid === b.kid))
}

function explain(a: CompiledKey, b: CompiledKey): [message: string, instead: string] {
  if (a.algorithm !== b.algorithm) {
    return ['is also a key of another algorithm.', 'Use one key for one algorithm (RFC 8725 §3.1).']
  }
  return ['has the "kid" or the key of another in this list.', 'Leave one out.']
}
