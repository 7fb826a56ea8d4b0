import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { Records } from '../../src/contract/store.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { revocations, type RevocationsOptions } from '../../src/identity/revocations.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import { facts } from '../support/facts.ts'
import { AUDIENCE, compiled, HS256, identify, ISSUER, NOW, token } from '../support/tokens.ts'

const ALICE = { issuer: ISSUER, subject: 'alice', jti: 'j1', iat: NOW, exp: NOW + 300 }

describe('revocations', () => {
  test('REV-01: one token, by its name and its issuer', async () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock })
    await revoked.token(ALICE)
    assert.equal(await revoked.find(ALICE), 'token')
    assert.equal(await revoked.find({ ...ALICE, jti: 'j2' }), undefined)
    assert.equal(await revoked.find({ ...ALICE, jti: undefined }), undefined)
    assert.equal(await revoked.find({ ...ALICE, issuer: 'https://else.example' }), undefined)
  })

  test('REV-01: no two issuers and names are one key', async () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock })
    await revoked.token({ issuer: 'ab', jti: 'c' })
    assert.equal(await revoked.find({ ...ALICE, issuer: 'a', jti: 'bc' }), undefined)
    assert.equal(await revoked.find({ ...ALICE, issuer: '', jti: '2:abc' }), undefined)
  })

  test('REV-01: all of a subject that were issued before a moment, the same second among them', async () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock })
    await revoked.subject(ALICE, new Date((NOW + 10) * 1000 + 500))
    const rows = [NOW, NOW + 10, NOW + 11].map(async (iat) =>
      revoked.find({ ...ALICE, jti: undefined, iat, exp: iat + 9 }),
    )
    assert.deepEqual(await Promise.all(rows), ['subject', 'subject', undefined])
    assert.equal(await revoked.find({ ...ALICE, subject: 'bob' }), undefined)
  })

  test('REV-01: an earlier moment takes nothing back', async () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock })
    await revoked.subject(ALICE, new Date((NOW + 10) * 1000))
    await revoked.subject(ALICE, new Date(NOW * 1000))
    assert.equal(await revoked.find({ ...ALICE, iat: NOW + 5 }), 'subject')
  })

  test('REV-01: a token that could outlive its revocation is refused', async () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock, maxLifetime: '5m' })
    assert.equal(await revoked.find(ALICE), undefined)
    assert.equal(await revoked.find({ ...ALICE, exp: NOW + 301 }), 'lives-too-long')
    assert.equal(await revoked.find({ ...ALICE, iat: undefined }), 'lives-too-long')
  })

  test('REV-01: a revocation lasts as long as the longest-lived token', async () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock, maxLifetime: '5m' })
    await revoked.token(ALICE)
    clock.advance(300_000 + 30_000)
    assert.equal(await revoked.find(ALICE), 'token')
  })

  test('REV-01: a revocation outlives a token of an issuer whose clock is as fast as the policy lets it be', () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock, maxLifetime: '5m' })
    const scheme = compiled(
      jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256, clockSkew: '120s', revocations: revoked }),
      clock,
    )
    const fast = token({ iat: NOW + 120, exp: NOW + 420, jti: 'j1' })
    void revoked.token(ALICE)
    const says = (): string => {
      const found = identify(scheme, fast)
      return found.type === 'bad' ? found.kind : found.type
    }
    assert.equal(says(), 'token.revoked')
    clock.advance(539_999)
    assert.equal(says(), 'token.revoked')
    clock.advance(1)
    assert.equal(says(), 'token.expired')
  })

  test('REV-01: a moment that is still to come is remembered until the last token before it has ended', async () => {
    const clock = movableClock()
    const revoked = revocations({ store: memoryStore({ clock }), clock })
    await revoked.subject(ALICE, new Date((NOW + 7 * 86_400) * 1000))
    clock.advance(7 * 86_400_000)
    assert.equal(
      await revoked.find({ ...ALICE, iat: NOW + 7 * 86_400 - 1, exp: NOW + 8 * 86_400 - 1 }),
      'subject',
    )
    clock.advance(86_400_000)
    assert.equal(
      await revoked.find({ ...ALICE, iat: NOW + 7 * 86_400 - 1, exp: NOW + 8 * 86_400 - 1 }),
      'subject',
    )
  })

  test('REV-01: a moment that is no date is an error', async () => {
    await assert.rejects(revocations({ store: memoryStore() }).subject(ALICE, new Date(NaN)), RangeError)
  })

  test('REV-01: what names nothing revokes nothing, and says so', async () => {
    const revoked = revocations({ store: memoryStore() })
    for (const missing of [undefined, '', null, 1] as unknown as string[]) {
      await assert.rejects(revoked.token({ issuer: ISSUER, jti: missing }), TypeError)
      await assert.rejects(revoked.token({ issuer: missing, jti: 'j1' }), TypeError)
      await assert.rejects(revoked.subject({ issuer: ISSUER, subject: missing }), TypeError)
      await assert.rejects(revoked.subject({ issuer: missing, subject: 'alice' }), TypeError)
    }
  })

  test('ERR-03: options that cannot be used', () => {
    assert.throws(() => revocations({} as RevocationsOptions), ConfigError)
    assert.throws(() => revocations({ store: {} as Records }), ConfigError)
    assert.throws(() => revocations({ store: memoryStore(), maxLifetime: '1s' }), ConfigError)
  })
})

describe('a store that is far away, or fails', () => {
  const bearer = facts({ fields: [['Authorization', `Bearer ${token({ iat: NOW, jti: 'j1' })}`]] })
  const rows: readonly [name: string, read: Records['read'], expected: string][] = [
    ['answers late that nothing was revoked', () => Promise.resolve([undefined, undefined]), 'alice'],
    ['answers late that the token was', () => Promise.resolve(['1', undefined]), 'token.revoked'],
    ['answers with what is no number', () => Promise.resolve([undefined, 'x']), 'token.revoked'],
    ['answers with no records', () => [], 'dependency.failed'],
    ['answers with one record', () => [undefined], 'dependency.failed'],
    ['answers late with no records', () => Promise.resolve([]), 'dependency.failed'],
    ['answers with no list', () => '' as unknown as readonly string[], 'dependency.failed'],
    ['answers with null', () => [null, null] as unknown as readonly string[], 'dependency.failed'],
    ['rejects', () => Promise.reject(new Error('down')), 'dependency.failed'],
    [
      'throws',
      () => {
        throw new Error('down')
      },
      'dependency.failed',
    ],
  ]
  for (const [name, read, expected] of rows) {
    test(`REV-01: a store that ${name}`, async () => {
      const store = { add: () => true, read, write: () => undefined, remove: () => true }
      const scheme = compiled(
        jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256, revocations: revocations({ store }) }),
      )
      const found = await scheme.identify(bearer)
      assert.equal(
        found.type === 'authenticated' ? found.principal.subject : 'kind' in found && found.kind,
        expected,
      )
    })
  }

  test('REQ-14: the store has the signal of the request', async () => {
    const signals: unknown[] = []
    const store: Records = {
      add: () => true,
      read: (keys, call) => (signals.push(call?.signal), keys.map(() => undefined)),
      write: () => undefined,
      remove: () => true,
    }
    const scheme = compiled(
      jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256, revocations: revocations({ store }) }),
    )
    const asked = facts({ fields: [['Authorization', `Bearer ${token({ iat: NOW, jti: 'j1' })}`]] })
    // The second time the token is known already.
    assert.equal((await scheme.identify(asked)).type, 'authenticated')
    assert.equal((await scheme.identify(asked)).type, 'authenticated')
    assert.deepEqual(signals, [asked.signal, asked.signal])
  })
})
