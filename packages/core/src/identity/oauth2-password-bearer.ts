import type { Scheme } from '../contract/scheme.ts'
import { isScopeToken } from '../lib/access-names.ts'
import { at, optional, type OptionReader, type Place, report, required } from '../options/read.ts'
import { textThat } from '../options/readers.ts'
import { compileJwt, type JwtOptions, type JwtPrincipal } from './jwt.ts'

/** Options of {@link oauth2PasswordBearer}. */
export interface OAuth2PasswordBearerOptions<
  Claims extends object = Record<string, unknown>,
> extends JwtOptions<Claims> {
  /** Where tokens are had: a path of this API, or an https URL. It is described, never called. */
  readonly tokenUrl: string
  /** The scopes that a client can ask for, each with what it means to people. */
  readonly scopes?: Readonly<Record<string, string>>
}

/** What an OpenAPI description says of the scheme (OpenAPI 3.1 §4.8.27, Security Scheme Object). */
export interface OAuth2PasswordDescription {
  readonly type: 'oauth2'
  readonly flows: {
    readonly password: {
      readonly tokenUrl: string
      readonly scopes: Readonly<Record<string, string>>
    }
  }
}

/** A {@link Scheme} that can describe itself. */
export interface OAuth2PasswordBearer<Claims extends object = Record<string, unknown>> extends Scheme<
  JwtPrincipal<Claims>
> {
  /** The description; of no use before the options have been compiled. */
  readonly describe: () => OAuth2PasswordDescription
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
): OAuth2PasswordBearer<Claims> {
  return {
    name: 'jwt',
    compile: (context) => compileJwt<Claims>(context, options, READERS),
    describe: () => ({
      type: 'oauth2',
      flows: { password: { tokenUrl: options.tokenUrl, scopes: options.scopes ?? {} } },
    }),
  }
}

const READERS: {
  readonly [K in 'tokenUrl' | 'scopes']: OptionReader<unknown>
} = {
  tokenUrl: required(
    textThat(isTokenUrl, 'a path or an https URL', "where tokens are had, such as '/token'"),
    "Write '/token'.",
  ),
  scopes: optional(readScopes),
}

/** A reference within this API, or a URL that carries passwords over https alone (RFC 6749 §3.2). */
function isTokenUrl(value: string): boolean {
  if (!URL.canParse(value, 'https://here.invalid')) return false
  const url = new URL(value, 'https://here.invalid')
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  const isLocal = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]'
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)
}

function readScopes(value: unknown, place: Place): Readonly<Record<string, string>> | undefined {
  const instead = "Write { 'data:read': 'Read the data' }."
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return report(place, 'wrong_type', 'is not an object of scopes and what they mean.', instead)
  }
  for (const [scope, meaning] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    if (!isScopeToken(scope)) report(at(place, scope), 'malformed_value', 'is not a scope.', instead)
    if (typeof meaning !== 'string') report(at(place, scope), 'wrong_type', 'is not a text.', instead)
  }
  return value as Readonly<Record<string, string>>
}
