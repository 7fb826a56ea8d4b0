import type { IncomingMessage } from 'node:http'
import { type LoginProtection, whyRefused } from '../login-protection.ts'
import type { TokenForm } from '../oauth2-form.ts'
import type { RefreshTokens } from '../refresh-tokens.ts'
import type { TokenInput, TokenIssuer } from '../sign.ts'
import { isNothing, type TokenAccount, type VerifyPasswordGrant } from './account.ts'
import type { OAuthClient } from './clients.ts'
import { accepted, type Answered, refused } from './handler.ts'
import {
  BEYOND,
  type Reply,
  tooMany,
  UNAUTHORIZED_CLIENT,
  WRONG_PASSWORD,
  WRONG_REFRESH_TOKEN,
} from './reply.ts'

/** What the grants of an endpoint work with. */
export interface Grants {
  readonly issuer: TokenIssuer
  readonly verify: VerifyPasswordGrant | undefined
  readonly refresh: RefreshTokens | undefined
  readonly protection: LoginProtection | undefined
}

/** A request whose form and client are good. */
export interface Asked {
  readonly form: TokenForm
  /** Who asks; nobody where the endpoint knows no clients. */
  readonly client: OAuthClient | undefined
  readonly req: IncomingMessage
  /** The network that it came from. */
  readonly from: string | undefined
}

/** RFC 6749 §4.3. Advised against: RFC 9700 §2.4. */
export async function passwordGrant(
  grants: Grants,
  verify: VerifyPasswordGrant,
  asked: Asked,
): Promise<Answered> {
  const { form, client, req, from } = asked
  const { username = '', password = '', scopes } = form
  const attempt = await grants.protection?.attempt(username, from)
  if (attempt?.allowed === false)
    return refused(tooMany(attempt.retryAfterMs), 'login.limited', whyRefused(attempt), username)
  const account = await verify(username, password, {
    scopes,
    clientId: client?.id ?? form.clientId,
    // What the endpoint compared itself is nobody else's to see.
    clientSecret: client === undefined ? form.clientSecret : undefined,
    message: req,
  })
  if (isNothing(account))
    return refused(
      WRONG_PASSWORD,
      'credentials.wrong',
      'the token endpoint was given a wrong name or password',
      username,
    )
  checkAccount(account)
  const allowed = allowedScopes(account, client)
  const input = inputOf(account, scopes.length === 0 ? allowed : scopes, client?.id ?? account.clientId)
  await grants.protection?.succeeded(username, from)
  const known = `the token endpoint knew the password of ${account.subject}`
  if (!scopes.every((scope) => allowed.includes(scope))) return accepted(BEYOND, known)
  // The token first: an account that cannot be in one gets no login that lasts.
  const reply = tokenReply(grants.issuer, input)
  if (grants.refresh === undefined || client?.grants.includes('refresh_token') === false)
    return accepted(reply, known)
  const { subject, clientId } = input
  const refreshToken = await grants.refresh.issue({ subject, scopes: input.scopes ?? [], clientId })
  return accepted(withRefreshToken(reply, refreshToken), known)
}

/** RFC 6749 §4.4: a client that acts for itself. */
export function clientCredentialsGrant(grants: Grants, client: OAuthClient, form: TokenForm): Answered {
  // RFC 6749 §4.4: the grant MUST only be used by confidential clients.
  if (client.public === true)
    return refused(UNAUTHORIZED_CLIENT, 'credentials.wrong', 'a public client asked for a token of its own')
  const account: TokenAccount = {
    subject: client.id,
    scopes: client.scopes ?? [],
    ...(client.roles === undefined ? {} : { roles: client.roles }),
    ...(client.claims === undefined ? {} : { claims: client.claims }),
  }
  const allowed = allowedScopes(account, client)
  const known = `the token endpoint knew the secret of the client ${client.id}`
  if (!form.scopes.every((scope) => allowed.includes(scope))) return accepted(BEYOND, known)
  // RFC 6749 §4.4.3: a refresh token SHOULD NOT be included; the client can always ask again.
  const scopes = form.scopes.length === 0 ? allowed : form.scopes
  return accepted(tokenReply(grants.issuer, inputOf(account, scopes, client.id)), known)
}

/** RFC 6749 §6: another access token for a login that goes on. */
export async function refreshGrant(grants: Grants, refresh: RefreshTokens, asked: Asked): Promise<Answered> {
  const { form, client } = asked
  const token = form.refreshToken ?? ''
  const state = await refresh.find(token)
  if (state.type === 'reused') return reused()
  if (state.type === 'idle')
    return refused(WRONG_REFRESH_TOKEN, 'credentials.expired', 'a refresh token was not used for too long')
  if (state.type === 'unknown')
    return refused(
      WRONG_REFRESH_TOKEN,
      'credentials.wrong',
      'a refresh token is unknown, or its login is over',
    )
  const { grant } = state
  // RFC 6749 §6: bound to the client that it was issued to. Without a list of clients, what the form says must fit.
  const asking = client === undefined ? form.clientId : client.id
  if (grant.clientId !== asking && !(client === undefined && grant.clientId === undefined))
    return refused(
      WRONG_REFRESH_TOKEN,
      'credentials.wrong',
      'a refresh token came from another client than its own',
    )
  const account = await refresh.account(grant.subject, grant)
  if (isNothing(account)) {
    await refresh.revoke(token)
    return refused(WRONG_REFRESH_TOKEN, 'credentials.revoked', 'the account of a refresh token is gone')
  }
  checkAccount(account)
  if (account.subject !== grant.subject) throw new TypeError('The account is that of another subject.')
  const now = allowedScopes(account, client)
  const allowed = grant.scopes.filter((scope) => now.includes(scope))
  // RFC 6749 §6: narrowed, never widened; for this access token alone, so the next one may have all of them again.
  if (!form.scopes.every((scope) => allowed.includes(scope)))
    return refused(
      BEYOND,
      'authorization.scope-missing',
      'a refresh token was used for more than was granted',
    )
  const scopes = form.scopes.length === 0 ? allowed : form.scopes
  // The access token first: what cannot be issued does not spend the refresh token.
  const reply = tokenReply(grants.issuer, inputOf(account, scopes, grant.clientId))
  const next = await state.rotate()
  if (next === undefined) return reused()
  return accepted(
    withRefreshToken(reply, next),
    `the token endpoint knew a refresh token of ${grant.subject}`,
  )
}

function reused(): Answered {
  const reason = 'a refresh token was used twice: its login has been ended, with all its tokens'
  return refused(WRONG_REFRESH_TOKEN, 'credentials.replayed', reason)
}

/** AUT-15: what is neither nothing nor an account is a failure of the callback, and nobody is let in. */
function checkAccount(account: unknown): void {
  const subject: unknown = typeof account === 'object' && account !== null && Reflect.get(account, 'subject')
  if (typeof subject !== 'string' || subject === '') throw new TypeError('An account has a subject.')
}

/** The scopes that both the account and the client may have. */
function allowedScopes(account: TokenAccount, client: OAuthClient | undefined): readonly string[] {
  const { scopes = [] } = account
  const { scopes: ofClient = [] } = client ?? {}
  // A text has an `includes` of its own, which would find `data` in `data:read` (AZ-04).
  if (!Array.isArray(scopes) || !Array.isArray(ofClient))
    throw new TypeError('The scopes of an account are a list.')
  return client === undefined ? scopes : scopes.filter((scope) => ofClient.includes(scope))
}

function inputOf(account: TokenAccount, scopes: readonly string[], clientId: string | undefined): TokenInput {
  const { subject, roles, claims } = account
  return {
    subject,
    scopes,
    ...(roles === undefined ? {} : { roles }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(claims === undefined ? {} : { claims }),
  }
}

function tokenReply(issuer: TokenIssuer, input: TokenInput): Reply {
  const { token, expiresIn } = issuer.issue(input)
  const { scopes = [] } = input
  return {
    status: 200,
    fields: {},
    body: {
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresIn,
      // RFC 6749 §3.3 knows no empty scope, so none is said where none was granted.
      scope: scopes.length === 0 ? undefined : scopes.join(' '),
    },
  }
}

function withRefreshToken(reply: Reply, token: string): Reply {
  return { ...reply, body: { ...reply.body, refresh_token: token } }
}
