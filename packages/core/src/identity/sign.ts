import { randomUUID } from 'node:crypto'
import { isScopeToken } from '../lib/access-names.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import { at, optional, type OptionReaders, type Place, report, required } from '../options/read.ts'
import { duration, text, timeSource } from '../options/readers.ts'
import { isSubject } from './jwt/claims.ts'
import { compileKey, type JwtKey } from './jwt/keys.ts'
import type { CompiledKey } from './jwt/signature.ts'
import { writeJwt } from './jwt/write.ts'
import { findDoubled, type JwkSet, jwkSet, named, readPublished } from './published-keys.ts'
import { readAudience } from './audience.ts'
import { readOrThrow } from '../options/read-or-throw.ts'

/** Options of {@link signJwt}. */
export interface SignJwtOptions {
  /** The secret or the private key, with its algorithm; its `kid` goes into the header. */
  readonly key: JwtKey
  /**
   * The `typ` of the header.
   *
   * @default 'JWT'
   */
  readonly typ?: string
}

/**
 * Signs claims as they are: for tests, and for tokens of a form of your own. For access tokens use
 * {@link tokenIssuer}, which leaves nothing out.
 *
 * The key is prepared at every call.
 *
 * @throws ConfigError when the key or the type cannot be used
 * @throws TypeError when the claims are no object, or one of `exp`, `nbf`, `iat` is no number
 * @example
 * signJwt({ iss, sub: 'alice', aud, exp: Math.floor(Date.now() / 1000) + 60 }, { key: { alg: 'HS256', key: secret } })
 * @see RFC 7515 §3.1, RFC 7519 §7.1
 */
export function signJwt(claims: object, options: SignJwtOptions): string {
  const { key, typ } = readOrThrow('signJwt', options, SIGN_READERS, ['key'])
  return writeJwt(key, typ, claims)
}

const SIGN_READERS = {
  key: required(readKey, "Write { alg: 'HS256', key: ... }."),
  typ: optional(text('a type', "a type, such as 'JWT'"), 'JWT'),
} satisfies OptionReaders<SignJwtOptions>

function readKey(value: unknown, place: Place): CompiledKey | undefined {
  return compileKey(place, value, 'sign')
}

/** Options of {@link tokenIssuer}. */
export interface TokenIssuerOptions {
  /** The `iss` of every token: the `issuer` that verifiers expect. */
  readonly issuer: string
  /** The `aud` of every token: the APIs that it is for. */
  readonly audience: string | readonly string[]
  /**
   * The secret or the private key that signs, with its algorithm. A key of a pair that has no `kid` goes by its
   * thumbprint (RFC 7638).
   */
  readonly key: JwtKey
  /**
   * Keys that {@link TokenIssuer.jwks} has besides, so that the key can be changed while tokens are in use: the next
   * one before it signs, and the last one until its tokens have ended. Their public halves are enough.
   *
   * @default []
   */
  readonly alsoPublish?: readonly JwtKey[]
  /**
   * How long a token is good, in whole seconds, at most a day: nothing calls it back before.
   *
   * @default '15m'
   */
  readonly lifetime?: Duration
  /**
   * Where the time comes from.
   *
   * @default the clock of this machine
   */
  readonly clock?: Clock
}

/** Whom a token is for. */
export interface TokenInput {
  /** Who the caller will be: 1 to 255 characters. */
  readonly subject: string
  /** @default [], and the token has no `scope` */
  readonly scopes?: readonly string[]
  /** @default [], and the token has no `roles` */
  readonly roles?: readonly string[]
  /**
   * The client that asked, where one is known for certain.
   *
   * @default the issuer itself: RFC 9068 §2.2 wants a `client_id`, and a login without a client is the issuer's own
   */
  readonly clientId?: string
  /** Further claims; none of those that the issuer writes. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** A signed token. */
export interface IssuedToken {
  /** The token in compact form (RFC 7515 §3.1). */
  readonly token: string
  /** In how many seconds it ends. */
  readonly expiresIn: number
}

/** Issues access tokens. */
export interface TokenIssuer {
  /**
   * Issues one.
   *
   * @throws TypeError when the input cannot be in a token: an empty subject, a malformed scope, a claim that the
   * issuer writes itself
   */
  readonly issue: (input: TokenInput) => IssuedToken
  /**
   * The public halves of its keys, for whoever verifies its tokens: `jsonDocument(issuer.jwks())` serves them.
   *
   * @throws ConfigError when the key is a secret: whoever knows it can sign
   * @see RFC 7517 §5
   */
  readonly jwks: () => JwkSet
}

function readNamedKey(value: unknown, place: Place): CompiledKey | undefined {
  const key = readKey(value, place)
  return key && named(key)
}

const readDuration = duration('1s', '1d')

function readLifetime(value: unknown, place: Place): number | undefined {
  const ms = readDuration(value, place)
  if (ms === undefined || ms % 1000 === 0) return ms
  return report(
    place,
    'malformed_value',
    'is no whole number of seconds.',
    "Write whole ones, such as '90s'.",
  )
}

const ISSUER_READERS = {
  issuer: required(
    text('an issuer', "one, such as 'https://api.example.com'"),
    'Write the "iss" of the tokens.',
  ),
  audience: required(readAudience, 'Write whom the tokens are for.'),
  key: required(readNamedKey, "Write { alg: 'HS256', key: ... }."),
  alsoPublish: optional(readPublished, []),
  lifetime: optional<number>(readLifetime, 15 * 60_000),
  clock: optional(timeSource(), systemClock),
} satisfies OptionReaders<TokenIssuerOptions>

/**
 * Makes an issuer of access tokens in the form of RFC 9068: `typ` is `at+jwt`, and `iss`, `sub`, `aud`, `exp`, `iat`,
 * `client_id` and a random `jti` are always there; `scope` is one text, `roles` a list.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const issuer = tokenIssuer({
 *   issuer: 'https://api.example.com',
 *   audience: 'https://api.example.com',
 *   key: { alg: 'HS256', key: process.env.TOKEN_SECRET ?? '' },
 *   lifetime: '30m',
 * })
 * const { token, expiresIn } = issuer.issue({ subject: 'alice', scopes: ['data:read'] })
 * @see RFC 9068 §2
 */
export function tokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { issuer, audience, key, alsoPublish, lifetime, clock } = readOrThrow(
    'tokenIssuer',
    options,
    ISSUER_READERS,
    ['issuer', 'audience', 'key'],
    (read, place) => findDoubled(read.key, read.alsoPublish, at(place, 'alsoPublish')),
  )
  const expiresIn = lifetime / 1000
  return {
    issue({ subject, scopes = [], roles = [], clientId = issuer, claims = {} }) {
      check(isSubject(subject), 'the subject is not a text of 1 to 255 characters')
      check(scopes.every(isScopeToken), 'a scope is malformed')
      check(
        roles.every((role) => typeof role === 'string' && role !== ''),
        'a role is not a text',
      )
      check(typeof clientId === 'string' && clientId !== '', 'the client id is not a text, or empty')
      for (const name of Object.keys(claims))
        check(!OWN_CLAIMS.has(name), `the claim "${name}" is the issuer's`)
      const iat = Math.floor(clock.now() / 1000)
      const token = writeJwt(key, 'at+jwt', {
        ...claims,
        iss: issuer,
        sub: subject,
        // RFC 7519 §4.1.3: one audience MAY be a text, which more verifiers understand.
        aud: audience.length === 1 ? audience[0] : audience,
        iat,
        exp: iat + expiresIn,
        jti: randomUUID(),
        client_id: clientId,
        scope: scopes.length === 0 ? undefined : scopes.join(' '),
        roles: roles.length === 0 ? undefined : roles,
      })
      return { token, expiresIn }
    },
    jwks: () => jwkSet('tokenIssuer', [key, ...alsoPublish]),
  }
}

/** What the issuer alone says: a claim of the same name would change who the caller is, or what they may do. */
const OWN_CLAIMS: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'roles',
])

function check(holds: boolean, message: string): void {
  if (!holds) throw new TypeError(`Cannot issue a token: ${message}.`)
}
