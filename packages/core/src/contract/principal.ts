/**
 * Who is calling, as a scheme found it.
 *
 * Every scheme adds what it knows (`claims`, `keyId`, ...) in a type of its own that extends this one, so that a
 * handler reads it without a cast.
 */
export interface Principal {
  /** Name of the scheme that vouches for the caller: `jwt`, `apiKey`, `basic`, ... */
  readonly scheme: string
  /** Who the caller is, unique within {@link Principal.issuer}. */
  readonly subject: string
  /** Who says so. Two issuers may use one subject for two people: identify by both (ASVS 6.8.1). */
  readonly issuer: string | undefined
  /** What the credential may be used for; compared exactly, case included (RFC 6749 §3.3). */
  readonly scopes: readonly string[]
  /** What the caller is; a policy's `roles` may say that one role includes others. */
  readonly roles: readonly string[]
  /** What the caller may do by name, besides what the policy's `roles` grant; none when left out. */
  readonly permissions?: readonly string[]
  /** How the caller was authenticated: the `acr` of a token or session, for step-up (RFC 9470). */
  readonly acr?: string
  /** When the caller was authenticated, in seconds since the epoch: the `auth_time` of a token or session. */
  readonly authTime?: number
}

/**
 * One text for one caller, for counters and maps: the issuer and the subject, delimited by length so that no two
 * different callers can build the same text (AUT-11, RL-27).
 *
 * @example
 * principalKey({ issuer: 'https://id.example.com', subject: 'alice', ... }) // '22:https://id.example.comalice'
 */
export function principalKey(principal: Pick<Principal, 'issuer' | 'subject'>): string {
  const issuer = principal.issuer ?? ''
  return `${issuer.length}:${issuer}${principal.subject}`
}
