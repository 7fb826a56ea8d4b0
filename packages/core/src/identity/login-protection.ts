import type { Charge, Outcome, Quota, Records, Store } from '../contract/store.ts'
import { sha256 } from '../lib/digest.ts'
import type { Duration } from '../lib/duration.ts'
import { foldText } from '../lib/fold-text.ts'
import { networkOf } from '../lib/ip.ts'
import {
  at,
  optional,
  type OptionReaders,
  type Place,
  type Reader,
  report,
  required,
} from '../options/read.ts'
import { duration, having, integer, list, options } from '../options/readers.ts'
import { readOrThrow } from '../options/read-or-throw.ts'

/** How many logins may fail in which time. */
export interface LoginLimit {
  /** How many at once, and per window: 1 to 10,000. */
  readonly failures: number
  /** In which time a spent limit is whole again: 1 second to 30 days. */
  readonly window: Duration
}

/** Options of {@link loginProtection}. */
export interface LoginProtectionOptions {
  /** Where failures are counted: a store that every process shares, where there are several. */
  readonly store: Pick<Store, 'take' | 'reset'> & Pick<Records, 'read' | 'write'>
  /**
   * Failures of one account from one network: a ladder of limits, each with more failures and a longer wait between
   * two of them than the one before, so that the delay grows.
   *
   * @default 5 in a minute, 10 in 15 minutes, 20 in a day: the sixth waits 12 seconds, the eleventh 90 seconds, and
   * from the twenty-first on 72 minutes lie between two
   */
  readonly perAccount?: readonly LoginLimit[]
  /**
   * Logins of one network, whatever the account, but for accounts that have logged in from there before. A success
   * does not reset it: whoever has one account of their own could go on guessing those of others.
   *
   * @default 30 in 10 minutes
   */
  readonly perNetwork?: LoginLimit
}

/** Whether a login may be tried now. */
export type LoginAttempt =
  | {
      /** It may be tried, and counts as a failure until {@link LoginProtection.succeeded} is called. */
      readonly allowed: true
    }
  | RefusedLogin

/** A login that may not be tried now. */
export interface RefusedLogin {
  readonly allowed: false
  /** What is spent: failures of this account from this network, or logins of this network. For the log alone. */
  readonly spent: 'account' | 'network'
  /** In how many milliseconds it may be tried again. */
  readonly retryAfterMs: number
}

/** Why a login may not be tried, for the log. */
export function whyRefused({ spent }: RefusedLogin): string {
  const whose = spent === 'account' ? 'this account from this network' : 'this network'
  return `logins of ${whose} failed too often`
}

/** Counts logins that fail. */
export interface LoginProtection {
  /**
   * Asks before the password is looked at, and counts the attempt as a failure until {@link succeeded} says otherwise:
   * of a thousand attempts at once no more are let through than of a thousand in a row. What is refused is not counted.
   *
   * Rejects when the store does: nobody knows what it would have said, so refuse the login (503).
   *
   * @param account the name as the user wrote it, whether such an account exists or not (AUT-08). It counts in the
   * Unicode form NFKC, in lower case and without white space around it
   * @param client the client's address or its key: `pass.client`, `facts.clientKey`. IPv6 counts by its /64. Logins
   * whose client is not known count as those of one network
   */
  readonly attempt: (account: string, client: string | undefined) => Promise<LoginAttempt>
  /** Says that the attempt was right: the failures of this account from this network are forgotten. */
  readonly succeeded: (account: string, client: string | undefined) => Promise<void>
}

const DAY = 86_400_000

/** For how long a network is remembered from which an account has logged in. */
const KNOWN_FOR = 30 * DAY

/** How many such networks an account may have remembered anew in that time: nobody fills the store with their own. */
const KNOWN_NETWORKS: Quota = { limit: 20, windowMs: KNOWN_FOR }

const DEFAULT_LADDER: readonly Quota[] = [
  { limit: 5, windowMs: 60_000 },
  { limit: 10, windowMs: 15 * 60_000 },
  { limit: 20, windowMs: DAY },
]
const DEFAULT_NETWORK: Quota = { limit: 30, windowMs: 10 * 60_000 }

const LIMIT_READERS = {
  failures: required(integer(1, 10_000), 'Write how many logins may fail, such as 5.'),
  window: required(duration('1s', '30d'), "Write in which time, such as '1m'."),
} satisfies OptionReaders<LoginLimit>

const readLimitOptions = options(LIMIT_READERS)

const readLimit: Reader<Quota> = (value, place) => {
  const { failures, window } = readLimitOptions(value, place) ?? {}
  return failures === undefined || window === undefined ? undefined : { limit: failures, windowMs: window }
}

const READERS = {
  store: required(
    having<LoginProtectionOptions['store']>('a store', 'memoryStore()', 'take', 'reset', 'read', 'write'),
    'Write memoryStore(), or a store that the processes share.',
  ),
  perAccount: optional<readonly Quota[]>(readLadder, DEFAULT_LADDER),
  perNetwork: optional(readLimit, DEFAULT_NETWORK),
} satisfies OptionReaders<LoginProtectionOptions>

/** The delay grows: every rung lets more failures through than the one before, and lets them through more slowly. */
function readLadder(value: unknown, place: Place): readonly Quota[] | undefined {
  const example = "at least one limit, such as [{ failures: 5, window: '1m' }]"
  const rungs = list(readLimit, { min: 1, example })(value, place)
  if (rungs === undefined) return undefined
  for (const [index, rung] of rungs.entries()) {
    const before = rungs[index - 1]
    if (before === undefined) continue
    if (rung.limit > before.limit && rung.windowMs / rung.limit > before.windowMs / before.limit) continue
    const message = 'does not make the delay grow.'
    const instead = 'Write more failures than before, and a longer time between two of them.'
    return report(at(place, index), 'contradiction', message, instead)
  }
  return rungs
}

/**
 * Slows down who guesses passwords.
 *
 * Failures count per account and network together, so that nobody but those in a user's own network can make that user
 * wait: there is no counter of an account alone. A password that is tried on many accounts is caught by the counter of
 * the network. Attempts from many networks on one account are what strong passwords and second factors are for.
 *
 * Hand it to the token endpoint as `protection`, or ask it around a login of your own.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const protection = loginProtection({ store: memoryStore() })
 * tokenEndpoint({ issuer, verify, protection })
 * @example
 * const attempt = await protection.attempt(name, pass.client)
 * if (!attempt.allowed) return tooMany(res, attempt.retryAfterMs)
 * if (await verifyPassword(password, user?.hash)) await protection.succeeded(name, pass.client)
 * @see OWASP ASVS 6.3.1; NIST SP 800-63B §3.2.2
 */
export function loginProtection(given: LoginProtectionOptions): LoginProtection {
  const { store, perAccount, perNetwork } = readOrThrow('loginProtection', given, READERS, ['store'])

  return {
    async attempt(account, client) {
      const keys = keysOf(account, client, perAccount.length)
      const charges: Charge[] = perAccount.map((quota, rung) => ({
        key: keys.ladder[rung] ?? '',
        quota,
        cost: 1,
      }))
      const [known] = await store.read([keys.known])
      // All or nothing: a refused attempt makes nobody wait longer, and does not fill the store.
      if (known === undefined) charges.push({ key: keys.network, quota: perNetwork, cost: 1 })
      const outcomes = await store.take(charges)
      if (outcomes.length !== charges.length) throw new TypeError('The store did not decide every charge')
      return verdictOn(outcomes, perAccount.length)
    },
    async succeeded(account, client) {
      const keys = keysOf(account, client, perAccount.length)
      await store.reset(keys.ladder)
      const [known] = await store.read([keys.known])
      if (known !== undefined) return
      const [room] = await store.take([{ key: keys.networks, quota: KNOWN_NETWORKS, cost: 1 }])
      if (room?.allowed === true) await store.write(keys.known, '1', KNOWN_FOR)
    },
  }
}

function verdictOn(outcomes: readonly Outcome[], rungs: number): LoginAttempt {
  const refused = outcomes.filter((outcome) => !outcome.allowed)
  if (refused.length === 0) return { allowed: true }
  const retryAfterMs = Math.max(...refused.map((outcome) => outcome.retryAfterMs))
  const ofAccount = outcomes.slice(0, rungs).some((outcome) => !outcome.allowed)
  return { allowed: false, spent: ofAccount ? 'account' : 'network', retryAfterMs }
}

interface Keys {
  readonly ladder: readonly string[]
  readonly network: string
  readonly networks: string
  readonly known: string
}

function keysOf(account: string, client: string | undefined, rungs: number): Keys {
  const network = networkOf(client ?? 'unknown')
  // A digest has one length, so no account and network together are those of another pair (RL-27).
  const pair = `${digestOf(account)}${network}`
  return {
    ladder: Array.from({ length: rungs }, (_, rung) => `login:${rung}:${pair}`),
    network: `login:network:${network}`,
    networks: `login:networks:${digestOf(account)}`,
    known: `login:known:${pair}`,
  }
}

/** One spelling for all those that an application may take for one account: each other one would be guesses anew. */
function digestOf(account: string): string {
  // UTF-16, for in UTF-8 all lone surrogates are one replacement character.
  return sha256(Buffer.from(foldText(account), 'utf16le')).toString('base64url')
}
