import { randomBytes } from 'node:crypto'
import type { Records } from '../contract/store.ts'
import { decodeBase64url, encodeBase64url } from '../lib/base64url.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import type { Duration } from '../lib/duration.ts'
import { optional, type OptionReaders, required } from '../options/read.ts'
import { callback, duration, recordStore, timeSource } from '../options/readers.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { type Login, readLogin, writeLogin } from './refresh-tokens/record.ts'
import type { TokenAccount } from './token-endpoint/account.ts'

/** Whom a refresh token is for. */
export interface RefreshGrant {
  /** Who logged in. */
  readonly subject: string
  /** What the user granted; access tokens have these scopes or fewer, never more (RFC 6749 §6). */
  readonly scopes: readonly string[]
  /** The client that it is bound to. */
  readonly clientId?: string | undefined
}

/**
 * Finds the account again when a token is refreshed: nothing means that it is gone, or may no longer log in, and ends
 * the login. What it gives now goes into the new access token; the scopes are those that were granted and are still
 * the account's.
 */
export type FindAccount = (
  subject: string,
  grant: RefreshGrant,
) => TokenAccount | undefined | Promise<TokenAccount | undefined>

/** Options of {@link refreshTokens}. */
export interface RefreshTokensOptions {
  /** Where they are kept, hashed: a store that every process shares, where there are several. */
  readonly store: Records
  /** Finds the account again. */
  readonly account: FindAccount
  /**
   * For how long a token may go unused: 1 minute to a year.
   *
   * @default '14d'
   */
  readonly idle?: Duration
  /**
   * How long a login lasts, however often it is refreshed: 1 minute to a year.
   *
   * @default '90d'
   */
  readonly lifetime?: Duration
  /** Where the time comes from; for tests. */
  readonly clock?: Clock
}

/** What a refresh token is worth. */
export type RefreshTokenState =
  | {
      /** The last of its login, and not spent. */
      readonly type: 'current'
      /** What its login was granted: whom the next access token may be for, and with which scopes at most. */
      readonly grant: RefreshGrant
      /**
       * Spends the token and gives its successor; of any number of callers one alone. Nothing, for the others: the token
       * was used twice, and its login is over.
       */
      readonly rotate: () => Promise<string | undefined>
    }
  | {
      /** No token, or one of a login that is over. */
      readonly type: 'unknown'
    }
  | {
      /** Not used for too long. */
      readonly type: 'idle'
    }
  | {
      /** It was spent before: somebody has it who should not. Its login has just been ended. */
      readonly type: 'reused'
    }

/** Refresh tokens: what the token endpoint issues and redeems, and an application calls back. */
export interface RefreshTokens {
  /** Issues the first token of a login. */
  readonly issue: (grant: RefreshGrant) => Promise<string>
  /** Looks at a token, and ends its login when it was spent before. The token endpoint asks. */
  readonly find: (token: string) => Promise<RefreshTokenState>
  /** Finds the account again; by the option `account`. */
  readonly account: FindAccount
  /**
   * Ends the login that a token belongs to, at a logout; a text that is no token of ours ends nothing.
   *
   * Access tokens that were issued before are good to their end: see `revocations`.
   */
  readonly revoke: (token: string) => Promise<void>
  /**
   * Ends every login of a subject: a password was changed, a device was lost, an account was closed.
   *
   * @example
   * await tokens.revokeSubject(user.id)
   */
  readonly revokeSubject: (subject: string) => Promise<void>
}

const READERS = {
  store: required(recordStore(), 'Write memoryStore(), or a store that the processes share.'),
  account: required(
    callback<FindAccount>('(subject) => the account or nothing'),
    'Write a function that finds an account by its subject.',
  ),
  idle: optional(duration('1m', '365d'), 14 * 86_400_000),
  lifetime: optional(duration('1m', '365d'), 90 * 86_400_000),
  clock: optional(timeSource(), systemClock),
} satisfies OptionReaders<RefreshTokensOptions>

/** A token is both, side by side: the login, which all its tokens share, and a secret of 256 bits. */
const LOGIN_BYTES = 16
const SECRET_BYTES = 32
const TOKEN_LENGTH = 64

/** By how much the clocks of machines may differ, as with tokens (JWT-12). */
const MAX_SKEW = 120_000

const UNKNOWN: RefreshTokenState = Object.freeze({ type: 'unknown' })
const IDLE: RefreshTokenState = Object.freeze({ type: 'idle' })
const REUSED: RefreshTokenState = Object.freeze({ type: 'reused' })

/**
 * Makes refresh tokens that are good once: each use gives the next one.
 *
 * A token that is used again was stolen, or its successor was; nobody can tell which, so the login ends at once, with
 * all its tokens (RFC 9700 §4.14.2). Two uses at the same moment count as that: one gets an answer, and nobody a second
 * one. Whoever has read the store cannot make a token of what is in it.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const refresh = refreshTokens({ store, account: (subject) => db.users.findActive(subject) })
 * tokenEndpoint({ issuer, verify, refresh })
 * @see RFC 6749 §6, §10.4; RFC 9700 §2.2.2, §4.14.2
 */
export function refreshTokens(options: RefreshTokensOptions): RefreshTokens {
  const { store, account, idle, lifetime, clock } = readOrThrow('refreshTokens', options, READERS, [
    'store',
    'account',
  ])

  /** Keeps a new token of a login; it throws before anything was spent when the store has no room. */
  async function keep(loginId: Buffer, login: Login): Promise<string> {
    const now = clock.now()
    const token = encodeBase64url(Buffer.concat([loginId, randomBytes(SECRET_BYTES)]))
    const record = writeLogin({ ...login, idleUntil: Math.min(now + idle, login.ends) })
    if (!(await store.add(tokenKey(token), record, remaining(login.ends, now))))
      throw new Error('Two random tokens met')
    return token
  }

  async function end(loginId: Buffer): Promise<void> {
    await store.remove(loginKey(loginId))
  }

  async function rotate(token: string, loginId: Buffer, login: Login): Promise<string | undefined> {
    const next = await keep(loginId, login)
    if (await store.remove(tokenKey(token))) return next
    // Somebody was faster. One of the two is not who the token was given to.
    await end(loginId)
    await store.remove(tokenKey(next))
    return undefined
  }

  return {
    account,
    async issue({ subject, scopes, clientId }) {
      const now = clock.now()
      const [endedAt] = await store.read([subjectKey(subject)])
      // A login after revokeSubject is newer than it, whatever the clocks say.
      const began = endedAt === undefined ? now : Math.max(now, Number(endedAt) + 1)
      const loginId = randomBytes(LOGIN_BYTES)
      const login: Login = { subject, scopes, clientId, began, ends: now + lifetime, idleUntil: now + idle }
      if (!(await store.add(loginKey(loginId), subject, lifetime))) throw new Error('Two random logins met')
      return keep(loginId, login)
    },
    async find(token) {
      const loginId = loginOf(token)
      if (loginId === undefined) return UNKNOWN
      const [subject, record] = await store.read([loginKey(loginId), tokenKey(token)])
      if (subject === undefined) return UNKNOWN
      if (record === undefined) {
        // Whoever names the login has had a token of it, and this is not the one that is good.
        await end(loginId)
        return REUSED
      }
      const login = readLogin(record)
      const now = clock.now()
      // A lifetime that was shortened holds for older logins, too: what revokes them is remembered no longer than that.
      if (now >= Math.min(login.ends, login.began + lifetime)) return UNKNOWN
      if (now >= login.idleUntil) return IDLE
      const [endedAt] = await store.read([subjectKey(subject)])
      // A record that is no number says nothing in favour of the token.
      if (endedAt !== undefined && !(login.began > Number(endedAt))) return UNKNOWN
      const { scopes, clientId } = login
      return {
        type: 'current',
        grant: { subject, scopes, clientId },
        rotate: () => rotate(token, loginId, login),
      }
    },
    async revoke(token) {
      const loginId = loginOf(token)
      if (loginId === undefined) return
      await end(loginId)
      await store.remove(tokenKey(token))
    },
    async revokeSubject(subject) {
      const key = subjectKey(subject)
      const [before] = await store.read([key])
      // Also the logins of a machine whose clock is ahead; and what was ended stays ended.
      const moment = Math.max(clock.now() + MAX_SKEW, before === undefined ? 0 : Number(before) + 1)
      await store.write(key, String(moment), lifetime + MAX_SKEW)
    },
  }
}

/** The login of a token; `undefined` for a text that cannot be one. */
function loginOf(token: string): Buffer | undefined {
  if (token.length !== TOKEN_LENGTH) return undefined
  const bytes = decodeBase64url(token)
  return bytes?.length === LOGIN_BYTES + SECRET_BYTES ? bytes.subarray(0, LOGIN_BYTES) : undefined
}

/** The store takes no record for no time. */
function remaining(until: number, now: number): number {
  return Math.max(1, Math.ceil(until - now))
}

/* Digests: whoever reads the store finds no token, and no two keys meet (RL-27). */

function tokenKey(token: string): string {
  return `refresh:token:${sha256(token).toString('base64url')}`
}

function loginKey(loginId: Buffer): string {
  return `refresh:login:${sha256(loginId).toString('base64url')}`
}

function subjectKey(subject: string): string {
  return `refresh:subject:${sha256(subject).toString('base64url')}`
}
