import { bad, type BadCredentials, type SchemeContext } from '../contract/scheme.ts'
import type { Duration } from '../lib/duration.ts'
import type { Secret } from '../lib/secret.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  readOptions,
  report,
  required,
} from '../options/read.ts'
import {
  callback,
  distinctList,
  duration,
  fieldValue,
  flag,
  integer,
  oneOf,
  text,
} from '../options/readers.ts'
import { secretText } from '../options/secret.ts'
import { readAudience } from './audience.ts'
import { compileIntrospection, type IntrospectionPrincipal } from './introspection/verify.ts'
import type { AccessFrom } from './jwt/access.ts'
import { REMOTE_READERS, type RemoteOptions } from './remote/options.ts'
import { tokenScheme, type TokenScheme } from './tokens.ts'

export type { IntrospectionPrincipal } from './introspection/verify.ts'

/** Options of {@link introspection}. */
export interface IntrospectionOptions<Claims extends object = Record<string, unknown>> extends RemoteOptions {
  /** The issuer of the tokens: whose they must be, and part of who a caller is. */
  readonly issuer: string
  /**
   * Where the server answers about tokens: an https URL.
   *
   * @default what the metadata of the issuer name
   */
  readonly url?: string
  /** Who this API is to the server. */
  readonly clientId: string
  /** What proves it. */
  readonly clientSecret: string | Secret
  /**
   * How the two are sent: in the Authorization field, or in the form.
   *
   * @default 'basic'
   */
  readonly clientAuthentication?: 'basic' | 'post'
  /** Who this API is in the `aud` of an answer; one of them must be there. Required, or {@link IntrospectionOptions.dangerouslyAnyAudience}. */
  readonly audience?: string | readonly string[]
  /** Takes tokens that were given for any other API, too, which can then call this one with them. */
  readonly dangerouslyAnyAudience?: true
  /**
   * Takes tokens of which the server does not say their `token_type`. A refresh token is active as well: only for a
   * server that never answers about those.
   *
   * @default false
   */
  readonly allowMissingTokenType?: boolean
  /** Members that an answer must have, besides. */
  readonly requiredClaims?: readonly string[]
  /**
   * For how long an answer is remembered, and never past the `exp` of the token: for so long a revoked token may go on.
   *
   * @default '30s'
   */
  readonly maxAge?: Duration
  /**
   * For how long it is remembered that a token is not active.
   *
   * @default '5s'
   */
  readonly maxNegativeAge?: Duration
  /**
   * How many answers are remembered. 0 for none.
   *
   * @default 10_000
   */
  readonly maxCachedTokens?: number
  /**
   * How many questions may be under way at once; a request beyond them is refused (503).
   *
   * @default 64
   */
  readonly maxConcurrent?: number
  /**
   * By how much the clocks may differ for `nbf`.
   *
   * @default '30s'
   */
  readonly clockSkew?: Duration
  /**
   * The most characters of a token.
   *
   * @default 4096
   */
  readonly maxTokenLength?: number
  /**
   * What the token is for, in the challenge.
   *
   * @default 'api'
   */
  readonly realm?: string
  /** Where the scopes of a caller are; the member `scope` unless given. */
  readonly scopesFrom?: AccessFrom<Claims>
  /** Where the roles of a caller are; the member `roles` unless given. */
  readonly rolesFrom?: AccessFrom<Claims>
  /** Where the permissions of a caller are. */
  readonly permissionsFrom?: AccessFrom<Claims>
}

const READERS = {
  ...REMOTE_READERS,
  issuer: required(
    text('an issuer', "one, such as 'https://id.example.com'"),
    'Write who issues the tokens.',
  ),
  url: optional(text('a URL', "'https://id.example.com/introspect'")),
  clientId: required(
    text('the name of a client', 'who this API is to the server'),
    'Write who this API is to the server.',
  ),
  clientSecret: required(secretText('what the server gave this API'), 'Write what the server gave this API.'),
  clientAuthentication: optional(oneOf('basic', 'post'), 'basic'),
  audience: optional(readAudience),
  dangerouslyAnyAudience: optional(flag(), false),
  allowMissingTokenType: optional(flag(), false),
  requiredClaims: optional(
    distinctList(text('the name of a claim', "a name, such as 'tenant'"), {
      example: "names, such as ['tenant']",
    }),
    [],
  ),
  maxAge: optional(duration('1s', '1h'), 30_000),
  maxNegativeAge: optional(duration('0s', '1m'), 5_000),
  maxCachedTokens: optional(integer(0, 1_000_000), 10_000),
  maxConcurrent: optional(integer(1, 10_000), 64),
  clockSkew: optional(duration('0s', '120s'), 30_000),
  maxTokenLength: optional(integer(16, 65_536), 4096),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
  scopesFrom: optional(callback<AccessFrom<never>>('(claims) => a list of scopes')),
  rolesFrom: optional(callback<AccessFrom<never>>('(claims) => a list of roles')),
  permissionsFrom: optional(callback<AccessFrom<never>>('(claims) => a list of permissions')),
} satisfies OptionReaders<IntrospectionOptions>

type Read = OptionsRead<typeof READERS>

/**
 * Authenticates callers by a token that says nothing by itself: the authorization server that issued it is asked.
 *
 * One question is asked for a token however many requests bring it at once, and its answer is remembered for a short
 * time, by a digest of the token. A server that fails, or answers with anything but a clear yes or no, is a 503: nobody
 * is let in, and nobody is told to log in again.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option at once
 * @example
 * authenticate: introspection({
 *   issuer: 'https://id.example.com',
 *   clientId: 'orders-api',
 *   clientSecret: process.env.INTROSPECTION_SECRET ?? '',
 *   audience: 'https://api.example.com',
 * })
 * @see RFC 7662
 */
export function introspection<Claims extends object = Record<string, unknown>>(
  options: IntrospectionOptions<Claims>,
): TokenScheme<IntrospectionPrincipal<Claims>> {
  return tokenScheme('introspection', (context) => {
    const read = readOptions(context, options, READERS)
    if (read !== undefined) findMistakes(context, read)
    return {
      name: 'introspection',
      realm: read?.realm ?? 'api',
      queryToo: false,
      // A policy that does not build accepts nobody in the meantime.
      verify: (read && compileIntrospection<Claims>(context, read)) ?? (() => UNREADABLE),
      describe: () => ({
        securitySchemes: { introspection: { type: 'http', scheme: 'bearer' } },
        alternatives: [['introspection']],
      }),
    }
  })
}

function findMistakes(context: SchemeContext, read: Read): void {
  if (read.audience === undefined && !read.dangerouslyAnyAudience) {
    report(
      at(context, 'audience'),
      'missing_option',
      'is missing: a token for any other API would open this one.',
      'Write who this API is in the "aud" of an answer.',
    )
  }
  if (read.audience !== undefined && read.dangerouslyAnyAudience) {
    report(
      at(context, 'dangerouslyAnyAudience'),
      'contradiction',
      'is given besides "audience".',
      'Leave one out.',
    )
  }
}

const UNREADABLE: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the options of introspection cannot be used'),
)
