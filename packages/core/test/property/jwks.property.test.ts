import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { readJwks } from '../../src/identity/jwt/jwks.ts'
import { freshnessOf } from '../../src/identity/remote/freshness.ts'
import { pairFor } from '../support/tokens.ts'

const ALGORITHMS: readonly JwtAlgorithm[] = ['RS256', 'ES256', 'Ed25519', 'EdDSA']

const honest = (['RS256', 'ES256', 'Ed25519'] as const).map((alg) =>
  pairFor(alg).publicKey.export({ format: 'jwk' }),
)

/** A key that is honest but for some members, which are anything. */
const almostKey: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.constantFrom(...honest),
    fc.dictionary(
      fc.constantFrom(
        'kty',
        'crv',
        'x',
        'y',
        'n',
        'e',
        'alg',
        'use',
        'key_ops',
        'kid',
        'd',
        'k',
        '__proto__',
      ),
      fc.oneof(
        fc.jsonValue(),
        fc.constantFrom('RS256', 'ES256', 'EdDSA', 'sig', 'enc', 'P-256', 'AQAB', 'RSA', 'EC', 'OKP', 'oct', [
          'verify',
        ]),
      ),
      { maxKeys: 2 },
    ),
  )
  .map(([jwk, changes]) => ({ ...jwk, ...changes }))

test('JWKS-04: reading a set never throws, whatever JSON it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const set = readJwks(value, ALGORITHMS)
      assert.ok(set === undefined || set.keys.length === 0)
      readJwks({ keys: value }, ALGORITHMS)
    }),
    { numRuns: 500 },
  )
})

test('JWKS-04: what a set gives is public, of an allowed algorithm, named once, and all accounted for', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(almostKey, fc.jsonValue()), { maxLength: 5 }), (keys) => {
      const set = readJwks({ keys }, ALGORITHMS)
      if (set === undefined) return
      const names = set.keys.flatMap(({ alg, kid }) => (kid === undefined ? [] : [`${alg} ${kid}`]))
      assert.equal(new Set(names).size, names.length)
      for (const { alg, key } of set.keys) {
        assert.ok(ALGORITHMS.includes(alg))
        assert.equal(key.type, 'public')
      }
      // A key gives one compiled key, or two by the two names of one algorithm.
      const used = keys.length - set.dropped
      assert.ok(used >= 0 && used <= set.keys.length && set.keys.length <= used * 2)
    }),
    { numRuns: 300 },
  )
})

test('JWKS-05: a freshness is nothing, or milliseconds from zero to a year', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('max-age', '=', '"', '60', ',', ' ', '-', 'no-store', '9'.repeat(40)))
      .map((p) => p.join('')),
  )
  fc.assert(
    fc.property(
      text,
      fc.option(fc.oneof(fc.string(), fc.nat().map(String)), { nil: undefined }),
      (control, age) => {
        const ms = freshnessOf(control, age)
        assert.ok(ms === undefined || (Number.isInteger(ms) && ms >= 0 && ms <= 365 * 86_400_000))
      },
    ),
  )
})
