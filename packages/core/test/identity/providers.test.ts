import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { auth0, cognito, entra, keycloak, type Provider } from '../../src/identity/providers.ts'
import { claims, compiled, identify, pairFor, token } from '../support/tokens.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const key = { alg: 'RS256', key: pairFor('RS256').privateKey } as const

/** The preset, with a key of this test in place of those that it would fetch. */
function local(
  provider: Provider,
  audience: string | readonly string[] = 'orders',
): ReturnType<typeof compiled> {
  return compiled(jwt({ audience, ...provider, keys: { alg: 'RS256', key: pairFor('RS256').publicKey } }))
}

/** Who a token is of, and what they may do. */
function judge(scheme: ReturnType<typeof compiled>, changes: Record<string, unknown>): unknown {
  const found = identify(scheme, token(changes, key))
  if (found.type !== 'authenticated') return found.type === 'bad' ? found.kind : 'none'
  const { scopes, roles, permissions } = found.principal
  return { scopes, roles, ...(permissions && { permissions }) }
}

const KEYCLOAK = { url: 'https://sso.example.com/', realm: 'staff', client: 'orders' }
const COGNITO = { region: 'eu-central-1', userPoolId: 'eu-central-1_AbC', clientId: ['web', 'app'] }
const presets: readonly [
  name: string,
  scheme: ReturnType<typeof compiled>,
  access: Record<string, unknown>,
  expected: unknown,
  others: readonly (readonly [name: string, changes: Record<string, unknown>, expected: unknown])[],
][] = [
  [
    'keycloak',
    local(keycloak(KEYCLOAK)),
    {
      iss: 'https://sso.example.com/realms/staff',
      aud: ['orders', 'account'],
      typ: 'Bearer',
      scope: 'openid data:read',
      realm_access: { roles: ['user'] },
      resource_access: { orders: { roles: ['editor'] }, account: { roles: ['manage-account'] } },
    },
    { scopes: ['openid', 'data:read'], roles: ['user', 'editor'] },
    [
      ['an ID token', { typ: 'ID' }, 'token.wrong-type'],
      ['a refresh token', { typ: 'Refresh' }, 'token.wrong-type'],
      ['another realm', { iss: 'https://sso.example.com/realms/guests' }, 'token.wrong-issuer'],
      ['no API in the audience', { aud: 'account' }, 'token.wrong-audience'],
      [
        'roles of an odd form',
        { realm_access: 'admin', resource_access: [1] },
        { scopes: ['openid', 'data:read'], roles: [] },
      ],
    ],
  ],
  [
    'entra',
    local(entra({ tenant: TENANT })),
    {
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      aud: 'orders',
      ver: '2.0',
      tid: TENANT,
      azp: 'web',
      scp: 'Orders.Read Orders.Write',
      roles: ['Admin'],
    },
    { scopes: ['Orders.Read', 'Orders.Write'], roles: ['Admin'] },
    [
      ['an ID token', { azp: undefined }, 'token.claim-malformed'],
      ['a token of version 1', { ver: '1.0' }, 'token.wrong-type'],
      ['another tenant', { tid: TENANT.replace('1', '2') }, 'token.wrong-type'],
      ['an application of its own', { scp: undefined }, { scopes: [], roles: ['Admin'] }],
    ],
  ],
  [
    'cognito',
    local(cognito(COGNITO), cognito(COGNITO).audience),
    {
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC',
      aud: undefined,
      client_id: 'app',
      token_use: 'access',
      scope: 'orders/read',
      'cognito:groups': ['staff'],
    },
    { scopes: ['orders/read'], roles: ['staff'] },
    [
      ['an ID token', { token_use: 'id', client_id: undefined, aud: 'app' }, 'token.claim-malformed'],
      ['an ID token that names its client', { token_use: 'id' }, 'token.wrong-type'],
      ['another client', { client_id: 'else' }, 'token.wrong-audience'],
      ['nobody in a group', { 'cognito:groups': undefined }, { scopes: ['orders/read'], roles: [] }],
    ],
  ],
  [
    'auth0',
    local(auth0({ domain: 'example.eu.auth0.com', rolesClaim: 'https://example.com/roles' })),
    {
      iss: 'https://example.eu.auth0.com/',
      aud: ['orders', 'https://example.eu.auth0.com/userinfo'],
      scope: 'openid',
      permissions: ['orders:delete'],
      'https://example.com/roles': ['admin'],
    },
    { scopes: ['openid'], roles: ['admin'], permissions: ['orders:delete'] },
    [
      ['an ID token', { aud: 'client-id' }, 'token.wrong-audience'],
      ['the issuer without its slash', { iss: 'https://example.eu.auth0.com' }, 'token.wrong-issuer'],
    ],
  ],
]

for (const [preset, scheme, access, expected, others] of presets) {
  describe(preset, () => {
    test('AZ-04: an access token, with its scopes and roles', () => {
      assert.deepEqual(judge(scheme, { ...claims(), ...access }), expected)
    })
    for (const [name, changes, outcome] of others) {
      test(`JWT-14: ${name}`, () => assert.deepEqual(judge(scheme, { ...access, ...changes }), outcome))
    }
  })
}

describe('where they have their keys', () => {
  const urls: readonly [provider: Provider, url: string][] = [
    [keycloak(KEYCLOAK), 'https://sso.example.com/realms/staff/protocol/openid-connect/certs'],
    [entra({ tenant: TENANT }), `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`],
    [
      cognito(COGNITO),
      'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC/.well-known/jwks.json',
    ],
    [auth0({ domain: 'example.eu.auth0.com' }), 'https://example.eu.auth0.com/.well-known/jwks.json'],
  ]
  for (const [{ keys }, url] of urls) {
    test(`JWKS-01: ${url}`, () => {
      assert.ok('options' in keys)
      assert.equal(keys.options.url, url)
    })
  }
})

describe('options', () => {
  const rows: readonly [name: string, build: () => unknown][] = [
    ['entra for every tenant of the world', () => entra({ tenant: 'common' })],
    ['keycloak over http', () => keycloak({ url: 'http://sso.example.com', realm: 'a' })],
    ['keycloak without a realm', () => keycloak({ url: 'https://sso.example.com', realm: '' })],
    ['cognito with a region that is a path', () => cognito({ ...COGNITO, region: 'a/b' })],
    ['cognito with a pool that is a path', () => cognito({ ...COGNITO, userPoolId: '../x' })],
    ['auth0 with a URL', () => auth0({ domain: 'https://example.eu.auth0.com' })],
  ]
  for (const [name, build] of rows) {
    test(`ERR-03: ${name} does not build`, () => assert.throws(build, ConfigError))
  }
})
