import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Identification } from '../../../src/contract/scheme.ts'
import { dpop, type DpopNonceOptions } from '../../../src/identity/dpop.ts'
import type { TokenPrincipal } from '../../../src/identity/tokens.ts'
import { type MovableClock, movableClock } from '../../support/clock.ts'
import { found, proofOf, request, scheme, tokens } from '../../support/dpop.ts'
import { guarded } from '../../support/gate.ts'
import { outcome } from '../../support/schemes.ts'
import { NOW } from '../../support/tokens.ts'

const SECRET = Buffer.from('one secret of more than thirty-two characters')
const OTHER = Buffer.from('another secret of more than thirty-two characters')
/** Nonces change every ten seconds, and are good for twenty. */
const NONCE: DpopNonceOptions = { secret: SECRET, lifetime: '20s' }

/** The nonces that come with what was found. */
function nonces(result: Identification<TokenPrincipal>): readonly string[] {
  const fields = (result.type === 'none' ? undefined : result.fields) ?? []
  return fields.filter((_, index) => fields[index - (index % 2)] === 'DPoP-Nonce' && index % 2 === 1)
}

/** An instance of an API: what it gives, and what it makes of a nonce. */
function instance(clock: MovableClock, nonce: DpopNonceOptions = NONCE) {
  const ready = scheme({ nonce }, clock)
  const ask = (given?: string): Identification<TokenPrincipal> => {
    const iat = Math.floor(clock.now() / 1000)
    return found(ready, request(proofOf({ claims: { iat, nonce: given } })))
  }
  return {
    ask,
    give: () => nonces(ask())[0] ?? '',
    take: (given: string) => outcome(ask(given)),
  }
}

test('DPP-17: a proof without a nonce, or with a wrong one, is refused with exactly one nonce', () => {
  const api = instance(movableClock())
  for (const given of [undefined, '', 'guessed', 'x'.repeat(24)]) {
    const result = api.ask(given)
    assert.equal(outcome(result), 'proof.nonce-needed')
    assert.equal(nonces(result).length, 1)
    assert.match(nonces(result)[0] ?? '', /^[\w-]{24}$/)
  }
})

test('DPP-17: after a nonce was given, a proof without one is refused all the same', () => {
  const api = instance(movableClock())
  assert.equal(api.take(api.give()), 'alice')
  assert.equal(outcome(api.ask()), 'proof.nonce-needed')
})

test('DPP-17: a nonce is good for its lifetime; in the second half responses give the next one', () => {
  const clock = movableClock()
  const api = instance(clock)
  const first = api.give()
  assert.deepEqual(nonces(api.ask(first)), [])
  clock.advance(9_999)
  assert.deepEqual(nonces(api.ask(first)), [])
  clock.advance(1)
  const late = api.ask(first)
  assert.equal(outcome(late), 'alice')
  const [second = ''] = nonces(late)
  assert.notEqual(second, first)
  assert.equal(nonces(late).length, 1)
  assert.deepEqual(nonces(api.ask(second)), [])
  clock.advance(9_999)
  assert.equal(api.take(first), 'alice')
  clock.advance(1)
  assert.equal(api.take(first), 'proof.nonce-needed')
  assert.equal(api.take(second), 'alice')
})

test('DPP-17: instances with one secret know the nonces of each other, without a word between them', () => {
  const a = instance(movableClock())
  const b = instance(movableClock())
  assert.equal(b.take(a.give()), 'alice')
  const stranger = instance(movableClock(), { ...NONCE, secret: OTHER })
  assert.equal(stranger.take(a.give()), 'proof.nonce-needed')
})

test('DPP-17: the clock of one instance may be a little ahead', () => {
  const ahead = movableClock(NOW * 1000 + 9_000)
  const behind = movableClock(NOW * 1000)
  ahead.advance(2_000)
  assert.equal(instance(behind).take(instance(ahead).give()), 'alice')
  assert.equal(instance(ahead).take(instance(behind).give()), 'alice')
  ahead.advance(60_000)
  assert.equal(instance(behind).take(instance(ahead).give()), 'proof.nonce-needed')
})

test('DPP-17: nobody who saw nonces can tell the next: without the secret they have nothing in common', () => {
  const clock = movableClock()
  const api = instance(clock)
  const seen = new Set<string>()
  for (let i = 0; i < 100; i++) {
    seen.add(api.give())
    clock.advance(10_000)
  }
  assert.equal(seen.size, 100)
  assert.equal(new Set([...seen].map((one) => one.slice(0, 4))).size, 100)
})

test('DPP-17: a secret is changed without refusing anybody', () => {
  const old = instance(movableClock())
  const changing = instance(movableClock(), { ...NONCE, secret: [OTHER, SECRET] })
  const changed = instance(movableClock(), { ...NONCE, secret: OTHER.toString('base64url') })
  assert.equal(changing.take(old.give()), 'alice')
  assert.equal(changed.take(changing.give()), 'alice')
  assert.equal(changed.take(old.give()), 'proof.nonce-needed')
})

test('DPP-17: a nonce that is refused uses no proof up', () => {
  const clock = movableClock()
  const ready = scheme({ nonce: NONCE }, clock)
  const [nonce] = nonces(found(ready, request()))
  const proof = proofOf({ claims: { nonce } })
  clock.advance(25_000)
  assert.equal(outcome(found(ready, request(proof))), 'proof.nonce-needed')
})

describe('DPP-17: on the wire', () => {
  test('DPP-17: 401 use_dpop_nonce with one DPoP-Nonce, then 200, then a new nonce on a good response', async () => {
    const clock = movableClock()
    const api = await guarded({
      clock,
      hosts: ['api.example.com'],
      authenticate: dpop(tokens(), { nonce: NONCE }) as never,
    })
    const ask = (nonce?: string): ReturnType<typeof api.send> => {
      const iat = Math.floor(clock.now() / 1000)
      const claims = { htu: 'http://api.example.com/orders', iat, nonce }
      const fields = [
        'Host',
        'api.example.com',
        'Authorization',
        'DPoP bound-token',
        'DPoP',
        proofOf({ claims }),
      ]
      return api.send({ path: '/orders', fields })
    }
    const named = (raw: readonly string[], name: string): readonly string[] =>
      raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name)
    try {
      const refused = await ask()
      assert.equal(refused.status, 401)
      assert.equal((JSON.parse(refused.body) as { code: string }).code, 'use_dpop_nonce')
      assert.deepEqual(named(refused.raw, 'www-authenticate'), [
        'DPoP realm="api", algs="ES256 PS256 Ed25519 EdDSA", error="use_dpop_nonce"',
      ])
      const [nonce, ...more] = named(refused.raw, 'dpop-nonce')
      assert.ok(nonce !== undefined)
      assert.deepEqual(more, [])

      const good = await ask(nonce)
      assert.equal(good.status, 200)
      assert.deepEqual(named(good.raw, 'dpop-nonce'), [])
      clock.advance(10_000)
      const late = await ask(nonce)
      assert.equal(late.status, 200)
      assert.equal(named(late.raw, 'dpop-nonce').length, 1)
      assert.notEqual(named(late.raw, 'dpop-nonce')[0], nonce)
    } finally {
      await api.close()
    }
  })
})
