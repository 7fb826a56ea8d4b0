import type { Records } from '../../contract/store.ts'
import { isToken } from '../../lib/chars.ts'
import { SITE_DATA_TYPES, type SiteDataType } from '../../lib/clear-site-data.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { hasPrefix } from '../../lib/cookies.ts'
import type { Duration } from '../../lib/duration.ts'
import type { SealingKey } from '../../lib/seal.ts'
import { optional, type OptionReader, required } from '../../options/read.ts'
import {
  distinctList,
  duration,
  fieldValue,
  flag,
  oneOf,
  recordStore,
  textThat,
  timeSource,
} from '../../options/readers.ts'
import { readKeys, type SessionKey } from './keys.ts'

/** Options of `session()`. */
export interface SessionOptions {
  /** The first key seals, each of them opens: to replace one, put the new one first, and take the old one out after `absolute`. */
  readonly keys: readonly SessionKey[]
  /** Where it is remembered which sessions have ended: a store that the processes share, where there are several. */
  readonly store: Records
  /**
   * How long a session lives without a request: a minute to 30 days.
   *
   * @default '30m'
   */
  readonly idle?: Duration
  /**
   * How long a session lives at all: a minute to 90 days, and no less than `idle`.
   *
   * @default '12h'
   */
  readonly absolute?: Duration
  /**
   * What the cookie is called behind its prefix: `session` is sent as `__Host-session`.
   *
   * @default 'session'
   */
  readonly name?: string
  /**
   * Which requests from other sites the cookie comes along with: those of links (`Lax`), or none (`Strict`). Sites of
   * one registrable domain are the same site.
   *
   * @default 'Lax'
   */
  readonly sameSite?: 'Lax' | 'Strict'
  /**
   * What the browser forgets of this site when a session ends, as `clearSiteData()` names it: `[]` for nothing. `cookies`
   * are those of the whole registrable domain.
   *
   * @default ['cache', 'cookies', 'storage']
   */
  readonly clearSiteData?: readonly SiteDataType[]
  /**
   * What the session is for, in the challenge.
   *
   * @default 'api'
   */
  readonly realm?: string
  /**
   * Sets the cookie without `Secure` and its prefix, for development over http: whoever is on the way can then read
   * it, and every server of the domain can set it.
   *
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean
  /** The time; for tests. */
  readonly clock?: Clock
}

/** The options as they are used. */
export interface SessionRules {
  readonly keys: readonly [SealingKey, ...SealingKey[]]
  readonly store: Records
  readonly idle: number
  readonly absolute: number
  readonly name: string
  readonly sameSite: 'Lax' | 'Strict'
  readonly clearSiteData: readonly SiteDataType[]
  readonly realm: string
  readonly dangerouslyAllowHttp: boolean
  readonly clock: Clock
}

const SITE_DATA: readonly SiteDataType[] = ['cache', 'cookies', 'storage']

/** The readers of the options: without keys or a store there are no rules. */
export const SESSION_READERS: {
  readonly [K in keyof SessionRules]: OptionReader<
    K extends 'keys' | 'store' ? SessionRules[K] | undefined : SessionRules[K]
  >
} = {
  keys: required(readKeys, "Write [{ id: '2026-11', secret }] with 32 random bytes."),
  store: required(recordStore(), 'Write memoryStore(), or a store that the processes share.'),
  idle: optional(duration('1m', '30d'), 1_800_000),
  absolute: optional(duration('1m', '90d'), 43_200_000),
  name: optional(
    textThat(isCookiePart, 'the name of a cookie without a prefix', "a short name, such as 'session'"),
    'session',
  ),
  sameSite: optional(oneOf('Lax', 'Strict'), 'Lax'),
  clearSiteData: optional<readonly SiteDataType[]>(
    distinctList(oneOf(...SITE_DATA_TYPES), { example: "['cache', 'storage'], or []" }),
    SITE_DATA,
  ),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
  dangerouslyAllowHttp: optional(flag(), false),
  clock: optional(timeSource(), systemClock),
}

function isCookiePart(text: string): boolean {
  return isToken(text) && text.length <= 64 && !hasPrefix(text)
}
