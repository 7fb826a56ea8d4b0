import { isMembers, member, type Members } from '../jwt/json-part.ts'
import { isSubject } from '../jwt/claims.ts'
import { type Rejection, rejection } from '../jwt/rejection.ts'
import { saysOtherUse } from '../jwt/token-type.ts'

/** What the answer of an authorization server about a token must say. */
export interface AnswerRules {
  readonly issuer: string
  /** Of these, one must be among the audiences; `undefined` when the policy dares to take any. */
  readonly audience: readonly string[] | undefined
  readonly clockSkew: number
  readonly requiredClaims: readonly string[]
  readonly allowMissingTokenType: boolean
}

/** A token that is active, and for whom. */
export interface ActiveToken {
  readonly ok: true
  readonly claims: Members
  readonly subject: string
  /** When it ends, in milliseconds since the epoch; `undefined` when the server does not say. */
  readonly until: number | undefined
}

/** When a question that was not answered is worth asking again. */
export const RETRY_AFTER_SECONDS = 5

const INACTIVE = rejection('token.inactive', 'the authorization server says that the token is not active')
const NO_ANSWER = rejection(
  'dependency.failed',
  'the answer about the token is not a JSON object that says "active"',
  RETRY_AFTER_SECONDS,
)
const BAD_TIME = rejection('token.claim-malformed', 'the "exp", "nbf" or "iat" of the answer is not a number')
const EXPIRED = rejection('token.expired', 'the token has expired')
const NOT_YET = rejection('token.not-yet-valid', 'the token is not valid yet')
const WRONG_ISSUER = rejection('token.wrong-issuer', 'the token comes from another issuer')
const NO_AUDIENCE = rejection('token.wrong-audience', 'the answer names no audience')
const WRONG_AUDIENCE = rejection('token.wrong-audience', 'the token is meant for another audience')
const NO_SUBJECT = rejection('token.claim-malformed', 'the answer names nobody whom the token is about')
const WRONG_TYPE = rejection('token.wrong-type', 'the token is not one for access')
const UNBOUND = rejection(
  'token.unbound',
  'the answer calls the token one of DPoP, and names no key that it is bound to',
)
const LACKING = rejection('token.claim-malformed', 'the answer lacks a claim that the policy requires')

/** RFC 6749 §7.1 and RFC 9449 §5: what a token is called that opens something. Compared in lower case. */
const ACCESS_TYPES: ReadonlySet<unknown> = new Set(['bearer', 'dpop'])
/** How servers that tell the uses of tokens apart call that for access. */
const ACCESS_USES: ReadonlySet<unknown> = new Set(['access', 'access_token'])

/** Judges what an authorization server says about a token (INT-01). */
export function judgeAnswer(value: unknown, rules: AnswerRules, now: number): ActiveToken | Rejection {
  if (!isMembers(value)) return NO_ANSWER
  const active = member(value, 'active')
  // RFC 7662 §2.2: a boolean. The text "true" is an answer of nobody knows what.
  if (active !== true) return active === false ? INACTIVE : NO_ANSWER
  return findTimeProblem(value, rules.clockSkew, now) ?? findPartyProblem(value, rules) ?? conclude(value)
}

function conclude(claims: Members): ActiveToken | Rejection {
  // RFC 7662 §2.2: `sub` is optional, since a token of the client credentials grant is about the client (RFC 9068 §5).
  const subject = member(claims, 'sub') ?? member(claims, 'client_id')
  if (!isSubject(subject)) return NO_SUBJECT
  const exp = member(claims, 'exp')
  return { ok: true, claims, subject, until: typeof exp === 'number' ? exp * 1000 : undefined }
}

function findTimeProblem(claims: Members, skew: number, now: number): Rejection | undefined {
  const exp = member(claims, 'exp')
  const nbf = member(claims, 'nbf')
  const iat = member(claims, 'iat')
  for (const time of [exp, nbf, iat]) if (time !== undefined && !Number.isFinite(time)) return BAD_TIME
  // RFC 7662 §4: the server should have looked, and the resource server looks again. It lives by its own clock.
  if (typeof exp === 'number' && now >= exp * 1000) return EXPIRED
  return typeof nbf === 'number' && now < nbf * 1000 - skew ? NOT_YET : undefined
}

function findPartyProblem(claims: Members, rules: AnswerRules): Rejection | undefined {
  const iss = member(claims, 'iss')
  if (iss !== undefined && iss !== rules.issuer) return WRONG_ISSUER
  if (rules.audience !== undefined) {
    const aud = member(claims, 'aud')
    if (aud === undefined) return NO_AUDIENCE
    const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
    if (!rules.audience.some((one) => named.includes(one))) return WRONG_AUDIENCE
  }
  // Refresh tokens are active, too, and a client has both.
  const type = member(claims, 'token_type')
  if (type === undefined ? !rules.allowMissingTokenType : !isAccessType(type)) return WRONG_TYPE
  // RFC 9449 §6.2, §7.2: such an answer has the `cnf`. Without it nothing would tell the token from one of a bearer.
  if (isDpop(type) && (member(claims, 'cnf') ?? null) === null) return UNBOUND
  const use = member(claims, 'token_use')
  if (use !== undefined && !ACCESS_USES.has(use)) return WRONG_TYPE
  if (saysOtherUse(claims)) return WRONG_TYPE
  for (const name of rules.requiredClaims) if ((member(claims, name) ?? null) === null) return LACKING
  return undefined
}

function isDpop(type: unknown): boolean {
  return typeof type === 'string' && type.toLowerCase() === 'dpop'
}

function isAccessType(type: unknown): boolean {
  return typeof type === 'string' && ACCESS_TYPES.has(type.toLowerCase())
}
