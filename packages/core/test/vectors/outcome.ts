import assert from 'node:assert/strict'
import { ALGORITHMS, type JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { compileSignatureCheck, parseJws } from '../../src/identity/jwt/jws.ts'
import { createKeyring } from '../../src/identity/jwt/keyring.ts'
import { compileKeys } from '../../src/identity/jwt/keys.ts'
import { mistakesAt, place } from '../support/compile.ts'

/** A key as a vector has it. */
export type Jwk = Readonly<Record<string, unknown>>

/** Longer than any vector. */
const MAX_LENGTH = 8192

/**
 * What becomes of a token that is signed with one of the keys: `ok`, the kind of its rejection, or `config:` and the
 * mistakes of the keys. On the level of JWS: the payloads of the vectors are no claims.
 *
 * A key is configured for its own `alg`. One that has none, or none that exists here, is configured for the `alg` of
 * the token, as by somebody who believes the token.
 */
export function outcomeOf(jwks: readonly Jwk[], token: string): string {
  const where = place('keys')
  const keys = jwks.map((jwk) => ({
    alg: isAlgorithm(jwk['alg']) ? jwk['alg'] : algorithmOf(token),
    key: jwk,
  }))
  const ready = compileKeys(where, keys, 'verify')
  const mistakes = mistakesAt(where)
  if (mistakes.length > 0) return `config:${mistakes.map(({ code }) => code).join(',')}`

  const jws = parseJws(token, MAX_LENGTH)
  if (!jws.ok) return jws.kind
  const wrong = compileSignatureCheck({ keyring: createKeyring(ready), typ: undefined })(jws)
  assert.ok(!(wrong instanceof Promise), 'keys that are here give no promise')
  return wrong === undefined ? 'ok' : wrong.kind
}

/** The payload of a token, as text. */
export function payloadOf(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
}

/** The `alg` of the header of a token. */
export function algorithmOf(token: string): string {
  const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'))
  assert.ok(typeof header === 'object' && header !== null && 'alg' in header)
  assert.ok(typeof header.alg === 'string')
  return header.alg
}

function isAlgorithm(alg: unknown): alg is JwtAlgorithm {
  return typeof alg === 'string' && Object.hasOwn(ALGORITHMS, alg)
}
