import type { JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { readJwks } from '../../src/identity/jwt/jwks.ts'
import type { LoadedKeys, LoadKeys } from '../../src/identity/jwt/key-source.ts'
import type { Candidates } from '../../src/identity/jwt/keyring.ts'
import {
  createRemoteKeyring,
  type RemoteKeyring,
  type RemoteKeyringRules,
} from '../../src/identity/jwt/remote-keyring.ts'
import { failure } from '../../src/identity/remote/failures.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { pairFor } from './tokens.ts'

export const SECOND = 1_000
export const MINUTE: number = 60 * SECOND
export const HOUR: number = 60 * MINUTE

export const RULES: RemoteKeyringRules = {
  algorithms: ['ES256', 'RS256'],
  maxAge: 10 * MINUTE,
  maxStale: 24 * HOUR,
  cooldown: 30 * SECOND,
}

/** The public key of an algorithm, as an issuer publishes it. */
export function published(kid: string | undefined, alg: JwtAlgorithm = 'ES256'): object {
  const jwk = pairFor(alg).publicKey.export({ format: 'jwk' })
  return kid === undefined ? { ...jwk, alg } : { ...jwk, alg, kid }
}

/** An issuer whose keys are fetched by hand: each fetch waits until it is told how it ends. */
export interface Issuer {
  readonly ring: RemoteKeyring
  readonly clock: MovableClock
  /** How many fetches there were. */
  readonly fetches: () => number
  /** Ends the fetch under way with keys. */
  readonly publish: (keys: readonly object[], maxAgeMs?: number) => Promise<void>
  /** Ends the fetch under way without. */
  readonly fail: () => Promise<void>
  /** Ends each fetch from now on at once: with keys, or without. */
  readonly always: (keys: readonly object[] | undefined) => void
}

/** An issuer, and the ring of its keys. */
export function issuer(rules: Partial<RemoteKeyringRules> = {}): Issuer {
  const clock = movableClock()
  const all = { ...RULES, ...rules }
  let fetches = 0
  let end: ((loaded: LoadedKeys) => void) | undefined
  let standing: LoadedKeys | undefined
  const set = (keys: readonly object[], maxAgeMs?: number): LoadedKeys => {
    const read = readJwks({ keys }, all.algorithms)
    if (read === undefined) throw new TypeError('the set of the test is refused')
    return { ok: true, keys: read.keys, maxAgeMs }
  }
  const load: LoadKeys = () => {
    fetches++
    if (standing !== undefined) return Promise.resolve(standing)
    return new Promise((resolve) => {
      end = resolve
    })
  }
  const settle = async (loaded: LoadedKeys): Promise<void> => {
    if (end === undefined) throw new TypeError('no fetch is under way')
    end(loaded)
    end = undefined
    // Whoever waits for the fetch comes first.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  return {
    ring: createRemoteKeyring(all, clock, load),
    clock,
    fetches: () => fetches,
    publish: (keys, maxAgeMs) => settle(set(keys, maxAgeMs)),
    fail: () => settle(FAILED),
    always(keys) {
      standing = keys === undefined ? FAILED : set(keys)
    },
  }
}

const FAILED = failure('the test says so')

/** Candidates in words: the names of keys, `unknown algorithm`, or the kind and the wait of a rejection. */
export function said(candidates: Candidates): string {
  if (candidates === undefined) return 'unknown algorithm'
  if ('ok' in candidates) return `${candidates.kind} ${candidates.retryAfterSeconds}`
  return candidates.length === 0 ? 'unknown key' : candidates.map((key) => key.kid ?? '-').join(' ')
}

/** What a ring says at once; `waits` when it does not. */
export function now({ ring }: Issuer, kid: string | undefined, alg = 'ES256'): string {
  const found = ring.candidates(alg, kid)
  return found instanceof Promise ? 'waits' : said(found)
}

/** What a ring says in the end. */
export async function later({ ring }: Issuer, kid: string | undefined, alg = 'ES256'): Promise<string> {
  return said(await ring.candidates(alg, kid))
}
