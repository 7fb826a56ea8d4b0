import { withError } from '../contract/check.ts'
import { randomBytes } from 'node:crypto'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  type Authenticated,
  authenticated,
  bad,
  type BadCredentials,
  type Identification,
} from '../contract/scheme.ts'
import { isTextList } from '../lib/access-names.ts'
import type { Clock } from '../lib/clock.ts'
import { equalSecrets } from '../lib/digest.ts'
import { judged } from '../lib/promise.ts'
import { hashApiKey, readKeyHash } from './api-key-format.ts'
import { ApiKeyCache } from './api-key-cache.ts'
import type { ApiKeyRecord } from './api-key-records.ts'

/**
 * Finds the record of a presented key; nothing means that there is none.
 *
 * Look it up by `hashApiKey(presented)` or by `parseApiKey(presented)?.id`, never by the key. The digest of what is
 * found is compared with the key's in any case, so a record that was found by id alone opens nothing.
 */
export type ApiKeyLookup = (
  presented: string,
  request: RequestFacts,
) => ApiKeyRecord | undefined | Promise<ApiKeyRecord | undefined>

/** The holder of an API key. */
export interface ApiKeyPrincipal<Name extends string = 'apiKey'> extends Principal {
  readonly scheme: Name
  /** Which key it was: `ApiKeyRecord.id`. */
  readonly keyId: string
}

const UNKNOWN: BadCredentials = bad('credentials.wrong', 'no key of the policy has that digest')
const TOO_EARLY: BadCredentials = bad('credentials.wrong', 'the key is not good yet')
const EXPIRED: BadCredentials = bad('credentials.expired', 'the key has expired')
const REVOKED: BadCredentials = bad('credentials.revoked', 'the key was revoked')
const FAILED: BadCredentials = bad('dependency.failed', 'the look-up of keys threw or rejected')
const ILL_FORMED: BadCredentials = bad('dependency.failed', 'the look-up of keys gave no usable record')

/** What is known of a key: made once for a key of the policy, so that a request only picks it. */
interface Known<Name extends string> {
  readonly hash: string
  readonly notBefore: number
  readonly expires: number
  readonly revoked: boolean
  readonly found: Authenticated<ApiKeyPrincipal<Name>>
}

/** Finds out what a presented key is. */
export type Find<Name extends string> = (
  presented: string,
  request: RequestFacts,
) => Identification<ApiKeyPrincipal<Name>> | Promise<Identification<ApiKeyPrincipal<Name>>>

/** Finds keys among those of the policy. */
export function findInList<Name extends string>(
  keys: readonly ApiKeyRecord[],
  name: Name,
  clock: Clock,
): Find<Name> {
  const known = new Map<string, Known<Name>>()
  for (const record of keys) {
    const one = knownOf(record, name)
    if (one !== undefined) known.set(one.hash, one)
  }
  return (presented) => {
    const one = known.get(hashApiKey(presented))
    return one === undefined ? UNKNOWN : judge(one, clock.now())
  }
}

/** What a key that nobody has is compared with, so that it costs what a known one does (AUT-08). */
const NOBODY: ApiKeyRecord = Object.freeze({
  id: '',
  hash: hashApiKey(randomBytes(32).toString('hex')),
  subject: '',
})

/**
 * Finds keys by a function of the policy's author.
 *
 * @param maxCacheAge for how many milliseconds a good key needs no look-up; 0 for none
 */
export function findByCallback<Name extends string>(
  lookup: ApiKeyLookup,
  name: Name,
  clock: Clock,
  maxCacheAge: number,
): Find<Name> {
  const cache = maxCacheAge > 0 ? new ApiKeyCache<Known<Name>>(maxCacheAge) : undefined

  function check(record: unknown, hash: string, asked: number): Identification<ApiKeyPrincipal<Name>> {
    // Databases say "nothing" with null.
    const one = knownOf((record ?? NOBODY) as ApiKeyRecord, name)
    if (one === undefined) return ILL_FORMED
    if (!equalSecrets(one.hash, hash)) return UNKNOWN
    const found = judge(one, clock.now())
    // Refusals are never kept: a key that was revoked costs what one costs that nobody has, and a key can be made good.
    if (found.type === 'authenticated') cache?.set(hash, one, asked)
    return found
  }
  return (presented, request) => {
    // Before the look-up, so that a known and an unknown key cost the same here.
    const hash = hashApiKey(presented)
    // From before the look-up, too: what it finds may have changed by the time it comes (KEY-02).
    const asked = clock.monotonic()
    const kept = cache?.get(hash, asked)
    const still = kept && judge(kept, clock.now())
    if (still?.type === 'authenticated') return still
    return judged<Identification<ApiKeyPrincipal<Name>>>(
      () => lookup(presented, request),
      (record) => check(record, hash, asked),
      (error) => withError(FAILED, error),
    )
  }
}

function judge<Name extends string>(known: Known<Name>, now: number): Identification<ApiKeyPrincipal<Name>> {
  if (known.revoked) return REVOKED
  if (now < known.notBefore) return TOO_EARLY
  return now < known.expires ? known.found : EXPIRED
}

/** Makes a record usable, or refuses it: one of a database has been checked by nobody else. */
function knownOf<Name extends string>(record: ApiKeyRecord, name: Name): Known<Name> | undefined {
  if (typeof record !== 'object') return undefined
  if (typeof record.id !== 'string' || typeof record.hash !== 'string') return undefined
  const { id, subject, scopes = [], roles = [], permissions, revoked = false } = record
  const hash = readKeyHash(record.hash)
  const notBefore = timeOf(record.notBefore, -Infinity)
  const expires = timeOf(record.expires, Infinity)
  if (hash === undefined || notBefore === undefined || expires === undefined) return undefined
  if (typeof revoked !== 'boolean') return undefined
  // A text can be spread, too, and its letters are no scopes.
  if (!Array.isArray(scopes) || !Array.isArray(roles)) return undefined
  if (permissions !== undefined && !isTextList(permissions)) return undefined
  const principal: ApiKeyPrincipal<Name> = {
    scheme: name,
    subject,
    issuer: undefined,
    // A key of the policy gives every request this principal: what a handler adds to it would be everybody's.
    scopes: Object.freeze([...(scopes as readonly string[])]),
    roles: Object.freeze([...(roles as readonly string[])]),
    ...(permissions !== undefined && { permissions: Object.freeze([...permissions]) }),
    keyId: id,
  }
  return { hash, notBefore, expires, revoked, found: authenticated(Object.freeze(principal)) }
}

/** A time of a record in milliseconds since 1970; `undefined` for what is no time at all. */
function timeOf(given: unknown, fallback: number): number | undefined {
  if (given === undefined) return fallback
  const time = given instanceof Date ? given.getTime() : given
  return typeof time === 'number' && !Number.isNaN(time) ? time : undefined
}
