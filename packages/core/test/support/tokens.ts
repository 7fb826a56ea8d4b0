import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Principal } from '../../src/contract/principal.ts'
import type {
  Authenticated,
  BadCredentials,
  CompiledScheme,
  NoCredentials,
  Scheme,
} from '../../src/contract/scheme.ts'
import type { JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { createKeyring } from '../../src/identity/jwt/keyring.ts'
import { compileKeys, type JwtKey } from '../../src/identity/jwt/keys.ts'
import { compileVerifier, type TokenResult, type VerifierRules } from '../../src/identity/jwt/verify.ts'
import { signJwt } from '../../src/identity/sign.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { place, schemeContext } from './compile.ts'
import { facts } from './facts.ts'

export const ISSUER = 'https://id.example.com'
export const AUDIENCE = 'https://api.example.com'
/** The secret of the tests: 64 bytes, enough for every HMAC. */
export const SECRET = 'a secret of sixty-four characters that only tests would ever use'
export const HS256: JwtKey = { alg: 'HS256', key: SECRET }
/** The movable clock's start, in seconds. */
export const NOW: number = Date.UTC(2026, 0, 1) / 1000

/** Claims that are accepted, with changes; `undefined` takes one away. */
export function claims(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const all: Record<string, unknown> = {
    iss: ISSUER,
    sub: 'alice',
    aud: AUDIENCE,
    exp: NOW + 300,
    ...changes,
  }
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name]
  return all
}

/** A token by the rules. */
export function token(changes: Readonly<Record<string, unknown>> = {}, key: JwtKey = HS256): string {
  return signJwt(claims(changes), { key })
}

/** Text or bytes as a part of a token. */
export function part(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url')
}

/** A token of any header and any payload, written as they are, whose HS256 signature fits the secret. */
export function forged(
  header: object | string,
  payload: object | string = claims(),
  secret: string | Uint8Array = SECRET,
): string {
  const text = (value: object | string): string => (typeof value === 'string' ? value : JSON.stringify(value))
  const signed = `${part(text(header))}.${part(text(payload))}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** Verifies with local keys, so at once. */
export type LocalVerifier = (text: string) => TokenResult

/** A verifier for keys, with the rules that a test changes. */
export function verifierOf(
  keys: JwtKey | readonly JwtKey[] = HS256,
  rules: Partial<Omit<VerifierRules, 'keyring'>> & { readonly maxTokenLength?: number } = {},
  clock: MovableClock = movableClock(),
): LocalVerifier {
  const where = place('jwt')
  const ready = compileKeys(at(where), keys, 'verify')
  where.mistakes.throwIfAny()
  const { maxTokenLength = 8192, ...changes } = rules
  const issuer: VerifierRules = {
    keyring: createKeyring(ready),
    issuer: ISSUER,
    audience: [AUDIENCE],
    audienceClaim: 'aud',
    clockSkew: 0,
    typ: undefined,
    requiredClaims: [],
    claimValues: new Map(),
    ...changes,
  }
  const verify = compileVerifier([issuer], maxTokenLength, clock)
  return (text) => {
    const result = verify(text)
    assert.ok(!(result instanceof Promise), 'is verified at once')
    return result
  }
}

function at<T extends object>(where: T): T & { readonly path: string } {
  return { ...where, path: 'jwt.keys' }
}

/** What a verifier says: `ok`, or the kind. */
export function outcome(verify: LocalVerifier, text: string): string {
  const result = verify(text)
  return result.ok ? 'ok' : result.kind
}

/** A key pair for each kind of asymmetric algorithm: made once, since RSA takes its time. */
export interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const pairs = new Map<string, Pair>()

/** The pair for an algorithm; RSA algorithms have one pair each, like everything else. */
export function pairFor(alg: JwtAlgorithm): Pair {
  const known = pairs.get(alg)
  if (known !== undefined) return known
  const made = makePair(alg)
  pairs.set(alg, made)
  return made
}

function makePair(alg: JwtAlgorithm): Pair {
  if (alg.startsWith('Ed')) return generateKeyPairSync('ed25519')
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (alg === 'ES384') return generateKeyPairSync('ec', { namedCurve: 'P-384' })
  if (alg === 'ES512') return generateKeyPairSync('ec', { namedCurve: 'P-521' })
  return rsaPair()
}

let rsa: Pair | undefined

/** One RSA pair for the whole file. */
export function rsaPair(): Pair {
  rsa ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
  return rsa
}

/** A scheme, compiled; throws for mistakes. */
export function compiled<P extends Principal>(
  scheme: Scheme<P>,
  clock: MovableClock = movableClock(),
): CompiledScheme<P> {
  const where = place('authenticate')
  const ready = scheme.compile(schemeContext(where, clock))
  where.mistakes.throwIfAny()
  return ready
}

/** What a scheme makes of a bearer token, at once. */
export function identify<P extends Principal>(
  scheme: CompiledScheme<P>,
  bearer: string,
): NoCredentials | Authenticated<P> | BadCredentials {
  const found = scheme.identify(facts({ fields: [['Authorization', `Bearer ${bearer}`]] }))
  if (found instanceof Promise) throw new Error('identify gave a promise')
  return found
}
