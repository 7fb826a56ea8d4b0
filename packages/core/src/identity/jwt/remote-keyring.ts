import type { Warning } from '../../contract/check.ts'
import type { Clock } from '../../lib/clock.ts'
import { secondsToWait } from '../../lib/duration.ts'
import type { JwtAlgorithm } from './algorithms.ts'
import type { LoadedKeys, LoadKeys } from './key-source.ts'
import { type Candidates, type Keyring, sortKeys } from './keyring.ts'
import { type Rejection, rejection } from './rejection.ts'
import type { CompiledKey } from './signature.ts'

/** How long keys are good, in milliseconds, and which. */
export interface RemoteKeyringRules {
  /** The only algorithms that tokens may name: for no other one is anything fetched. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** The longest that keys are fresh; less when their `Cache-Control` says so. */
  readonly maxAge: number
  /** How long keys are used after that while newer ones are not to be had. */
  readonly maxStale: number
  /** The least time from one fetch to the next that a name which no key has may cause. */
  readonly cooldown: number
}

/** What an issuer says against it, keys are not fetched more often: `no-store` must not cost a fetch per request. */
const MIN_FRESH_MS = 60_000
const FIRST_RETRY_MS = 1_000
/** A token that names no key is tried with every key of its algorithm: the bound is what a forged one may cost. */
const MAX_TRIED = 8

const NO_KEYS: readonly CompiledKey[] = Object.freeze([])

/** Keys that another server publishes. */
export interface RemoteKeyring extends Keyring {
  /** How long ago the newest answer with keys was asked for, in milliseconds; `undefined` while there are none. */
  readonly ageMs: () => number | undefined
}

/** The keys of one answer. */
interface Held {
  readonly fetchedAt: number
  readonly keys: readonly CompiledKey[]
  readonly find: ReturnType<typeof sortKeys>
  /** From when on they are renewed while they are used. */
  readonly renewAt: number
  readonly freshUntil: number
  readonly staleUntil: number
}

/**
 * Keys that another server publishes, fetched when they are needed.
 *
 * One fetch is under way at a time. Near the end of their freshness keys are renewed while requests go on with those
 * that are there; after a failure those are used until they are too old, and fetching waits longer each time
 * (JWKS-03, JWKS-05). A name that no key has causes one fetch per cooldown, whoever asks (JWKS-02, JWKS-06). There is
 * no timer: time is looked at when a request comes.
 */
export function createRemoteKeyring(rules: RemoteKeyringRules, clock: Clock, load: LoadKeys): RemoteKeyring {
  const { maxAge, maxStale, cooldown } = rules
  const algorithms: ReadonlySet<string> = new Set(rules.algorithms)
  let held: Held | undefined
  let generation = 0
  let underWay: Promise<void> | undefined
  let lastFetch = -Infinity
  let failures = 0
  let retryAt = -Infinity
  let stale: Warning | undefined
  let expiryTold = false
  let unavailable = 'the keys of the issuer have not been fetched yet'

  /** Starts a fetch, or joins the one that is under way; `undefined` while a failure is too recent. */
  function renew(now: number): Promise<void> | undefined {
    if (underWay === undefined && now >= retryAt) {
      lastFetch = now
      underWay = fetchKeys(now).then(() => {
        underWay = undefined
      })
    }
    return underWay
  }

  async function fetchKeys(now: number): Promise<void> {
    try {
      const loaded = await load()
      if (loaded.ok) accept(loaded, now)
      else fail(loaded.reason)
    } catch {
      fail('the fetch threw')
    }
  }

  function accept({ keys, maxAgeMs }: Extract<LoadedKeys, { ok: true }>, now: number): void {
    failures = 0
    retryAt = -Infinity
    stale = undefined
    expiryTold = false
    // A set that has nothing for us is the issuer's word, too: keys that it no longer publishes are no longer good.
    unavailable = 'the issuer publishes no key that can be used'
    const fresh = Math.min(Math.max(maxAgeMs ?? maxAge, MIN_FRESH_MS), maxAge)
    const same = held !== undefined && sameKeys(held.keys, keys) ? held : undefined
    if (same === undefined) generation++
    const freshUntil = now + fresh
    held = {
      fetchedAt: now,
      keys: same?.keys ?? keys,
      find: same?.find ?? sortKeys(keys),
      renewAt: now + fresh * 0.8,
      freshUntil,
      staleUntil: freshUntil + maxStale,
    }
  }

  function fail(reason: string): void {
    // JWKS-06: once the issuer is back, a new key is found within the cooldown, however long it was away.
    retryAt = clock.monotonic() + Math.min(FIRST_RETRY_MS * 2 ** failures, Math.max(cooldown, FIRST_RETRY_MS))
    failures++
    unavailable = `the keys of the issuer are not to be had: ${reason}`
    stale = Object.freeze({
      kind: 'dependency.failed',
      reason: `the keys of the issuer are stale, and cannot be renewed: ${reason}`,
    })
  }

  /** Drops keys that are too old, and renews those that soon will be. */
  function keepFresh(now: number): Promise<void> | undefined {
    if (held !== undefined && now >= held.staleUntil) {
      held = undefined
      generation++
    }
    if (held !== undefined && now >= held.freshUntil && failures === 0 && !expiryTold) {
      // What was verified before is verified again, and waits for newer keys like everything else.
      expiryTold = true
      generation++
    }
    return held === undefined || now >= held.renewAt ? renew(now) : undefined
  }

  function refuse(now: number): Rejection {
    const earliest = held === undefined ? retryAt : Math.max(retryAt, lastFetch + cooldown)
    return rejection('dependency.failed', unavailable, secondsToWait(earliest - now))
  }

  /** What the keys at hand say, without any fetch. */
  function look(now: number, alg: string, kid: string | undefined): Candidates {
    if (held === undefined || held.keys.length === 0) return refuse(now)
    const keys = held.find(alg, kid)
    if (keys !== undefined && kid === undefined) return keys.length > MAX_TRIED ? NO_KEYS : keys
    // While fetching fails nobody can know whether the issuer has such a key by now (JWKS-03).
    return failures > 0 && (keys === undefined || keys.length === 0) ? refuse(now) : keys
  }

  function isKnown(alg: string, kid: string | undefined): boolean {
    const keys = held?.find(alg, kid)
    if (keys === undefined || kid === undefined) return keys !== undefined
    // The keys that have no name are tried as well, but do not tell that the issuer knows this one.
    return keys[0]?.kid === kid
  }

  async function after(renewal: Promise<void>, alg: string, kid: string | undefined): Promise<Candidates> {
    await renewal
    return look(clock.monotonic(), alg, kid)
  }

  return {
    candidates(alg, kid) {
      // RFC 8725 §3.1: a token cannot bring its own algorithm, nor cause a fetch by one.
      if (!algorithms.has(alg)) return undefined
      const now = clock.monotonic()
      const renewal = keepFresh(now)
      if (held === undefined) return renewal === undefined ? refuse(now) : after(renewal, alg, kid)
      // Keys that have just expired are worth the wait once; where fetching fails nobody waits for it again.
      if (now >= held.freshUntil && failures === 0 && renewal !== undefined) return after(renewal, alg, kid)
      if (isKnown(alg, kid)) return look(now, alg, kid)
      const again = underWay ?? (now - lastFetch >= cooldown ? renew(now) : undefined)
      return again === undefined ? look(now, alg, kid) : after(again, alg, kid)
    },
    generation() {
      // Whoever remembers verdicts may ask for no key for a long time, and still must learn of new ones.
      const now = clock.monotonic()
      if (held !== undefined) void keepFresh(now)
      return generation
    },
    warning() {
      return held !== undefined && clock.monotonic() >= held.freshUntil ? stale : undefined
    },
    ageMs: () => (held === undefined ? undefined : clock.monotonic() - held.fetchedAt),
  }
}

function sameKeys(a: readonly CompiledKey[], b: readonly CompiledKey[]): boolean {
  if (a.length !== b.length) return false
  return a.every((one) =>
    b.some((other) => one.alg === other.alg && one.kid === other.kid && one.key.equals(other.key)),
  )
}
