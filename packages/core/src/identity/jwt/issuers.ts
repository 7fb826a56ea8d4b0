import type { SchemeContext } from '../../contract/scheme.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReader,
  type Place,
  plainObject,
  readOptions,
  report,
  required,
  say,
} from '../../options/read.ts'
import { anything, callback, distinctList, text } from '../../options/readers.ts'
import { readAudience } from '../audience.ts'
import { compileRemoteKeys, isRemoteKeys, type RemoteKeys } from '../remote-keys.ts'
import { type AccessFrom, compileAccess, type FindAccess } from './access.ts'
import { compileKeys, type JwtKey } from './keys.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { normalType, tokenType } from './token-type.ts'
import type { VerifierRules } from './verify.ts'

/**
 * An issuer whose tokens are accepted: who it is, how its tokens look, and where it says what a caller may do.
 *
 * @typeParam Claims the claims that it adds
 */
export interface TrustedIssuer<Claims extends object = Record<string, unknown>> {
  /** The only `iss` that is accepted, exactly as tokens spell it, down to a slash at the end. */
  readonly issuer: string
  /** Who this API is in the `aud` of a token; one of them must be there, exactly. */
  readonly audience?: string | readonly string[]
  /**
   * The keys of the issuer; their algorithms are the only ones that are accepted. `remoteKeys()` fetches them.
   *
   * @default `remoteKeys()`: the keys that the metadata of the issuer name (OpenID Connect Discovery, RFC 8414)
   */
  readonly keys?: JwtKey | readonly JwtKey[] | RemoteKeys
  /**
   * The only `typ` that is accepted; `at+jwt` where the issuer follows RFC 9068, so that no other token that it
   * signs can be taken for an access token. Its `client_id`, `iat` and `jti` must then be there, too (RFC 9068 §2.2).
   *
   * @default absent, `JWT` and `at+jwt` are accepted
   */
  readonly typ?: string
  /** Claims that must be there besides `iss`, `sub`, `aud` and `exp`. */
  readonly requiredClaims?: readonly string[]
  /**
   * Claims that must have a value, or one of several, exactly: what tells access tokens from others where `typ` does
   * not, such as `{ token_use: 'access' }`.
   */
  readonly claimValues?: Readonly<Record<string, string | readonly string[]>>
  /**
   * The claim that names the audience, for an issuer whose access tokens have no `aud`.
   *
   * @default 'aud'
   */
  readonly audienceClaim?: string
  /**
   * Where the scopes of a caller are. It is called once for a token, not for each request.
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
   * Where the permissions of a caller are, besides those that the policy's `roles` grant.
   *
   * @default nowhere
   */
  readonly permissionsFrom?: AccessFrom<Claims>
}

/** The rules for the tokens of one issuer. */
export interface IssuerRules extends VerifierRules {
  readonly accessOf: FindAccess
}

/** What holds for the tokens of every issuer. */
export interface CommonRules {
  readonly clockSkew: number
}

const claimName = text('the name of a claim', "a name, such as 'tenant'")
const claimNames = distinctList(claimName, { example: "names of claims, such as ['tenant']" })
const claimTexts = distinctList(text('a value', "a text, such as 'access'"), {
  min: 1,
  example: "at least one value, such as ['access']",
})

const issuerName = text('an issuer', "one, such as 'https://id.example.com'")

/** It stands in every token, and is no secret. */
function readIssuer(value: unknown, place: Place): string | undefined {
  const issuer = issuerName(value, place)
  return issuer === undefined ? undefined : say(place, issuer)
}

/** An issuer, read. */
export interface IssuerRead {
  readonly issuer: string | undefined
  readonly audience: readonly string[] | undefined
  readonly keys: unknown
  readonly typ: string | undefined
  readonly requiredClaims: readonly string[]
  readonly claimValues: ReadonlyMap<string, readonly string[]>
  readonly audienceClaim: string
  readonly scopesFrom: AccessFrom<never> | undefined
  readonly rolesFrom: AccessFrom<never> | undefined
  readonly permissionsFrom: AccessFrom<never> | undefined
}

/** Readers of everything that an issuer has. */
export const ISSUER_READERS: { readonly [K in keyof IssuerRead]: OptionReader<IssuerRead[K]> } & Record<
  keyof TrustedIssuer,
  unknown
> = {
  issuer: required(readIssuer, 'Write the "iss" of the tokens.'),
  audience: required(readAudience, 'Write who this API is in the "aud" of the tokens.'),
  // Read where it stands: its keys need the issuer.
  keys: optional(anything<unknown>()),
  typ: optional(tokenType()),
  requiredClaims: optional(claimNames, []),
  claimValues: optional(readClaimValues, new Map<string, readonly string[]>()),
  audienceClaim: optional(readAudienceClaim, 'aud'),
  scopesFrom: optional(callback<AccessFrom<never>>('(claims) => a list of scopes')),
  rolesFrom: optional(callback<AccessFrom<never>>('(claims) => a list of roles')),
  permissionsFrom: optional(callback<AccessFrom<never>>('(claims) => a list of permissions')),
}

/** RFC 9068 §2.2: what an access token of the profile has, besides what every token here must have. */
const PROFILE_CLAIMS = ['client_id', 'iat', 'jti'] as const

/** Compiles the rules of an issuer; `undefined`, after a report, when they cannot be used. */
export function compileIssuer(
  place: Place,
  read: IssuerRead,
  common: CommonRules,
  context: SchemeContext,
): IssuerRules | undefined {
  const { issuer, audience, typ, requiredClaims } = read
  const keyring = compileKeyring(at(place, 'keys'), read.keys, issuer, context)
  if (issuer === undefined || audience === undefined || keyring === undefined) return undefined
  const profile = typ !== undefined && normalType(typ) === 'at+jwt' ? PROFILE_CLAIMS : []
  return {
    issuer,
    audience,
    audienceClaim: read.audienceClaim,
    keyring,
    typ,
    clockSkew: common.clockSkew,
    requiredClaims: [...new Set([...profile, ...requiredClaims])],
    claimValues: read.claimValues,
    accessOf: compileAccess(read.scopesFrom, read.rolesFrom, read.permissionsFrom),
  }
}

/** What is asked of the tokens of every issuer. */
type Demands = Pick<IssuerRead, 'requiredClaims' | 'claimValues'>

/**
 * Reads a list of issuers; what an issuer leaves out of what all may share, it has from `shared`.
 *
 * @param demands what holds for all of them, besides what each says
 */
export function readIssuers(
  place: Place,
  value: unknown,
  shared: Readonly<Record<string, unknown>>,
  demands: Demands,
): readonly (readonly [Place, IssuerRead])[] {
  const instead = "Write [{ issuer: 'https://id.example.com', ... }, ...]."
  if (!Array.isArray(value)) return report(place, 'wrong_type', 'is not a list of issuers.', instead) ?? []
  if (value.length === 0) report(place, 'out_of_range', 'is empty.', instead)
  const seen = new Set<string>()
  return value.flatMap((one: unknown, index) => {
    const where = at(place, index)
    const given = plainObject(where, one, 'an issuer', instead)
    const all = given && Object.fromEntries([...Object.entries(shared), ...entriesOf(where, given)])
    const read = all && readOptions(where, all, ISSUER_READERS)
    if (read === undefined) return []
    if (read.issuer !== undefined && seen.has(read.issuer)) {
      report(
        at(where, 'issuer'),
        'duplicate_value',
        'is in the list already.',
        'Give one issuer all its keys.',
      )
    }
    if (read.issuer !== undefined) seen.add(read.issuer)
    return [[where, { ...read, ...both(where, demands, read) }] as const]
  })
}

/** Demands together: an issuer that has some of its own, as a provider has, is not let off the others. */
function both(place: Place, all: Demands, own: Demands): Demands {
  const claimValues = new Map(all.claimValues)
  for (const [name, values] of own.claimValues) {
    const wanted = all.claimValues.get(name)
    const left = wanted === undefined ? values : values.filter((one) => wanted.includes(one))
    if (left.length === 0) {
      report(
        at(at(place, 'claimValues'), name),
        'contradiction',
        'has none of the values that are asked of the tokens of every issuer.',
        'Say it for each issuer, or for all of them.',
      )
    }
    claimValues.set(name, left)
  }
  return { requiredClaims: [...new Set([...all.requiredClaims, ...own.requiredClaims])], claimValues }
}

function compileKeyring(
  place: Place,
  value: unknown,
  issuer: string | undefined,
  context: SchemeContext,
): Keyring | undefined {
  if (value === undefined || isRemoteKeys(value)) {
    return issuer === undefined ? undefined : compileRemoteKeys(place, value, issuer, context)
  }
  return createKeyring(compileKeys(place, value, 'verify'))
}

/** Registered claims that say something else than whom a token is for (RFC 7519 §4.1). */
const NO_AUDIENCE: ReadonlySet<string> = new Set(['iss', 'sub', 'exp', 'nbf', 'iat', 'jti'])

/** The claim in place of `aud`: by the name of its issuer, say, every token of it would be for this API. */
function readAudienceClaim(value: unknown, place: Place): string | undefined {
  const name = claimName(value, place)
  if (name === undefined || !NO_AUDIENCE.has(name)) return name
  return report(
    place,
    'unsafe_value',
    'is a claim that says something else than whom a token is for.',
    "Write the claim that does, such as 'client_id'.",
  )
}

function readClaimValues(value: unknown, place: Place): ReadonlyMap<string, readonly string[]> | undefined {
  const given = plainObject(place, value, 'an object of claims', "Write { token_use: 'access' }.")
  if (given === undefined) return undefined
  const values = new Map<string, readonly string[]>()
  for (const [name, wanted] of entriesOf(place, given)) {
    const read = claimTexts(typeof wanted === 'string' ? [wanted] : wanted, at(place, name))
    if (read !== undefined) values.set(name, read)
  }
  return values
}
