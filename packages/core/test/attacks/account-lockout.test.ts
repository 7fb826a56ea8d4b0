import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loginProtection } from '../../src/identity/login-protection.ts'
import { tokenEndpoint } from '../../src/identity/token-endpoint.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import { serveEndpoint, testIssuer, verify } from '../support/token-endpoint.ts'

/** Failures on purpose, so that a counter of the account keeps its owner out. */
describe('attack: somebody fails on purpose to lock the account of another', () => {
  test('AUT-16: the owner logs in from elsewhere, the first time and without waiting', async () => {
    const clock = movableClock()
    const protection = loginProtection({ store: memoryStore({ clock }) })
    const server = await serveEndpoint(tokenEndpoint({ issuer: testIssuer(clock), verify, protection }))
    const login = (password: string): Promise<{ readonly status: number }> =>
      server.post({ grant_type: 'password', username: 'alice', password })
    server.comeFrom('203.0.113.7')
    for (let hour = 0; hour < 48; hour++) {
      clock.advance(3_600_000)
      for (let i = 0; i < 6; i++) await login('wrong')
    }
    assert.equal((await login('secret')).status, 429)
    server.comeFrom('198.51.100.1')
    assert.equal((await login('secret')).status, 200)
    await server.close()
  })

  test('AUT-16: a network of a whole IPv6 site cannot either', async () => {
    const protection = loginProtection({ store: memoryStore({ clock: movableClock() }) })
    for (let i = 0; i < 1000; i++) await protection.attempt('alice', `2001:db8:0:${i.toString(16)}::1`)
    assert.equal((await protection.attempt('alice', '198.51.100.1')).allowed, true)
  })

  test('AUT-16: whoever floods a network does not lock out those who have logged in from it before', async () => {
    const protection = loginProtection({ store: memoryStore({ clock: movableClock() }) })
    await protection.attempt('alice', '203.0.113.7')
    await protection.succeeded('alice', '203.0.113.7')
    for (let i = 0; i < 500; i++) await protection.attempt(`nobody${i}`, '203.0.113.7')
    assert.equal((await protection.attempt('alice', '203.0.113.7')).allowed, true)
  })
})
