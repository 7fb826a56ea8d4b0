import { callback, having, integer, oneOf } from '../options/readers.ts'
import { at, optional, type OptionReaders, type Place, report, required } from '../options/read.ts'
import type { LoginProtection } from './login-protection.ts'
import { readTokenForm } from './oauth2-form.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { TokenIssuer } from './sign.ts'
import type { VerifyPasswordGrant } from './token-endpoint/account.ts'
import {
  authenticateClient,
  type FindClient,
  type GrantType,
  type OAuthClient,
} from './token-endpoint/clients.ts'
import { type Asked, clientCredentialsGrant, passwordGrant, refreshGrant } from './token-endpoint/grants.ts'
import {
  type Answered,
  type EndpointHandler,
  formEndpoint,
  type Received,
  refused,
} from './token-endpoint/handler.ts'
import { readClients } from './token-endpoint/read-clients.ts'
import { refusal, UNAUTHORIZED_CLIENT } from './token-endpoint/reply.ts'

export type { TokenAccount, TokenRequest, VerifyPasswordGrant } from './token-endpoint/account.ts'
export type { FindClient, GrantType, OAuthClient } from './token-endpoint/clients.ts'
export type { EndpointHandler, EndpointPass } from './token-endpoint/handler.ts'

/** Options of {@link tokenEndpoint}: each of `verify`, `clients` and `refresh` offers a grant. */
export interface TokenEndpointOptions {
  /** What {@link tokenIssuer} made. */
  readonly issuer: TokenIssuer
  /**
   * Offers the password grant: finds the account of a user whose password is right.
   *
   * Advised against: RFC 9700 §2.4. The client sees the password, and a second factor or a passkey does not fit in: for
   * an API and clients that are all your own.
   */
  readonly verify?: VerifyPasswordGrant
  /**
   * The clients, as a list or a function that finds one: every request must then come from one of them, and those that
   * may use `client_credentials` get tokens of their own. Without it anybody may ask, and what a form says of its client
   * is nobody's word.
   */
  readonly clients?: readonly OAuthClient[] | FindClient
  /** Offers refresh tokens: what `refreshTokens` made. They come with the tokens of the password grant. */
  readonly refresh?: RefreshTokens
  /**
   * Whether a form must name its grant, as RFC 6749 has it, or is one of the password grant when it names none: for
   * clients that were written for a server that does not ask.
   *
   * @default 'required'
   */
  readonly grantType?: 'required' | 'optional'
  /** Slows down who guesses passwords: what `loginProtection` made. */
  readonly protection?: LoginProtection
  /**
   * The most bytes of a form.
   *
   * @default 16384
   */
  readonly maxBodyBytes?: number
}

/**
 * Makes the handler of a token endpoint: it answers a form with a token, and everything else as RFC 6749 §5.2 says, with
 * `Cache-Control: no-store` on every answer.
 *
 * A wrong password and an unknown user get the same bytes. A scope that may not be had is `invalid_scope`, and no token.
 * A callback or store that throws is 503, with no word of why. It takes a request whose body nobody has read, or one
 * whose form a framework has put into `req.body`.
 *
 * Handed the pass of the request, it tells the log of each login, right or wrong, and counts failures by the client
 * that the policy's proxy setting found; without it, by the other end of the connection.
 *
 * The route must be public, and should have a low limit per client: every request can cost a password hash.
 *
 * @throws ConfigError with every unusable option at once; the handler itself never rejects
 * @example
 * const token = tokenEndpoint({
 *   issuer: tokenIssuer({ issuer: me, audience: me, key }),
 *   clients: [{ id: 'billing', secretHash: process.env.BILLING_HASH, grants: ['client_credentials'], scopes: ['data:read'] }],
 * })
 * // in a handler
 * if (req.url === '/token') return token(req, res, pass)
 * @example
 * const token = tokenEndpoint({
 *   issuer,
 *   verify: async (username, password) => {
 *     const user = await db.users.find(username)
 *     return (await verifyPassword(password, user?.passwordHash)) ? { subject: user.id, scopes: user.scopes } : undefined
 *   },
 *   refresh: refreshTokens({ store, account: (subject) => db.users.findActive(subject) }),
 *   protection: loginProtection({ store }),
 * })
 * @see RFC 6749 §3.2, §4.3, §4.4, §5, §6; RFC 9700 §2.2.2, §2.4
 */
export function tokenEndpoint(options: TokenEndpointOptions): EndpointHandler {
  const { issuer, verify, clients, refresh, protection, grantType, maxBodyBytes } = readOrThrow(
    'tokenEndpoint',
    options,
    READERS,
    ['issuer'],
    (_, place) => findContradictions(place, options),
  )
  const unsaid = grantType === 'optional' ? 'password' : undefined
  const grants = { issuer, verify, refresh, protection }
  const offered: GrantType[] = []
  if (verify !== undefined) offered.push('password')
  if (clients !== undefined) offered.push('client_credentials')
  if (refresh !== undefined) offered.push('refresh_token')

  return formEndpoint('token endpoint', maxBodyBytes, async ({ form: given, req, from }: Received) => {
    const form = readTokenForm(given, offered, unsaid)
    if (!form.ok) return { reply: refusal(400, form.error, form.description) }
    const found = clients === undefined ? undefined : await authenticateClient(clients, form, req)
    if (found?.type === 'refused') {
      const reason = `a client of the token endpoint was refused: ${found.reason}`
      return refused(found.reply, 'credentials.wrong', reason)
    }
    const asked: Asked = { form, client: found?.client, req, from }
    if (asked.client?.grants.some((grant) => grant === form.grantType) === false) {
      const reason = 'a client of the token endpoint asked for a grant that it may not use'
      return refused(UNAUTHORIZED_CLIENT, 'credentials.wrong', reason)
    }
    return answer(asked)
  })

  function answer(asked: Asked): Answered | Promise<Answered> {
    const { form, client } = asked
    if (form.grantType === 'refresh_token' && refresh !== undefined)
      return refreshGrant(grants, refresh, asked)
    if (form.grantType === 'password' && verify !== undefined) return passwordGrant(grants, verify, asked)
    if (client === undefined) throw new TypeError('A token of its own is for a client')
    return clientCredentialsGrant(grants, client, form)
  }
}

const READERS = {
  issuer: required(
    having<TokenIssuer>('an issuer of tokens', 'tokenIssuer({ ... })', 'issue'),
    'Write tokenIssuer({ ... }).',
  ),
  verify: optional(callback<VerifyPasswordGrant>('(username, password) => an account or nothing')),
  clients: optional(readClients),
  refresh: optional(
    having<RefreshTokens>(
      'what refreshTokens made',
      'refreshTokens({ ... })',
      'issue',
      'find',
      'account',
      'revoke',
    ),
  ),
  protection: optional(
    having<LoginProtection>('a login protection', 'loginProtection({ ... })', 'attempt', 'succeeded'),
  ),
  grantType: optional(oneOf('required', 'optional'), 'required'),
  maxBodyBytes: optional(integer(1024, 1_048_576), 16_384),
} satisfies OptionReaders<TokenEndpointOptions>

/** On the options as they were written: what was wrong in itself has been reported already. */
function findContradictions(
  place: Place,
  { verify, clients, refresh, protection, grantType }: TokenEndpointOptions,
): void {
  if (verify === undefined && clients === undefined && refresh === undefined) {
    const instead =
      'Write verify for passwords, clients for client credentials, or refresh for refresh tokens.'
    report(place, 'missing_option', 'offers no grant.', instead)
  }
  if (verify === undefined && protection !== undefined)
    report(
      at(place, 'protection'),
      'contradiction',
      'has no passwords to protect.',
      'Leave it out, or write verify.',
    )
  if (verify === undefined && grantType === 'optional')
    report(
      at(place, 'grantType'),
      'contradiction',
      'takes a form without a grant for one with a password, and passwords are not taken.',
      'Leave it out, or write verify.',
    )
}
