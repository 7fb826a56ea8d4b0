import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { compileProtectedResource } from '../../src/checks/protected-resource.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import {
  authenticated,
  type ChallengeParams,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
} from '../../src/contract/scheme.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { mistakesOf, place } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { start } from '../support/http.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'
import { AUDIENCE, HS256, ISSUER } from '../support/tokens.ts'

const SETTING = {
  resource: 'https://api.example.com/orders',
  authorizationServers: ['https://id.example.com'],
  scopes: ['data:read'],
  name: 'Orders',
  documentation: 'https://docs.example.com/orders',
}
const PATH = '/.well-known/oauth-protected-resource/orders'
const URL_OF_IT = `https://api.example.com${PATH}`

describe('the metadata of a protected resource', () => {
  const paths: readonly [resource: string, url: string][] = [
    ['https://api.example.com', 'https://api.example.com/.well-known/oauth-protected-resource'],
    ['https://api.example.com/', 'https://api.example.com/.well-known/oauth-protected-resource'],
    ['https://api.example.com/orders', URL_OF_IT],
    [
      'https://api.example.com:8443/a/b',
      'https://api.example.com:8443/.well-known/oauth-protected-resource/a/b',
    ],
  ]
  for (const [resource, url] of paths) {
    test(`PRM-01: ${resource} has its metadata at ${url}`, () => {
      assert.equal(compileProtectedResource(place('protectedResource'), { resource }).url, url)
    })
  }

  const asked: readonly [method: string, path: string, type: string][] = [
    ['GET', PATH, 'answer'],
    ['HEAD', PATH, 'answer'],
    ['POST', PATH, 'pass'],
    ['OPTIONS', PATH, 'pass'],
    ['GET', `${PATH}/`, 'pass'],
    ['GET', '/.well-known/oauth-protected-resource', 'pass'],
    ['GET', '/orders', 'pass'],
  ]
  for (const [method, path, type] of asked) {
    test(`PRM-01: ${method} ${path} is ${type === 'pass' ? 'not its matter' : 'answered'}`, () => {
      const { check } = compileProtectedResource(place('protectedResource'), SETTING)
      const verdict = check?.decide(facts({ method, path }))
      assert.ok(verdict !== undefined && !(verdict instanceof Promise))
      assert.equal(verdict.type, type)
    })
  }

  const wrong: readonly [name: string, setting: unknown, mistakes: readonly string[]][] = [
    ['no resource', {}, ['missing_option protectedResource.resource']],
    ['plain http', { resource: 'http://api.example.com' }, ['malformed_value protectedResource.resource']],
    ['a query', { resource: 'https://api.example.com/?a' }, ['malformed_value protectedResource.resource']],
    ['a fragment', { resource: 'https://api.example.com/#' }, ['malformed_value protectedResource.resource']],
    [
      'a password',
      { resource: 'https://a:b@api.example.com' },
      ['malformed_value protectedResource.resource'],
    ],
    ['no URL', { resource: 'api' }, ['malformed_value protectedResource.resource']],
    [
      'a server that is no URL, and an unknown option',
      { ...SETTING, authorizationServers: ['id'], scope: 'a' },
      ['unknown_option protectedResource.scope', 'malformed_value protectedResource.authorizationServers[0]'],
    ],
  ]
  for (const [name, setting, mistakes] of wrong) {
    test(`ERR-03: ${name} does not build`, () => {
      assert.deepEqual(
        mistakesOf('protectedResource', (where) => compileProtectedResource(where, setting)),
        mistakes,
      )
    })
  }
})

describe('over the wire', () => {
  let api: Guarded
  before(async () => {
    api = await guarded({ protectedResource: SETTING, routes: { '/admin': { roles: ['admin'] } } })
  })
  after(() => api.close())

  test('PRM-01: anybody gets the document, with the resource exactly as written', async () => {
    const { status, headers, body } = await api.send({ path: PATH })
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['cache-control'], 'public, max-age=3600')
    assert.deepEqual(JSON.parse(body), {
      resource: SETTING.resource,
      authorization_servers: SETTING.authorizationServers,
      scopes_supported: SETTING.scopes,
      bearer_methods_supported: ['header'],
      resource_name: SETTING.name,
      resource_documentation: SETTING.documentation,
    })
  })

  test('PRM-01: HEAD gets its fields and no content', async () => {
    const { status, body, headers } = await api.send({ method: 'HEAD', path: PATH })
    assert.deepEqual([status, body], [200, ''])
    assert.ok(Number(headers['content-length']) > 0)
  })

  test('LOG-01: it is told as what it is', async () => {
    await api.send({ path: PATH })
    const last = (await api.events()).at(-1)
    assert.deepEqual([last?.outcome, last?.kind, last?.status], ['answered', 'request.metadata', 200])
  })

  test('PRM-01: no other path is opened', async () => {
    assert.equal((await api.send({ path: '/.well-known/oauth-protected-resource' })).status, 401)
    assert.equal((await api.send({ path: '/admin', fields: as('alice') })).status, 403)
  })
})

test('PRM-01: each 401 names the metadata', async () => {
  const gate = gatehouse({
    hosts: ['127.0.0.1'],
    https: 'dangerouslyAllowHttp',
    protectedResource: SETTING,
    authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256 }),
  })
  const running = await start(gate.handler((_req, res) => res.end()))
  try {
    const rows: readonly [fields: readonly string[], error: string][] = [
      [[], ''],
      [['Authorization', 'Bearer junk'], ', error="invalid_token"'],
    ]
    for (const [fields, error] of rows) {
      const { status, headers } = await running.send({ fields: ['Host', '127.0.0.1', ...fields] })
      assert.equal(status, 401)
      assert.equal(
        headers['www-authenticate'],
        `Bearer realm="api"${error}, resource_metadata="${URL_OF_IT}"`,
      )
    }
  } finally {
    await running.close()
  }
})

test('PRM-01: a scheme that is an instance of a class works besides, and names the metadata', async () => {
  class Own implements CompiledScheme<TestPrincipal> {
    readonly name = 'own'
    readonly fields = ['x-caller']
    readonly #answer = authenticated<TestPrincipal>({
      scheme: 'test',
      subject: 'alice',
      issuer: undefined,
      scopes: [],
      roles: [],
    })
    identify({ headers }: RequestFacts): Identification<TestPrincipal> {
      return headers['x-caller'] === 'alice' ? this.#answer : NO_CREDENTIALS
    }
    challenges(params: ChallengeParams): readonly string[] {
      return [`Own ${params.map(([name, value]) => `${name}="${value}"`).join(', ')}`]
    }
  }
  const api = await guarded({
    protectedResource: SETTING,
    authenticate: { name: 'own', compile: () => new Own() },
  })
  try {
    assert.equal((await api.send({ path: '/', fields: ['X-Caller', 'alice'] })).status, 200)
    const { status, headers } = await api.send({ path: '/' })
    assert.deepEqual([status, headers['www-authenticate']], [401, `Own resource_metadata="${URL_OF_IT}"`])
  } finally {
    await api.close()
  }
})
