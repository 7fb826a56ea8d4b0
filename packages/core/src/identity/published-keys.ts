import { createPublicKey } from 'node:crypto'
import { ConfigError } from '../contract/mistakes.ts'
import { at, type Place, report } from '../options/read.ts'
import { jwkThumbprint } from './jwk-thumbprint.ts'
import type { JwtAlgorithm } from './jwt/algorithms.ts'
import type { Jwk } from './jwt/jwk.ts'
import type { CompiledKey } from './jwt/signature.ts'
import { compileKey } from './jwt/keys.ts'

/** The public half of a signing key, as a JWK Set has it (RFC 7517 §4, §5). */
export interface PublishedKey extends Jwk {
  /** The kind of key: `RSA`, `EC` or `OKP`, never `oct`, which is a secret. */
  readonly kty: string
  /** By this tokens say which key they are signed with: its thumbprint (RFC 7638), unless it was given a name. */
  readonly kid: string
  /** Good for signatures alone: verifiers that encrypt pass it over. */
  readonly use: 'sig'
  /** The one algorithm that it may be used with. */
  readonly alg: JwtAlgorithm
}

/** The keys that verify the tokens of an issuer (RFC 7517 §5). */
export interface JwkSet {
  /** The key that signs, and those that are published besides it: older ones, and the next. */
  readonly keys: readonly PublishedKey[]
}

/** A key of a pair by its name: the one that it has, or the thumbprint of RFC 7638. Secrets have none. */
export function named(key: CompiledKey): CompiledKey {
  return key.kid !== undefined || key.algorithm.kty === 'oct'
    ? key
    : { ...key, kid: jwkThumbprint(publicJwk(key)) }
}

/** Reads keys that are published besides the one that signs; of a private key only the public half is kept. */
export function readPublished(value: unknown, place: Place): readonly CompiledKey[] | undefined {
  if (!Array.isArray(value)) return report(place, 'wrong_type', 'is not a list.', 'Write a list of keys.')
  return value.flatMap((one: unknown, index): readonly CompiledKey[] => {
    const where = at(place, index)
    const key = compileKey(where, one, 'verify')
    if (key === undefined) return []
    if (key.algorithm.kty !== 'oct') return [named(key)]
    report(
      where,
      'unsafe_value',
      'is a secret: whoever has it can sign.',
      'Write the key of a pair, such as ES256.',
    )
    return []
  })
}

/** Two keys by one name: a verifier would try the wrong one. */
export function findDoubled(
  signing: CompiledKey | undefined,
  others: readonly CompiledKey[],
  place: Place,
): void {
  const seen = new Set<string | undefined>([signing?.kid])
  for (const [index, { kid }] of others.entries()) {
    if (kid !== undefined && seen.has(kid)) {
      const message = 'has the "kid" of another key.'
      report(at(place, index), 'duplicate_value', message, 'Leave one out, or give it another "kid".')
    }
    seen.add(kid)
  }
}

/**
 * The public halves of keys as a JWK Set.
 *
 * @param name whose keys they are, for the mistake
 * @throws ConfigError when one of them is a secret
 */
export function jwkSet(name: string, keys: readonly CompiledKey[]): JwkSet {
  return Object.freeze({ keys: Object.freeze(keys.map((key) => published(name, key))) })
}

function published(name: string, key: CompiledKey): PublishedKey {
  if (key.algorithm.kty === 'oct' || key.kid === undefined) {
    const message = 'is a secret, which cannot be published: whoever has it can sign.'
    throw new ConfigError([
      {
        code: 'unsafe_value',
        path: `${name}.key`,
        message,
        instead: 'Sign with the key of a pair, such as ES256.',
      },
    ])
  }
  const { kty = '', ...members } = publicJwk(key)
  return Object.freeze({ kty, kid: key.kid, use: 'sig', alg: key.alg, ...members })
}

/** What node:crypto exports of a public key is its public members alone. */
function publicJwk({ key }: CompiledKey): Jwk {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
}
