import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Identification } from '../../src/contract/scheme.ts'
import type { DpopNonceOptions } from '../../src/identity/dpop.ts'
import type { TokenPrincipal } from '../../src/identity/tokens.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { athOf, found, proofOf, publicJwk, request, scheme, signedText, TOKEN } from '../support/dpop.ts'
import { outcome } from '../support/schemes.ts'
import { NOW, pairFor } from '../support/tokens.ts'

/*
 * The attacker has had the key of a client under their hands for an hour, in a page that was injected or on a machine
 * that was borrowed, and has signed proofs in advance, for as long as they like (RFC 9449 §11.2). What they lack is what
 * the server will ask for then.
 */

const SECRET = Buffer.from('one secret of more than thirty-two characters')
/** Nonces change every ten seconds, and are good for twenty. */
const NONCE: DpopNonceOptions = { secret: SECRET, lifetime: '20s' }

interface Api {
  readonly clock: MovableClock
  /** What is made of a proof. */
  readonly take: (proof: string) => Identification<TokenPrincipal>
  /** A nonce as anybody gets it. */
  readonly give: () => string
}

function api(nonce: DpopNonceOptions = NONCE, clock: MovableClock = movableClock()): Api {
  const ready = scheme({ nonce }, clock)
  const take = (proof: string): Identification<TokenPrincipal> => found(ready, request(proof))
  return {
    clock,
    take,
    give() {
      const result = take(withNonce(undefined, clock))
      const fields = (result.type === 'none' ? undefined : result.fields) ?? []
      return fields[fields.indexOf('DPoP-Nonce') + 1] ?? ''
    },
  }
}

/** A proof of the holder of the key, with a nonce; of now, unless it is for later. */
function withNonce(nonce: unknown, clock: MovableClock, laterMs = 0): string {
  return proofOf({ claims: { iat: Math.floor((clock.now() + laterMs) / 1000), nonce } })
}

const REFUSED = 'proof.nonce-needed'

describe('attack: a nonce of DPoP is guessed, forged or kept', () => {
  test('DPP-17: what was given is good, or the rest would show nothing', () => {
    const { take, give, clock } = api()
    assert.equal(outcome(take(withNonce(give(), clock))), 'alice')
  })

  test('DPP-17: no bit of one can be other, nor its length, case or spelling', () => {
    const { take, give, clock } = api()
    const nonce = give()
    const bytes = Buffer.from(nonce, 'base64url')
    const changed = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const other = Buffer.from(bytes)
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return other.toString('base64url')
    })
    const others = [
      ...changed,
      ...Array.from({ length: nonce.length }, (_, i) => nonce.slice(0, i)),
      `${nonce}A`,
      `${nonce}=`,
      ` ${nonce}`,
      `${nonce} `,
      `${nonce}\n`,
      `${nonce}\0`,
      nonce + nonce,
      `${nonce},${nonce}`,
      nonce.toLowerCase(),
      nonce.toUpperCase(),
      bytes.toString('hex'),
    ]
    for (const other of others.filter((each) => each !== nonce)) {
      assert.equal(outcome(take(withNonce(other, clock))), REFUSED, JSON.stringify(other))
    }
  })

  test('DPP-17: who knows how they are made, and not the secret, makes none', () => {
    const { take, clock } = api()
    const period = Math.floor(clock.now() / 10_000)
    const label = `gatehouse dpop nonce ${period}`
    const short = (bytes: Buffer): string => bytes.subarray(0, 18).toString('base64url')
    const mac = (secret: string | Uint8Array): string =>
      short(createHmac('sha256', secret).update(label).digest())
    for (const secret of ['', 'secret', label, TOKEN, Buffer.alloc(32), randomBytes(32)]) {
      assert.equal(outcome(take(withNonce(mac(secret), clock))), REFUSED)
    }
    const plain = short(createHash('sha256').update(label).digest())
    for (const guess of [plain, String(period), String(clock.now()), label]) {
      assert.equal(outcome(take(withNonce(guess, clock))), REFUSED)
    }
    // The secret is all that is missing: this is how they are made.
    assert.equal(outcome(take(withNonce(mac(SECRET), clock))), 'alice')
  })

  test('DPP-17: one of another server, or of a secret that was taken away, is not good here', () => {
    const { take, clock } = api()
    for (const secret of [randomBytes(32), Buffer.concat([SECRET, Buffer.from(' ')]), SECRET.subarray(1)]) {
      const nonce = api({ ...NONCE, secret }).give()
      assert.equal(outcome(take(withNonce(nonce, clock))), REFUSED)
    }
    // Periods of another length have other numbers.
    const longer = api({ ...NONCE, lifetime: '1m' }).give()
    assert.equal(outcome(take(withNonce(longer, clock))), REFUSED)
  })

  test('DPP-17: what is no text, or not among the claims, or there twice, is no nonce', () => {
    const { take, give, clock } = api()
    const nonce = give()
    for (const other of [[nonce], { nonce }, 7, true, null, '']) {
      const kind = outcome(take(withNonce(other, clock)))
      assert.ok(kind === REFUSED || kind === 'proof.malformed', `${JSON.stringify(other)}: ${kind}`)
    }
    assert.equal(outcome(take(proofOf({ header: { nonce } }))), REFUSED)
    const ready = scheme({ nonce: NONCE }, clock)
    const asField = request(proofOf(), { fields: [['DPoP-Nonce', nonce]] })
    assert.equal(outcome(found(ready, asField)), REFUSED)
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk(pairFor('ES256')) }
    const claims = {
      jti: 'twice',
      htm: 'GET',
      htu: 'https://api.example.com/orders',
      iat: NOW,
      ath: athOf(TOKEN),
    }
    const twice = `${JSON.stringify(claims).slice(0, -1)},"nonce":"x","nonce":${JSON.stringify(nonce)}}`
    assert.equal(outcome(take(signedText(JSON.stringify(header), twice))), 'proof.malformed')
  })

  test('DPP-17, DPP-11: proofs that were signed in advance are good for no longer than the nonce of then', () => {
    const { take, give, clock } = api()
    const nonce = give()
    const later = [1, 10, 19, 20, 21, 30, 60, 300, 3600, 86_400].map((seconds) => ({
      seconds,
      proofs: [nonce, undefined, ''].map((one) => withNonce(one, clock, seconds * 1000)),
    }))
    let passed = 0
    for (const { seconds, proofs } of later) {
      clock.advance((seconds - passed) * 1000)
      passed = seconds
      const [own, ...others] = proofs.map((proof) => outcome(take(proof)))
      assert.equal(own, seconds < 20 ? 'alice' : REFUSED, `after ${seconds} seconds`)
      assert.deepEqual(others, [REFUSED, REFUSED])
    }
  })

  test('DPP-17: nonces that were collected tell nothing of those to come, and come back never', () => {
    const { take, give, clock } = api()
    const seen: string[] = []
    for (let i = 0; i < 200; i++) {
      seen.push(give())
      clock.advance(10_000)
    }
    assert.equal(new Set(seen).size, seen.length)
    clock.advance(20_000)
    for (const nonce of seen) assert.equal(outcome(take(withNonce(nonce, clock))), REFUSED)
  })

  test('DPP-17: a clock that is set back makes an old one good for no longer than it was', () => {
    const { take, give, clock } = api()
    const nonce = give()
    clock.jump(3_600_000)
    assert.equal(outcome(take(withNonce(nonce, clock))), REFUSED)
    clock.jump(-3_600_000)
    assert.equal(outcome(take(withNonce(nonce, clock))), 'alice')
    clock.jump(20_000)
    assert.equal(outcome(take(withNonce(nonce, clock))), REFUSED)
  })

  test('DPP-17: a secret that can be guessed does not build', () => {
    for (const secret of ['', 'short', 'a'.repeat(31), new Uint8Array(31), []]) {
      assert.throws(() => scheme({ nonce: { secret } }))
    }
  })
})
