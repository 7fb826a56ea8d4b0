import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../../src/contract/mistakes.ts'
import { type RefreshTokens, refreshTokens } from '../../../src/identity/refresh-tokens.ts'
import {
  revocationEndpoint,
  type RevocationEndpointOptions,
} from '../../../src/identity/token-endpoint/revocation.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { movableClock } from '../../support/clock.ts'
import {
  ALICE,
  basicFields,
  brokenStore,
  CLIENTS,
  serveEndpoint,
  testIssuer,
  WEB_SECRET,
} from '../../support/token-endpoint.ts'

const GRANT = { subject: 'u1', scopes: ['data:read'] }

function tokens(store = memoryStore({ clock: movableClock() })): RefreshTokens {
  return refreshTokens({ store, account: () => ALICE, clock: movableClock() })
}

describe('the revocation endpoint', () => {
  test('RFC 7009 §2.2: a refresh token that is given back is good for nothing, nor is its login', async () => {
    const refresh = tokens()
    const server = await serveEndpoint(revocationEndpoint({ refresh }))
    const token = await refresh.issue(GRANT)
    const { status, body, headers } = await server.post({ token, token_type_hint: 'access_token' })
    await server.close()
    assert.deepEqual([status, body, headers['cache-control']], [200, '', 'no-store'])
    assert.equal((await refresh.find(token)).type, 'unknown')
  })

  test('RFC 7009 §2.2: what is no token, or no longer one, is answered as if it had been', async () => {
    const refresh = tokens()
    const server = await serveEndpoint(revocationEndpoint({ refresh }))
    const token = await refresh.issue(GRANT)
    for (const given of [token, token, 'x', 'A'.repeat(64)]) {
      const { status, body } = await server.post({ token: given })
      assert.deepEqual([status, body], [200, ''])
    }
    await server.close()
  })

  test('RFC 7009 §2.1: a client gives back its own tokens alone', async () => {
    const refresh = tokens()
    const server = await serveEndpoint(revocationEndpoint({ refresh, clients: CLIENTS }))
    const token = await refresh.issue({ ...GRANT, clientId: 'web' })
    assert.equal((await server.post({ token })).json['error'], 'invalid_client')
    assert.equal((await server.post({ token, client_id: 'spa' })).json['error'], 'invalid_grant')
    assert.equal((await refresh.find(token)).type, 'current')
    const { status, headers } = await server.post({ token }, basicFields('web', 'wrong'))
    assert.deepEqual([status, headers['www-authenticate']], [401, 'Basic realm="token"'])
    assert.equal((await server.post({ token }, basicFields('web', WEB_SECRET))).status, 200)
    assert.equal((await refresh.find(token)).type, 'unknown')
    await server.close()
  })

  test('RFC 7009 §2.2.1: an access token is unsupported_token_type, so that nobody thinks it is gone', async () => {
    const server = await serveEndpoint(revocationEndpoint({ refresh: tokens() }))
    const { status, json } = await server.post({ token: testIssuer().issue({ subject: 'u1' }).token })
    await server.close()
    assert.deepEqual([status, json['error']], [400, 'unsupported_token_type'])
  })

  const bad: readonly [name: string, body: string][] = [
    ['no token', 'token_type_hint=refresh_token'],
    ['an empty token', 'token='],
    ['two tokens', 'token=a&token=b'],
    ['a control character', 'token=a%00'],
    ['too long a token', `token=${'a'.repeat(8193)}`],
  ]
  for (const [name, body] of bad) {
    test(`RFC 7009 §2.2.1: ${name} is invalid_request`, async () => {
      const server = await serveEndpoint(revocationEndpoint({ refresh: tokens() }))
      const { status, json } = await server.post(body)
      await server.close()
      assert.deepEqual([status, json['error']], [400, 'invalid_request'])
    })
  }

  test('AUT-10: a store that is down is 503', async () => {
    const server = await serveEndpoint(revocationEndpoint({ refresh: tokens(brokenStore()) }))
    const { status, body } = await server.post({ token: 'A'.repeat(64) })
    await server.close()
    assert.equal(status, 503)
    assert.equal(body.includes('secret detail'), false)
    assert.deepEqual(server.told[0]?.slice(0, 2), ['refused', 'dependency.failed'])
  })

  test('ERR-03: options are read', () => {
    const build = (): unknown =>
      revocationEndpoint({ refresh: {}, client: [] } as unknown as RevocationEndpointOptions)
    assert.throws(build, (error) => error instanceof ConfigError && error.mistakes.length === 2)
  })
})
