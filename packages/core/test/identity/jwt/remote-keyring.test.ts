import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { createRemoteKeyring } from '../../../src/identity/jwt/remote-keyring.ts'
import { movableClock } from '../../support/clock.ts'
import {
  HOUR,
  issuer,
  type Issuer,
  later,
  MINUTE,
  now,
  published,
  RULES,
  said,
  SECOND,
} from '../../support/remote-keys.ts'

const A = published('a')
const B = published('b')
const UNAVAILABLE = 'dependency.failed'

/** An issuer whose key `a` has been fetched. */
async function fetched(rules: Partial<typeof RULES> = {}, maxAgeMs?: number): Promise<Issuer> {
  const one = issuer(rules)
  const first = later(one, 'a')
  await one.publish([A], maxAgeMs)
  assert.equal(await first, 'a')
  return one
}

describe('fetching keys', () => {
  test('JWKS-05: nothing is fetched before somebody asks', () => {
    const one = issuer()
    assert.equal(one.ring.generation(), 0)
    assert.equal(one.ring.warning(), undefined)
    assert.equal(one.fetches(), 0)
  })

  test('JWKS-02: concurrent requests share the first fetch', async () => {
    const one = issuer()
    const all = Array.from({ length: 100 }, () => later(one, 'a'))
    await one.publish([A])
    assert.deepEqual(new Set(await Promise.all(all)), new Set(['a']))
    assert.equal(one.fetches(), 1)
  })

  test('JWT-03: an algorithm that the policy does not allow fetches nothing', () => {
    const one = issuer()
    for (const alg of ['HS256', 'none', 'PS256', 'toString'])
      assert.equal(now(one, 'a', alg), 'unknown algorithm')
    assert.equal(one.fetches(), 0)
  })

  test('JWKS-05: fresh keys are there at once, for a whole period with one fetch', async () => {
    const one = await fetched()
    for (let i = 0; i < 1000; i++) assert.equal(now(one, 'a'), 'a')
    one.clock.advance(8 * MINUTE - 1)
    assert.equal(now(one, 'a'), 'a')
    assert.equal(one.fetches(), 1)
  })

  test('JWKS-05: in the last fifth of the period one request starts a renewal, and none waits for it', async () => {
    const one = await fetched()
    one.clock.advance(8 * MINUTE)
    for (let i = 0; i < 1000; i++) assert.equal(now(one, 'a'), 'a')
    assert.equal(one.fetches(), 2)
    await one.publish([B])
    assert.equal(now(one, 'b'), 'b')
    one.clock.advance(8 * MINUTE - 1)
    assert.equal(now(one, 'b'), 'b')
    assert.equal(one.fetches(), 2)
  })

  test('JWKS-05: keys that expired while nobody asked are waited for, in one fetch', async () => {
    const one = await fetched()
    one.clock.advance(HOUR)
    const all = [later(one, 'a'), later(one, 'a'), later(one, 'a')]
    await one.publish([B])
    assert.deepEqual(await Promise.all(all), ['unknown key', 'unknown key', 'unknown key'])
    assert.equal(now(one, 'b'), 'b')
    assert.equal(one.fetches(), 2)
  })

  const periods: readonly [name: string, maxAgeMs: number | undefined, fresh: number][] = [
    ['nothing is said', undefined, 10 * MINUTE],
    ['less than the policy says', 5 * MINUTE, 5 * MINUTE],
    ['more than the policy says', HOUR, 10 * MINUTE],
    ['less than a minute', SECOND, MINUTE],
    ['not to be stored', 0, MINUTE],
  ]
  for (const [name, maxAgeMs, fresh] of periods) {
    test(`JWKS-05: the period of an answer where ${name}`, async () => {
      const one = await fetched({}, maxAgeMs)
      one.clock.advance(fresh * 0.8 - 1)
      now(one, 'a')
      assert.equal(one.fetches(), 1)
      one.clock.advance(1)
      now(one, 'a')
      assert.equal(one.fetches(), 2)
    })
  }

  test('JWKS-05: a clock on the wall that jumps changes nothing', async () => {
    const one = await fetched()
    one.clock.jump(1000 * HOUR)
    assert.equal(now(one, 'a'), 'a')
    one.clock.jump(-2000 * HOUR)
    assert.equal(now(one, 'a'), 'a')
    assert.equal(one.fetches(), 1)
  })
})

describe('an unknown kid', () => {
  test('JWKS-02: within the cooldown is refused at once, and fetches nothing', async () => {
    const one = await fetched()
    for (let i = 0; i < 10_000; i++) assert.equal(now(one, `junk-${i}`), 'unknown key')
    assert.equal(one.fetches(), 1)
  })

  test('JWKS-02: after it 10,000 of them, at once or in turn, cause one fetch', async () => {
    const one = await fetched()
    one.clock.advance(30 * SECOND)
    const all = Array.from({ length: 5_000 }, (_, i) => later(one, `junk-${i}`))
    await one.publish([A])
    assert.deepEqual(new Set(await Promise.all(all)), new Set(['unknown key']))
    for (let i = 5_000; i < 10_000; i++) assert.equal(now(one, `junk-${i}`), 'unknown key')
    assert.equal(one.fetches(), 2)
  })

  test('JWKS-06: a key that is new is there after the cooldown, however much junk came before', async () => {
    const one = await fetched()
    for (let second = 0; second < 30; second++) {
      for (let i = 0; i < 100; i++) now(one, `junk-${i}`)
      assert.equal(now(one, 'b'), 'unknown key')
      one.clock.advance(SECOND)
    }
    const legitimate = later(one, 'b')
    await one.publish([A, { ...published('b', 'RS256') }])
    assert.equal(await legitimate, 'unknown key', 'a name counts for its algorithm')
    assert.equal(now(one, 'b', 'RS256'), 'b')
  })

  test('JWKS-06: whose fetch is under way is waited for, also within the cooldown', async () => {
    const one = await fetched()
    one.clock.advance(30 * SECOND)
    const junk = later(one, 'junk')
    const legitimate = later(one, 'b')
    assert.equal(now(one, 'a'), 'a', 'known keys wait for nothing')
    await one.publish([B])
    assert.equal(await legitimate, 'b')
    assert.equal(await junk, 'unknown key')
    assert.equal(one.fetches(), 2)
  })

  test('JWKS-06: an allowed algorithm that no key has yet is fetched for, too', async () => {
    const one = await fetched()
    assert.equal(now(one, 'r', 'RS256'), 'unknown algorithm')
    assert.equal(now(one, undefined, 'RS256'), 'unknown algorithm')
    one.clock.advance(30 * SECOND)
    const waiting = later(one, undefined, 'RS256')
    await one.publish([A, published('r', 'RS256')])
    assert.equal(await waiting, 'r')
  })

  test('JWKS-06: keys without name are tried, and do not hide that a name is unknown', async () => {
    const one = issuer()
    const first = later(one, 'x')
    await one.publish([published(undefined)])
    assert.equal(await first, '-')
    assert.equal(now(one, 'x'), '-')
    one.clock.advance(30 * SECOND)
    const waiting = later(one, 'x')
    await one.publish([{ ...freshEc(), kid: 'x' }, published(undefined)])
    assert.equal(await waiting, 'x -')
  })

  test('JWKS-02: a token without kid is tried with eight keys at most', async () => {
    const keys = Array.from({ length: 9 }, (_, i) => ({ ...freshEc(), kid: `k${i}` }))
    const one = issuer()
    const first = later(one, undefined)
    await one.publish(keys.slice(1))
    assert.equal((await first).split(' ').length, 8)
    one.clock.advance(HOUR)
    const second = later(one, undefined)
    await one.publish(keys)
    assert.equal(await second, 'unknown key')
    assert.equal(now(one, 'k8'), 'k8')
  })
})

describe('an issuer that fails', () => {
  test('JWKS-03: before any key was fetched is a 503 with the time to wait', async () => {
    const one = issuer()
    const all = [later(one, 'a'), later(one, 'b')]
    await one.fail()
    assert.deepEqual(await Promise.all(all), [`${UNAVAILABLE} 1`, `${UNAVAILABLE} 1`])
    assert.equal(now(one, 'a'), `${UNAVAILABLE} 1`)
    assert.equal(one.fetches(), 1)
  })

  test('JWKS-05: is asked again after 1 second, 2, 4, up to the cooldown, however many ask', async () => {
    const one = issuer()
    one.always(undefined)
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      await later(one, 'a')
      const fetches = one.fetches()
      let waited = 0
      while (one.fetches() === fetches) {
        one.clock.advance(SECOND)
        waited++
        now(one, 'a')
      }
      waits.push(waited)
      await later(one, 'a')
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30])
  })

  test('JWKS-05: is asked at its pace again once it has recovered', async () => {
    const one = issuer()
    one.always(undefined)
    for (let i = 0; i < 5; i++) {
      await later(one, 'a')
      one.clock.advance(HOUR)
    }
    one.always([A])
    assert.equal(await later(one, 'a'), 'a')
    one.always(undefined)
    one.clock.advance(HOUR)
    await later(one, 'a')
    const fetches = one.fetches()
    one.clock.advance(SECOND)
    now(one, 'a')
    assert.equal(one.fetches(), fetches + 1)
  })

  test('JWKS-03: keeps its last keys in use, with a warning, and nobody waits for it', async () => {
    const one = await fetched()
    one.clock.advance(10 * MINUTE)
    const waiting = later(one, 'a')
    await one.fail()
    assert.equal(await waiting, 'a')
    assert.deepEqual(one.ring.warning(), {
      kind: 'dependency.failed',
      reason: 'the keys of the issuer are stale, and cannot be renewed: the test says so',
    })
    assert.equal(now(one, 'a'), 'a')
    one.clock.advance(SECOND)
    assert.equal(now(one, 'a'), 'a', 'nor for the next fetch')
    assert.equal(one.fetches(), 3)
    await one.publish([A])
    assert.equal(one.ring.warning(), undefined)
  })

  test('JWKS-03: ahead of time gives no warning while its keys are fresh', async () => {
    const one = await fetched()
    one.clock.advance(9 * MINUTE)
    now(one, 'a')
    await one.fail()
    assert.equal(one.ring.warning(), undefined)
    one.clock.advance(MINUTE)
    assert.equal(one.ring.warning()?.kind, 'dependency.failed')
  })

  test('JWKS-03: for too long is a 503, and no key of old is used', async () => {
    const one = await fetched()
    one.always(undefined)
    one.clock.advance(10 * MINUTE + 24 * HOUR - 1)
    assert.equal(await later(one, 'a'), 'a')
    one.clock.advance(1)
    assert.match(await later(one, 'a'), /^dependency\.failed [12]$/)
    one.always([A])
    one.clock.advance(HOUR)
    assert.equal(await later(one, 'a'), 'a')
  })

  test('JWKS-03: with a policy that takes no stale keys is a 503 as soon as they have expired', async () => {
    const one = await fetched({ maxStale: 0 })
    one.always(undefined)
    one.clock.advance(10 * MINUTE - 1)
    assert.equal(now(one, 'a'), 'a')
    await later(one, 'a')
    one.clock.advance(1)
    assert.match(await later(one, 'a'), /^dependency\.failed/)
  })

  test('JWKS-03: makes an unknown kid a 503, since it may be a key that is new', async () => {
    const one = await fetched()
    one.clock.advance(30 * SECOND)
    const waiting = later(one, 'b')
    await one.fail()
    assert.equal(await waiting, `${UNAVAILABLE} 30`)
    assert.equal(now(one, 'b'), `${UNAVAILABLE} 30`)
    assert.equal(now(one, 'b', 'RS256'), `${UNAVAILABLE} 30`)
    assert.equal(now(one, 'a'), 'a')
    assert.equal(one.fetches(), 2)
  })

  test('JWKS-05: and junk kids meanwhile add no fetch to its retries', async () => {
    const one = await fetched()
    one.always(undefined)
    for (let second = 0; second < 300; second++) {
      for (let i = 0; i < 10; i++) await later(one, `junk-${i}`)
      one.clock.advance(SECOND)
    }
    // Once per cooldown: after 30 seconds, 60, ... 270.
    assert.equal(one.fetches(), 1 + 9)
  })

  test('JWKS-06: junk kids while it is away do not delay a new key past the cooldown once it is back', async () => {
    const one = await fetched()
    one.always(undefined)
    for (let second = 0; second < 1_200; second++) {
      await later(one, `junk-${second}`)
      one.clock.advance(SECOND)
    }
    one.always([A, B])
    one.clock.advance(30 * SECOND)
    assert.equal(await later(one, 'b'), 'b')
  })

  test('JWKS-07: a loader that throws or rejects is a failure like others', async () => {
    for (const load of [() => Promise.reject(new Error('ECONNREFUSED 10.0.0.1:443')), thrower]) {
      const ring = createRemoteKeyring(RULES, movableClock(), load)
      for (let i = 0; i < 2; i++) {
        const found = await ring.candidates('ES256', 'a')
        assert.equal(said(found), `${UNAVAILABLE} 1`)
        assert.doesNotMatch(JSON.stringify(found), /ECONN|10\.0/)
      }
    }
  })
})

describe('how old keys are', () => {
  test('JWKS-05: counts from the last fetch that gave keys, whatever failed since', async () => {
    const one = issuer()
    assert.equal(one.ring.ageMs(), undefined)
    const first = later(one, 'a')
    await one.publish([A])
    await first
    one.clock.advance(9 * MINUTE)
    assert.equal(one.ring.ageMs(), 9 * MINUTE)
    now(one, 'a')
    await one.fail()
    one.clock.advance(2 * MINUTE)
    assert.equal(one.ring.ageMs(), 11 * MINUTE)
    one.always([A])
    await later(one, 'a')
    one.clock.advance(SECOND)
    assert.equal(one.ring.ageMs(), SECOND)
  })
})

describe('keys that the issuer withdraws', () => {
  test('JWT-21: the generation changes when the keys do, and not otherwise', async () => {
    const one = await fetched()
    const first = one.ring.generation()
    one.clock.advance(9 * MINUTE)
    now(one, 'a')
    await one.publish([{ ...A }])
    assert.equal(one.ring.generation(), first)
    one.clock.advance(9 * MINUTE)
    now(one, 'a')
    await one.publish([A, published('r', 'RS256')])
    const second = one.ring.generation()
    assert.notEqual(second, first)
    one.clock.advance(9 * MINUTE)
    now(one, 'a')
    await one.publish([published('r', 'RS256'), { ...freshEc(), kid: 'a' }])
    assert.notEqual(one.ring.generation(), second, 'another key of the same name')
  })

  test('JWT-21: whoever only asks for the generation learns of new keys', async () => {
    const one = await fetched()
    const before = one.ring.generation()
    one.clock.advance(8 * MINUTE)
    assert.equal(one.ring.generation(), before)
    assert.equal(one.fetches(), 2)
    await one.publish([B])
    assert.notEqual(one.ring.generation(), before)
  })

  test('JWT-21: the generation changes once when keys expire, and again when they are too old', async () => {
    const one = await fetched()
    const fresh = one.ring.generation()
    one.clock.advance(10 * MINUTE)
    const expired = one.ring.generation()
    assert.notEqual(expired, fresh)
    assert.equal(one.ring.generation(), expired)
    await one.fail()
    assert.equal(one.ring.generation(), expired)
    one.clock.advance(24 * HOUR)
    assert.notEqual(one.ring.generation(), expired)
  })

  test('JWKS-04: an issuer with no key for us has none: a 503, not a key of before', async () => {
    const one = await fetched()
    const before = one.ring.generation()
    one.clock.advance(HOUR)
    const waiting = later(one, 'a')
    await one.publish([])
    assert.match(await waiting, /^dependency\.failed/)
    assert.notEqual(one.ring.generation(), before)
    assert.equal(one.ring.warning(), undefined)
    one.clock.advance(30 * SECOND)
    const again = later(one, 'a')
    await one.publish([A])
    assert.equal(await again, 'a')
  })
})

function freshEc(): object {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
}

function thrower(): Promise<never> {
  throw new Error('ECONNREFUSED 10.0.0.1:443')
}
