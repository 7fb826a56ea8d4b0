import type { IncomingMessage } from 'node:http'
import type { Account } from '../basic-users.ts'

/** The account of a user, and what goes into the token. */
export interface TokenAccount extends Account {
  /** The scopes that the user may have; a client that asks for none gets all of them. */
  readonly scopes?: readonly string[]
  /** The client, where `verify` has made sure of it: what a form says of itself is nobody's word. */
  readonly clientId?: string
  /** Further claims of the token. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** What else came with a user's name and password. */
export interface TokenRequest {
  /** The scopes that it asks for; empty when it leaves the choice to the server. */
  readonly scopes: readonly string[]
  /** As the form says; with the option `clients` it is the one that was authenticated. */
  readonly clientId: string | undefined
  /** As the form says; with the option `clients` it was compared already, and is not here. */
  readonly clientSecret: string | undefined
  /** The request itself. Its body has been read. */
  readonly message: IncomingMessage
}

/**
 * Finds the account of a user whose password is right; nothing means that there is none.
 *
 * It must do the same work for a user it does not know: `verifyPassword(password, undefined)` does (AUT-08).
 *
 * Advised against: RFC 9700 §2.4. The password grant is for an API and clients that are all your own.
 */
export type VerifyPasswordGrant = (
  username: string,
  password: string,
  request: TokenRequest,
) => TokenAccount | undefined | Promise<TokenAccount | undefined>

/** AUT-15: what a callback gives that found nothing. `a && b` gives false, and must not look otherwise than nothing does. */
export function isNothing(given: unknown): given is undefined | null | false {
  return given === undefined || given === null || given === false
}
