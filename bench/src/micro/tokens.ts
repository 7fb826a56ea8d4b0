import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { SCOPE, TOKEN } from '../workload.ts'

/** What tokens are signed with. */
export const ALGORITHMS = ['HS256', 'RS256', 'ES256', 'Ed25519'] as const
export type AlgorithmName = (typeof ALGORITHMS)[number]

/** As many callers as there are connections, each with a token. */
const CALLERS = 32

type Asymmetric = Exclude<AlgorithmName, 'HS256'>
interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const MAKE: Readonly<Record<Asymmetric, () => Pair>> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
}

const pairs = new Map<Asymmetric, Pair>()

/** Made once in a process, and only where they are wanted: an RSA key takes its time. */
function pairOf(alg: Asymmetric): Pair {
  const pair = pairs.get(alg) ?? MAKE[alg]()
  pairs.set(alg, pair)
  return pair
}

/** Tokens of some callers, good for an hour. */
export function tokensBy(alg: AlgorithmName, scope: string = SCOPE): readonly string[] {
  return Array.from({ length: CALLERS }, (_, index) => signed(alg, `caller-${index}`, scope))
}

/** The key that verifies them. */
export function keyFor(alg: AlgorithmName): {
  readonly alg: AlgorithmName
  readonly key: string | KeyObject
} {
  return { alg, key: alg === 'HS256' ? TOKEN.secret : pairOf(alg).publicKey }
}

function signed(alg: AlgorithmName, sub: string, scope: string): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { scope, iat, exp: iat + 3600, aud: TOKEN.audience, iss: TOKEN.issuer, sub }
  const text = `${part({ alg, typ: 'JWT' })}.${part(claims)}`
  if (alg === 'HS256') return `${text}.${createHmac('sha256', TOKEN.secret).update(text).digest('base64url')}`
  const digest = alg === 'Ed25519' ? undefined : 'sha256'
  // RFC 7518 §3.4: the two numbers, and not their DER; RSA knows no such thing.
  const key = { key: pairOf(alg).privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${text}.${sign(digest, Buffer.from(text), key).toString('base64url')}`
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
