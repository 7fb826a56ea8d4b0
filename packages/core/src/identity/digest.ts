import { withError } from '../contract/check.ts'
import { randomBytes } from 'node:crypto'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  authenticated,
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import type { Records } from '../contract/store.ts'
import { equalSecrets, sha256 } from '../lib/digest.ts'
import type { Duration } from '../lib/duration.ts'
import { isPromiseLike } from '../lib/promise.ts'
import type { Secret } from '../lib/secret.ts'
import { at, optional, type OptionReaders, readOptions, report } from '../options/read.ts'
import { callback, duration, oneOf, recordStore, textThat } from '../options/readers.ts'
import { readSecret } from '../options/secret.ts'
import { type DigestCredentials, parseDigest } from './digest/credentials.ts'
import { digestResponse } from './digest/hashes.ts'
import { createNonces } from './digest/nonce.ts'
import {
  type DigestLookup,
  type DigestUser,
  type FoundDigestUser,
  isDigestHash,
  readDigestUsers,
} from './digest/users.ts'

export { digestHash } from './digest/hashes.ts'
export type { DigestLookup, DigestUser, FoundDigestUser } from './digest/users.ts'

/** A user whose digest was right. */
export interface DigestPrincipal extends Principal {
  readonly scheme: 'digest'
  /** The user name as it was sent. */
  readonly username: string
}

/** Options of {@link digest}: the users, or a function that finds one. */
export interface DigestOptions {
  /** The users by name, with what `digestHash` gave. Exactly one of `users` and `lookup` is given. */
  readonly users?: Readonly<Record<string, DigestUser>>
  /** Finds a user by name. It should take as long for one whom it does not find. */
  readonly lookup?: DigestLookup
  /**
   * What the password is for: part of every hash, so that it cannot be changed later. Printable ASCII without quotes
   * and backslashes.
   *
   * @default 'api'
   */
  readonly realm?: string
  /**
   * The hash. There is no choice: MD5 is broken, and the form with sessions gains nothing here.
   *
   * @default 'SHA-256'
   */
  readonly algorithm?: 'SHA-256'
  /**
   * How long a nonce is good: 10 seconds to an hour. A client gets the next one without asking its user.
   *
   * @default '5m'
   */
  readonly nonceLifetime?: Duration
  /**
   * What makes nonces good on every instance: at least 32 random bytes, as bytes or base64url. The instances then need a
   * store that they share.
   *
   * @default random, for this process
   */
  readonly secret?: string | Uint8Array | Secret
  /**
   * Where used nonces are remembered.
   *
   * @default the store of the policy
   */
  readonly store?: Records
}

const REPEATED = bad('credentials.repeated', 'the Authorization field occurs more than once')
const MALFORMED = bad('credentials.malformed', 'not the digest that the challenge asks for')
const OTHER_TARGET = bad('credentials.malformed', 'the digest is for another target than the request')
const WRONG = bad('credentials.wrong', 'the digest does not fit, or the user is unknown')
const FAILED = bad('dependency.failed', 'the lookup of the user threw or rejected')
const ILL_FORMED = bad('dependency.failed', 'the lookup of the user gave something else than a user')
/** A wall clock that is set back gives a nonce a longer life: so much of it is remembered, too. */
const MARGIN = 60_000

const STALE = 'the digest fits a nonce that is too old, or of another process'
const REPLAYED = 'the nonce was used with this count before'

/**
 * Authenticates callers by a password that they prove to know and do not send (RFC 7616), with SHA-256 and `qop=auth`.
 *
 * For devices and libraries that can do nothing better: what the server keeps is as good as the password, nothing of
 * the request but method and target is protected, and every client has to ask twice. It needs https like all else.
 *
 * Each proof is good once: the nonce and its count are remembered for as long as the nonce lives.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and user at once
 * @example
 * authenticate: digest({ realm: 'devices@example.com', users: { printer: { hash: process.env.PRINTER_HASH } } })
 * @see RFC 7616 §3.3, §3.4
 */
export function digest(options: DigestOptions): Scheme<DigestPrincipal> {
  return { name: 'digest', compile: (context) => compile(context, options) }
}

const READERS = {
  users: optional(readDigestUsers),
  lookup: optional(callback<DigestLookup>('(username) => a user or nothing')),
  realm: optional(textThat(isRealm, 'a realm', "printable ASCII without quotes, such as 'devices'"), 'api'),
  algorithm: optional(oneOf('SHA-256'), 'SHA-256'),
  nonceLifetime: optional(duration('10s', '1h'), 300_000),
  secret: optional(readSecret),
  store: optional(recordStore()),
} satisfies OptionReaders<DigestOptions>

/** Clients disagree on whether the escapes of a realm are hashed, and on its charset: it has none, and one. */
function isRealm(value: string): boolean {
  return /^[\x20-\x7e]{1,128}$/.test(value) && !/["\\]/.test(value)
}

function compile(context: SchemeContext, options: DigestOptions): CompiledScheme<DigestPrincipal> {
  const before = context.mistakes.count
  const read = readOptions(context, options, READERS)
  if (read?.users !== undefined && read.lookup !== undefined) {
    report(at(context, 'lookup'), 'contradiction', 'is given besides "users".', 'Leave one of the two out.')
  }
  if (read?.users === undefined && read?.lookup === undefined && context.mistakes.count === before) {
    report(context, 'missing_option', 'knows no users.', 'Write { users: { ... } } or { lookup: ... }.')
  }
  const { users, realm = 'api', nonceLifetime = 300_000, secret = randomBytes(32) } = read ?? {}
  const lookup: DigestLookup = read?.lookup ?? ((username) => users?.get(username))
  const nonces = createNonces(secret, realm, nonceLifetime, context.clock)
  // RFC 7616 §3.3 wants it sent back; nonces say all that there is to say, so it is the same for every instance.
  const opaque = sha256(`gatehouse/digest/opaque/${realm}`).toString('hex').slice(0, 32)

  function challenge(stale: boolean): string {
    const parts = [`realm="${realm}", qop="auth", algorithm=SHA-256, nonce="${nonces.make()}"`]
    parts.push(`opaque="${opaque}", charset=UTF-8`)
    if (stale) parts.push('stale=true')
    return `Digest ${parts.join(', ')}`
  }

  /** RFC 7616 §3.3: the client knows the password, and may try again without asking for it. */
  function again(kind: 'credentials.expired' | 'credentials.replayed', reason: string): BadCredentials {
    return { ...bad(kind, reason), fields: ['WWW-Authenticate', challenge(true)] }
  }

  const judge = judgeWith({
    realm,
    opaque,
    remaining: nonces.remaining,
    store: read?.store ?? context.store,
    again,
  })
  return {
    name: 'digest',
    fields: ['authorization'],
    authSchemes: ['digest'],
    fresh: true,
    identify: identifyBy(lookup, judge),
    // RFC 6750 has its own parameters; none of them is one of Digest.
    challenges: () => [challenge(false)],
    describe: () => ({
      securitySchemes: { digest: { type: 'http', scheme: 'digest' } },
      alternatives: [['digest']],
    }),
  }
}

type Found = Identification<DigestPrincipal>
type Judge = (user: unknown, given: DigestCredentials, request: RequestFacts) => Found | Promise<Found>

function identifyBy(lookup: DigestLookup, judge: Judge): CompiledScheme<DigestPrincipal>['identify'] {
  async function settle(
    pending: PromiseLike<unknown>,
    given: DigestCredentials,
    request: RequestFacts,
  ): Promise<Found> {
    let user: unknown
    try {
      user = await pending
    } catch (error) {
      return withError(FAILED, error)
    }
    return judge(user, given, request)
  }
  return (request) => {
    const value = request.headers.authorization
    if (value === undefined) return NO_CREDENTIALS
    if (request.count('authorization') > 1) return REPEATED
    const parsed = parseDigest(value)
    if (parsed.type === 'other') return NO_CREDENTIALS
    if (parsed.type === 'malformed') return MALFORMED
    const { credentials } = parsed
    // RFC 7616 §3.4.6: or a proof for one resource would open another.
    if (credentials.uri !== request.target) return OTHER_TARGET
    let user: unknown
    try {
      user = lookup(credentials.username, request)
    } catch (error) {
      return withError(FAILED, error)
    }
    return isPromiseLike(user) ? settle(user, credentials, request) : judge(user, credentials, request)
  }
}

interface Rules {
  readonly realm: string
  readonly opaque: string
  readonly remaining: (nonce: string) => number | undefined
  readonly store: Records
  readonly again: (kind: 'credentials.expired' | 'credentials.replayed', reason: string) => BadCredentials
}

function judgeWith({ realm, opaque, remaining, store, again }: Rules): Judge {
  /** The hash of nobody: the work for a name that nobody has is the work for one that somebody has (AUT-08). */
  const nobody = randomBytes(32).toString('hex')
  return (found, given, request) => {
    // AUT-15: nothing is a refusal, and what is neither nothing nor a user is a failure of the callback.
    const user = found === undefined || found === null || found === false ? undefined : userOf(found)
    if (user === 'ill-formed') return ILL_FORMED
    const expected = digestResponse(user?.hash ?? nobody, request.method, given)
    const fits = equalSecrets(expected, given.response)
    if (!fits || user === undefined || given.realm !== realm || given.opaque !== opaque)
      return { ...WRONG, account: given.username }
    const ttl = remaining(given.nonce)
    if (ttl === undefined) return again('credentials.expired', STALE)
    // Whoever gets here knows the password, so strangers cannot fill the store.
    const first = store.add(`digest:${given.nonce}:${given.nc}`, '1', ttl + MARGIN, request)
    const principal: DigestPrincipal = {
      scheme: 'digest',
      subject: user.subject,
      issuer: undefined,
      scopes: user.scopes ?? [],
      roles: user.roles ?? [],
      username: given.username,
    }
    const conclude = (kept: unknown): Found =>
      // Only true lets it in: a store of somebody's own can give anything.
      kept === true ? authenticated(principal) : again('credentials.replayed', REPLAYED)
    return isPromiseLike(first) ? Promise.resolve(first).then(conclude) : conclude(first)
  }
}

function userOf(found: unknown): FoundDigestUser | 'ill-formed' {
  if (typeof found !== 'object' || found === null) return 'ill-formed'
  const user = found as FoundDigestUser
  // An empty result of a database is an object, too; and the hash of a user without one is everybody's to guess.
  if (!isDigestHash(user.hash)) return 'ill-formed'
  // A look-up may take several spellings of a name for one user, who must not be several callers then (AUT-11).
  if (typeof user.subject !== 'string' || user.subject === '') return 'ill-formed'
  return user
}
