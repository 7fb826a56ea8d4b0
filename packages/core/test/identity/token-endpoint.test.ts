import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { tokenIssuer } from '../../src/identity/sign.ts'
import {
  type TokenAccount,
  tokenEndpoint,
  type TokenEndpointOptions,
  type TokenRequest,
} from '../../src/identity/token-endpoint.ts'
import { movableClock } from '../support/clock.ts'
import { type Received, type Running, start } from '../support/http.ts'
import { AUDIENCE, compiled, HS256, identify, ISSUER } from '../support/tokens.ts'

const issuer = tokenIssuer({
  issuer: ISSUER,
  audience: AUDIENCE,
  key: HS256,
  lifetime: '30m',
  clock: movableClock(),
})
const FORM = ['Content-Type', 'application/x-www-form-urlencoded']
const HASH = hashApiKey('a secret of a client')
const GOOD = 'grant_type=password&username=alice&password=secret'
const ALICE: TokenAccount = {
  subject: 'u1',
  scopes: ['data:read', 'data:write'],
  roles: ['user'],
  claims: { tenant: 't' },
}

/** What `verify` saw last. */
let seen: TokenRequest | undefined

function verify(username: string, password: string, request: TokenRequest): TokenAccount | undefined {
  seen = request
  switch (username) {
    case 'alice':
      return password === 'secret' ? ALICE : undefined
    case 'bare':
      return { subject: 'u2' }
    case 'throws':
      throw new Error('secret detail')
    case 'rejects':
      return Promise.reject(new Error('secret detail')) as never
    case 'nameless':
      return { subject: '' }
    case 'true':
      return true as never
    case 'null':
      return null as never
    case 'text':
      return { subject: 'u3', scopes: 'data:read data:write' as never }
    default:
      return undefined
  }
}

const json = (received: Received): Record<string, unknown> =>
  JSON.parse(received.body) as Record<string, unknown>

describe('the token endpoint', () => {
  let server: Running
  before(async () => {
    const endpoint = tokenEndpoint({ issuer, verify })
    server = await start((req, res) => void endpoint(req, res))
  })
  after(() => server.close())
  const post = (body: string, fields: readonly string[] = FORM): Promise<Received> =>
    server.send({ method: 'POST', path: '/token', fields, body })

  test('RFC 6749 §5.1: answers a right password with a token', async () => {
    const received = await post(GOOD)
    const { access_token: token, ...rest } = json(received)
    assert.equal(received.status, 200)
    assert.equal(received.headers['content-type'], 'application/json')
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 1800, scope: 'data:read data:write' })
    const scheme = compiled(jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256, typ: 'at+jwt' }))
    const found = identify(scheme, String(token))
    assert.ok(found.type === 'authenticated')
    const { principal } = found
    assert.deepEqual(
      [principal.subject, principal.scopes, principal.roles, principal.claims['tenant']],
      ['u1', ['data:read', 'data:write'], ['user'], 't'],
    )
  })

  test('RFC 6749 §5.1: nothing is stored, whatever the answer', async () => {
    for (const received of [
      await post(GOOD),
      await post('x'),
      await post(GOOD, []),
      await server.send({ path: '/token' }),
    ]) {
      assert.equal(received.headers['cache-control'], 'no-store')
      assert.equal(received.headers['pragma'], 'no-cache')
    }
  })

  test('RFC 6749 §3.3: the scopes that are asked for are granted, none more', async () => {
    assert.equal(json(await post(`${GOOD}&scope=data%3Aread`))['scope'], 'data:read')
    assert.equal(json(await post(`${GOOD}&scope=`))['scope'], 'data:read data:write')
    assert.deepEqual(Object.keys(json(await post('grant_type=password&username=bare&password=x'))), [
      'access_token',
      'token_type',
      'expires_in',
    ])
  })

  const refusals: readonly [name: string, body: string, status: number, error: string][] = [
    ['a scope beyond those of the user', `${GOOD}&scope=data:read+admin`, 400, 'invalid_scope'],
    ['a part of the name of a scope', `${GOOD}&scope=data`, 400, 'invalid_scope'],
    [
      'a scope where the user has none',
      'grant_type=password&username=bare&password=x&scope=a',
      400,
      'invalid_scope',
    ],
    ['a wrong password', GOOD.replace('secret', 'wrong'), 400, 'invalid_grant'],
    ['an unknown user', GOOD.replace('alice', 'mallory'), 400, 'invalid_grant'],
    ['a user that is null', GOOD.replace('alice', 'null'), 400, 'invalid_grant'],
    [
      'a wrong password and a scope beyond',
      `${GOOD.replace('secret', 'wrong')}&scope=admin`,
      400,
      'invalid_grant',
    ],
    ['another grant', 'grant_type=client_credentials', 400, 'unsupported_grant_type'],
    ['a form that is none', 'x', 400, 'invalid_request'],
    ['an empty body', '', 400, 'invalid_request'],
    ['one parameter twice', `${GOOD}&username=bob`, 400, 'invalid_request'],
    ['a verify that throws', GOOD.replace('alice', 'throws'), 503, 'temporarily_unavailable'],
    ['a verify that rejects', GOOD.replace('alice', 'rejects'), 503, 'temporarily_unavailable'],
    ['an account without a subject', GOOD.replace('alice', 'nameless'), 503, 'temporarily_unavailable'],
    ['an account that is true', GOOD.replace('alice', 'true'), 503, 'temporarily_unavailable'],
    [
      'an account whose scopes are a text',
      `${GOOD.replace('alice', 'text')}&scope=data`,
      503,
      'temporarily_unavailable',
    ],
  ]
  for (const [name, body, status, error] of refusals) {
    test(`RFC 6749 §5.2: ${name}`, async () => {
      const received = await post(body)
      assert.equal(received.status, status)
      assert.deepEqual(Object.keys(json(received)), ['error', 'error_description'])
      assert.equal(json(received)['error'], error)
      assert.ok(!received.body.includes('secret detail'))
    })
  }

  test('RFC 6749 §4.3.2: a form without a grant is one of the password grant where the policy says so', async () => {
    const bare = 'username=alice&password=secret'
    const endpoint = tokenEndpoint({ issuer, verify, grantType: 'optional' })
    const lenient = await start((req, res) => void endpoint(req, res))
    try {
      const ask = (body: string): Promise<Received> =>
        lenient.send({ method: 'POST', path: '/token', fields: FORM, body })
      assert.equal((await ask(bare)).status, 200)
      assert.equal(json(await ask('grant_type=refresh_token&x=y'))['error'], 'unsupported_grant_type')
      assert.equal(json(await post(bare))['error'], 'invalid_request')
    } finally {
      await lenient.close()
    }
  })

  test('AUT-08: a wrong password and an unknown user get the same bytes', async () => {
    const plain = ({ raw, ...rest }: Received): unknown => [
      rest.status,
      rest.body,
      raw.filter((text) => !text.includes('GMT')),
    ]
    assert.deepEqual(
      plain(await post(GOOD.replace('secret', 'wrong'))),
      plain(await post(GOOD.replace('alice', 'mallory'))),
    )
  })

  test('another method is 405, with the one that is allowed', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const received = await server.send({ method, path: '/token' })
      assert.deepEqual([received.status, received.headers.allow], [405, 'POST'])
    }
  })

  test('RFC 6749 appendix B: nothing but a form is a form', async () => {
    const types = [
      undefined,
      'application/json',
      'multipart/form-data; boundary=x',
      'text/plain',
      'application/x-www-form-urlencoded2',
    ]
    for (const type of types) {
      const received = await post(GOOD, type === undefined ? [] : ['Content-Type', type])
      assert.deepEqual([received.status, json(received)['error']], [400, 'invalid_request'], type)
    }
    const upper = await post(GOOD, ['Content-Type', 'Application/X-WWW-Form-Urlencoded ; charset=utf-8'])
    assert.equal(upper.status, 200)
    assert.equal((await post(GOOD, [...FORM, 'Content-Encoding', 'gzip'])).status, 400)
  })

  test('bytes that are no UTF-8 are refused, not replaced', async () => {
    const bytes = Buffer.concat([Buffer.from(GOOD), Buffer.from([0xff])])
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const url = `http://127.0.0.1:${server.port}/token`
    assert.equal((await fetch(url, { method: 'POST', headers, body: bytes })).status, 400)
    assert.equal((await fetch(url, { method: 'POST', headers, body: bytes.subarray(0, -1) })).status, 200)
  })

  test('verify hears what else was sent', async () => {
    await post(`${GOOD}&scope=data:read&client_id=app&client_secret=s`)
    assert.deepEqual(
      [seen?.scopes, seen?.clientId, seen?.clientSecret, seen?.message.url],
      [['data:read'], 'app', 's', '/token'],
    )
  })

  test('a form that says it is too large is refused before it is read', async () => {
    const received = await post(`${GOOD}&x=${'x'.repeat(20_000)}`)
    assert.deepEqual([received.status, received.headers.connection], [413, 'close'])
  })

  test('a form that turns out too large is refused, and the connection closed', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
      socket.on('error', reject).on('close', () => resolve(text))
      socket.write(
        `POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM[1]}\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n${'x'.repeat(0x5000)}\r\n`,
      )
    })
    assert.match(answer, /^HTTP\/1\.1 413 /)
    assert.match(answer, /\r\nConnection: close\r\n/)
  })

  test('a client that goes away is nobody to answer', async () => {
    const settled: string[] = []
    const endpoint = tokenEndpoint({ issuer, verify })
    let done: (() => void) | undefined
    const finished = new Promise<void>((resolve) => (done = resolve))
    const other = await start((req, res) => {
      void endpoint(req, res).then(() => {
        settled.push(String(res.headersSent))
        done?.()
      })
    })
    const socket = connect(other.port, '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM[1]}\r\nContent-Length: 100\r\n\r\ngrant`)
    other.server.once('request', () => socket.destroy())
    await finished
    await other.close()
    assert.deepEqual(settled, ['false'])
  })
})

describe('behind a framework that has read the body', () => {
  const rows: readonly [name: string, body: unknown, status: number][] = [
    ['an object', { grant_type: 'password', username: 'alice', password: 'secret' }, 200],
    [
      'an object without a prototype',
      Object.assign(Object.create(null), { grant_type: 'password', username: 'alice', password: 'secret' }),
      200,
    ],
    ['a text', GOOD, 200],
    ['bytes', Buffer.from(GOOD), 200],
    ['a parameter twice', { grant_type: 'password', username: ['alice', 'root'], password: 'secret' }, 400],
    ['a parameter with brackets', { grant_type: 'password', username: { $ne: '' }, password: 'secret' }, 400],
    ['a list', [GOOD], 400],
    ['nothing', undefined, 400],
    ['bytes that are no UTF-8', Buffer.from([...Buffer.from(GOOD), 0xff]), 400],
    ['a text beyond the limit', `${GOOD}&x=${'x'.repeat(20_000)}`, 413],
  ]
  for (const [name, body, status] of rows) {
    test(name, async () => {
      const endpoint = tokenEndpoint({ issuer, verify })
      const listener: RequestListener = (req, res) => {
        req.resume().on('end', () => void endpoint(Object.assign(req, { body }), res))
      }
      const server = await start(listener)
      const received = await server.send({ method: 'POST', fields: FORM, body: 'whatever=1' })
      await server.close()
      assert.equal(received.status, status)
    })
  }

  test('a parser that left an empty object and the body unread does not hide the form', async () => {
    const endpoint = tokenEndpoint({ issuer, verify })
    const server = await start((req, res) => void endpoint(Object.assign(req, { body: {} }), res))
    const received = await server.send({ method: 'POST', fields: FORM, body: GOOD })
    await server.close()
    assert.equal(received.status, 200)
  })
})

describe('the options', () => {
  const rows: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    ['nothing', {}, ['missing_option tokenEndpoint.issuer', 'missing_option tokenEndpoint']],
    ['no grant', { issuer }, ['missing_option tokenEndpoint']],
    [
      'protection of no password',
      { issuer, clients: () => undefined, protection: { attempt: () => 0, succeeded: () => 0 } },
      ['contradiction tokenEndpoint.protection'],
    ],
    [
      'an unsaid grant without passwords',
      { issuer, clients: () => undefined, grantType: 'optional' },
      ['contradiction tokenEndpoint.grantType'],
    ],
    [
      'refresh tokens that are options',
      { issuer, refresh: { store: {} } },
      ['wrong_type tokenEndpoint.refresh'],
    ],
    ['no clients', { issuer, clients: [] }, ['out_of_range tokenEndpoint.clients']],
    [
      'clients that cannot be',
      {
        issuer,
        clients: [
          { id: 'a', grants: ['client_credentials'] },
          { id: 'b', secretHash: 'the secret itself', grants: ['implicit'] },
          { id: 'c', public: true, secretHash: HASH, grants: ['password'] },
          { id: 'd', public: true, grants: ['client_credentials'] },
          { id: 'e', public: false, secretHash: HASH, grants: [] },
          { id: 'f', secretHash: [HASH], grants: ['password'], scopes: ['a b'] },
          { id: 'f', secretHash: [HASH], grants: ['password'] },
        ],
      },
      [
        'malformed_value tokenEndpoint.clients[1].secretHash',
        'malformed_value tokenEndpoint.clients[1].grants[0]',
        'wrong_type tokenEndpoint.clients[4].public',
        'out_of_range tokenEndpoint.clients[4].grants',
        'malformed_value tokenEndpoint.clients[5].scopes[0]',
        'missing_option tokenEndpoint.clients[0]',
        'missing_option tokenEndpoint.clients[1]',
        'contradiction tokenEndpoint.clients[2].public',
        'contradiction tokenEndpoint.clients[3].grants',
        'duplicate_value tokenEndpoint.clients[6].id',
      ],
    ],
    ['an issuer that is a text', { issuer: ISSUER, verify }, ['wrong_type tokenEndpoint.issuer']],
    ['a verify that is none', { issuer, verify: 'verify' }, ['wrong_type tokenEndpoint.verify']],
    [
      'a limit beyond reason',
      { issuer, verify, maxBodyBytes: 1e9 },
      ['out_of_range tokenEndpoint.maxBodyBytes'],
    ],
    ['an unknown option', { issuer, verify, path: '/token' }, ['unknown_option tokenEndpoint.path']],
  ]
  for (const [name, options, mistakes] of rows) {
    test(name, () => {
      assert.throws(
        () => tokenEndpoint(options as TokenEndpointOptions),
        (error) =>
          error instanceof ConfigError &&
          assert.deepEqual(
            error.mistakes.map((mistake) => `${mistake.code} ${mistake.path}`),
            mistakes,
          ) === undefined,
      )
    })
  }

  test('what is no pass is none: the "next" of a framework', async () => {
    const endpoint = tokenEndpoint({ issuer, verify })
    for (const given of [() => undefined, {}, null]) {
      const server = await start((req, res) => void endpoint(req, res, given as never))
      const received = await server.send({ method: 'POST', fields: FORM, body: GOOD })
      await server.close()
      assert.equal(received.status, 200)
    }
  })

  test('the handler never rejects, even when there is nothing left to write to', async () => {
    const endpoint = tokenEndpoint({ issuer, verify })
    const res = { headersSent: true } as ServerResponse
    await endpoint({ method: 'GET' } as IncomingMessage, res)
  })
})
