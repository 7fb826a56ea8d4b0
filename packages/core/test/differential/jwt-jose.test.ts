import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { jwtVerify, type JWTPayload } from 'jose'
import { ALGORITHMS, type JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { signJwt } from '../../src/identity/sign.ts'
import { AUDIENCE, claims, ISSUER, NOW, verifierOf } from '../support/tokens.ts'
import { build, type Keys, makeKeys, PLAIN, type Plan, plans } from './cases.ts'
import { buildRandom, type Random, randoms, texts } from './random.ts'
import { see, STRICTER } from './stricter.ts'

/** The same cases every time, others for each algorithm; fast-check names the seed and the path of one that fails. */
const SEED = 20_261_124

/** How many cases each algorithm gets: RSA and the larger curves take their time. */
const RUNS: Readonly<Record<JwtAlgorithm, number>> = {
  HS256: 500,
  HS384: 200,
  HS512: 200,
  RS256: 250,
  RS384: 120,
  RS512: 120,
  PS256: 250,
  PS384: 120,
  PS512: 120,
  ES256: 300,
  ES384: 60,
  ES512: 40,
  Ed25519: 400,
  EdDSA: 200,
}

const algorithms = Object.keys(ALGORITHMS) as JwtAlgorithm[]
const rsa: [Keys, Keys] = [makeKeys('RS256'), makeKeys('RS256')]

async function askJose(token: string, key: Keys, alg: string, skew: number): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, key.verifying, {
      algorithms: [alg],
      issuer: ISSUER,
      audience: AUDIENCE,
      clockTolerance: skew,
      currentDate: new Date(NOW * 1000),
    })
    return payload
  } catch {
    return undefined
  }
}

function askUs(
  token: string,
  key: Keys,
  alg: JwtAlgorithm,
  skew: number,
): ReturnType<ReturnType<typeof verifierOf>> {
  return verifierOf({ alg, key: key.verifying }, { clockSkew: skew * 1000 })(token)
}

/** Random secrets; pairs that are made once. */
function keysFor(alg: JwtAlgorithm): (secrets: readonly [Uint8Array, Uint8Array]) => readonly [Keys, Keys] {
  const { kty } = ALGORITHMS[alg]
  if (kty === 'RSA') return () => rsa
  if (kty === 'oct') {
    return ([own, other]) => [
      { signing: own, verifying: own },
      { signing: other, verifying: other },
    ]
  }
  const pairs = [makeKeys(alg), makeKeys(alg)] as const
  return () => pairs
}

const secret = fc.uint8Array({ minLength: 64, maxLength: 80 })

describe('our verifier and that of jose', () => {
  for (const [index, alg] of algorithms.entries()) {
    test(`JWT-01: what one of the two accepts by ${alg} the other does, but for the rules that are named`, async () => {
      const keys = keysFor(alg)
      const count = { ours: 0, jose: 0, both: 0, neither: 0 }

      const compare = async (plan: Plan, secrets: [Uint8Array, Uint8Array]): Promise<void> => {
        const [own, other] = keys(secrets)
        const token = build(plan, alg, own, other)
        const ours = askUs(token, own, alg, plan.skew)
        const theirs = await askJose(token, own, alg, plan.skew)
        if (ours.ok) count.ours++
        if (theirs !== undefined) count.jose++
        if (ours.ok && theirs !== undefined) {
          count.both++
          // What is accepted is also read alike, to the order of its members.
          assert.equal(JSON.stringify(ours.claims), JSON.stringify(theirs), token)
        } else if (ours.ok) {
          assert.fail(`we accept what jose does not: ${token}`)
        } else if (theirs === undefined) {
          count.neither++
        } else {
          const seen = see(plan, token)
          const rules = STRICTER.filter((rule) => rule.applies(seen))
          assert.notEqual(rules.length, 0, `we refuse (${ours.reason}) what jose accepts: ${token}`)
        }
      }

      const property = fc.asyncProperty(plans, fc.tuple(secret, secret), compare)
      await fc.assert(property, { seed: SEED + index, numRuns: RUNS[alg] })
      // Neither side may be one that refuses everything, or a test of it would show nothing.
      assert.ok(count.ours >= RUNS[alg] / 20, JSON.stringify(count))
      assert.ok(count.jose > count.ours, JSON.stringify(count))
      assert.ok(count.neither >= RUNS[alg] / 4, JSON.stringify(count))
    })
  }
})

describe('our verifier and that of jose, on what nobody has thought of', () => {
  for (const [index, alg] of algorithms.entries()) {
    const [own] = keysFor(alg)([randomBytes(64), randomBytes(64)])
    const numRuns = RUNS[alg] / 2

    test(`JWT-01: random tokens by ${alg} are accepted by both, or by none, but for the rules that are named`, async () => {
      const count = { both: 0, stricter: 0, neither: 0 }
      const compare = async (random: Random): Promise<void> => {
        const token = buildRandom(random, alg, own)
        const ours = askUs(token, own, alg, 0)
        const theirs = await askJose(token, own, alg, 0)
        if (theirs === undefined) {
          assert.ok(!ours.ok, `we accept what jose does not: ${token}`)
          count.neither++
        } else if (ours.ok) {
          assert.equal(JSON.stringify(ours.claims), JSON.stringify(theirs), token)
          count.both++
        } else {
          const seen = see(PLAIN, token)
          assert.ok(
            STRICTER.some((rule) => rule.applies(seen)),
            `we refuse (${ours.reason}) what jose accepts: ${token}`,
          )
          count.stricter++
        }
      }
      await fc.assert(fc.asyncProperty(randoms, compare), { seed: SEED + index, numRuns })
      for (const times of Object.values(count)) assert.ok(times > 0, JSON.stringify(count))
    })

    test(`JWT-01: no text that nobody has signed is accepted by ${alg}, by either`, async () => {
      const property = fc.asyncProperty(texts, async (text) => {
        assert.ok(!askUs(text, own, alg, 0).ok, text)
        assert.equal(await askJose(text, own, alg, 0), undefined, text)
      })
      await fc.assert(property, { seed: SEED + index, numRuns })
    })
  }
})

describe('where we are stricter than jose', () => {
  const [own, other] = keysFor('HS256')([randomBytes(64), randomBytes(64)])
  for (const { id, name, applies, examples } of STRICTER) {
    for (const [changes, expected] of examples) {
      test(`${id}: jose accepts a token although ${name}: ${JSON.stringify(changes)}`, async () => {
        const plan = { ...PLAIN, ...changes }
        const token = build(plan, 'HS256', own, other)
        assert.ok(applies(see(plan, token)))
        assert.notEqual(await askJose(token, own, 'HS256', 0), undefined)
        const ours = askUs(token, own, 'HS256', 0)
        assert.equal(ours.ok ? 'ok' : ours.kind, expected)
      })
    }
  }
})

describe('our tokens, as jose reads them', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => text !== '__proto__')
  const extra = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })

  for (const alg of algorithms) {
    test(`JWT-01: jose accepts what signJwt signs by ${alg}, and reads the same claims`, async () => {
      const [own, other] = keysFor(alg)([randomBytes(64), randomBytes(64)])
      const property = fc.asyncProperty(extra, fc.option(fc.constant('a')), async (more, kid) => {
        const said = { ...more, ...claims() }
        const key = { alg, key: own.signing, ...(kid === null ? {} : { kid }) }
        const token = signJwt(said, { key, typ: 'at+jwt' })
        // JSON knows no negative zero.
        assert.equal(JSON.stringify(await askJose(token, own, alg, 0)), JSON.stringify(said))
        assert.equal(await askJose(token, other, alg, 0), undefined)
        assert.ok(askUs(token, own, alg, 0).ok)
      })
      await fc.assert(property, { seed: SEED, numRuns: 12 })
    })
  }
})
