import { isTextList } from '../lib/access-names.ts'
import { optional, type OptionReaders, type Reader, required } from '../options/read.ts'
import { text, textThat } from '../options/readers.ts'
import { readAudience } from './audience.ts'
import type { TrustedIssuer } from './jwt/issuers.ts'
import type { RegisteredClaims } from './jwt/claims.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { remoteKeys } from './remote-keys.ts'
import { parseScopes } from './scopes.ts'

/** The issuer that a provider is to {@link jwt}, with its roles and scopes where every other issuer has them. */
export type Provider = TrustedIssuer & Required<Pick<TrustedIssuer, 'issuer' | 'keys'>>

/** What a preset reads claims from: the registered ones were checked, the others are nobody's word. */
type Claims = Readonly<Record<string, unknown> & RegisteredClaims>

/** Options of {@link keycloak}. */
export interface KeycloakOptions {
  /** Where Keycloak is, as tokens spell it: `'https://sso.example.com'`, before `/realms/`. */
  readonly url: string
  /** The name of the realm. */
  readonly realm: string
  /** The client whose roles (`resource_access`) count besides those of the realm. */
  readonly client?: string
  /** Who this API is in the `aud` of a token; it may be said to `jwt` instead. */
  readonly audience?: string | readonly string[]
}

/**
 * Keycloak: roles of the realm and of one client, and access tokens alone, known by their claim `typ`.
 *
 * Keycloak puts an API into `aud` only when an audience mapper of the client scope says so.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * authenticate: jwt({ ...keycloak({ url: 'https://sso.example.com', realm: 'staff', client: 'orders' }), audience: 'orders' })
 * @see Keycloak, Server Administration Guide: Audience support
 */
export function keycloak(options: KeycloakOptions): Provider {
  const { url, realm, client, audience } = readOrThrow('keycloak', options, KEYCLOAK, ['url', 'realm'])
  const issuer = `${url.replace(/\/$/, '')}/realms/${encodeURIComponent(realm)}`
  return {
    issuer,
    ...(audience !== undefined && { audience }),
    keys: remoteKeys({ url: `${issuer}/protocol/openid-connect/certs` }),
    // An ID token says "ID", a refresh token "Refresh".
    claimValues: { typ: ['Bearer', 'DPoP'] },
    rolesFrom: (claims) => [
      ...listIn(memberOf(claims, 'realm_access'), 'roles'),
      ...(client === undefined ? [] : listIn(memberOf(memberOf(claims, 'resource_access'), client), 'roles')),
    ],
  }
}

/** Options of {@link entra}. */
export interface EntraOptions {
  /** The id of the tenant: a UUID. `common` and the like are no issuer: any tenant of the world could call. */
  readonly tenant: string
  /** Who this API is in the `aud` of a token; it may be said to `jwt` instead. */
  readonly audience?: string | readonly string[]
}

/**
 * Microsoft Entra ID, tokens of version 2: scopes from `scp`, roles of the application from `roles`.
 *
 * The API has to ask for that version in its manifest (`requestedAccessTokenVersion: 2`). Its audience is the client
 * id of the API. An ID token has no `azp`, which is asked for.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * authenticate: jwt({ ...entra({ tenant: TENANT_ID }), audience: API_CLIENT_ID })
 * @see Microsoft identity platform: Access token claims reference
 */
export function entra(options: EntraOptions): Provider {
  const { tenant, audience } = readOrThrow('entra', options, ENTRA, ['tenant'])
  const authority = `https://login.microsoftonline.com/${tenant}`
  return {
    issuer: `${authority}/v2.0`,
    ...(audience !== undefined && { audience }),
    keys: remoteKeys({ url: `${authority}/discovery/v2.0/keys`, algorithms: ['RS256'] }),
    requiredClaims: ['azp'],
    claimValues: { ver: '2.0', tid: tenant },
    scopesFrom: (claims) => scopesOf(claims['scp']),
  }
}

/** Options of {@link cognito}. */
export interface CognitoOptions {
  /** Such as `'eu-central-1'`. */
  readonly region: string
  /** Such as `'eu-central-1_AbCdEfGhI'`. */
  readonly userPoolId: string
  /** The app clients whose tokens are taken: Cognito names them, and no API, in access tokens. */
  readonly clientId: string | readonly string[]
}

/**
 * Amazon Cognito: access tokens of the app clients that are named, roles from the groups.
 *
 * They have no `aud`; `client_id` takes its place.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * authenticate: jwt(cognito({ region: 'eu-central-1', userPoolId: POOL_ID, clientId: APP_CLIENT_ID }))
 * @see Amazon Cognito Developer Guide: Understanding the access token
 */
export function cognito(options: CognitoOptions): Provider & Required<Pick<TrustedIssuer, 'audience'>> {
  const { region, userPoolId, clientId } = readOrThrow('cognito', options, COGNITO, [
    'region',
    'userPoolId',
    'clientId',
  ])
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`
  return {
    issuer,
    audience: clientId,
    audienceClaim: 'client_id',
    keys: remoteKeys({ url: `${issuer}/.well-known/jwks.json`, algorithms: ['RS256'] }),
    claimValues: { token_use: 'access' },
    rolesFrom: (claims) => textsOf(claims['cognito:groups']),
  }
}

/** Options of {@link auth0}. */
export interface Auth0Options {
  /** The domain of the tenant, or the custom one: `'example.eu.auth0.com'`. */
  readonly domain: string
  /** Who this API is in the `aud` of a token; it may be said to `jwt` instead. */
  readonly audience?: string | readonly string[]
  /** The claim in which an Action puts the roles: a name in a namespace of your own. */
  readonly rolesClaim?: string
}

/**
 * Auth0: permissions of its RBAC from `permissions`, roles from a claim of your own.
 *
 * Its issuer ends in a slash. An access token for an API has that API in `aud`; an ID token has the client.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * authenticate: jwt({ ...auth0({ domain: 'example.eu.auth0.com' }), audience: 'https://api.example.com' })
 * @see Auth0: Access Token Profiles, Role-Based Access Control
 */
export function auth0(options: Auth0Options): Provider {
  const { domain, audience, rolesClaim } = readOrThrow('auth0', options, AUTH0, ['domain'])
  const issuer = `https://${domain}/`
  return {
    issuer,
    ...(audience !== undefined && { audience }),
    keys: remoteKeys({ url: `${issuer}.well-known/jwks.json`, algorithms: ['RS256', 'PS256'] }),
    ...(rolesClaim !== undefined && { rolesFrom: (claims: Claims) => textsOf(claims[rolesClaim]) }),
    permissionsFrom: (claims) => textsOf(claims['permissions']),
  }
}

function hostPart(what: string, example: string): Reader<string> {
  return textThat((value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(value), what, example)
}

const KEYCLOAK = {
  url: required(
    textThat(isOrigin, 'an https URL', "where it is, such as 'https://sso.example.com'"),
    'Write where it is.',
  ),
  realm: required(text('a realm', "its name, such as 'staff'"), 'Write the name of the realm.'),
  client: optional(text('a client', "its id, such as 'orders'")),
  audience: optional(readAudience),
} satisfies OptionReaders<KeycloakOptions>

const ENTRA = {
  tenant: required(
    textThat(
      (value) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(value),
      'the id of one tenant',
      'its UUID in lower case',
    ),
    'Write the UUID of the tenant.',
  ),
  audience: optional(readAudience),
} satisfies OptionReaders<EntraOptions>

const COGNITO = {
  region: required(hostPart('a region', "one, such as 'eu-central-1'"), 'Write the region of the pool.'),
  userPoolId: required(
    textThat(
      (value) => /^[A-Za-z0-9-]{1,55}_[A-Za-z0-9]{1,64}$/.test(value),
      'the id of a user pool',
      "one, such as 'eu-central-1_AbCdEfGhI'",
    ),
    'Write the id of the pool.',
  ),
  clientId: required(readAudience, 'Write the id of the app client.'),
} satisfies OptionReaders<CognitoOptions>

const AUTH0 = {
  domain: required(
    hostPart('a domain', "one, such as 'example.eu.auth0.com'"),
    'Write the domain of the tenant.',
  ),
  audience: optional(readAudience),
  rolesClaim: optional(text('the name of a claim', "one, such as 'https://example.com/roles'")),
} satisfies OptionReaders<Auth0Options>

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password, search, hash } = new URL(value)
  return protocol === 'https:' && username === '' && password === '' && search === '' && hash === ''
}

/** What is no list of texts grants nothing. */
function textsOf(value: unknown): readonly string[] {
  return isTextList(value) ? value : []
}

function scopesOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? (parseScopes(value) ?? []) : []
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}

function listIn(value: unknown, key: string): readonly string[] {
  return textsOf(memberOf(value, key))
}
