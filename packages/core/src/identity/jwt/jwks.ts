import { isWellFormed } from '../../lib/chars.ts'
import { ALGORITHMS, type JwtAlgorithm } from './algorithms.ts'
import { isMembers, member, type Members } from './json-part.ts'
import { hasSecretMember } from './jwk.ts'
import { prepareKey } from './keys.ts'
import type { CompiledKey } from './signature.ts'

/** What can be used of a JWK Set. */
export interface KeySet {
  readonly keys: readonly CompiledKey[]
  /** How many keys are of no use here: for something else, of another algorithm, malformed, weak, or too many. */
  readonly dropped: number
}

/** No issuer has as many; reading a key costs time. */
const MAX_KEYS = 64
/** Every token of their algorithm is tried with the keys that have no name. */
const MAX_NAMELESS = 8
const MAX_KID = 256

/**
 * Reads a JWK Set (RFC 7517 §5), which an issuer publishes for those who verify its signatures.
 *
 * A key that is of no use here is left out, since a set may have keys for others (§5: "SHOULD ignore"). What no
 * careful issuer would publish refuses the set, for then nothing that it says can be relied on: a symmetric or private
 * key, which everybody could sign with, and two keys of one name for one algorithm (JWKS-04).
 *
 * Each key verifies one algorithm (RFC 8725 §3.1). A key that does not name its own gets the first of `algorithms`
 * that its type fits; `EdDSA` and `Ed25519` are two names of one algorithm, so that it goes by each that is allowed.
 *
 * @param algorithms the algorithms that are allowed, none of them symmetric
 * @returns `undefined` when the set is refused; never throws
 */
export function readJwks(value: unknown, algorithms: readonly JwtAlgorithm[]): KeySet | undefined {
  const given = isMembers(value) ? member(value, 'keys') : undefined
  if (!Array.isArray(given)) return undefined
  const entries = given.slice(0, MAX_KEYS).filter(isMembers)
  if (entries.some(isSecret)) return undefined

  const usable = entries.filter(isNamedSoundly).map((jwk) => ({ jwk, algs: algorithmsOf(jwk, algorithms) }))
  const names = usable.flatMap(({ jwk, algs }) => algs.map((alg) => nameOf(jwk, alg)))
  const named = names.filter((name) => name !== undefined)
  if (new Set(named).size !== named.length) return undefined

  const keys: CompiledKey[] = []
  let used = 0
  for (const { jwk, algs } of usable) {
    const prepared = algs.map((alg) => prepareKey(alg, jwk, 'verify')).filter((key) => 'alg' in key)
    const fitting = prepared.filter((key) => fits(key, keys))
    if (fitting.length > 0) used++
    keys.push(...fitting)
  }
  return { keys, dropped: given.length - used }
}

/** Whether a key may stand beside those that were read before it. */
function fits(key: CompiledKey, others: readonly CompiledKey[]): boolean {
  if (key.kid === undefined) {
    const nameless = others.filter((other) => other.alg === key.alg && other.kid === undefined)
    if (nameless.length >= MAX_NAMELESS) return false
  }
  // RFC 8725 §3.1: one key published again for another algorithm stays with the first.
  return !others.some((other) => other.algorithm !== key.algorithm && other.key.equals(key.key))
}

function isSecret(jwk: Members): boolean {
  return member(jwk, 'kty') === 'oct' || hasSecretMember(jwk)
}

/** RFC 7517 §4.5. A lone surrogate has no UTF-8, so that no token can name it and logs would garble it. */
function isNamedSoundly(jwk: Members): boolean {
  const kid = member(jwk, 'kid')
  if (kid === undefined) return true
  return typeof kid === 'string' && kid !== '' && kid.length <= MAX_KID && isWellFormed(kid)
}

/** Which of the allowed algorithms a key is for: one, by one name or two; none when it is for nothing here. */
function algorithmsOf(jwk: Members, allowed: readonly JwtAlgorithm[]): readonly JwtAlgorithm[] {
  // RFC 7517 §4.2, §4.3. Looked at before names are compared: a key to encrypt may share the name of one to sign.
  const use = member(jwk, 'use')
  if (use !== undefined && use !== 'sig') return []
  const operations = member(jwk, 'key_ops')
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return []

  const fitting = allowed.filter((alg) => isOfKind(jwk, alg))
  const alg = member(jwk, 'alg')
  if (alg !== undefined) return fitting.filter((one) => one === alg)
  const first = fitting[0]
  return first === undefined ? [] : fitting.filter((one) => ALGORITHMS[one] === ALGORITHMS[first])
}

function isOfKind(jwk: Members, alg: JwtAlgorithm): boolean {
  const { kty, curve } = ALGORITHMS[alg]
  return (
    kty !== 'oct' && member(jwk, 'kty') === kty && (curve === undefined || member(jwk, 'crv') === curve.crv)
  )
}

function nameOf(jwk: Members, alg: JwtAlgorithm): string | undefined {
  const kid = member(jwk, 'kid')
  return typeof kid === 'string' ? `${alg} ${kid}` : undefined
}
