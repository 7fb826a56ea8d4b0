import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Records } from '../../../src/contract/store.ts'
import { dpop } from '../../../src/identity/dpop.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { movableClock } from '../../support/clock.ts'
import { mistakesAt, place, schemeContext } from '../../support/compile.ts'
import type { FromRacer, ToRacer } from '../../support/dpop-racer.ts'
import {
  found,
  proofOf,
  type ProofInit,
  request,
  scheme,
  testTokens,
  thumbprintOf,
  TOKEN,
  tokens,
} from '../../support/dpop.ts'
import { compiled, outcome, outcomeOf } from '../../support/schemes.ts'
import { NOW, pairFor } from '../../support/tokens.ts'

describe('DPP-14: a proof is good once', () => {
  test('REQ-14: the store has the signal of the request', () => {
    const asked = request(proofOf())
    const signals: unknown[] = []
    const memory = memoryStore()
    const store: Records = {
      ...memory,
      add: (key, value, ttlMs, call) => (signals.push(call?.signal), memory.add(key, value, ttlMs)),
      read: (keys) => memory.read(keys),
      write: () => undefined,
      remove: () => true,
    }
    assert.equal(outcome(found(scheme({ store }), asked)), 'alice')
    assert.deepEqual(signals, [asked.signal])
  })

  test('DPP-14: the same proof twice', () => {
    const ready = scheme()
    const proof = proofOf()
    assert.equal(outcome(found(ready, request(proof))), 'alice')
    assert.equal(outcome(found(ready, request(proof))), 'proof.replayed')
    assert.equal(outcome(found(ready, request(proof, { query: '?other' }))), 'proof.replayed')
  })

  const rows: readonly (readonly [string, ProofInit, string])[] = [
    ['another proof with the same jti and URI', {}, 'proof.replayed'],
    [
      'with the URI in another spelling',
      { claims: { htu: 'HTTPS://api.example.com:443/%6Frders' } },
      'proof.replayed',
    ],
    ['made a second later', { claims: { iat: NOW + 1 } }, 'proof.replayed'],
    ['with another jti', { claims: { jti: 'second' } }, 'alice'],
  ]
  for (const [name, init, expected] of rows) {
    test(`DPP-14: ${name}`, () => {
      const ready = scheme()
      assert.equal(outcome(found(ready, request(proofOf({ claims: { jti: 'first' } })))), 'alice')
      const second = request(proofOf({ ...init, claims: { jti: 'first', ...init.claims } }))
      assert.equal(outcome(found(ready, second)), expected)
    })
  }

  test('DPP-14: one jti is good at two URIs', () => {
    const ready = scheme()
    assert.equal(outcome(found(ready, request(proofOf({ claims: { jti: 'first' } })))), 'alice')
    const claims = { jti: 'first', htu: 'https://api.example.com/other' }
    assert.equal(outcome(found(ready, request(proofOf({ claims }), { path: '/other' }))), 'alice')
  })

  test('DPP-14: nobody uses up the names of the proofs of another key', () => {
    const others = testTokens({
      [TOKEN]: { jkt: thumbprintOf(pairFor('ES256')) },
      other: { jkt: thumbprintOf(pairFor('Ed25519')) },
    })
    const ready = compiled(dpop(others))
    const claims = { jti: 'guessed' }
    const theirs = proofOf({ alg: 'Ed25519', token: 'other', claims })
    assert.equal(outcome(found(ready, request(theirs, { authorization: 'DPoP other' }))), 'alice')
    assert.equal(outcome(found(ready, request(proofOf({ claims })))), 'alice')
  })

  test('DPP-14: it is remembered for as long as it would be accepted', () => {
    const clock = movableClock()
    const ready = scheme({ maxAge: '10s', clockSkew: '5s' }, clock)
    const proof = proofOf({ claims: { iat: NOW + 5 } })
    assert.equal(outcome(found(ready, request(proof))), 'alice')
    clock.advance(14_999)
    assert.equal(outcome(found(ready, request(proof))), 'proof.replayed')
    clock.advance(1)
    assert.equal(outcome(found(ready, request(proof))), 'proof.expired')
  })
})

/** A store that keeps an account of what it is asked. */
function recorder(add: Records['add']): {
  readonly store: Pick<Records, 'add'>
  readonly asked: unknown[][]
} {
  const asked: unknown[][] = []
  return {
    asked,
    store: {
      add: (...given) => {
        asked.push(given)
        return add(...given)
      },
    },
  }
}

describe('DPP-15: what is remembered is bounded', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['256 bytes', 'x'.repeat(256), 'alice'],
    ['257 bytes', 'x'.repeat(257), 'proof.malformed'],
    ['129 letters of two bytes', 'é'.repeat(129), 'proof.malformed'],
    ['an empty text', '', 'proof.malformed'],
    ['one letter', 'x', 'alice'],
  ]
  for (const [name, jti, expected] of rows) {
    test(`DPP-15: a jti of ${name}`, () =>
      assert.equal(outcome(found(scheme(), request(proofOf({ claims: { jti } })))), expected))
  }

  test('DPP-15: keys are digests with a prefix, for a time', () => {
    const { store, asked } = recorder(() => true)
    const jti = `a secret of the client ${'x'.repeat(200)}`
    const ready = scheme({ store, maxAge: '60s', clockSkew: '30s' })
    assert.equal(outcome(found(ready, request(proofOf({ claims: { jti, iat: NOW - 20 } })))), 'alice')
    const [[key, value, ttl] = []] = asked
    assert.match(String(key), /^dpop:[\w-]{43}$/)
    assert.equal(String(value).includes('secret'), false)
    assert.equal(ttl, 70_000)
  })

  test('DPP-15: without an option, the store of the policy remembers', () => {
    const where = place('authenticate')
    const { store, asked } = recorder(() => true)
    const ready = dpop(tokens()).compile({
      ...schemeContext(where),
      store: Object.assign(memoryStore(), store),
    })
    assert.deepEqual(mistakesAt(where), [])
    assert.equal(outcome(found(ready, request())), 'alice')
    assert.equal(asked.length, 1)
  })

  test('DPP-15: a store without room refuses, and forgets no proof', () => {
    const clock = movableClock()
    const store = memoryStore({ clock, maxRecords: 100 })
    const ready = scheme({ store, maxAge: '60s', clockSkew: '0s' }, clock)
    const proofs = Array.from({ length: 101 }, () => proofOf())
    const outcomes = proofs.map((proof) => outcome(found(ready, request(proof))))
    // A tenth of the store is for what is not added.
    assert.equal(outcomes.indexOf('dependency.failed'), 90)
    assert.equal(outcome(found(ready, request(proofs[0]))), 'proof.replayed')
    clock.advance(60_000)
    assert.equal(outcome(found(ready, request(proofOf({ claims: { iat: NOW + 60 } })))), 'alice')
  })

  const failing: readonly (readonly [string, Records['add']])[] = [
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['gives nothing', () => undefined as unknown as boolean],
    ['gives a text', () => 'OK' as unknown as boolean],
    ['gives nothing, later', () => Promise.resolve(undefined as unknown as boolean)],
  ]
  for (const [name, add] of failing) {
    test(`DPP-15: a store that ${name} refuses`, async () => {
      const result = await scheme({ store: { add } }).identify(request())
      assert.equal(outcomeOf(result), 'dependency.failed')
      assert.ok(result.type === 'bad' && !result.reason.includes('down'))
    })
  }

  test('DPP-15: a store that answers later decides all the same', async () => {
    const store = memoryStore({ clock: movableClock() })
    const ready = scheme({ store: { add: async (...given) => store.add(...given) } })
    const proof = proofOf()
    const results = await Promise.all([ready.identify(request(proof)), ready.identify(request(proof))])
    assert.deepEqual(results.map(outcomeOf).toSorted(), ['alice', 'proof.replayed'])
  })
})

const PROCESSES = 4
const RACES = 1000

/** A process that tries every proof, and asks this one for its store. */
interface Racer {
  readonly ready: Promise<void>
  /** What became of each proof. */
  readonly race: (proofs: readonly string[]) => Promise<readonly string[]>
  readonly stop: () => Promise<void>
}

function startRacer(store: Records): Racer {
  const child = fork(fileURLToPath(new URL('../../support/dpop-racer.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    timeout: 60_000,
  })
  const tell = (message: ToRacer): void => void child.send(message)
  const heard = <T extends FromRacer['type']>(type: T): Promise<Extract<FromRacer, { type: T }>> =>
    new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code) => reject(new Error(`a racer ended with ${code}`)))
      child.on('message', (message: FromRacer) => {
        if (message.type === type) resolve(message as Extract<FromRacer, { type: T }>)
      })
    })
  const done = heard('done')
  done.catch(() => undefined)
  child.on('message', (message: FromRacer) => {
    if (message.type !== 'add') return
    tell({
      type: 'added',
      id: message.id,
      added: store.add(message.key, message.value, message.ttlMs) === true,
    })
  })
  return {
    ready: heard('ready').then(() => undefined),
    async race(proofs) {
      tell({ type: 'race', proofs, thumbprint: thumbprintOf(pairFor('ES256')) })
      return (await done).outcomes
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

test(
  'DPP-14: of four processes with one store, in each of 1,000 races exactly one takes the proof',
  { timeout: 60_000 },
  async () => {
    const store = memoryStore({ clock: movableClock() })
    const racers = Array.from({ length: PROCESSES }, () => startRacer(store))
    try {
      const proofs = Array.from({ length: RACES }, () => proofOf())
      await Promise.all(racers.map((racer) => racer.ready))
      const outcomes = await Promise.all(racers.map((racer) => racer.race(proofs)))
      const races = proofs.map((_, race) => outcomes.map((one) => one[race] ?? 'nothing').toSorted())
      const expected = ['alice', ...Array.from({ length: PROCESSES - 1 }, () => 'proof.replayed')]
      for (const [race, each] of races.entries()) assert.deepEqual(each, expected, `race ${race}`)
    } finally {
      await Promise.all(racers.map((racer) => racer.stop()))
    }
  },
)
