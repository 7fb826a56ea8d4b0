import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  oauth2AuthorizationCodeBearer,
  oauth2PasswordBearer,
  type OAuth2PasswordBearerOptions,
  openIdConnect,
} from '../../src/identity/oauth2-bearers.ts'
import { mistakesOf, schemeContext } from '../support/compile.ts'
import { AUDIENCE, compiled, HS256, identify, ISSUER, token } from '../support/tokens.ts'

const OPTIONS: OAuth2PasswordBearerOptions = {
  tokenUrl: '/token',
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: HS256,
}

describe('oauth2PasswordBearer', () => {
  test('authenticates as jwt does', () => {
    const scheme = compiled(oauth2PasswordBearer<{ tenant: string }>({ ...OPTIONS, realm: 'orders' }))
    const found = identify(scheme, token({ scope: 'a', tenant: 't' }))
    assert.ok(found.type === 'authenticated')
    const tenant: string = found.principal.claims.tenant
    assert.deepEqual(
      [found.principal.scheme, found.principal.subject, found.principal.scopes, tenant],
      ['jwt', 'alice', ['a'], 't'],
    )
    assert.deepEqual(scheme.challenges([]), ['Bearer realm="orders"'])
    assert.equal(identify(scheme, token({ aud: 'x' })).type, 'bad')
  })

  test('describes itself as OpenAPI does', () => {
    const scopes = { 'data:read': 'Read the data' }
    assert.deepEqual(compiled(oauth2PasswordBearer({ ...OPTIONS, scopes })).describe?.(), {
      securitySchemes: {
        oauth2Password: { type: 'oauth2', flows: { password: { tokenUrl: '/token', scopes } } },
      },
      alternatives: [['oauth2Password']],
    })
  })

  const rows: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    ['all that is needed', OPTIONS, []],
    ['a relative path', { ...OPTIONS, tokenUrl: 'token' }, []],
    ['an https URL', { ...OPTIONS, tokenUrl: 'https://id.example.com/token' }, []],
    ['http on this machine', { ...OPTIONS, tokenUrl: 'http://localhost:3000/token' }, []],
    [
      'nothing',
      {},
      ['missing_option jwt.tokenUrl', 'missing_option jwt.issuer', 'missing_option jwt.audience'],
    ],
    [
      'http elsewhere',
      { ...OPTIONS, tokenUrl: 'http://id.example.com/token' },
      ['malformed_value jwt.tokenUrl'],
    ],
    ['another scheme', { ...OPTIONS, tokenUrl: 'data:text/plain,x' }, ['malformed_value jwt.tokenUrl']],
    [
      'a password in the URL',
      { ...OPTIONS, tokenUrl: 'https://a:b@id.example.com/' },
      ['malformed_value jwt.tokenUrl'],
    ],
    ['a fragment', { ...OPTIONS, tokenUrl: '/token#x' }, ['malformed_value jwt.tokenUrl']],
    ['a scope with a space', { ...OPTIONS, scopes: { 'a b': 'x' } }, ['malformed_value jwt.scopes["a b"]']],
    ['a scope without words', { ...OPTIONS, scopes: { a: true } }, ['wrong_type jwt.scopes.a']],
    ['scopes in a list', { ...OPTIONS, scopes: ['a'] }, ['wrong_type jwt.scopes']],
    ['an unknown option', { ...OPTIONS, token_url: '/x' }, ['unknown_option jwt.token_url']],
  ]
  for (const [name, options, mistakes] of rows) {
    test(`options: ${name}`, () => {
      const scheme = oauth2PasswordBearer(options as OAuth2PasswordBearerOptions)
      assert.deepEqual(
        mistakesOf('jwt', (where) => scheme.compile(schemeContext(where))),
        mistakes,
      )
    })
  }
})

test('AZ-12: oauth2AuthorizationCodeBearer describes where users log in, and takes the same tokens', () => {
  const scheme = compiled(
    oauth2AuthorizationCodeBearer({ ...OPTIONS, authorizationUrl: '/authorize', refreshUrl: '/refresh' }),
  )
  const flow = { authorizationUrl: '/authorize', tokenUrl: '/token', refreshUrl: '/refresh', scopes: {} }
  assert.deepEqual(scheme.describe?.(), {
    securitySchemes: { oauth2: { type: 'oauth2', flows: { authorizationCode: flow } } },
    alternatives: [['oauth2']],
  })
  assert.equal(identify(scheme, token({})).type, 'authenticated')
})

test('AZ-12: openIdConnect describes the metadata of its issuer, unless it is told of others', () => {
  const urlOf = (changes: object): string | undefined => {
    const { tokenUrl: _, ...options } = OPTIONS
    const scheme = compiled(openIdConnect({ ...options, ...changes }))
    return scheme.describe?.().securitySchemes['openIdConnect']?.openIdConnectUrl
  }
  const path = '/.well-known/openid-configuration'
  assert.equal(urlOf({ issuer: 'https://id.example.com/' }), `https://id.example.com${path}`)
  assert.equal(urlOf({ issuer: 'https://id.example.com/a' }), `https://id.example.com/a${path}`)
  assert.equal(urlOf({ openIdConnectUrl: 'https://b.example/x' }), 'https://b.example/x')
})

test('ERR-03: every URL that is described is looked at', () => {
  const code = { ...OPTIONS, authorizationUrl: 'http://id.example.com/', refreshUrl: '/a#b' }
  const oidc = { issuer: ISSUER, audience: AUDIENCE, keys: HS256, openIdConnectUrl: 'ftp://id.example.com' }
  const mistakes = (scheme: ReturnType<typeof openIdConnect>): readonly string[] =>
    mistakesOf('jwt', (where) => scheme.compile(schemeContext(where)))
  assert.deepEqual(mistakes(oauth2AuthorizationCodeBearer(code)), [
    'malformed_value jwt.refreshUrl',
    'malformed_value jwt.authorizationUrl',
  ])
  assert.deepEqual(mistakes(openIdConnect(oidc)), ['malformed_value jwt.openIdConnectUrl'])
})

for (const scheme of [oauth2PasswordBearer, oauth2AuthorizationCodeBearer, openIdConnect]) {
  test(`ERR-03: ${scheme.name} without options is a mistake of the policy`, () => {
    assert.deepEqual(
      mistakesOf('jwt', (where) => scheme(undefined as never).compile(schemeContext(where))),
      ['wrong_type jwt'],
    )
  })
}
