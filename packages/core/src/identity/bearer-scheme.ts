import { withError } from '../contract/check.ts'
import type { RequestFacts } from '../contract/request.ts'
import { authenticated, bad, type BadCredentials, type SchemeContext } from '../contract/scheme.ts'
import { judged } from '../lib/promise.ts'
import { optional, type OptionReaders, readOptions, required } from '../options/read.ts'
import { callback, fieldValue, flag, token } from '../options/readers.ts'
import { type Account, accountFrom } from './basic-users.ts'
import {
  type CompiledTokens,
  type TokenPrincipal,
  type TokenScheme,
  tokenScheme,
  type TokenVerdict,
} from './tokens.ts'

/** Whose a token is, and what it is good for. */
export interface BearerAccount<Claims extends object = Record<string, unknown>> extends Account {
  /** Who gave the token, where there are several: it tells their subjects apart. */
  readonly issuer?: string
  /** What else is known of the token; `cnf` in it binds the token to a key (RFC 7800), for `dpop()` and `mutualTls()`. */
  readonly claims?: Claims
  /** How the user was authenticated, for rules that ask (RFC 9470). */
  readonly acr?: string
  /** When the user was authenticated, in seconds since 1970. */
  readonly authTime?: number
}

/**
 * Finds out whose a token is; nothing means that it is nobody's, or no longer good.
 *
 * Look it up by a digest of the token, never by the token: who reads the table must not be able to call, and no time of
 * a comparison tells anything of a token (AUT-09).
 */
export type VerifyBearer<Claims extends object = Record<string, unknown>> = (
  token: string,
  request: RequestFacts,
) => BearerAccount<Claims> | undefined | Promise<BearerAccount<Claims> | undefined>

/**
 * The bearer of a token that a function of the policy's author knows.
 *
 * @typeParam Claims what the function says of a token
 */
export interface BearerPrincipal<
  Claims extends object = Record<string, unknown>,
  Name extends string = 'bearer',
> extends TokenPrincipal {
  readonly scheme: Name
  /** What the function said of the token; an empty object when it said nothing. */
  readonly claims: Readonly<Claims>
}

/** Options of {@link bearer}. */
export interface BearerOptions<
  Claims extends object = Record<string, unknown>,
  Name extends string = 'bearer',
> {
  /** Finds out whose a token is. */
  readonly verify: VerifyBearer<Claims>
  /**
   * What the token is for, in the challenge.
   *
   * @default 'api'
   */
  readonly realm?: string
  /**
   * The name of the scheme and of `principal.scheme`.
   *
   * @default 'bearer'
   */
  readonly name?: Name
  /**
   * Takes a token from the parameter `access_token` of the query too. It will be in the logs of every proxy and in
   * the history of every browser: for a client that can send no field, and short-lived tokens, alone (AUT-05).
   *
   * @default false
   */
  readonly dangerouslyAllowQueryToken?: boolean
}

const UNKNOWN: BadCredentials = Object.freeze(bad('token.inactive', 'verify knows no such token'))
const FAILED: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the verification of the token threw or rejected'),
)
const ILL_FORMED: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the verification of the token gave no account'),
)
const NO_CLAIMS: object = Object.freeze({})

/**
 * Authenticates callers by tokens that mean nothing to anybody but a function of yours: session tokens of a database,
 * personal access tokens, tokens of a service of your own. FastAPI's `HTTPBearer`, with the refusals done.
 *
 * Tokens that are signed are for `jwt`, and what an authorization server must be asked for is for `introspection`.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option at once
 * @example
 * authenticate: bearer({
 *   verify: async (token) => {
 *     const row = await db.tokens.find(sha256(token))
 *     return row && row.expires > Date.now() ? { subject: row.userId, scopes: row.scopes } : undefined
 *   },
 * })
 * @see RFC 6750 §2.1, §3.1
 */
export function bearer<Claims extends object = Record<string, unknown>, const Name extends string = 'bearer'>(
  options: BearerOptions<Claims, Name>,
): TokenScheme<BearerPrincipal<Claims, Name>> {
  const name = nameOf(options)
  return tokenScheme(name, (context) => compile(context, options, name))
}

const READERS = {
  verify: required(
    callback<VerifyBearer>('(token) => an account or nothing'),
    'Write a function that finds out whose a token is.',
  ),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
  name: optional(token('a name', "a short name, such as 'session'")),
  dangerouslyAllowQueryToken: optional(flag(), false),
} satisfies OptionReaders<BearerOptions>

function compile<Claims extends object, Name extends string>(
  context: SchemeContext,
  options: BearerOptions<Claims, Name>,
  name: Name,
): CompiledTokens<BearerPrincipal<Claims, Name>> {
  const read = readOptions(context, options, READERS)
  // A policy that does not build accepts nobody in the meantime.
  const verify = read?.verify ?? (() => undefined)

  function judge(given: unknown): TokenVerdict<BearerPrincipal<Claims, Name>> {
    const account = accountFrom(given)
    if (account === 'nothing') return UNKNOWN
    if (account === 'ill-formed') return ILL_FORMED
    const { subject, issuer, scopes = [], roles = [], permissions, acr, authTime } = account as BearerAccount
    const claims: unknown = (account as BearerAccount).claims ?? NO_CLAIMS
    // What is no object has no `cnf` to be found, and a bound token would pass as one that is not.
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return ILL_FORMED
    if (acr !== undefined && typeof acr !== 'string') return ILL_FORMED
    if (authTime !== undefined && !Number.isFinite(authTime)) return ILL_FORMED
    return authenticated({
      scheme: name,
      subject,
      issuer,
      scopes,
      roles,
      ...(permissions !== undefined && { permissions }),
      ...(acr !== undefined && { acr }),
      ...(authTime !== undefined && { authTime }),
      // The type of the claims is the word of whoever wrote the function.
      claims: claims as Claims,
    })
  }

  return {
    name,
    realm: read?.realm ?? 'api',
    queryToo: read?.dangerouslyAllowQueryToken === true,
    verify: (presented, request) =>
      judged(
        () => verify(presented, request),
        judge,
        (error) => withError(FAILED, error),
      ),
    describe: () => ({
      securitySchemes: { [name]: { type: 'http', scheme: 'bearer' } },
      alternatives: [[name]],
    }),
  }
}

function nameOf<Name extends string>(options: { readonly name?: Name }): Name {
  // The default of the type parameter is the default of the option; a wrong one is reported when it is compiled.
  const name: unknown = (options as { readonly name?: Name } | undefined)?.name
  return (typeof name === 'string' ? name : 'bearer') as Name
}
