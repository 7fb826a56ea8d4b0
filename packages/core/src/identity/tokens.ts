import type { SchemeDescription } from '../contract/description.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import {
  type Authenticated,
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import { isPromiseLike } from '../lib/promise.ts'
import type { Reader } from '../options/read.ts'
import { having } from '../options/readers.ts'
import { bearerChallenge, bearerToken, QUERY_FIELDS } from './bearer.ts'

/** The bearer of an access token, whatever verified it. */
export interface TokenPrincipal extends Principal {
  /** What the token, or the server that issued it, says. */
  readonly claims: object
}

/** What became of a token. */
export type TokenVerdict<P extends TokenPrincipal> = Authenticated<P> | BadCredentials

/** Verifies access tokens; how they came, and whether somebody proved to hold their key, is not its matter. */
export interface CompiledTokens<P extends TokenPrincipal = TokenPrincipal> {
  /** What the scheme is called. */
  readonly name: string
  /** What the token is for, in challenges. */
  readonly realm: string
  /** Whether a token in the query counts (AUT-05). */
  readonly queryToo: boolean
  /** Synchronous unless it truly waits; never throws for what a client sent. */
  readonly verify: (token: string, request: RequestFacts) => TokenVerdict<P> | Promise<TokenVerdict<P>>
  /**
   * Whether `verify` takes any text and says itself that one is no `token68` (RFC 9110 §11.2): of a token that it knows, nobody
   * need look at each character again.
   */
  readonly takesAnyText?: boolean
  /** How OpenAPI writes it. */
  readonly describe: () => SchemeDescription
}

/**
 * A scheme of access tokens. By itself it takes them as `Authorization: Bearer`; `dpop()` and `mutualTls()` take the
 * same tokens from those alone who prove to hold their key.
 *
 * @typeParam P what the scheme knows about a caller
 */
export interface TokenScheme<P extends TokenPrincipal = TokenPrincipal> extends Scheme<P> {
  /** Makes it ready to verify; as `compile` does, it reports unusable options to its context. */
  readonly compileTokens: (context: SchemeContext) => CompiledTokens<P>
}

/** A scheme of access tokens, known by its method. */
export const readTokenScheme: Reader<TokenScheme> = having<TokenScheme>(
  'a scheme of access tokens',
  'jwt({ ... })',
  'compileTokens',
)

/** Makes a scheme of access tokens. */
export function tokenScheme<P extends TokenPrincipal>(
  name: string,
  compileTokens: (context: SchemeContext) => CompiledTokens<P>,
): TokenScheme<P> {
  return { name, compileTokens, compile: (context) => bearerScheme(compileTokens(context)) }
}

const BOUND: BadCredentials = Object.freeze(
  bad('token.unbound', 'the token is bound to a key, and came as a bearer token'),
)

/** Takes tokens as `Authorization: Bearer` (RFC 6750). */
function bearerScheme<P extends TokenPrincipal>(tokens: CompiledTokens<P>): CompiledScheme<P> {
  const { queryToo, realm, takesAnyText } = tokens
  return {
    name: tokens.name,
    fields: ['authorization'],
    ...(queryToo && { queryFields: QUERY_FIELDS }),
    authSchemes: ['bearer'],
    identify(request) {
      const token = bearerToken(request, queryToo, takesAnyText)
      if (typeof token !== 'string') return token
      const verdict = tokens.verify(token, request)
      return isPromiseLike(verdict) ? verdict.then(unbound) : unbound(verdict)
    },
    challenges: (params) => [bearerChallenge(realm, params)],
    describe: tokens.describe,
  }
}

/**
 * RFC 9449 §7.2: a bound token that anybody may bear protects nobody. Where nothing checks the binding, none is taken
 * (DPP-16).
 */
export function unbound<P extends TokenPrincipal>(verdict: TokenVerdict<P>): TokenVerdict<P> {
  return verdict.type === 'authenticated' && confirmation(verdict.principal) !== undefined ? BOUND : verdict
}

/**
 * The `cnf` of a token (RFC 7800): whose key it is bound to; `undefined` when it is not bound. An inherited one counts:
 * the claims of a scheme of somebody's own may be a row with a getter, and overlooked it would unbind the token.
 */
export function confirmation(principal: TokenPrincipal): unknown {
  return (principal.claims as { readonly cnf?: unknown }).cnf
}
