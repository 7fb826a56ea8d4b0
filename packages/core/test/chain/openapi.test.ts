import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OpenApiDocument } from '../../src/chain/openapi.ts'
import type { SchemeDescription } from '../../src/contract/description.ts'
import type { Scheme } from '../../src/contract/scheme.ts'
import { allOf } from '../../src/identity/all-of.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { basic } from '../../src/identity/basic.ts'
import { oauth2PasswordBearer } from '../../src/identity/oauth2-bearers.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { AUDIENCE, HS256, ISSUER } from '../support/tokens.ts'
import { compiled, headerScheme } from '../support/schemes.ts'

const token = oauth2PasswordBearer({
  tokenUrl: '/token',
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: HS256,
  scopes: { a: 'A' },
})
const key = apiKey({ keys: [{ id: 'k', hash: hashApiKey('x'.repeat(40)), subject: 'job' }] })
const user = basic({ verify: () => undefined })

/** The document of a policy. */
function documentOf(policy: object, document?: OpenApiDocument): OpenApiDocument {
  return gatehouse({ hosts: ['api.example.com'], ...policy }).openapi(document)
}

/** What an operation of a document asks. */
function securityOf(document: OpenApiDocument, path: string, method: string): unknown {
  return operationOf(document, path, method)['security']
}

function operationOf(
  document: OpenApiDocument,
  path: string,
  method: string,
): Readonly<Record<string, unknown>> {
  const operation = document.paths?.[path]?.[method]
  assert.ok(typeof operation === 'object' && operation !== null, `${method} ${path} is there`)
  return operation as Readonly<Record<string, unknown>>
}

describe('what an operation asks', () => {
  const rows: readonly [name: string, authenticate: unknown, rule: object, expected: unknown][] = [
    ['a caller', token, { authenticated: true }, [{ oauth2Password: [] }]],
    ['all of some scopes', token, { scopes: ['a', 'b'] }, [{ oauth2Password: ['a', 'b'] }]],
    [
      'any of some scopes',
      token,
      { scopes: { any: ['a', 'b'] } },
      [{ oauth2Password: ['a'] }, { oauth2Password: ['b'] }],
    ],
    ['nothing', token, { public: 'why' }, []],
    ['a caller, if there is one', token, { optional: 'why' }, [{ oauth2Password: [] }, {}]],
    [
      'one scheme or another',
      anyOf(token, key),
      { scopes: ['a'] },
      [{ oauth2Password: ['a'] }, { apiKey: [] }],
    ],
    ['both of two', allOf(user, key), { authenticated: true }, [{ basic: [], apiKey: [] }]],
    ['any of some scopes of a key, which has none', key, { scopes: { any: ['a', 'b'] } }, [{ apiKey: [] }]],
    ['a scheme of one’s own', headerScheme('mine', 'x-mine'), { authenticated: true }, [{ mine: [] }]],
  ]
  for (const [name, authenticate, rule, expected] of rows) {
    test(`AZ-12: ${name}`, () => {
      const document = documentOf({ authenticate, routes: { 'GET /x': rule } })
      assert.deepEqual(securityOf(document, '/x', 'get'), expected)
    })
  }

  test('AZ-12: an API that authenticates nobody asks nothing', () => {
    const document = documentOf({ public: 'open data', routes: { 'GET /x': { public: 'open data' } } })
    assert.deepEqual(document.security, [])
    assert.deepEqual(securityOf(document, '/x', 'get'), [])
    assert.deepEqual(document.components?.['securitySchemes'], {})
  })
})

describe('a document of the routes alone', () => {
  const document = documentOf({
    authenticate: token,
    routes: {
      'GET /users/:id': { scopes: ['a'] },
      'POST /users/:id': { scopes: ['b'] },
      '/any': { authenticated: true },
      'GET /files/*': { authenticated: true },
    },
  })

  test('AZ-12: has the routes with a method and no wildcard, their parameters, and the schemes', () => {
    assert.deepEqual(Object.keys(document.paths ?? {}), ['/users/{id}'])
    assert.deepEqual(Object.keys(document.paths?.['/users/{id}'] ?? {}), ['get', 'post'])
    assert.deepEqual(operationOf(document, '/users/{id}', 'get')['parameters'], [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    ])
    assert.deepEqual(document.components?.['securitySchemes'], {
      oauth2Password: { type: 'oauth2', flows: { password: { tokenUrl: '/token', scopes: { a: 'A' } } } },
    })
    assert.deepEqual(document.security, [{ oauth2Password: [] }])
    assert.match(document.openapi, /^3\.1\./)
  })
})

describe('a document of one’s own', () => {
  const own: OpenApiDocument = {
    openapi: '3.1.0',
    info: { title: 'Orders', version: '1.2.3', description: 'kept' },
    servers: [{ url: 'https://api.example.com/v1/' }],
    paths: {
      '/users/{user}': {
        summary: 'kept',
        get: { operationId: 'getUser', security: [], responses: {} },
        patch: { responses: {} },
      },
      '/users/me': { get: { responses: {} } },
    },
    components: { schemas: { User: {} }, securitySchemes: { other: { type: 'http', scheme: 'other' } } },
  }
  const before = JSON.stringify(own)
  const document = documentOf(
    {
      authenticate: token,
      routes: { 'GET /v1/users/:id': { scopes: ['a'] }, 'GET /v1/users/me': { scopes: ['me'] } },
    },
    own,
  )

  test('AZ-12: keeps everything but what its operations ask, which is the policy’s to say', () => {
    assert.deepEqual(document.info, own.info)
    assert.equal(document.paths?.['/users/{user}']?.['summary'], 'kept')
    assert.equal(operationOf(document, '/users/{user}', 'get')['operationId'], 'getUser')
    assert.deepEqual(securityOf(document, '/users/{user}', 'get'), [{ oauth2Password: ['a'] }])
    assert.deepEqual(Object.keys(document.components?.['schemas'] as object), ['User'])
    assert.deepEqual(Object.keys(document.components?.['securitySchemes'] as object), [
      'other',
      'oauth2Password',
    ])
  })

  test('AZ-12: a named part is never taken for a literal one', () => {
    assert.deepEqual(securityOf(document, '/users/me', 'get'), [{ oauth2Password: ['me'] }])
  })

  test('AZ-12: a scheme that names no way to satisfy it makes no operation look open', () => {
    const compiledScheme = compiled(headerScheme('silent', 'x-silent'))
    const nothing = (): SchemeDescription => ({ securitySchemes: {}, alternatives: [] })
    const authenticate: Scheme = {
      name: 'silent',
      compile: () => ({ ...compiledScheme, describe: nothing }),
    }
    const written = documentOf({ authenticate, routes: { 'GET /a': { authenticated: true } } })
    assert.deepEqual(securityOf(written, '/a', 'get'), [{ silent: [] }])
    assert.deepEqual(written.security, [{ silent: [] }])
  })

  test('AZ-12: an operation that no rule binds asks what the default does', () => {
    assert.deepEqual(securityOf(document, '/users/{user}', 'patch'), [{ oauth2Password: [] }])
  })

  test('the document that was given is not changed', () => assert.equal(JSON.stringify(own), before))
})
