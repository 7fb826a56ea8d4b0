import { isToken } from '../../lib/chars.ts'
import { type Reader, report } from '../../options/read.ts'
import { member, type Members } from './json-part.ts'

/** What an access token may call itself when nothing is pinned: RFC 7519 §5.1 and RFC 9068 §2.1. */
const ACCESS_TOKEN_TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt'])

/** Proofs, notices of a logout and security events are signed by the same keys, and open nothing (JWT-14). */
const OTHER_TYPES: ReadonlySet<string> = new Set(['dpop+jwt', 'logout+jwt', 'secevent+jwt'])

/**
 * The one spelling of a type: lower case, without `application/`.
 *
 * @see RFC 7515 §4.1.9: a value without a slash MUST be read as if `application/` stood before it
 */
export function normalType(typ: string): string {
  const lower = typ.toLowerCase()
  const short = lower.startsWith('application/') ? lower.slice('application/'.length) : lower
  return short.includes('/') ? lower : short
}

/** Whether the `typ` of a header may be that of an access token. */
export function compileTypeRule(pinned: string | undefined): (typ: unknown) => boolean {
  if (pinned === undefined) {
    return (typ) => typ === undefined || (typeof typ === 'string' && ACCESS_TOKEN_TYPES.has(normalType(typ)))
  }
  const only = normalType(pinned)
  return (typ) => typeof typ === 'string' && normalType(typ) === only
}

/** How Keycloak (`typ`) and Cognito (`token_use`) call, in a claim, what is no access token. Compared in lower case. */
const OTHER_USES: ReadonlySet<string> = new Set(['id', 'refresh', 'refresh_token', 'offline', 'logout'])

/** Whether claims say themselves that they are those of an ID token, a refresh token or a logout token (JWT-14). */
export function saysOtherUse(claims: Members): boolean {
  return isOtherUse(member(claims, 'typ')) || isOtherUse(member(claims, 'token_use'))
}

function isOtherUse(use: unknown): boolean {
  return typeof use === 'string' && OTHER_USES.has(use.toLowerCase())
}

/** Reads a type that may be pinned. */
export function tokenType(): Reader<string> {
  return (value, place) => {
    if (typeof value !== 'string' || !value.split('/', 3).every(isToken)) {
      return report(place, 'malformed_value', 'is not a type of tokens.', "Write a type, such as 'at+jwt'.")
    }
    if (!OTHER_TYPES.has(normalType(value))) return value
    return report(
      place,
      'unsafe_value',
      'is the type of something else than access tokens.',
      "Write 'at+jwt'.",
    )
  }
}
