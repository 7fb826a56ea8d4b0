import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { jwt } from '../../../src/identity/jwt.ts'
import { type OAuthClient, tokenEndpoint } from '../../../src/identity/token-endpoint.ts'
import {
  basicFields,
  BILLING_SECRET,
  CLIENTS,
  serveEndpoint,
  type ServedEndpoint,
  testIssuer,
  verify,
  WEB_SECRET,
} from '../../support/token-endpoint.ts'
import { AUDIENCE, compiled, HS256, identify, ISSUER } from '../../support/tokens.ts'

const OWN = { grant_type: 'client_credentials' }
const LOGIN = { grant_type: 'password', username: 'alice', password: 'secret' }
const billing = basicFields('billing', BILLING_SECRET)

describe('the clients of the token endpoint', () => {
  let server: ServedEndpoint
  before(async () => {
    server = await serveEndpoint(tokenEndpoint({ issuer: testIssuer(), verify, clients: CLIENTS }))
  })
  after(() => server.close())

  test('RFC 6749 §4.4: a client gets a token of its own, and no refresh token', async () => {
    const { status, json } = await server.post(OWN, billing)
    const { access_token: token, ...rest } = json
    assert.equal(status, 200)
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 1800, scope: 'data:read bills:write' })
    const scheme = compiled(jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256, typ: 'at+jwt' }))
    const found = identify(scheme, String(token))
    assert.ok(found.type === 'authenticated')
    const { subject, scopes, roles, claims } = found.principal
    assert.deepEqual([subject, scopes, roles], ['billing', ['data:read', 'bills:write'], ['service']])
    assert.deepEqual([claims['client_id'], claims['tenant']], ['billing', 't'])
  })

  test('RFC 6749 §3.3: a client gets the scopes that it asks for, none beyond its own', async () => {
    assert.equal((await server.post({ ...OWN, scope: 'data:read' }, billing)).json['scope'], 'data:read')
    assert.equal((await server.post({ ...OWN, scope: 'data:write' }, billing)).json['error'], 'invalid_scope')
    assert.equal((await server.post({ ...OWN, scope: 'data' }, billing)).json['error'], 'invalid_scope')
  })

  test('a user gets through a client what both may have', async () => {
    const spa = { ...LOGIN, client_id: 'spa' }
    assert.equal((await server.post(spa)).json['scope'], 'data:read')
    assert.equal((await server.post({ ...spa, scope: 'data:write' })).json['error'], 'invalid_scope')
    const { json } = await server.post(LOGIN, basicFields('web', WEB_SECRET))
    assert.equal(json['scope'], 'data:read data:write')
    const payload = String(json['access_token']).split('.')[1] ?? ''
    assert.match(Buffer.from(payload, 'base64url').toString(), /"client_id":"web"/)
  })

  const post = { client_id: 'billing', client_secret: BILLING_SECRET }
  const good: readonly [name: string, form: Record<string, string>, fields: readonly string[]][] = [
    ['client_secret_basic', OWN, billing],
    ['client_secret_post', { ...OWN, ...post }, []],
    ['client_secret_basic and the same client_id', { ...OWN, client_id: 'billing' }, billing],
    ['a secret that has to be urlencoded', LOGIN, basicFields('web', WEB_SECRET)],
    ['the older of two secrets', LOGIN, basicFields('web', 'an older secret')],
    ['the scheme in another case', OWN, ['Authorization', (billing[1] ?? '').replace('Basic', 'bASIC')]],
    ['a public client by its id', { ...LOGIN, client_id: 'spa' }, []],
    ['a public client by its id and an empty secret', { ...LOGIN, client_id: 'spa', client_secret: '' }, []],
    ['a public client in the Authorization field', LOGIN, basicFields('spa', '')],
  ]
  for (const [name, form, fields] of good) {
    test(`RFC 6749 §2.3.1: ${name}`, async () => assert.equal((await server.post(form, fields)).status, 200))
  }

  const wrong: readonly [
    name: string,
    form: Record<string, string>,
    fields: readonly string[],
    error: string,
  ][] = [
    ['no client', OWN, [], '400 invalid_client'],
    ['no client for a password', LOGIN, [], '400 invalid_client'],
    ['an unknown client', { ...OWN, ...post, client_id: 'mallory' }, [], '400 invalid_client'],
    ['a wrong secret', { ...OWN, ...post, client_secret: 'wrong' }, [], '400 invalid_client'],
    ['no secret', { ...OWN, client_id: 'billing' }, [], '400 invalid_client'],
    ['an empty secret', { ...OWN, client_id: 'billing', client_secret: '' }, [], '400 invalid_client'],
    [
      'the hash of the secret',
      { ...OWN, ...post, client_secret: String(CLIENTS[0]?.secretHash) },
      [],
      '400 invalid_client',
    ],
    [
      'a public client with a secret',
      { ...LOGIN, client_id: 'spa', client_secret: 'x' },
      [],
      '400 invalid_client',
    ],
    ['an unknown client in Authorization', OWN, basicFields('mallory', 'x'), '401 invalid_client'],
    ['a wrong secret in Authorization', OWN, basicFields('billing', 'x'), '401 invalid_client'],
    ['an empty secret in Authorization', OWN, basicFields('billing', ''), '401 invalid_client'],
    ['an empty id in Authorization', OWN, basicFields('', ''), '401 invalid_client'],
    ['another scheme', OWN, ['Authorization', 'Bearer x'], '401 invalid_client'],
    ['junk in Authorization', OWN, ['Authorization', 'Basic !'], '401 invalid_client'],
    [
      'a broken escape',
      OWN,
      ['Authorization', `Basic ${Buffer.from('a%:b').toString('base64')}`],
      '401 invalid_client',
    ],
    [
      'an encoded NUL',
      OWN,
      ['Authorization', `Basic ${Buffer.from('a%00:b').toString('base64')}`],
      '401 invalid_client',
    ],
    ['two ways at once', { ...OWN, ...post }, billing, '400 invalid_request'],
    ['another client_id than in Authorization', { ...OWN, client_id: 'web' }, billing, '400 invalid_request'],
    ['two Authorization fields', OWN, [...billing, ...billing], '400 invalid_request'],
    ['a grant that the client may not use', LOGIN, billing, '400 unauthorized_client'],
    ['a token of its own for a public client', { ...OWN, client_id: 'spa' }, [], '400 unauthorized_client'],
    [
      'refreshing where nothing is refreshed',
      { ...post, grant_type: 'refresh_token', refresh_token: 'x' },
      [],
      '400 unsupported_grant_type',
    ],
    [
      'a grant from Object.prototype',
      { ...post, grant_type: 'constructor' },
      [],
      '400 unsupported_grant_type',
    ],
  ]
  for (const [name, form, fields, expected] of wrong) {
    test(`RFC 6749 §5.2: ${name}`, async () => {
      const { status, json, headers } = await server.post(form, fields)
      assert.equal(`${status} ${String(json['error'])}`, expected)
      assert.deepEqual(Object.keys(json), ['error', 'error_description'])
      assert.match(String(json['error_description']), /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['www-authenticate'], status === 401 ? 'Basic realm="token"' : undefined)
    })
  }

  test('AUT-08: an unknown client and a wrong secret get the same bytes', async () => {
    const { body } = await server.post({ ...OWN, ...post, client_id: 'mallory' })
    assert.equal((await server.post({ ...OWN, ...post, client_secret: 'wrong' })).body, body)
    const field = await server.post(OWN, basicFields('mallory', 'x'))
    assert.equal((await server.post(OWN, basicFields('billing', 'x'))).body, field.body)
  })

  test('LOG-01, LOG-02: the log hears which client got a token, and that one was refused, and no secret', async () => {
    const own = await serveEndpoint(tokenEndpoint({ issuer: testIssuer(), clients: CLIENTS }))
    await own.post(OWN, billing)
    await own.post({ ...OWN, ...post, client_secret: 'wrong' })
    await own.close()
    assert.deepEqual(
      own.told.map(([outcome, kind]) => [outcome, kind]),
      [
        ['allowed', 'credentials.accepted'],
        ['refused', 'credentials.wrong'],
      ],
    )
    assert.match(own.told[0]?.[2] ?? '', /the client billing$/)
    assert.equal(JSON.stringify(own.told).includes('secret_of'), false)
  })
})

describe('clients that are looked up', () => {
  const id = 'billing'
  const secretHash = CLIENTS[0]?.secretHash ?? ''
  const rows: readonly [name: string, client: unknown, status: number, error: string | undefined][] = [
    ['a client', { id, secretHash, grants: ['client_credentials'] }, 200, undefined],
    ['a promise', Promise.resolve({ id, secretHash, grants: ['client_credentials'] }), 200, undefined],
    ['nothing', undefined, 401, 'invalid_client'],
    ['null', null, 401, 'invalid_client'],
    ['false', false, 401, 'invalid_client'],
    [
      'a client of another name',
      { id: 'Billing', secretHash, grants: ['client_credentials'] },
      401,
      'invalid_client',
    ],
    ['a public client', { id, public: true, grants: ['client_credentials'] }, 401, 'invalid_client'],
    ['a client without secret', { id, grants: ['client_credentials'] }, 503, 'temporarily_unavailable'],
    [
      'a secret in clear',
      { id, secretHash: BILLING_SECRET, grants: ['client_credentials'] },
      503,
      'temporarily_unavailable',
    ],
    [
      'grants that are a text',
      { id, secretHash, grants: 'client_credentials' },
      503,
      'temporarily_unavailable',
    ],
    [
      'scopes that are a text',
      { id, secretHash, grants: ['client_credentials'], scopes: 'a b' },
      503,
      'temporarily_unavailable',
    ],
    ['true', true, 503, 'temporarily_unavailable'],
    ['a rejection', () => Promise.reject(new Error('secret detail')), 503, 'temporarily_unavailable'],
  ]
  for (const [name, client, status, error] of rows) {
    test(`AUT-10, AUT-15: ${name}`, async () => {
      const find = (): OAuthClient =>
        (typeof client === 'function' ? (client as () => unknown)() : client) as OAuthClient
      const server = await serveEndpoint(tokenEndpoint({ issuer: testIssuer(), clients: find }))
      const answer = await server.post(OWN, billing)
      await server.close()
      assert.deepEqual([answer.status, answer.json['error']], [status, error])
      assert.equal(answer.body.includes('secret detail'), false)
    })
  }
})
