import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Pass } from '../contract/pass.ts'
import { callback, integer } from '../options/readers.ts'
import { optional, type OptionReaders, type Place, report, required } from '../options/read.ts'
import type { Account } from './basic-users.ts'
import { type PasswordForm, readPasswordForm } from './oauth2-form.ts'
import { readForm } from './read-form.ts'
import { readOrThrow } from './read-or-throw.ts'
import type { TokenIssuer } from './sign.ts'

/** The account of a user whose password is right, and what goes into the token. */
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
  readonly scopes: readonly string[]
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  /** The request itself. Its body has been read. */
  readonly message: IncomingMessage
}

/**
 * Finds the account of a user whose password is right; nothing means that there is none.
 *
 * It must do the same work for a user it does not know: `verifyPassword(password, undefined)` does (AUT-08).
 */
export type VerifyPasswordGrant = (
  username: string,
  password: string,
  request: TokenRequest,
) => TokenAccount | undefined | Promise<TokenAccount | undefined>

/** Options of {@link tokenEndpoint}. */
export interface TokenEndpointOptions {
  /** What {@link tokenIssuer} made. */
  readonly issuer: TokenIssuer
  /** Finds the account of a user whose password is right. */
  readonly verify: VerifyPasswordGrant
  /**
   * The most bytes of a form.
   *
   * @default 16384
   */
  readonly maxBodyBytes?: number
}

/**
 * Makes the handler of a token endpoint for the password grant: it answers a form with a token, and everything else
 * as RFC 6749 §5.2 says, with `Cache-Control: no-store` on every answer.
 *
 * A wrong password and an unknown user get the same bytes. A scope that the user may not have is `invalid_scope`, and
 * no token. A `verify` that throws is 503, with no word of why. It takes a request whose body nobody has read, or
 * one whose form a framework has put into `req.body`.
 *
 * Handed the pass of the request, it tells the log of each login, right or wrong.
 *
 * The route must be public, and should have a low limit per client: every request costs a password hash.
 *
 * @throws ConfigError with every unusable option at once; the handler itself never rejects
 * @example
 * const token = tokenEndpoint({
 *   issuer: tokenIssuer({ issuer: me, audience: me, key }),
 *   verify: async (username, password) => {
 *     const user = await db.users.find(username)
 *     return (await verifyPassword(password, user?.passwordHash)) ? { subject: user.id, scopes: user.scopes } : undefined
 *   },
 * })
 * // in a handler
 * if (req.url === '/token') return token(req, res, pass)
 * @see RFC 6749 §4.3, §5.1, §5.2
 */
export function tokenEndpoint(
  options: TokenEndpointOptions,
): (req: IncomingMessage, res: ServerResponse, pass?: Pick<Pass, 'tell'>) => Promise<void> {
  const { issuer, verify, maxBodyBytes } = readOrThrow('tokenEndpoint', options, READERS, [
    'issuer',
    'verify',
  ])

  async function answerTo(req: IncomingMessage, tell: Tell): Promise<Reply | undefined> {
    if (req.method !== 'POST') return METHOD_NOT_ALLOWED
    const read = await readForm(req, maxBodyBytes)
    if (read.type === 'aborted') return undefined
    if (read.type === 'too-large') return TOO_LARGE
    const form = readPasswordForm(read.type === 'form' ? read.form : undefined)
    if (!form.ok) return refusal(400, form.error, form.description)
    const { scopes, clientId, clientSecret } = form
    const account = await verify(form.username, form.password, {
      scopes,
      clientId,
      clientSecret,
      message: req,
    })
    if (account === undefined || account === null) {
      tell('refused', 'credentials.wrong', 'the token endpoint was given a wrong name or password')
      return WRONG
    }
    const reply = grant(issuer, form, account)
    tell('allowed', 'credentials.accepted', `the token endpoint knew the password of ${account.subject}`)
    return reply
  }

  return async (req, res, pass) => {
    const tell: Tell = (...told) => pass?.tell(...told)
    let reply: Reply | undefined
    try {
      reply = await answerTo(req, tell)
    } catch {
      tell('refused', 'dependency.failed', 'the token endpoint could not check a password, or issue a token')
      reply = UNAVAILABLE
    }
    if (reply !== undefined) send(res, reply)
  }
}

type Tell = Pass['tell']

const READERS = {
  issuer: required(readIssuer, 'Write tokenIssuer({ ... }).'),
  verify: required(
    callback<VerifyPasswordGrant>('(username, password) => an account or nothing'),
    'Write a function that checks a name and a password.',
  ),
  maxBodyBytes: optional(integer(1024, 1_048_576), 16_384),
} satisfies OptionReaders<TokenEndpointOptions>

function readIssuer(value: unknown, place: Place): TokenIssuer | undefined {
  if (typeof value === 'object' && value !== null && 'issue' in value && typeof value.issue === 'function') {
    return value as TokenIssuer
  }
  return report(place, 'wrong_type', 'is not an issuer of tokens.', 'Write tokenIssuer({ ... }).')
}

interface Reply {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const METHOD_NOT_ALLOWED = refusal(405, 'invalid_request', 'The token endpoint takes POST.', {
  Allow: 'POST',
})
// The rest of the body is never read, so the connection cannot be used again.
const TOO_LARGE = refusal(413, 'invalid_request', 'The form is too large.', { Connection: 'close' })
const WRONG = refusal(400, 'invalid_grant', 'The username or the password is wrong.')
const BEYOND = refusal(400, 'invalid_scope', 'A scope was asked for that cannot be granted.')
// RFC 6749 §5.2 has no word for a server in trouble; that of the authorization endpoint (§4.1.2.1) says it best.
const UNAVAILABLE = refusal(503, 'temporarily_unavailable', 'No token can be issued at the moment.')

function grant(issuer: TokenIssuer, form: PasswordForm, account: TokenAccount): Reply {
  const { subject, scopes: allowed = [], roles, clientId, claims } = account
  // A text has an `includes` of its own, which would find `data` in `data:read` (AZ-04).
  if (!Array.isArray(allowed)) throw new TypeError('The scopes of an account are a list.')
  const scopes = form.scopes.length === 0 ? allowed : form.scopes
  if (!scopes.every((scope) => allowed.includes(scope))) return BEYOND
  const { token, expiresIn } = issuer.issue({
    subject,
    scopes,
    ...(roles === undefined ? {} : { roles }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(claims === undefined ? {} : { claims }),
  })
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

function refusal(
  status: number,
  error: string,
  description: string,
  fields: Readonly<Record<string, string>> = {},
): Reply {
  return { status, fields, body: { error, error_description: description } }
}

function send(res: ServerResponse, { status, fields, body }: Reply): void {
  if (res.headersSent || res.destroyed) return
  const text = JSON.stringify(body)
  res.statusCode = status
  res.setHeader('Content-Type', 'application/json')
  res.setHeader('Content-Length', Buffer.byteLength(text))
  // RFC 6749 §5.1: both MUST be there for a token; an error says no less of who tried.
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Pragma', 'no-cache')
  for (const [name, value] of Object.entries(fields)) {
    // RFC 9113 §8.2.2: HTTP/2 has no Connection field; closing the stream is enough there.
    if (name === 'Connection' && res.req.httpVersionMajor > 1) continue
    res.setHeader(name, value)
  }
  res.end(text)
}
