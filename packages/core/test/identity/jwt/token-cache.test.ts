import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fingerprintOf } from '../../../src/identity/jwt/doorkeeper.ts'
import type { Keyring } from '../../../src/identity/jwt/keyring.ts'
import { createKeyring } from '../../../src/identity/jwt/keyring.ts'
import { compileKeys } from '../../../src/identity/jwt/keys.ts'
import { compileIssuer, ISSUER_READERS } from '../../../src/identity/jwt/issuers.ts'
import { compileVerify } from '../../../src/identity/jwt/principal.ts'
import { digestOf, TokenCache } from '../../../src/identity/jwt/token-cache.ts'
import { revocations } from '../../../src/identity/revocations.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { readOptions } from '../../../src/options/read.ts'
import { movableClock } from '../../support/clock.ts'
import { place, schemeContext } from '../../support/compile.ts'
import { facts } from '../../support/facts.ts'
import { AUDIENCE, HS256, ISSUER, NOW, token } from '../../support/tokens.ts'

describe('the cache of verified tokens', () => {
  const always = { from: -Infinity, until: Infinity }

  test('JWT-21: it is bounded, and drops what was not used for longest', () => {
    const cache = new TokenCache(10)
    for (let i = 0; i < 1000; i++) {
      cache.set(`k${i}`, always)
      assert.ok(cache.get('k0', 0) !== undefined || i === 0, 'what is in use stays')
      assert.ok(cache.size <= 10)
    }
    assert.equal(cache.get('k1', 0), undefined)
  })

  test('JWT-21: nothing is given outside its time', () => {
    const cache = new TokenCache(10)
    cache.set('k', { from: 10, until: 20 })
    assert.deepEqual(
      [9, 10, 19, 20].map((now) => cache.get('k', now) !== undefined),
      [false, true, true, false],
    )
  })

  test('JWT-21: what is kept of a token is a digest of the whole of it', () => {
    const one = digestOf('a.b.c')
    assert.match(one, /^[\w-]{43}$/)
    assert.notEqual(one, digestOf('a.b.d'))
    assert.notEqual(one, digestOf('a.b.c '))
  })

  test('JWT-21: none at all when the bound is 0', () => {
    const cache = new TokenCache(0)
    assert.equal(cache.hasRoom, false)
    cache.set('k', always)
    assert.equal(cache.get('k', 0), undefined)
  })

  test('JWT-21: it has room while half of a generation is free, and so at least for one', () => {
    for (const [max, room] of [
      [1, 1],
      [2, 1],
      [10, 3],
      [100, 25],
    ] as const) {
      const cache = new TokenCache<number, typeof always>(max)
      let taken = 0
      while (cache.hasRoom) cache.set(taken++, always)
      assert.equal(taken, room, `of ${max}`)
    }
  })
})

/** Verifies with the cache, and counts how often keys were asked for. */
function counting(changes: { readonly max?: number } = {}): {
  readonly clock: ReturnType<typeof movableClock>
  readonly rotate: () => void
  /** {@link rotate}, as soon as keys have been handed out once more. */
  readonly rotateAfterNext: () => void
  readonly asked: () => number
  readonly say: (text: string) => string | Promise<string>
  readonly revoked: ReturnType<typeof revocations>
} {
  const clock = movableClock()
  const where = place('jwt')
  let inner = createKeyring(compileKeys(where, HS256, 'verify'))
  let generation = 0
  let asked = 0
  let due = false
  const rotate = (): void => {
    inner = createKeyring([])
    generation++
    due = false
  }
  const keyring: Keyring = {
    candidates(alg, kid) {
      asked++
      const found = inner.candidates(alg, kid)
      if (due) rotate()
      return found
    },
    generation: () => generation,
    warning: () => undefined,
  }
  const read = readOptions(where, { issuer: ISSUER, audience: AUDIENCE, keys: HS256 }, ISSUER_READERS)
  assert.ok(read !== undefined)
  const rules = compileIssuer(where, read, { clockSkew: 0 }, schemeContext(where, clock))
  assert.ok(rules !== undefined)
  const revoked = revocations({ store: memoryStore({ clock }), clock })
  const verify = compileVerify(
    [{ ...rules, keyring }],
    { maxTokenLength: 8192, maxCachedTokens: changes.max ?? 100, revocations: revoked },
    clock,
  )
  return {
    clock,
    revoked,
    asked: () => asked,
    rotate,
    rotateAfterNext() {
      due = true
    },
    say(text) {
      const found = verify(text, facts())
      assert.ok(!(found instanceof Promise))
      return found.type === 'authenticated' ? 'ok' : found.kind
    },
  }
}

describe('verified tokens', () => {
  const mine = (changes: Record<string, unknown> = {}): string => token({ iat: NOW, jti: 'j1', ...changes })

  test('JWT-21: a token that comes back is not verified again', () => {
    const { say, asked } = counting()
    const text = mine()
    assert.deepEqual([say(text), say(text), say(text), asked()], ['ok', 'ok', 'ok', 1])
  })

  test('JWT-21: with no room left, a token is remembered when it comes the second time', () => {
    const { say, asked } = counting({ max: 2 })
    const verified = (text: string): number => {
      const before = asked()
      assert.equal(say(text), 'ok')
      return asked() - before
    }
    const first = mine()
    assert.deepEqual([verified(first), verified(first)], [1, 0], 'there is room for one')
    const other = mine({ jti: 'j2' })
    assert.deepEqual([verified(other), verified(other), verified(other)], [1, 1, 0])
    assert.equal(verified(first), 0, 'of the generation before')
  })

  test('JWT-21: tokens that come once do not push out those that come back', () => {
    const { say, asked } = counting({ max: 10 })
    const text = mine()
    assert.equal(say(text), 'ok')
    for (let i = 0; i < 100; i++) assert.equal(say(mine({ jti: `once${i}` })), 'ok')
    const before = asked()
    assert.equal(say(text), 'ok')
    assert.equal(asked(), before)
  })

  test('JWT-21: none is remembered when the bound is 0', () => {
    const { say, asked } = counting({ max: 0 })
    const text = mine()
    assert.deepEqual([say(text), say(text), say(text), asked()], ['ok', 'ok', 'ok', 3])
  })

  test('JWT-21: a token with the signature of a remembered one is verified', () => {
    const { say, asked } = counting()
    const text = mine()
    const [, , signature] = text.split('.')
    const forged = `${mine({ sub: 'root' }).split('.').slice(0, 2).join('.')}.${signature}`
    assert.equal(fingerprintOf(forged), fingerprintOf(text))
    assert.deepEqual([say(text), say(forged), say(text), asked()], ['ok', 'token.bad-signature', 'ok', 2])
  })

  test('JWT-21: a token that differs from a remembered one where its fingerprint does not look is verified', () => {
    const { say } = counting()
    const text = mine()
    assert.equal(say(text), 'ok')
    assert.equal(say(`${text.slice(0, -4)}AAAA`), 'token.bad-signature')
  })

  test('JWT-21: what was refused is not remembered', () => {
    const { say, asked } = counting()
    const text = mine({ aud: 'else' })
    assert.deepEqual([say(text), say(text), asked()], ['token.wrong-audience', 'token.wrong-audience', 2])
  })

  test('JWT-21: never past exp, nor before nbf when the clock goes back', () => {
    const { say, clock } = counting()
    const text = mine({ nbf: NOW })
    assert.equal(say(text), 'ok')
    clock.advance(-1000)
    assert.equal(say(text), 'token.not-yet-valid')
    clock.advance(1000 + 299_999)
    assert.equal(say(text), 'ok')
    clock.advance(1)
    assert.equal(say(text), 'token.expired')
  })

  test('JWT-21: a token whose key goes while it is verified is not remembered as one of the keys that come', () => {
    const { say, rotateAfterNext } = counting()
    const text = mine()
    rotateAfterNext()
    assert.equal(say(text), 'ok')
    assert.equal(say(text), 'token.wrong-algorithm')
  })

  test('JWT-21: of a token that was refused it is not known that it was here', () => {
    const { say, clock, asked } = counting({ max: 2 })
    assert.equal(say(mine()), 'ok')
    const later = mine({ jti: 'j2', nbf: NOW + 1 })
    assert.deepEqual([say(later), say(later)], ['token.not-yet-valid', 'token.not-yet-valid'])
    clock.advance(1000)
    assert.deepEqual([say(later), say(later), say(later), asked()], ['ok', 'ok', 'ok', 5])
  })

  test('JWT-21: never past the removal of its key', () => {
    const { say, rotate } = counting()
    const text = mine()
    assert.equal(say(text), 'ok')
    rotate()
    assert.equal(say(text), 'token.wrong-algorithm')
  })

  test('JWT-21, REV-01: never past the revocation of the token, or of its subject', async () => {
    const { say, revoked, clock } = counting()
    const one = mine()
    const other = mine({ jti: 'j2' })
    assert.deepEqual([say(one), say(other)], ['ok', 'ok'])
    await revoked.token({ issuer: ISSUER, jti: 'j1' })
    assert.deepEqual([say(one), say(other)], ['token.revoked', 'ok'])
    clock.advance(1000)
    await revoked.subject({ issuer: ISSUER, subject: 'alice' })
    assert.equal(say(other), 'token.revoked')
    assert.equal(say(mine({ jti: 'j3', iat: NOW + 1 })), 'ok')
  })

  test('JWT-21: nothing of a remembered caller can be changed by a handler', () => {
    const clock = movableClock()
    const where = place('jwt')
    const read = readOptions(where, { issuer: ISSUER, audience: AUDIENCE, keys: HS256 }, ISSUER_READERS)
    const rules = read && compileIssuer(where, read, { clockSkew: 0 }, schemeContext(where, clock))
    assert.ok(rules !== undefined)
    const verify = compileVerify(
      [rules],
      { maxTokenLength: 8192, maxCachedTokens: 10, revocations: undefined },
      clock,
    )
    const found = verify(mine({ scope: 'a', address: { city: 'x' } }), facts())
    assert.ok(!(found instanceof Promise) && found.type === 'authenticated')
    const { principal } = found
    assert.throws(() => Object.assign(principal, { subject: 'root' }), TypeError)
    assert.throws(() => (principal.scopes as string[]).push('admin'), TypeError)
    assert.throws(() => Object.assign(principal.claims, { sub: 'root' }), TypeError)
    assert.throws(
      () => Object.assign(Reflect.get(principal.claims, 'address') as object, { city: 'y' }),
      TypeError,
    )
  })
})
