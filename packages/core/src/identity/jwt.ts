import type { SchemeDescription } from '../contract/description.ts'
import { bad, type BadCredentials, type SchemeContext } from '../contract/scheme.ts'
import type { Duration } from '../lib/duration.ts'
import {
  at,
  isPlainObject,
  optional,
  type OptionReader,
  type OptionReaders,
  type OptionsRead,
  readOptions,
} from '../options/read.ts'
import { anything, duration, fieldValue, flag, having, integer } from '../options/readers.ts'
import {
  compileIssuer,
  ISSUER_READERS,
  type IssuerRules,
  readIssuers,
  type TrustedIssuer,
} from './jwt/issuers.ts'
import { compileVerify, type JwtPrincipal } from './jwt/principal.ts'
export type { JwtPrincipal } from './jwt/principal.ts'
import type { Revocations } from './revocations.ts'
import { type CompiledTokens, tokenScheme, type TokenScheme } from './tokens.ts'

/** What holds for the tokens of every issuer. */
export interface JwtCommonOptions {
  /**
   * By how much the clocks of the issuer and this machine may differ: at most two minutes.
   *
   * @default '30s'
   */
  readonly clockSkew?: Duration
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
   * Takes a token from the parameter `access_token` of the query too. It will be in the logs of every proxy and in
   * the history of every browser: for a client that can send no field, and short-lived tokens, alone (AUT-05).
   *
   * @default false
   */
  readonly dangerouslyAllowQueryToken?: boolean
  /** Tokens and subjects that were revoked; looked up for each request. */
  readonly revocations?: Revocations
  /**
   * How many verified tokens are remembered, so that a client that comes back costs no signature check: by a digest,
   * never past their end, the removal of their key, or a revocation. 0 for none. The first quarter is remembered at once,
   * and who comes then from the second time on: tokens that come once fill no more than half of it.
   *
   * @default 10_000
   */
  readonly maxCachedTokens?: number
}

/** Options of {@link jwt}. */
export interface JwtOptions<Claims extends object = Record<string, unknown>>
  extends JwtCommonOptions, TrustedIssuer<Claims> {
  readonly audience: string | readonly string[]
}

/**
 * Options of {@link jwt} for tokens of several issuers: what each leaves out, it has from here. `requiredClaims` and
 * `claimValues` hold for all of them, besides those of each: a provider that asks for claims of its own, as `entra()`
 * does, takes none of yours away.
 */
export interface JwtIssuersOptions<Claims extends object = Record<string, unknown>>
  extends JwtCommonOptions, Omit<TrustedIssuer<Claims>, 'issuer' | 'keys'> {
  /** The issuers, each with keys of its own: a token of one is never checked with a key of another. */
  readonly issuers: readonly TrustedIssuer<Claims>[]
}

/**
 * Authenticates callers by a signed token (JWT) in `Authorization: Bearer`.
 *
 * A token is accepted when its signature fits a key of the policy by the one algorithm of that key, it has not
 * expired, and it comes from the issuer, for this audience, about somebody. Everything else is refused, and the
 * client learns no more than `invalid_token`; the log knows which rule it was.
 *
 * The keys come from the metadata of the issuer unless they are given; a client that keeps coming back with a token that
 * was verified costs no signature check. A token that is bound to a key (`cnf`) is refused as a bearer token: wrap the
 * scheme in `dpop()` or `mutualTls()`.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option and key at once
 * @example
 * const gate = gatehouse({
 *   hosts: ['api.example.com'],
 *   authenticate: jwt<{ tenant: string }>({
 *     issuer: 'https://id.example.com',
 *     audience: 'https://api.example.com',
 *     requiredClaims: ['tenant'],
 *   }),
 * })
 * // in a handler: pass.principal.claims.tenant
 * @example
 * authenticate: jwt({
 *   audience: 'https://api.example.com',
 *   issuers: [keycloak({ url: 'https://sso.example.com', realm: 'staff' }), { issuer: 'https://partner.example', keys }],
 * })
 * @see RFC 6750, RFC 7519, RFC 8725, RFC 9068
 */
export function jwt<Claims extends object = Record<string, unknown>>(
  options: JwtOptions<Claims> | JwtIssuersOptions<Claims>,
): TokenScheme<JwtPrincipal<Claims>> {
  return tokenScheme('jwt', (context) => compileJwt<Claims>(context, options))
}

const COMMON_READERS = {
  clockSkew: optional(duration('0s', '120s'), 30_000),
  maxTokenLength: optional(integer(256, 65_536), 8192),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
  dangerouslyAllowQueryToken: optional(flag(), false),
  revocations: optional(having<Revocations>('revocations', 'revocations({ store })', 'find')),
  maxCachedTokens: optional(integer(0, 1_000_000), 10_000),
} satisfies OptionReaders<JwtCommonOptions>

/** What each of several issuers has from the scheme when it does not say itself: neither its name nor its keys. */
const SHARED_READERS = {
  audience: optional(anything<unknown>()),
  typ: optional(anything<unknown>()),
  // Read where they stand: they hold for every issuer, also for one that asks for claims of its own.
  requiredClaims: ISSUER_READERS.requiredClaims,
  claimValues: ISSUER_READERS.claimValues,
  audienceClaim: optional(anything<unknown>()),
  scopesFrom: optional(anything<unknown>()),
  rolesFrom: optional(anything<unknown>()),
  permissionsFrom: optional(anything<unknown>()),
} satisfies OptionReaders<Omit<TrustedIssuer, 'issuer' | 'keys'>>

const ONE_READERS = { ...COMMON_READERS, ...ISSUER_READERS }
const SEVERAL_READERS = { ...COMMON_READERS, issuers: optional(anything<unknown>()) }

type CommonRead = OptionsRead<typeof COMMON_READERS>
type MoreReaders = Readonly<Record<string, OptionReader<unknown>>>

/**
 * Compiles the scheme.
 *
 * @param more readers of options that a scheme built on this one adds; it reads them for itself
 * @param describe how that scheme describes itself
 */
export function compileJwt<Claims extends object>(
  context: SchemeContext,
  options: unknown,
  more: MoreReaders = {},
  describe: () => SchemeDescription = describeBearer,
): CompiledTokens<JwtPrincipal<Claims>> {
  const several = isPlainObject(options) && Object.hasOwn(options, 'issuers')
  const { common, issuers } = (several ? readSeveral : readOne)(context, options, more)
  return {
    name: 'jwt',
    realm: common?.realm ?? 'api',
    queryToo: common?.dangerouslyAllowQueryToken === true,
    takesAnyText: true,
    // A policy that does not build accepts nobody in the meantime.
    verify:
      common === undefined || issuers.length === 0
        ? () => UNREADABLE
        : compileVerify<Claims>(issuers, common, context.clock),
    describe,
  }
}

interface Read {
  readonly common: CommonRead | undefined
  readonly issuers: readonly IssuerRules[]
}

function readOne(context: SchemeContext, options: unknown, more: MoreReaders): Read {
  const read = readOptions(context, options, { ...more, ...ONE_READERS })
  const issuer = read && compileIssuer(context, read, read, context)
  return { common: read, issuers: issuer === undefined ? [] : [issuer] }
}

function readSeveral(context: SchemeContext, options: unknown, more: MoreReaders): Read {
  const read = readOptions(context, options, { ...more, ...SHARED_READERS, ...SEVERAL_READERS })
  if (read === undefined) return { common: undefined, issuers: [] }
  const { requiredClaims, claimValues, ...others } = read
  const shared = Object.fromEntries(
    Object.entries(others).filter(([name, value]) => name in SHARED_READERS && value !== undefined),
  )
  const issuers = readIssuers(at(context, 'issuers'), read.issuers, shared, { requiredClaims, claimValues })
  return {
    common: read,
    issuers: issuers.flatMap(([place, one]) => compileIssuer(place, one, read, context) ?? []),
  }
}

const UNREADABLE: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the options of jwt cannot be used'),
)

/** OpenAPI 3.1 §4.8.27: a bearer token, whoever issues it. */
function describeBearer(): SchemeDescription {
  return {
    securitySchemes: { jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    alternatives: [['jwt']],
  }
}
