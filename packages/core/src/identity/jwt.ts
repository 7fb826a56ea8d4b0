import type { Principal } from '../contract/principal.ts'
import {
  authenticated,
  bad,
  type BadCredentials,
  type CompiledScheme,
  type Scheme,
  type SchemeContext,
} from '../contract/scheme.ts'
import type { Clock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import {
  optional,
  type OptionReader,
  type OptionReaders,
  type OptionsRead,
  type Place,
  readOptions,
  required,
} from '../options/read.ts'
import { callback, distinctList, duration, fieldValue, flag, integer, text } from '../options/readers.ts'
import { readAudience } from './audience.ts'
import { bearerChallenge, bearerToken, QUERY_FIELDS } from './bearer.ts'
import { type AccessFrom, compileAccess } from './jwt/access.ts'
import type { RegisteredClaims } from './jwt/claims.ts'
import { compileKeys, type JwtKey } from './jwt/keys.ts'
import { createKeyring } from './jwt/keyring.ts'
import type { CompiledKey } from './jwt/signature.ts'
import { tokenType } from './jwt/token-type.ts'
import { compileVerifier } from './jwt/verify.ts'

/**
 * The bearer of a verified token.
 *
 * @typeParam Claims the claims that your issuer adds. The registered ones have been checked; these are your word:
 * name in `requiredClaims` what must be there, and check its form before you trust it.
 */
export interface JwtPrincipal<Claims extends object = Record<string, unknown>> extends Principal {
  readonly scheme: 'jwt'
  /** The `iss` of the token. */
  readonly issuer: string
  /** Every claim of the token, as it was signed. */
  readonly claims: Readonly<Claims & RegisteredClaims>
}

/** Options of {@link jwt}. */
export interface JwtOptions<Claims extends object = Record<string, unknown>> {
  /** The only `iss` that is accepted, exactly as tokens spell it, down to a slash at the end. */
  readonly issuer: string
  /** Who this API is in the `aud` of a token; one of them must be there, exactly. */
  readonly audience: string | readonly string[]
  /** The keys of the issuer. Their algorithms are the only ones that are accepted. */
  readonly keys: JwtKey | readonly JwtKey[]
  /**
   * By how much the clocks of the issuer and this machine may differ: at most two minutes.
   *
   * @default '30s'
   */
  readonly clockSkew?: Duration
  /**
   * The only `typ` that is accepted; `at+jwt` where the issuer follows RFC 9068, so that no other token that it
   * signs can be taken for an access token.
   *
   * @default absent, `JWT` and `at+jwt` are accepted
   */
  readonly typ?: string
  /** Claims that must be there besides `iss`, `sub`, `aud` and `exp`. */
  readonly requiredClaims?: readonly string[]
  /**
   * The most characters of a token; longer ones are refused before anything is decoded.
   *
   * @default 8192
   */
  readonly maxTokenLength?: number
  /**
   * What the token is for, in the challenge.
   *
   * @default 'api'
   */
  readonly realm?: string
  /**
   * Where the scopes of a caller are.
   *
   * @default the claim `scope`: a text with one space between scopes, or a list of texts
   */
  readonly scopesFrom?: AccessFrom<Claims>
  /**
   * Where the roles of a caller are.
   *
   * @default the claim `roles`: a list of texts
   */
  readonly rolesFrom?: AccessFrom<Claims>
  /**
   * Takes a token from the parameter `access_token` of the query too. It will be in the logs of every proxy and in
   * the history of every browser: for a client that can send no field, and short-lived tokens, alone (AUT-05).
   *
   * @default false
   */
  readonly dangerouslyAllowQueryToken?: boolean
}

/**
 * Authenticates callers by a signed token (JWT) in `Authorization: Bearer`.
 *
 * A token is accepted when its signature fits a key of the policy by the one algorithm of that key, it has not
 * expired, and it comes from the issuer, for this audience, about somebody. Everything else is refused, and the
 * client learns no more than `invalid_token`; the log knows which rule it was.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and key at once
 * @example
 * const gate = gatehouse({
 *   hosts: ['api.example.com'],
 *   authenticate: jwt<{ tenant: string }>({
 *     issuer: 'https://id.example.com',
 *     audience: 'https://api.example.com',
 *     keys: { alg: 'ES256', key: readFileSync('id.example.com.pem', 'utf8') },
 *     requiredClaims: ['tenant'],
 *   }),
 * })
 * // in a handler: pass.principal.claims.tenant
 * @see RFC 6750, RFC 7519, RFC 8725, RFC 9068
 */
export function jwt<Claims extends object = Record<string, unknown>>(
  options: JwtOptions<Claims>,
): Scheme<JwtPrincipal<Claims>> {
  return { name: 'jwt', compile: (context) => compileJwt<Claims>(context, options) }
}

const claimNames = distinctList(text('the name of a claim', "a name, such as 'tenant'"), {
  example: "names of claims, such as ['tenant']",
})

const READERS = {
  issuer: required(
    text('an issuer', "one, such as 'https://id.example.com'"),
    'Write the "iss" of the tokens.',
  ),
  audience: required(readAudience, 'Write who this API is in the "aud" of the tokens.'),
  keys: required(readKeys, "Write { alg: 'RS256', key: '-----BEGIN PUBLIC KEY-----...' }."),
  clockSkew: optional(duration('0s', '120s'), 30_000),
  typ: optional(tokenType()),
  requiredClaims: optional(claimNames, []),
  maxTokenLength: optional(integer(256, 65_536), 8192),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
  scopesFrom: optional(callback<AccessFrom<never>>('(claims) => a list of scopes')),
  rolesFrom: optional(callback<AccessFrom<never>>('(claims) => a list of roles')),
  dangerouslyAllowQueryToken: optional(flag(), false),
} satisfies OptionReaders<JwtOptions>

function readKeys(value: unknown, place: Place): readonly CompiledKey[] {
  return compileKeys(place, value, 'verify')
}

const UNREADABLE: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the options of jwt cannot be used'),
)

/**
 * Compiles the scheme.
 *
 * @param more readers of options that a scheme built on this one adds; it reads them for itself
 */
export function compileJwt<Claims extends object>(
  context: SchemeContext,
  options: unknown,
  more: Readonly<Record<string, OptionReader<unknown>>> = {},
): CompiledScheme<JwtPrincipal<Claims>> {
  const read = readOptions(context, options, { ...READERS, ...more })
  const realm = read?.realm ?? 'api'
  return {
    name: 'jwt',
    fields: ['authorization'],
    ...(read?.dangerouslyAllowQueryToken === true && { queryFields: QUERY_FIELDS }),
    identify: read === undefined ? () => UNREADABLE : compileIdentify(read, context.clock),
    challenges: (params) => [bearerChallenge(realm, params)],
  }
}

function compileIdentify<Claims extends object>(
  read: OptionsRead<typeof READERS>,
  clock: Clock,
): CompiledScheme<JwtPrincipal<Claims>>['identify'] {
  const { issuer, audience, keys } = read
  // The policy does not build; nothing is accepted in the meantime.
  if (issuer === undefined || audience === undefined || keys === undefined) return () => UNREADABLE
  const verify = compileVerifier({ ...read, issuer, audience, keyring: createKeyring(keys) }, clock)
  const accessOf = compileAccess(read.scopesFrom, read.rolesFrom)
  const queryToo = read.dangerouslyAllowQueryToken

  return (request) => {
    const token = bearerToken(request, queryToo)
    if (typeof token !== 'string') return token
    const verified = verify(token)
    if (!verified.ok) return bad(verified.kind, verified.reason)
    const { claims } = verified
    const access = accessOf(claims)
    if (!access.ok) return bad(access.kind, access.reason)
    return authenticated({
      scheme: 'jwt',
      subject: claims.sub,
      issuer: claims.iss,
      scopes: access.scopes,
      roles: access.roles,
      // The verifier has checked the registered claims; the others are what the caller of jwt() says they are.
      claims: claims as Claims & RegisteredClaims,
    })
  }
}
