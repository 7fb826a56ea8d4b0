import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Doorkeeper, fingerprintOf } from '../../../src/identity/jwt/doorkeeper.ts'
import { token } from '../../support/tokens.ts'

describe('the fingerprint of a token', () => {
  test('JWT-21: it is a small integer that tells tokens apart by their signatures', () => {
    const all = Array.from({ length: 1000 }, (_, i) => fingerprintOf(token({ jti: String(i) })))
    assert.ok(all.every((one) => Number.isInteger(one) && one >= 0 && one < 2 ** 31))
    assert.equal(new Set(all).size, 1000)
  })

  test('JWT-21: it is of the signature alone, and not of its last characters, of which EdDSA leaves some alike', () => {
    const signature = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP'
    const one = fingerprintOf(`a.b.${signature}`)
    assert.equal(fingerprintOf(`c.d.${signature}`), one)
    assert.equal(fingerprintOf(`a.b.${signature.slice(0, -4)}AAAA`), one)
    assert.notEqual(fingerprintOf(`a.b.${signature.slice(0, -5)}_MNOP`), one)
  })

  test('JWT-21: any text has one', () => {
    for (const text of ['', '.', '..', 'a.b.c', '\u{1f600}'.repeat(9)])
      assert.ok(Number.isInteger(fingerprintOf(text)), text)
  })
})

describe('the doorkeeper', () => {
  test('JWT-21: who has been here is known from the second time on', () => {
    const doorkeeper = new Doorkeeper(100)
    for (const one of [1, 2, 3, 2 ** 31 - 1]) {
      assert.deepEqual(
        [1, 2, 3].map(() => doorkeeper.knows(one)),
        [false, true, true],
        String(one),
      )
    }
  })

  test('JWT-21: of three that have one place, the two that were here last are known', () => {
    const doorkeeper = new Doorkeeper(1)
    const knows = (...all: readonly number[]): readonly boolean[] => all.map((one) => doorkeeper.knows(one))
    assert.deepEqual(knows(1, 2, 1, 2), [false, false, true, true])
    assert.deepEqual(knows(1, 3), [true, false], '2 has gone')
    assert.deepEqual(knows(1, 3, 2), [true, true, false])
  })

  test('JWT-21: of as many as it is made for, most are known, and of ten times as many few', () => {
    // The last four characters are not looked at.
    const tokens = (count: number): readonly number[] =>
      Array.from({ length: count }, (_, i) => fingerprintOf(`${String(i).padStart(8, 'x')}AAAA`))
    const knownOf = (max: number, all: readonly number[]): number => {
      const doorkeeper = new Doorkeeper(max)
      for (const one of all) doorkeeper.knows(one)
      // Those that came last are looked at first: who is not known takes a place.
      return all.toReversed().filter((one) => doorkeeper.knows(one)).length
    }
    for (const max of [1, 2, 10, 1000, 10_000]) {
      const all = tokens(max)
      assert.equal(new Set(all).size, max)
      const known = knownOf(max, all)
      assert.ok(known >= max * 0.8, `${known} of ${max}`)
    }
    assert.ok(knownOf(1000, tokens(10_000)) <= 2048, 'it never grows')
  })
})
