import type { Records, StoreCall } from '../contract/store.ts'
import type { Clock } from '../lib/clock.ts'
import { systemClock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { optional, type OptionReaders, required } from '../options/read.ts'
import { duration, recordStore, timeSource } from '../options/readers.ts'
import { readOrThrow } from '../options/read-or-throw.ts'

/** Options of {@link revocations}. */
export interface RevocationsOptions {
  /** Where they are remembered: a store that every process shares, where there are several. */
  readonly store: Records
  /**
   * How long the longest-lived token lives, from its `iat` to its `exp`. For so long a revocation is remembered, and a
   * token that lives longer, or does not say when it was issued, is refused: it could outlive its revocation.
   *
   * @default '24h'
   */
  readonly maxLifetime?: Duration
  /** The time; for tests. */
  readonly clock?: Clock
}

/** What is asked of a token. */
export interface Revocable {
  /** Its `iss`. */
  readonly issuer: string
  /** Its `sub`. */
  readonly subject: string
  /** Its name, where it has one; without it a token can be revoked by its subject alone. */
  readonly jti: string | undefined
  /** In seconds since the epoch. */
  readonly iat: number | undefined
  /** In seconds since the epoch. */
  readonly exp: number
}

/** Why a token is refused. */
export type Revoked = 'token' | 'subject' | 'lives-too-long' | undefined

/** Tokens and subjects that are no longer good although their tokens are. */
export interface Revocations {
  /**
   * Revokes one token, from now on and for all its life. Rejects with a TypeError for a token that has no name (`jti`),
   * which only its subject can be revoked with.
   *
   * @example
   * await revoked.token({ issuer: claims.iss, jti: claims.jti })
   */
  readonly token: (token: { readonly issuer: string; readonly jti: string }) => Promise<void>
  /**
   * Revokes every token of a subject that was issued before a moment: a password was changed, a device was lost.
   *
   * `iat` counts whole seconds, so a token issued in the same second is revoked, too.
   *
   * @param before now, unless given
   */
  readonly subject: (
    subject: { readonly issuer: string; readonly subject: string },
    before?: Date,
  ) => Promise<void>
  /** For schemes: why a verified token is refused; `undefined` when it is good. Throws when the store does. */
  readonly find: (token: Revocable, call?: StoreCall) => Revoked | Promise<Revoked>
}

const READERS = {
  store: required(recordStore(), 'Write memoryStore(), or a store that the processes share.'),
  maxLifetime: optional(duration('1m', '365d'), 86_400_000),
  clock: optional(timeSource(), systemClock),
} satisfies OptionReaders<RevocationsOptions>

/**
 * Revokes tokens that verify by themselves: one by its `jti`, or all of a subject that were issued before a moment.
 *
 * They are looked up for each request, after the signature and also for a token that is in the cache, with one call of
 * the store. A store that fails is a refusal (503): nobody knows what it would have said.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const revoked = revocations({ store })
 * const authenticate = jwt<{ jti: string }>({ issuer, audience, requiredClaims: ['jti'], revocations: revoked })
 * // at a logout
 * await revoked.token({ issuer: pass.principal.issuer, jti: pass.principal.claims.jti })
 * @see OWASP ASVS 7.4.1, RFC 7519 §4.1.7
 */
export function revocations(options: RevocationsOptions): Revocations {
  const { store, maxLifetime, clock } = readOrThrow('revocations', options, READERS, ['store'])

  // Clocks may differ by two minutes at both ends of a token (JWT-12): issued that much in the future, and taken that
  // much after its end.
  const rememberedFor = maxLifetime + 2 * MAX_SKEW_MS

  function judge(records: unknown, iat: number): Revoked {
    // What answers less than was asked would let every revoked token in.
    if (!isAnswer(records)) throw new TypeError('The store gave something else than two records')
    const [tokenRecord, subjectRecord] = records
    if (tokenRecord !== undefined) return 'token'
    if (subjectRecord === undefined) return undefined
    // A record that is no number says nothing in favour of the token.
    return iat * 1000 >= Number(subjectRecord) ? undefined : 'subject'
  }

  return {
    async token({ issuer, jti }) {
      mustName(issuer, 'issuer')
      mustName(jti, 'jti')
      await store.write(tokenKey(issuer, jti), '1', rememberedFor)
    },
    async subject({ issuer, subject }, before) {
      mustName(issuer, 'issuer')
      mustName(subject, 'subject')
      const now = clock.now()
      const moment = before?.getTime() ?? now
      if (!Number.isFinite(moment)) throw new RangeError('The moment of a revocation is a date')
      const key = subjectKey(issuer, subject)
      const [known] = await store.read([key])
      // What was revoked stays revoked.
      const latest = known === undefined ? moment : Math.max(moment, Number(known))
      // Of a moment that is still to come the last tokens are issued just before it.
      await store.write(key, String(latest), rememberedFor + Math.max(0, latest - now || 0))
    },
    find({ issuer, subject, jti, iat, exp }, call) {
      if (iat === undefined || (exp - iat) * 1000 > maxLifetime) return 'lives-too-long'
      const keys = [jti === undefined ? NO_TOKEN : tokenKey(issuer, jti), subjectKey(issuer, subject)]
      const found = store.read(keys, call)
      return isPromiseLike(found) ? found.then((late) => judge(late, iat)) : judge(found, iat)
    },
  }
}

/** The most that a scheme lets clocks differ. */
const MAX_SKEW_MS = 120_000

/** A name that is missing would be written as a text that no token has, and whoever asked believe that it is revoked. */
function mustName(value: unknown, what: string): void {
  if (typeof value !== 'string' || value === '') throw new TypeError(`A revocation needs the ${what}`)
}

/** What a store must answer when it is asked for two records. */
function isAnswer(records: unknown): records is readonly [string | undefined, string | undefined] {
  if (!Array.isArray(records) || records.length !== 2) return false
  const [first, second] = records as readonly unknown[]
  return [first, second].every((one) => one === undefined || typeof one === 'string')
}

/** No token has this key: those of tokens begin with a number. */
const NO_TOKEN = 'revoked:token:none'

/** Delimited by length, so that no issuer and name together are those of another token (RL-27). */
function tokenKey(issuer: string, jti: string): string {
  return `revoked:token:${issuer.length}:${issuer}${jti}`
}

function subjectKey(issuer: string, subject: string): string {
  return `revoked:subject:${issuer.length}:${issuer}${subject}`
}
