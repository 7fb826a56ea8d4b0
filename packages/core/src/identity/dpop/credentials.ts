import type { RequestFacts } from '../../contract/request.ts'
import { bad, type BadCredentials, type NoCredentials } from '../../contract/scheme.ts'
import { isTokenCode } from '../../lib/chars.ts'
import { bearerToken, isToken68, mentionsToken } from '../bearer.ts'

/** A token, and the way it came. */
export interface Presented {
  readonly type: 'presented'
  readonly as: 'dpop' | 'bearer'
  readonly token: string
}

const SCHEME = 'dpop'
const SPACE = 0x20

const REPEATED: BadCredentials = Object.freeze(
  bad('credentials.repeated', 'the request has more than one credential'),
)
const MALFORMED: BadCredentials = Object.freeze(
  bad('credentials.malformed', 'the DPoP credentials are not one token after one space'),
)

/**
 * Takes the token out of `Authorization: DPoP` or `Authorization: Bearer`, or says why there is none.
 *
 * @param queryToo whether a bearer token in the query counts, as the token scheme has it (AUT-05)
 * @see RFC 9449 §7.1
 */
export function presentedToken(
  request: RequestFacts,
  queryToo: boolean,
): Presented | NoCredentials | BadCredentials {
  const field = request.headers.authorization
  if (field === undefined || !isDpop(field)) {
    const token = bearerToken(request, queryToo)
    return typeof token === 'string' ? { type: 'presented', as: 'bearer', token } : token
  }
  // node:http keeps the first of several lines and drops the others without a word.
  if (request.count('authorization') > 1) return REPEATED
  if (field.charCodeAt(SCHEME.length) !== SPACE || !isToken68(field, SCHEME.length + 1)) return MALFORMED
  // Whether the policy takes one from the query or not: what stands behind the gate may (AUT-04).
  if (mentionsToken(request.query)) return REPEATED
  return { type: 'presented', as: 'dpop', token: field.slice(SCHEME.length + 1) }
}

/** RFC 9110 §11.1: the name of a scheme is case-insensitive, and `DPoPX` is the name of another. */
function isDpop(field: string): boolean {
  return (
    field.slice(0, SCHEME.length).toLowerCase() === SCHEME && !isTokenCode(field.charCodeAt(SCHEME.length))
  )
}
