import {
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signNow,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { Algorithm } from '../stacks/setup.ts'
import { SCOPE, TOKEN } from '../workload.ts'

const sign = promisify(signNow)

/** Keys of one algorithm. */
export interface Keys {
  readonly algorithm: Algorithm
  /** What stacks verify with: the secret, or the public half as PEM. */
  readonly verify: string
  readonly sign: KeyObject
}

/** What a token says that is not as it should be. */
export interface Odd {
  readonly scope?: string
  readonly audience?: string
  readonly issuer?: string
  /** From now. */
  readonly livesSeconds?: number
}

const HOUR = 3600
const HASHES: Readonly<Record<Algorithm, string | null>> = { HS256: 'sha256', RS256: 'sha256', EdDSA: null }

/** Makes keys: for a secret those that the set-up of all stacks has, unless others are asked for. */
export function keysOf(algorithm: Algorithm, secret: string = TOKEN.secret): Keys {
  if (algorithm === 'HS256') return { algorithm, verify: secret, sign: createSecretKey(Buffer.from(secret)) }
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519')
  return {
    algorithm,
    verify: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: privateKey,
  }
}

/** Signs a token for a caller, good for some hours: by node:crypto alone, which is no stack's. */
export async function mint({ algorithm, sign: key }: Keys, subject: string, odd: Odd = {}): Promise<string> {
  const { scope = SCOPE, audience = TOKEN.audience, issuer = TOKEN.issuer, livesSeconds = 8 * HOUR } = odd
  const now = Math.floor(Date.now() / 1000)
  const times = { iat: Math.min(now, now + livesSeconds - HOUR), exp: now + livesSeconds }
  const head = encoded({ alg: algorithm, typ: 'JWT' })
  const input = `${head}.${encoded({ scope, ...times, aud: audience, iss: issuer, sub: subject })}`
  const signature =
    algorithm === 'HS256'
      ? createHmac('sha256', key).update(input).digest('base64url')
      : (await sign(HASHES[algorithm], Buffer.from(input), key)).toString('base64url')
  return `${input}.${signature}`
}

/** So many signatures are made at a time: node:crypto makes them on the threads of libuv, of which there are four. */
const AT_A_TIME = 64

/**
 * Signs a token for each of many callers. Ten thousand RS256 tokens take some seconds on two cores, so the hundred
 * thousand are made once for a run.
 */
export async function mintMany(keys: Keys, count: number, signal: AbortSignal): Promise<readonly string[]> {
  const tokens: string[] = []
  for (let first = 0; first < count; first += AT_A_TIME) {
    signal.throwIfAborted()
    const some = Array.from({ length: Math.min(AT_A_TIME, count - first) }, (_, index) =>
      mint(keys, `caller-${first + index}`),
    )
    tokens.push(...(await Promise.all(some)))
  }
  return tokens
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
