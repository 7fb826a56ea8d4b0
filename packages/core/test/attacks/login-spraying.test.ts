import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loginProtection } from '../../src/identity/login-protection.ts'
import { tokenEndpoint } from '../../src/identity/token-endpoint.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import { serveEndpoint, testIssuer } from '../support/token-endpoint.ts'

/** One password that many people have, tried once on each of many accounts: no account ever sees two failures. */
describe('attack: one password is tried on many accounts from one network', () => {
  const login = (username: string): Record<string, string> => ({
    grant_type: 'password',
    username,
    password: 'Summer2026!',
  })

  test('AUT-16: some 30 are looked at, then three in a minute, and the victim behind them is not', async () => {
    const clock = movableClock()
    const looked: string[] = []
    const server = await serveEndpoint(
      tokenEndpoint({
        issuer: testIssuer(clock),
        verify: (username) => {
          looked.push(username)
          return username === 'victim500' ? { subject: username } : undefined
        },
        protection: loginProtection({ store: memoryStore({ clock }) }),
      }),
    )
    const statuses = new Map<number, number>()
    for (let i = 0; i < 200; i++) {
      const { status } = await server.post(login(`victim${i}`))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    assert.deepEqual(
      [...statuses],
      [
        [400, 30],
        [429, 170],
      ],
    )
    assert.equal(looked.length, 30)
    clock.advance(60_000)
    for (let i = 490; i < 510; i++) await server.post(login(`victim${i}`))
    assert.equal(looked.length, 33)
    assert.equal(looked.includes('victim500'), false)
    await server.close()
  })

  test('AUT-16: an account of the attacker between the guesses does not help', async () => {
    const protection = loginProtection({ store: memoryStore({ clock: movableClock() }) })
    let through = 0
    for (let i = 0; i < 100; i++) {
      if ((await protection.attempt(`victim${i}`, '203.0.113.7')).allowed) through++
      if ((await protection.attempt('mallory', '203.0.113.7')).allowed)
        await protection.succeeded('mallory', '203.0.113.7')
    }
    assert.ok(through < 30, `${through} guesses`)
  })

  test('AUT-16: the addresses of one IPv6 network are one network', async () => {
    const protection = loginProtection({ store: memoryStore({ clock: movableClock() }) })
    let through = 0
    for (let i = 0; i < 100; i++)
      if ((await protection.attempt(`victim${i}`, `2001:db8::${i.toString(16)}`)).allowed) through++
    assert.equal(through, 30)
  })

  test('AUT-16: a thousand at once are no more than a thousand in a row', async () => {
    const protection = loginProtection({ store: memoryStore({ clock: movableClock() }) })
    const all = Array.from({ length: 1000 }, (_, i) => protection.attempt(`victim${i}`, '203.0.113.7'))
    assert.equal((await Promise.all(all)).filter(({ allowed }) => allowed).length, 30)
  })
})
