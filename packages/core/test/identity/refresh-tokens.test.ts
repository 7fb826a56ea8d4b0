import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import {
  type RefreshGrant,
  type RefreshTokens,
  refreshTokens,
  type RefreshTokensOptions,
  type RefreshTokenState,
} from '../../src/identity/refresh-tokens.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { ALICE, changedStore, slowStore } from '../support/token-endpoint.ts'

const GRANT: RefreshGrant = { subject: 'u1', scopes: ['data:read'], clientId: 'app' }
const DAY = 86_400_000

interface Setup {
  readonly clock: MovableClock
  readonly refresh: RefreshTokens
}

function setUp(options: Partial<RefreshTokensOptions> = {}, clock = movableClock()): Setup {
  return {
    clock,
    refresh: refreshTokens({ store: memoryStore({ clock }), account: () => ALICE, clock, ...options }),
  }
}

async function rotated(refresh: RefreshTokens, token: string): Promise<string> {
  const state = await refresh.find(token)
  assert.ok(state.type === 'current', state.type)
  const next = await state.rotate()
  assert.ok(next !== undefined)
  return next
}

const typeOf = async (refresh: RefreshTokens, token: string): Promise<RefreshTokenState['type']> =>
  (await refresh.find(token)).type

describe('refresh tokens', () => {
  test('RFC 6749 §10.4: a token has 256 random bits besides its login, and is current until it is rotated', async () => {
    const { refresh } = setUp()
    const token = await refresh.issue(GRANT)
    const state = await refresh.find(token)
    assert.ok(state.type === 'current')
    assert.deepEqual(state.grant, GRANT)
    const next = await rotated(refresh, token)
    const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
    assert.equal(bytes(next).length, 48)
    assert.deepEqual(bytes(next).subarray(0, 16), bytes(token).subarray(0, 16))
    assert.notDeepEqual(bytes(next).subarray(16), bytes(token).subarray(16))
    assert.equal(await typeOf(refresh, next), 'current')
  })

  test('RFC 9700 §4.14.2: a token that is used again ends its login, with the token that is good', async () => {
    const { refresh } = setUp()
    const token = await refresh.issue(GRANT)
    const next = await rotated(refresh, token)
    assert.equal(await typeOf(refresh, token), 'reused')
    assert.equal(await typeOf(refresh, next), 'unknown')
    assert.equal(await typeOf(refresh, token), 'unknown')
  })

  test('one login that ends leaves the others alone', async () => {
    const { refresh } = setUp()
    const [one, other] = [await refresh.issue(GRANT), await refresh.issue(GRANT)]
    await refresh.revoke(one)
    assert.equal(await typeOf(refresh, one), 'unknown')
    assert.equal(await typeOf(refresh, other), 'current')
  })

  test('a login is revoked by any of its tokens, and by no other text', async () => {
    const { refresh } = setUp()
    const token = await refresh.issue(GRANT)
    const next = await rotated(refresh, token)
    for (const text of ['', 'x', `${next}A`, 'A'.repeat(64)]) await refresh.revoke(text)
    assert.equal(await typeOf(refresh, next), 'current')
    await refresh.revoke(token)
    assert.equal(await typeOf(refresh, next), 'unknown')
  })

  test('every login of a subject is revoked at once, and a later one is good', async () => {
    const { refresh } = setUp()
    const tokens = [await refresh.issue(GRANT), await refresh.issue(GRANT)]
    const other = await refresh.issue({ ...GRANT, subject: 'u2' })
    await refresh.revokeSubject('u1')
    for (const token of tokens) assert.equal(await typeOf(refresh, token), 'unknown')
    assert.equal(await typeOf(refresh, other), 'current')
    // In the same millisecond: whoever changes the password goes on with a new login.
    const later = await refresh.issue(GRANT)
    assert.equal(await typeOf(refresh, later), 'current')
    await refresh.revokeSubject('u1')
    assert.equal(await typeOf(refresh, later), 'unknown')
  })

  test('a token ends when it is not used, and each use gives it its time again', async () => {
    const { refresh, clock } = setUp({ idle: '14d', lifetime: '90d' })
    let token = await refresh.issue(GRANT)
    clock.advance(14 * DAY - 1)
    token = await rotated(refresh, token)
    clock.advance(14 * DAY - 1)
    assert.equal(await typeOf(refresh, token), 'current')
    clock.advance(1)
    assert.equal(await typeOf(refresh, token), 'idle')
  })

  test('a login ends, however often it is refreshed', async () => {
    const { refresh, clock } = setUp({ idle: '14d', lifetime: '90d' })
    let token = await refresh.issue(GRANT)
    for (let day = 0; day < 89; day++) {
      clock.advance(DAY)
      token = await rotated(refresh, token)
    }
    clock.advance(DAY - 1)
    assert.equal(await typeOf(refresh, token), 'current')
    clock.advance(1)
    assert.equal(await typeOf(refresh, token), 'unknown')
  })

  test('REV-01: a lifetime that is shortened holds for older logins, whose revocation is remembered no longer', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    const long = refreshTokens({ store, account: () => ALICE, clock })
    const short = refreshTokens({ store, account: () => ALICE, clock, idle: '1h', lifetime: '1h' })
    const token = await long.issue(GRANT)
    assert.equal(await typeOf(short, token), 'current')
    await short.revokeSubject('u1')
    assert.equal(await typeOf(short, token), 'unknown')
    clock.advance(3_600_000 + 240_000)
    assert.equal(await typeOf(short, token), 'unknown')
    assert.equal(await typeOf(short, await short.issue(GRANT)), 'current')
  })

  test('a store that keeps records for too long does not make a login last', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    const forever = (key: string, value: string): boolean | Promise<boolean> =>
      store.add(key, value, 3650 * DAY)
    const { refresh } = setUp({ store: changedStore(store, { add: forever }) }, clock)
    const token = await refresh.issue(GRANT)
    clock.advance(91 * DAY)
    assert.equal(await typeOf(refresh, token), 'unknown')
  })

  test('the store holds no token, and two records for a login, however often it is refreshed', async () => {
    const clock = movableClock()
    const kept = new Map<string, string>()
    const store = memoryStore({ clock })
    const watched = changedStore(store, {
      add: (key: string, value: string, ttl: number) => {
        kept.set(key, value)
        return store.add(key, value, ttl)
      },
      remove: (key: string) => {
        kept.delete(key)
        return store.remove(key)
      },
    })
    const { refresh } = setUp({ store: watched }, clock)
    let token = await refresh.issue(GRANT)
    for (let i = 0; i < 5; i++) token = await rotated(refresh, token)
    assert.equal(kept.size, 2)
    const text = JSON.stringify([...kept])
    for (const part of [token, token.slice(0, 21), token.slice(22)]) assert.equal(text.includes(part), false)
  })

  test('of two uses at once one gets the next token, and the login ends', async () => {
    const clock = movableClock()
    for (const store of [memoryStore({ clock }), slowStore(clock)]) {
      const { refresh } = setUp({ store }, clock)
      const token = await refresh.issue(GRANT)
      const states = await Promise.all([1, 2, 3].map(() => refresh.find(token)))
      const next = await Promise.all(
        states.map(async (state) => (state.type === 'current' ? await state.rotate() : undefined)),
      )
      const winners = next.filter((one) => one !== undefined)
      assert.equal(winners.length, 1)
      assert.equal(await typeOf(refresh, winners[0] ?? ''), 'unknown')
    }
  })

  test('a store that is full spends nothing', async () => {
    const clock = movableClock()
    const store = memoryStore({ clock })
    let full = false
    const filling = changedStore(store, {
      add: (key: string, value: string, ttl: number) => {
        if (full) throw new RangeError('no room')
        return store.add(key, value, ttl)
      },
    })
    const { refresh } = setUp({ store: filling }, clock)
    const token = await refresh.issue(GRANT)
    full = true
    await assert.rejects(rotated(refresh, token), RangeError)
    full = false
    assert.equal(await typeOf(refresh, await rotated(refresh, token)), 'current')
  })

  const texts: readonly [name: string, change: (token: string) => string][] = [
    ['nothing', () => ''],
    ['a character less', (token) => token.slice(1)],
    ['a character more', (token) => `${token}A`],
    ['padding', (token) => `${token.slice(0, -1)}=`],
    ['the other alphabet', (token) => `${token.slice(0, -1)}+`],
    ['white space', (token) => `${token.slice(0, -1)} `],
    ['another login', (token) => `AAAAAA${token.slice(6)}`],
    ['a letter that is none', (token) => `${token.slice(0, -1)}é`],
  ]
  for (const [name, change] of texts) {
    test(`no token: ${name}`, async () => {
      const { refresh } = setUp()
      const token = await refresh.issue(GRANT)
      assert.equal(await typeOf(refresh, change(token)), 'unknown')
      assert.equal(await typeOf(refresh, token), 'current')
    })
  }

  const records = [
    '',
    'null',
    '1',
    '{}',
    '{"subject":"u1"}',
    JSON.stringify({ ...GRANT, began: '1', ends: 1e15, idleUntil: 1e15 }),
  ]
  for (const record of records) {
    test(`a record that is not of this house grants nothing: ${record}`, async () => {
      const clock = movableClock()
      const store = memoryStore({ clock })
      const spoiled = changedStore(store, {
        add: (key: string, value: string, ttl: number) =>
          store.add(key, key.startsWith('refresh:token:') ? record : value, ttl),
      })
      const { refresh } = setUp({ store: spoiled }, clock)
      const token = await refresh.issue(GRANT)
      await assert.rejects(refresh.find(token))
    })
  }

  test('ERR-03: options: every mistake at once', () => {
    const options = { store: { take: 1 }, account: 'x', idle: '1s', lifetime: '366d', grace: '1s' }
    assert.throws(
      () => refreshTokens(options as unknown as RefreshTokensOptions),
      (error) =>
        error instanceof ConfigError &&
        assert.deepEqual(
          error.mistakes.map(({ code, path }) => `${code} ${path}`),
          [
            'unknown_option refreshTokens.grace',
            'wrong_type refreshTokens.store',
            'wrong_type refreshTokens.account',
            'out_of_range refreshTokens.idle',
            'out_of_range refreshTokens.lifetime',
          ],
        ) === undefined,
    )
  })
})
