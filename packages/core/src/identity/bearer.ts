import type { RequestFacts } from '../contract/request.ts'
import {
  bad,
  type BadCredentials,
  type ChallengeParams,
  NO_CREDENTIALS,
  type NoCredentials,
} from '../contract/scheme.ts'
import { isTokenCode, quotedString } from '../lib/chars.ts'
import { decodeComponent, queryValues } from './api-key-query.ts'
import { withParams } from './challenge.ts'

const SCHEME = 'bearer'
const PARAMETER = 'access_token'
/** The query parameters that carry a token, for a policy that dares. */
export const QUERY_FIELDS: readonly string[] = Object.freeze([PARAMETER])

const SPACE = 0x20

const REPEATED: BadCredentials = Object.freeze(
  bad('credentials.repeated', 'the request has more than one credential'),
)
/** What came as a bearer token is none. */
export const MALFORMED_BEARER: BadCredentials = Object.freeze(
  bad('credentials.malformed', 'the bearer credentials are not one token after one space'),
)
const MALFORMED_QUERY: BadCredentials = Object.freeze(
  bad('credentials.malformed', 'the access_token of the query is not a token'),
)

/**
 * Takes the bearer token out of a request: the text of the token, or why there is none.
 *
 * Only the Authorization field counts (RFC 6750 §2.1). A token in the query ends up in logs and histories, so it is
 * ignored unless the policy dares otherwise (AUT-05); beside a token in the field it is a second credential, and
 * those are refused whatever they say (RFC 6750 §2, AUT-04). A token in a form body is never looked for.
 *
 * @param queryToo whether a token in the query counts
 * @param anyText whether what stands in the field is handed on as it is: for whoever looks himself whether it is a token
 */
export function bearerToken(
  request: RequestFacts,
  queryToo: boolean,
  anyText = false,
): string | NoCredentials | BadCredentials {
  const field = request.headers.authorization
  if (field === undefined) return queryToo ? queryToken(request.query) : NO_CREDENTIALS
  // node:http keeps the first of several lines and drops the others without a word.
  if (request.count('authorization') > 1) return REPEATED
  const token = fieldToken(field, anyText)
  if (token === NO_CREDENTIALS && !queryToo) return token
  return mentionsToken(request.query) ? REPEATED : token
}

/** A `Bearer` challenge (RFC 6750 §3): the realm, and what follows it. */
export function bearerChallenge(realm: string, params: ChallengeParams): string {
  return withParams(`Bearer realm=${quotedString(realm)}`, params)
}

function fieldToken(field: string, anyText: boolean): string | NoCredentials | BadCredentials {
  for (let i = 0; i < SCHEME.length; i++) {
    // RFC 9110 §11.1: the name of a scheme is case-insensitive. Bit 5 folds letters; no other octet becomes one of these.
    if ((field.charCodeAt(i) | 0x20) !== SCHEME.charCodeAt(i)) return NO_CREDENTIALS
  }
  const after = field.charCodeAt(SCHEME.length)
  // `BearerX` is the name of another scheme (AUT-13).
  if (isTokenCode(after)) return NO_CREDENTIALS
  // RFC 6750 §2.1: "Bearer" 1*SP b64token; more than one space is a spelling that nobody honest uses (AUT-06).
  return after === SPACE && (anyText || isToken68(field, SCHEME.length + 1))
    ? field.slice(SCHEME.length + 1)
    : MALFORMED_BEARER
}

/** RFC 9110 §11.2. Tokens are long, and one at one place, compiled, is twice as fast as a look at each character. */
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*$/y

/** Whether the rest of a text, from `start`, is a `token68` (RFC 9110 §11.2), which RFC 6750 calls `b64token`. */
export function isToken68(text: string, start: number): boolean {
  TOKEN68.lastIndex = start
  return TOKEN68.test(text)
}

function queryToken(query: string): string | NoCredentials | BadCredentials {
  const values = queryValues(query, PARAMETER)
  if (values.length > 1) return REPEATED
  const [value] = values
  if (value === undefined) return NO_CREDENTIALS
  const token = decodeComponent(value)
  return token !== undefined && isToken68(token, 0) ? token : MALFORMED_QUERY
}

export function mentionsToken(query: string): boolean {
  return queryValues(query, PARAMETER).length > 0
}
