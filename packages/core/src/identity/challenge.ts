import type { ChallengeParams } from '../contract/scheme.ts'
import { quotedString } from '../lib/chars.ts'

/** A challenge with further parameters behind those that it has (RFC 9110 §11.6.1). */
export function withParams(challenge: string, params: ChallengeParams): string {
  let text = challenge
  for (const [name, value] of params) text += `, ${name}=${quotedString(value)}`
  return text
}

/**
 * {@link withParams} for credentials that are no token: what RFC 6750 §3.1 says about the request is said of them, too,
 * what it says about tokens is not.
 */
export function withRequestParams(challenge: string, params: ChallengeParams): string {
  return withParams(
    challenge,
    params.filter(([, value]) => value !== 'invalid_token'),
  )
}
