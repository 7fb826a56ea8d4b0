import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import {
  authorizationServerMetadata,
  type AuthorizationServerOptions,
  jsonDocument,
} from '../../src/identity/authorization-server.ts'
import { tokenIssuer } from '../../src/identity/sign.ts'
import { start } from '../support/http.ts'
import { AUDIENCE, ISSUER, pairFor } from '../support/tokens.ts'

const OPTIONS: AuthorizationServerOptions = {
  issuer: 'https://id.example.com',
  tokenEndpoint: 'https://id.example.com/token',
  grants: ['client_credentials'],
}

function mistakesOf(build: () => unknown): readonly string[] {
  try {
    build()
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes.map(
      ({ code, path }) => `${code} ${path.replace('authorizationServerMetadata', '')}`,
    )
  }
  return []
}

describe('the metadata of an authorization server', () => {
  test('RFC 8414 §2: what must be there is, and nothing that was not said', () => {
    assert.deepEqual(authorizationServerMetadata(OPTIONS), {
      issuer: 'https://id.example.com',
      token_endpoint: 'https://id.example.com/token',
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    })
  })

  test('RFC 8414 §2: all that can be said', () => {
    const metadata = authorizationServerMetadata({
      ...OPTIONS,
      grants: ['refresh_token', 'password'],
      clientAuthentication: ['none', 'client_secret_basic'],
      jwksUri: 'https://id.example.com/jwks',
      revocationEndpoint: 'https://id.example.com/revoke',
      scopes: ['data:read'],
      documentation: 'https://id.example.com/docs',
    })
    assert.deepEqual(metadata, {
      issuer: 'https://id.example.com',
      token_endpoint: 'https://id.example.com/token',
      jwks_uri: 'https://id.example.com/jwks',
      revocation_endpoint: 'https://id.example.com/revoke',
      service_documentation: 'https://id.example.com/docs',
      scopes_supported: ['data:read'],
      response_types_supported: [],
      grant_types_supported: ['password', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    })
  })

  const issuers: readonly [issuer: string, ok: boolean][] = [
    ['https://id.example.com/tenant', true],
    ['http://localhost:3000', true],
    ['http://127.0.0.1:3000', true],
    ['http://[::1]:3000', true],
    ['http://id.example.com', false],
    ['http://localhost.example.com', false],
    ['https://id.example.com?', false],
    ['https://id.example.com#', false],
    ['https://user@id.example.com', false],
    ['id.example.com', false],
    ['data:text/plain,x', false],
    ['', false],
  ]
  for (const [issuer, ok] of issuers) {
    test(`RFC 8414 §2: the issuer "${issuer}" is ${ok ? 'taken' : 'refused'}`, () => {
      const build = (): unknown => authorizationServerMetadata({ ...OPTIONS, issuer })
      assert.deepEqual(mistakesOf(build), ok ? [] : ['malformed_value .issuer'])
    })
  }

  test('ERR-03: every mistake at once', () => {
    const options = {
      tokenEndpoint: '/token',
      grants: ['implicit'],
      clientAuthentication: [],
      jwksUri: 1,
      jwks: 1,
    }
    assert.deepEqual(
      mistakesOf(() => authorizationServerMetadata(options as unknown as AuthorizationServerOptions)),
      [
        'unknown_option .jwks',
        'missing_option .issuer',
        'malformed_value .tokenEndpoint',
        'malformed_value .grants[0]',
        'out_of_range .clientAuthentication',
        'wrong_type .jwksUri',
      ],
    )
  })
})

describe('a JSON document', () => {
  const key = { alg: 'ES256', key: pairFor('ES256').privateKey } as const
  const issuer = tokenIssuer({ issuer: ISSUER, audience: AUDIENCE, key })

  test('RFC 8414 §3.2: it is served as JSON that anybody may keep', async () => {
    const keys = jsonDocument(issuer.jwks())
    const server = await start((req, res) => keys(req, res))
    const { status, headers, body } = await server.send({ path: '/jwks' })
    const head = await server.send({ method: 'HEAD', path: '/jwks' })
    await server.close()
    assert.deepEqual(
      [status, headers['content-type'], headers['cache-control']],
      [200, 'application/json', 'public, max-age=300'],
    )
    assert.deepEqual(JSON.parse(body), issuer.jwks())
    assert.equal(body.includes('"d"'), false)
    assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', String(body.length)])
  })

  test('another method is 405, with those that are allowed', async () => {
    const keys = jsonDocument({})
    const server = await start((req, res) => keys(req, res))
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status, headers } = await server.send({ method })
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'])
    }
    await server.close()
  })

  test('how long it may be kept is an option', async () => {
    const keys = jsonDocument({}, { maxAge: '90s' })
    const server = await start((req, res) => keys(req, res))
    assert.equal((await server.send({})).headers['cache-control'], 'public, max-age=90')
    await server.close()
    assert.deepEqual(
      mistakesOf(() => jsonDocument({}, { maxAge: '2d' })),
      ['out_of_range jsonDocument.maxAge'],
    )
    assert.deepEqual(
      mistakesOf(() => jsonDocument({}, { maxAge: 0 })),
      [],
    )
  })
})
