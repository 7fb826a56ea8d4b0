import { isTextList } from '../../lib/access-names.ts'
import { isWellFormed } from '../../lib/chars.ts'
import type { Clock } from '../../lib/clock.ts'
import { member, type Members } from './json-part.ts'
import { type Rejection, rejection } from './rejection.ts'
import { normalType, saysOtherUse } from './token-type.ts'

/** What the claims of an access token must say. */
export interface ClaimRules {
  readonly issuer: string
  /** Of these, one must be among the audiences of the token. */
  readonly audience: readonly string[]
  /** The claim that names the audience: `aud`, but for issuers whose access tokens have none. */
  readonly audienceClaim: string
  /** By how many milliseconds the clocks of the issuer and this machine may differ. */
  readonly clockSkew: number
  /** Names of further claims that must be there. */
  readonly requiredClaims: readonly string[]
  /** Claims that must have one of a few values, exactly. */
  readonly claimValues: ReadonlyMap<string, readonly string[]>
}

/** The claims that every accepted token has, and those whose form is checked when it has them. */
export interface RegisteredClaims {
  /** Who issued the token. */
  readonly iss: string
  /** Whom it is about. */
  readonly sub: string
  /** Whom it is for; missing only in tokens of an issuer whose audience another claim names. */
  readonly aud: string | readonly string[]
  /** When it ends, in seconds since the epoch. */
  readonly exp: number
  /** When it begins, in seconds since the epoch. */
  readonly nbf?: number
  /** When it was issued, in seconds since the epoch. */
  readonly iat?: number
  /** Names the token. */
  readonly jti?: string
}

/** OpenID Connect Core §2 bounds a subject so; what is longer would only fill logs and counters. */
const MAX_SUBJECT = 255

const NO_EXPIRY = rejection('token.claim-malformed', 'the token has no "exp" that is a number')
const BAD_START = rejection('token.claim-malformed', 'the "nbf" of the token is not a number')
const BAD_ISSUE = rejection('token.claim-malformed', 'the "iat" of the token is not a number')
const EXPIRED = rejection('token.expired', 'the token has expired')
const NOT_YET = rejection('token.not-yet-valid', 'the token is not valid yet')
const FROM_FUTURE = rejection('token.not-yet-valid', 'the token was issued in the future')
const NO_ISSUER = rejection('token.claim-malformed', 'the token has no "iss" that is a text')
const WRONG_ISSUER = rejection('token.wrong-issuer', 'the token comes from another issuer')
const NO_AUDIENCE = rejection(
  'token.claim-malformed',
  'the token has no "aud" that is a text or a list of texts',
)
const WRONG_AUDIENCE = rejection('token.wrong-audience', 'the token is meant for another audience')
const NO_SUBJECT = rejection('token.claim-malformed', 'the token has no "sub" that can name somebody')
const BAD_ID = rejection('token.claim-malformed', 'the "jti" of the token is not a text')
const LACKING = rejection('token.claim-malformed', 'the token lacks a claim that the policy requires')
const BAD_CLIENT = rejection('token.claim-malformed', 'the "client_id" of the token is not a text')
const OTHER_VALUE = rejection(
  'token.wrong-type',
  'a claim of the token has another value than access tokens of the issuer have',
)
const NOT_ACCESS = rejection('token.wrong-type', 'the claims are those of an ID token or of a security event')

/** Compiles the rules for claims: `undefined` when all of them hold. */
export function compileClaims(
  rules: ClaimRules,
  clock: Clock,
): (header: Members, claims: Members) => Rejection | undefined {
  const { issuer, clockSkew, requiredClaims, audienceClaim, claimValues } = rules
  const audiences: ReadonlySet<unknown> = new Set(rules.audience)

  return (header, claims) => {
    const untimely = findTimeProblem(claims, clock.now(), clockSkew)
    if (untimely !== undefined) return untimely
    const iss = member(claims, 'iss')
    if (typeof iss !== 'string') return NO_ISSUER
    // RFC 7519 §4.1.1: a StringOrURI is compared as it is, case included, with nothing normalised (JWT-20).
    if (iss !== issuer) return WRONG_ISSUER
    const aud = member(claims, audienceClaim)
    if (!isAudience(aud)) return NO_AUDIENCE
    if (typeof aud === 'string' ? !audiences.has(aud) : !aud.some((one) => audiences.has(one)))
      return WRONG_AUDIENCE
    if (!isSubject(member(claims, 'sub'))) return NO_SUBJECT
    const jti = member(claims, 'jti')
    if (jti !== undefined && typeof jti !== 'string') return BAD_ID
    for (const name of requiredClaims) if ((member(claims, name) ?? null) === null) return LACKING
    const clientId = member(claims, 'client_id')
    if (clientId !== undefined && typeof clientId !== 'string') return BAD_CLIENT
    for (const [name, values] of claimValues) {
      const value = member(claims, name)
      // Such a claim tells access tokens from the others that the issuer signs (JWT-14).
      if (typeof value !== 'string' || !values.includes(value)) return OTHER_VALUE
    }
    return isForeign(header, claims) ? NOT_ACCESS : undefined
  }
}

/** RFC 7519 §4.1.4 to §4.1.6 (JWT-12). JSON can write 1e999, which is read as infinity and would never end. */
function findTimeProblem(claims: Members, now: number, skew: number): Rejection | undefined {
  const exp = member(claims, 'exp')
  if (!isFinite(exp)) return NO_EXPIRY
  const nbf = member(claims, 'nbf')
  if (nbf !== undefined && !isFinite(nbf)) return BAD_START
  const iat = member(claims, 'iat')
  if (iat !== undefined && !isFinite(iat)) return BAD_ISSUE
  // "On or after" the time it MUST NOT be accepted: equal is too late.
  if (now >= exp * 1000 + skew) return EXPIRED
  if (nbf !== undefined && now < nbf * 1000 - skew) return NOT_YET
  // No RFC asks for it, but a token from the future has an issuer whose clock, or whose word, is wrong.
  return iat !== undefined && now < iat * 1000 - skew ? FROM_FUTURE : undefined
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value)
}

function isAudience(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || isTextList(value)
}

/** Whether a value can be the `sub` of a token: a text of 1 to 255 characters. */
export function isSubject(value: unknown): value is string {
  // A lone surrogate has no UTF-8: two such subjects would be one in every store and log.
  return typeof value === 'string' && value !== '' && value.length <= MAX_SUBJECT && isWellFormed(value)
}

/** Claims of access tokens that no ID token needs (RFC 9068 §2.2). */
const ACCESS_CLAIMS = ['scope', 'scp', 'client_id'] as const

/**
 * Whether the claims are those of another kind of token, which a client may hold with the same issuer and even the
 * same audience (JWT-14, RFC 8725 §3.12). One that says it is an access token is believed.
 */
function isForeign(header: Members, claims: Members): boolean {
  if (saysOtherUse(claims)) return true
  const typ = member(header, 'typ')
  if (typeof typ === 'string' && normalType(typ) === 'at+jwt') return false
  // OpenID Connect Core §3.1.3.6, §3.3.2.11: hashes that bind an ID token to what came with it.
  if (Object.hasOwn(claims, 'at_hash') || Object.hasOwn(claims, 'c_hash')) return true
  // OpenID Connect Core §2: the nonce of a login goes into its ID token. Some servers repeat it in access tokens, which
  // say besides what they give access to, or to whom.
  if (Object.hasOwn(claims, 'nonce') && !ACCESS_CLAIMS.some((name) => Object.hasOwn(claims, name)))
    return true
  // RFC 8417 §2.2, which back-channel logout uses: an object. A list of that name is somebody's own claim.
  const events = member(claims, 'events')
  return typeof events === 'object' && events !== null && !Array.isArray(events)
}
