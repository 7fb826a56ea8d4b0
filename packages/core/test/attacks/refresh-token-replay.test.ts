import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refreshTokens } from '../../src/identity/refresh-tokens.ts'
import { tokenEndpoint } from '../../src/identity/token-endpoint.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import {
  ALICE,
  CLIENTS,
  serveEndpoint,
  type ServedEndpoint,
  slowStore,
  testIssuer,
  verify,
} from '../support/token-endpoint.ts'

/** A refresh token is copied out of a browser, a backup or a log, and used besides its owner. */
describe('attack: a refresh token that was stolen is used', () => {
  const clock = movableClock()
  const serve = (store = memoryStore({ clock })): Promise<ServedEndpoint> =>
    serveEndpoint(
      tokenEndpoint({
        issuer: testIssuer(clock),
        verify,
        clients: CLIENTS,
        refresh: refreshTokens({ store, account: () => ALICE, clock }),
      }),
    )
  const login = async (server: ServedEndpoint): Promise<string> => {
    const { json } = await server.post({
      grant_type: 'password',
      username: 'alice',
      password: 'secret',
      client_id: 'spa',
    })
    return String(json['refresh_token'])
  }
  const use = async (server: ServedEndpoint, token: string): Promise<string> => {
    const form = { grant_type: 'refresh_token', refresh_token: token, client_id: 'spa' }
    const { json } = await server.post(form)
    return String(json['refresh_token'] ?? json['error'])
  }

  test('RFC 9700 §4.14.2: the thief was first: the owner comes, and both are out', async () => {
    const server = await serve()
    const stolen = await login(server)
    const thiefs = await use(server, stolen)
    assert.equal(await use(server, stolen), 'invalid_grant')
    assert.equal(await use(server, thiefs), 'invalid_grant')
    assert.deepEqual(server.told[2]?.slice(0, 2), ['refused', 'credentials.replayed'])
    assert.match(server.told[2]?.[2] ?? '', /used twice/)
    await server.close()
  })

  test('RFC 9700 §4.14.2: the owner was first: the thief comes, and both are out', async () => {
    const server = await serve()
    const stolen = await login(server)
    let owners = await use(server, stolen)
    for (let i = 0; i < 5; i++) owners = await use(server, owners)
    assert.equal(await use(server, stolen), 'invalid_grant')
    assert.equal(await use(server, owners), 'invalid_grant')
    // A new login is another one.
    assert.equal((await use(server, await login(server))).length, 64)
    await server.close()
  })

  test('RFC 9700 §4.14.2: both come at once: at most one is answered, and the login ends', async () => {
    for (const store of [memoryStore({ clock }), slowStore(clock)]) {
      const server = await serve(store)
      const stolen = await login(server)
      const answers = await Promise.all(Array.from({ length: 8 }, () => use(server, stolen)))
      const next = answers.filter((answer) => answer !== 'invalid_grant')
      assert.equal(next.length, 1)
      assert.equal(await use(server, next[0] ?? ''), 'invalid_grant')
      await server.close()
    }
  })

  test('RFC 6749 §10.4: a secret that is guessed ends the login instead of going on with it', async () => {
    const server = await serve()
    const token = await login(server)
    const forged = `${token.slice(0, 22)}${'A'.repeat(42)}`
    assert.equal(await use(server, forged), 'invalid_grant')
    await server.close()
  })

  test('RFC 6749 §6: another client cannot use it', async () => {
    const server = await serve()
    const token = await login(server)
    const form = { grant_type: 'refresh_token', refresh_token: token, client_id: 'kiosk' }
    assert.equal((await server.post(form)).json['error'], 'unauthorized_client')
    await server.close()
  })
})
