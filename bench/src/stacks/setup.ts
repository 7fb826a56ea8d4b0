import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { LIMIT, TOKEN } from '../workload.ts'

/** The algorithms that tokens are signed with. */
export const ALGORITHMS = ['HS256', 'RS256', 'EdDSA'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** How a stack is set up: the one word that its process is started with, as JSON. */
export interface Setup {
  readonly algorithm: Algorithm
  /** What tokens are verified with: the secret, or a public key as PEM. */
  readonly key: string
  /** How many requests a client may make within some seconds, and a caller as well. */
  readonly limit: number
  readonly seconds: number
  /** Where limits are counted; in memory when left out. */
  readonly redisPort?: number
}

/** How a stack is set up that was told nothing. */
const USUAL: Setup = { algorithm: 'HS256', key: TOKEN.secret, ...LIMIT }

/** The word, read. */
export function readSetup(word: string | undefined = process.argv[2]): Setup {
  return word?.startsWith('{') === true ? (JSON.parse(word) as Setup) : USUAL
}

/**
 * The key, made beforehand. As a text, as most people write it, `jsonwebtoken` tries to read a secret as a public key
 * in every request, and the whole takes more than three times as long.
 */
export function keyOf({ algorithm, key }: Setup): KeyObject {
  return algorithm === 'HS256' ? createSecretKey(Buffer.from(key)) : createPublicKey(key)
}
