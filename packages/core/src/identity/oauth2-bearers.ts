import type { SchemeDescription, SecuritySchemeObject } from '../contract/description.ts'
import { isScopeToken } from '../lib/access-names.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReader,
  type Place,
  plainObject,
  report,
  required,
} from '../options/read.ts'
import { textThat } from '../options/readers.ts'
import { compileJwt, type JwtOptions, type JwtPrincipal } from './jwt.ts'
import { tokenScheme, type TokenScheme } from './tokens.ts'

/** Options of {@link oauth2PasswordBearer}. */
export interface OAuth2PasswordBearerOptions<
  Claims extends object = Record<string, unknown>,
> extends JwtOptions<Claims> {
  /** Where tokens are had: a path of this API, or an https URL. It is described, never called. */
  readonly tokenUrl: string
  /** Where tokens are renewed, if that is elsewhere. */
  readonly refreshUrl?: string
  /** The scopes that a client can ask for, each with what it means to people. */
  readonly scopes?: Readonly<Record<string, string>>
}

/** Options of {@link oauth2AuthorizationCodeBearer}. */
export interface OAuth2AuthorizationCodeBearerOptions<
  Claims extends object = Record<string, unknown>,
> extends OAuth2PasswordBearerOptions<Claims> {
  /** Where users log in and agree. It is described, never called. */
  readonly authorizationUrl: string
}

/** Options of {@link openIdConnect}. */
export interface OpenIdConnectOptions<
  Claims extends object = Record<string, unknown>,
> extends JwtOptions<Claims> {
  /**
   * Where the metadata of the provider are. It is described to clients.
   *
   * @default the issuer, with `/.well-known/openid-configuration`
   */
  readonly openIdConnectUrl?: string
}

/**
 * Authenticates callers by a token that your own API gave for a user name and password: `jwt` that can also tell
 * clients where tokens are had.
 *
 * The password grant behind it is advised against: the client sees the user's password, and neither a second factor
 * nor a login elsewhere fits in (RFC 9700 §2.4 says MUST NOT be used; OAuth 2.1 leaves it out). It is here for
 * clients that are your own, and for the way from such an API to a real authorization server: then `jwt` takes its
 * place, and nothing else changes.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and key at once
 * @example
 * const key = { alg: 'HS256', key: process.env.TOKEN_SECRET ?? '' } as const
 * const me = 'https://api.example.com'
 * const gate = gatehouse({
 *   hosts: ['api.example.com'],
 *   authenticate: oauth2PasswordBearer({ tokenUrl: '/token', issuer: me, audience: me, keys: key }),
 *   routes: { 'POST /token': { public: 'issues tokens' } },
 * })
 * @see RFC 6749 §4.3, RFC 9700 §2.4
 */
export function oauth2PasswordBearer<Claims extends object = Record<string, unknown>>(
  options: OAuth2PasswordBearerOptions<Claims>,
): TokenScheme<JwtPrincipal<Claims>> {
  return described(options, READERS, 'oauth2Password', () => ({
    type: 'oauth2',
    flows: { password: flowOf(options) },
  }))
}

/**
 * Authenticates callers by a token that an authorization server gave after a login there: `jwt` that can also tell
 * clients, such as the page of an OpenAPI document, where users log in.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and key at once
 * @example
 * authenticate: oauth2AuthorizationCodeBearer({
 *   authorizationUrl: 'https://id.example.com/authorize',
 *   tokenUrl: 'https://id.example.com/token',
 *   issuer: 'https://id.example.com',
 *   audience: 'https://api.example.com',
 * })
 * @see RFC 6749 §4.1
 */
export function oauth2AuthorizationCodeBearer<Claims extends object = Record<string, unknown>>(
  options: OAuth2AuthorizationCodeBearerOptions<Claims>,
): TokenScheme<JwtPrincipal<Claims>> {
  return described(options, { ...READERS, authorizationUrl: URL_READER }, 'oauth2', () => ({
    type: 'oauth2',
    flows: { authorizationCode: { authorizationUrl: options.authorizationUrl, ...flowOf(options) } },
  }))
}

/**
 * Authenticates callers by a token of an OpenID provider: `jwt` that can also tell clients where its metadata are.
 *
 * The token is an access token for this API. An ID token is refused: it tells a client who logged in there, and opens
 * nothing (JWT-14).
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and key at once
 * @example
 * authenticate: openIdConnect({ issuer: 'https://id.example.com', audience: 'https://api.example.com' })
 * @see OpenID Connect Discovery 1.0 §4
 */
export function openIdConnect<Claims extends object = Record<string, unknown>>(
  options: OpenIdConnectOptions<Claims>,
): TokenScheme<JwtPrincipal<Claims>> {
  return described(options, { openIdConnectUrl: optional(urlReader()) }, 'openIdConnect', () => ({
    type: 'openIdConnect',
    openIdConnectUrl:
      options.openIdConnectUrl ?? `${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  }))
}

/** `jwt`, with a description of its own. */
function described<Claims extends object>(
  options: JwtOptions<Claims>,
  readers: Readonly<Record<string, OptionReader<unknown>>>,
  name: string,
  describe: () => SecuritySchemeObject,
): TokenScheme<JwtPrincipal<Claims>> {
  return tokenScheme('jwt', (context) =>
    compileJwt<Claims>(context, options, readers, (): SchemeDescription => ({
      securitySchemes: { [name]: describe() },
      alternatives: [[name]],
    })),
  )
}

function flowOf<Claims extends object>({
  tokenUrl,
  refreshUrl,
  scopes,
}: OAuth2PasswordBearerOptions<Claims>): {
  readonly tokenUrl: string
  readonly refreshUrl?: string
  readonly scopes: Readonly<Record<string, string>>
} {
  return { tokenUrl, ...(refreshUrl !== undefined && { refreshUrl }), scopes: { ...scopes } }
}

function urlReader(): ReturnType<typeof textThat> {
  return textThat(isUrl, 'a path or an https URL', "where it is, such as '/token'")
}

const URL_READER = required(urlReader(), "Write where it is, such as '/token'.")

const READERS = { tokenUrl: URL_READER, refreshUrl: optional(urlReader()), scopes: optional(readScopes) }

/** A reference within this API, or a URL that carries passwords over https alone (RFC 6749 §3.2). */
function isUrl(value: string): boolean {
  if (!URL.canParse(value, 'https://here.invalid')) return false
  const url = new URL(value, 'https://here.invalid')
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  const isLocal = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]'
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)
}

function readScopes(value: unknown, place: Place): Readonly<Record<string, string>> | undefined {
  const instead = "Write { 'data:read': 'Read the data' }."
  const given = plainObject(place, value, 'an object of scopes and what they mean', instead)
  if (given === undefined) return undefined
  for (const [scope, meaning] of entriesOf(place, given)) {
    if (!isScopeToken(scope)) report(at(place, scope), 'malformed_value', 'is not a scope.', instead)
    if (typeof meaning !== 'string') report(at(place, scope), 'wrong_type', 'is not a text.', instead)
  }
  return given as Readonly<Record<string, string>>
}
