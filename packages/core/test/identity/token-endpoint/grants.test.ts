import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Store } from '../../../src/contract/store.ts'
import { loginProtection } from '../../../src/identity/login-protection.ts'
import { type FindAccount, refreshTokens } from '../../../src/identity/refresh-tokens.ts'
import { tokenEndpoint, type TokenEndpointOptions } from '../../../src/identity/token-endpoint.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { type MovableClock, movableClock } from '../../support/clock.ts'
import {
  ALICE,
  basicFields,
  brokenStore,
  changedStore,
  CLIENTS,
  serveEndpoint,
  type ServedEndpoint,
  testIssuer,
  verify,
  WEB_SECRET,
} from '../../support/token-endpoint.ts'

const LOGIN = { grant_type: 'password', username: 'alice', password: 'secret' }
const WRONG = { ...LOGIN, password: 'wrong' }
const refreshing = (token: unknown): Record<string, string> => ({
  grant_type: 'refresh_token',
  refresh_token: String(token),
})
const web = basicFields('web', WEB_SECRET)

interface Setup extends ServedEndpoint {
  readonly clock: MovableClock
}

interface Init {
  readonly options?: Partial<TokenEndpointOptions>
  readonly account?: FindAccount
  readonly store?: Store
}

async function setUp({ options = {}, account = () => ALICE, store }: Init = {}): Promise<Setup> {
  const clock = movableClock()
  const refresh = refreshTokens({ store: store ?? memoryStore({ clock }), account, clock })
  const endpoint = tokenEndpoint({ issuer: testIssuer(clock), verify, refresh, ...options })
  return { ...(await serveEndpoint(endpoint)), clock }
}

describe('refresh tokens at the token endpoint', () => {
  test('RFC 6749 §6: a login is refreshed, each time with a new refresh token', async () => {
    const server = await setUp()
    const first = await server.post(LOGIN)
    const second = await server.post(refreshing(first.json['refresh_token']))
    const third = await server.post(refreshing(second.json['refresh_token']))
    await server.close()
    assert.deepEqual([first.status, second.status, third.status], [200, 200, 200])
    const { access_token: access, refresh_token: token, ...rest } = third.json
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 1800, scope: 'data:read data:write' })
    assert.match(String(token), /^[A-Za-z0-9_-]{64}$/)
    assert.notEqual(access, first.json['access_token'])
    const tokens = [first, second, third].map(({ json }) => json['refresh_token'])
    assert.equal(new Set(tokens).size, 3)
  })

  test('RFC 6749 §6: scopes are narrowed, never widened, and the next time all of them are there again', async () => {
    const server = await setUp()
    const narrow = await server.post({ ...LOGIN, scope: 'data:read' })
    const token = narrow.json['refresh_token']
    const wider = await server.post({ ...refreshing(token), scope: 'data:read data:write' })
    assert.deepEqual([wider.status, wider.json['error']], [400, 'invalid_scope'])
    // Nothing was spent.
    const same = await server.post(refreshing(token))
    assert.equal(same.json['scope'], 'data:read')
    const full = await server.post(LOGIN)
    const less = await server.post({ ...refreshing(full.json['refresh_token']), scope: 'data:write' })
    assert.equal(less.json['scope'], 'data:write')
    const again = await server.post(refreshing(less.json['refresh_token']))
    assert.equal(again.json['scope'], 'data:read data:write')
    await server.close()
  })

  test('what the account has now goes into the token, and never more than was granted', async () => {
    let now = ALICE
    const server = await setUp({ account: () => now })
    const first = await server.post({ ...LOGIN, scope: 'data:read' })
    now = { subject: 'u1', scopes: ['data:read', 'admin'], roles: ['auditor'] }
    const second = await server.post(refreshing(first.json['refresh_token']))
    assert.equal(second.json['scope'], 'data:read')
    const payload = String(second.json['access_token']).split('.')[1] ?? ''
    assert.match(Buffer.from(payload, 'base64url').toString(), /"roles":\["auditor"\]/)
    now = { subject: 'u1', scopes: ['admin'] }
    const third = await server.post(refreshing(second.json['refresh_token']))
    assert.deepEqual([third.status, third.json['scope']], [200, undefined])
    await server.close()
  })

  test('an account that is gone ends its login', async () => {
    let gone = false
    const server = await setUp({ account: () => (gone ? undefined : ALICE) })
    const { json } = await server.post(LOGIN)
    gone = true
    const refused = await server.post(refreshing(json['refresh_token']))
    assert.deepEqual([refused.status, refused.json['error']], [400, 'invalid_grant'])
    gone = false
    assert.equal((await server.post(refreshing(json['refresh_token']))).json['error'], 'invalid_grant')
    assert.equal(server.told[1]?.[1], 'credentials.revoked')
    await server.close()
  })

  for (const nothing of [null, false]) {
    test(`AUT-15: an account that is ${nothing} is gone`, async () => {
      let gone = false
      const server = await setUp({ account: () => (gone ? (nothing as never) : ALICE) })
      const { json } = await server.post(LOGIN)
      gone = true
      const refused = await server.post(refreshing(json['refresh_token']))
      await server.close()
      assert.deepEqual([refused.status, refused.json['error']], [400, 'invalid_grant'])
    })
  }

  const accounts: readonly [name: string, account: FindAccount][] = [
    [
      'throws',
      () => {
        throw new Error('secret detail')
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret detail'))],
    ['gives true', () => true as never],
    ['gives somebody else', () => ({ subject: 'u2' })],
    ['gives scopes that are a text', () => ({ subject: 'u1', scopes: 'data:read data:write' as never })],
  ]
  for (const [name, account] of accounts) {
    test(`AUT-10: an account that ${name} is 503, and spends nothing`, async () => {
      let broken = true
      const server = await setUp({ account: (...asked) => (broken ? account(...asked) : ALICE) })
      const { json } = await server.post(LOGIN)
      const failed = await server.post(refreshing(json['refresh_token']))
      assert.deepEqual([failed.status, failed.json['error']], [503, 'temporarily_unavailable'])
      assert.equal(failed.body.includes('secret detail'), false)
      broken = false
      assert.equal((await server.post(refreshing(json['refresh_token']))).status, 200)
      await server.close()
    })
  }

  test('RFC 6749 §6: a token is bound to the client that it was issued to', async () => {
    const server = await setUp({ options: { clients: CLIENTS } })
    const spa = { client_id: 'spa' }
    const login = await server.post({ ...LOGIN, ...spa })
    const token = login.json['refresh_token']
    const rows: readonly [form: Record<string, string>, fields: readonly string[], error: string][] = [
      [refreshing(token), [], 'invalid_client'],
      [refreshing(token), web, 'invalid_grant'],
      [{ ...refreshing(token), client_id: 'kiosk' }, [], 'unauthorized_client'],
    ]
    for (const [form, fields, error] of rows)
      assert.equal((await server.post(form, fields)).json['error'], error)
    assert.equal((await server.post({ ...refreshing(token), ...spa })).status, 200)
    const other = (await server.post(LOGIN, web)).json['refresh_token']
    assert.equal(
      (await server.post({ ...refreshing(other), client_id: 'web' })).json['error'],
      'invalid_client',
    )
    assert.equal((await server.post(refreshing(other), web)).status, 200)
    await server.close()
  })

  test('without clients, a token whose login named one needs the same name', async () => {
    const named = { ...ALICE, clientId: 'app' }
    const server = await setUp({ options: { verify: () => named } })
    const { json } = await server.post(LOGIN)
    const token = json['refresh_token']
    assert.equal((await server.post(refreshing(token))).json['error'], 'invalid_grant')
    assert.equal(
      (await server.post({ ...refreshing(token), client_id: 'other' })).json['error'],
      'invalid_grant',
    )
    assert.equal((await server.post({ ...refreshing(token), client_id: 'app' })).status, 200)
    await server.close()
  })

  test('a client that may not refresh gets no refresh token', async () => {
    const server = await setUp({ options: { clients: CLIENTS } })
    const { json } = await server.post({ ...LOGIN, client_id: 'kiosk' })
    await server.close()
    assert.deepEqual(Object.keys(json), ['access_token', 'token_type', 'expires_in', 'scope'])
  })

  test('a login whose scopes cannot be had leaves no refresh token behind', async () => {
    const kept: string[] = []
    const store = memoryStore()
    const watched: Store = changedStore(store, {
      add: (key: string, value: string, ttl: number) => {
        kept.push(key)
        return store.add(key, value, ttl)
      },
    })
    const server = await setUp({ store: watched })
    assert.equal((await server.post({ ...LOGIN, scope: 'admin' })).json['error'], 'invalid_scope')
    await server.close()
    assert.deepEqual(kept, [])
  })

  test('AUT-07: every refresh token that is no good gets the same bytes', async () => {
    const server = await setUp()
    const { json } = await server.post(LOGIN)
    const spent = String(json['refresh_token'])
    await server.post(refreshing(spent))
    const answers = [
      await server.post(refreshing('x')),
      await server.post(refreshing('A'.repeat(64))),
      await server.post(refreshing(spent)),
    ]
    await server.close()
    assert.deepEqual([answers[0]?.status, answers[0]?.json['error']], [400, 'invalid_grant'])
    assert.equal(new Set(answers.map(({ body }) => body)).size, 1)
  })

  test('RFC 6749 §5.2: no refresh_token is invalid_request', async () => {
    const server = await setUp()
    const { status, json } = await server.post({ grant_type: 'refresh_token' })
    await server.close()
    assert.deepEqual([status, json['error']], [400, 'invalid_request'])
  })

  test('AUT-10: a store that is down is 503', async () => {
    const server = await setUp({ store: brokenStore() })
    for (const form of [LOGIN, refreshing('A'.repeat(64))]) {
      const { status, json, body } = await server.post(form)
      assert.deepEqual([status, json['error']], [503, 'temporarily_unavailable'])
      assert.equal(body.includes('secret detail'), false)
    }
    await server.close()
  })
})

describe('login protection at the token endpoint', () => {
  const protectedBy = (store?: Store): Promise<Setup> =>
    setUp({
      options: { protection: loginProtection({ store: store ?? memoryStore({ clock: movableClock() }) }) },
    })

  test('AUT-16: too many failures are 429 with Retry-After, whatever the password', async () => {
    const server = await protectedBy()
    for (let i = 0; i < 5; i++) assert.equal((await server.post(WRONG)).status, 400)
    const { status, json, headers } = await server.post(LOGIN)
    assert.deepEqual([status, json['error']], [429, 'temporarily_unavailable'])
    assert.equal(headers['retry-after'], '12')
    assert.equal(headers['cache-control'], 'no-store')
    assert.deepEqual(server.told.at(-1)?.slice(0, 2), ['refused', 'login.limited'])
    server.comeFrom('198.51.100.1')
    assert.equal((await server.post(LOGIN)).status, 200)
    await server.close()
  })

  test('AUT-08, AUT-16: a known and an unknown account are slowed down with the same bytes', async () => {
    const answers: string[] = []
    for (const username of ['alice', 'nobody']) {
      const server = await protectedBy()
      for (let i = 0; i < 5; i++) await server.post({ ...WRONG, username })
      const { status, body, headers } = await server.post({ ...WRONG, username })
      answers.push(`${status} ${body} ${String(headers['retry-after'])}`)
      await server.close()
    }
    assert.equal(answers[0], answers[1])
  })

  test('AUT-16: a success resets, so that who knows the password never waits', async () => {
    const server = await protectedBy()
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 4; j++) assert.equal((await server.post(WRONG)).status, 400)
      assert.equal((await server.post(LOGIN)).status, 200)
    }
    await server.close()
  })

  test('AUT-08, AUT-15: whatever nothing a verify gives, it gets the bytes and the event of a wrong password', async () => {
    // "user && right && user" gives undefined for a name that nobody has, and false for a wrong password.
    const given: readonly unknown[] = [undefined, null, false]
    let asked = 0
    const server = await setUp({ options: { verify: () => given[asked++] as never } })
    const answers = new Set<string>()
    for (const _ of given) {
      const { status, body } = await server.post(WRONG)
      answers.add(`${status} ${body}`)
    }
    await server.close()
    assert.equal(answers.size, 1)
    assert.deepEqual(
      server.told.map(([, kind]) => kind),
      given.map(() => 'credentials.wrong'),
    )
  })

  test('AUT-15, AUT-16: a verify that gives no account resets nothing', async () => {
    const protection = loginProtection({ store: memoryStore({ clock: movableClock() }) })
    const server = await setUp({ options: { protection, verify: () => true as never } })
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push((await server.post(LOGIN)).status)
    await server.close()
    assert.deepEqual(statuses, [503, 503, 503, 503, 503, 429])
  })

  test('AUT-10, AUT-16: a store that is down is 503, before any password is looked at', async () => {
    let asked = 0
    const protection = loginProtection({ store: brokenStore() })
    const server = await setUp({ options: { protection, verify: () => void asked++ } })
    assert.equal((await server.post(LOGIN)).status, 503)
    assert.equal(asked, 0)
    await server.close()
  })
})
