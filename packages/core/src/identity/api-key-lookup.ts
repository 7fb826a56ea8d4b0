import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  type Authenticated,
  authenticated,
  bad,
  type BadCredentials,
  type Identification,
} from '../contract/scheme.ts'
import { equalSecrets } from '../lib/digest.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { hashApiKey, readKeyHash } from './api-key-format.ts'
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
const EXPIRED: BadCredentials = bad('credentials.expired', 'the key has expired')
const REVOKED: BadCredentials = bad('credentials.revoked', 'the key was revoked')
const FAILED: BadCredentials = bad('dependency.failed', 'the look-up of keys threw or rejected')
const ILL_FORMED: BadCredentials = bad('dependency.failed', 'the look-up of keys gave no usable record')

/** What is known of a key: made once for a key of the policy, so that a request only picks it. */
interface Known<Name extends string> {
  readonly hash: string
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
  now: () => number,
): Find<Name> {
  const known = new Map<string, Known<Name>>()
  for (const record of keys) {
    const one = knownOf(record, name)
    if (one !== undefined) known.set(one.hash, one)
  }
  return (presented) => {
    const one = known.get(hashApiKey(presented))
    return one === undefined ? UNKNOWN : judge(one, now())
  }
}

/** Finds keys by a function of the policy's author. */
export function findByCallback<Name extends string>(
  lookup: ApiKeyLookup,
  name: Name,
  now: () => number,
): Find<Name> {
  function check(record: unknown, hash: string): Identification<ApiKeyPrincipal<Name>> {
    // Databases say "nothing" with null.
    if (record === undefined || record === null) return UNKNOWN
    const one = knownOf(record as ApiKeyRecord, name)
    if (one === undefined) return ILL_FORMED
    return equalSecrets(one.hash, hash) ? judge(one, now()) : UNKNOWN
  }
  async function settle(
    pending: PromiseLike<unknown>,
    hash: string,
  ): Promise<Identification<ApiKeyPrincipal<Name>>> {
    try {
      return check(await pending, hash)
    } catch {
      return FAILED
    }
  }
  return (presented, request) => {
    // Before the look-up, so that a known and an unknown key cost the same here.
    const hash = hashApiKey(presented)
    try {
      const record: unknown = lookup(presented, request)
      return isPromiseLike(record) ? settle(record, hash) : check(record, hash)
    } catch {
      return FAILED
    }
  }
}

function judge<Name extends string>(known: Known<Name>, now: number): Identification<ApiKeyPrincipal<Name>> {
  if (known.revoked) return REVOKED
  return now < known.expires ? known.found : EXPIRED
}

/** Makes a record usable, or refuses it: one of a database has been checked by nobody else. */
function knownOf<Name extends string>(record: ApiKeyRecord, name: Name): Known<Name> | undefined {
  if (typeof record !== 'object') return undefined
  if (typeof record.id !== 'string' || typeof record.hash !== 'string') return undefined
  const { id, subject, scopes = [], roles = [], revoked = false } = record
  const hash = readKeyHash(record.hash)
  const expires = endOf(record.expires)
  if (hash === undefined || expires === undefined || typeof revoked !== 'boolean') return undefined
  // A text can be spread, too, and its letters are no scopes.
  if (!Array.isArray(scopes) || !Array.isArray(roles)) return undefined
  const principal: ApiKeyPrincipal<Name> = {
    scheme: name,
    subject,
    issuer: undefined,
    // A key of the policy gives every request this principal: what a handler adds to it would be everybody's.
    scopes: Object.freeze([...(scopes as readonly string[])]),
    roles: Object.freeze([...(roles as readonly string[])]),
    keyId: id,
  }
  return { hash, expires, revoked, found: authenticated(Object.freeze(principal)) }
}

/** When a record ends, in milliseconds since 1970; `undefined` for what is no time at all. */
function endOf(expires: unknown): number | undefined {
  if (expires === undefined) return Infinity
  const end = expires instanceof Date ? expires.getTime() : expires
  return typeof end === 'number' && !Number.isNaN(end) ? end : undefined
}
