import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Principal } from '../../src/contract/principal.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import type { Charge, Store } from '../../src/contract/store.ts'
import { parseIp } from '../../src/lib/ip.ts'
import { facts } from '../support/facts.ts'
import { caller, decide, limitsOf, pass } from '../support/limits.ts'

/*
 * The attack: choose a subject, an issuer, a key or an address so that its counter is somebody else's: to spend
 * another's limit, or to hide among many keys that are one.
 */

/** A store that lets everything through and notes the keys. */
function keyKeeper(): Pick<Store, 'take'> & { readonly keys: string[] } {
  const keys: string[] = []
  return {
    keys,
    take(charges: readonly Charge[]) {
      for (const { key } of charges) keys.push(key)
      return charges.map(() => ({ allowed: true, remaining: 1, resetMs: 0, retryAfterMs: 0 }))
    },
  }
}

function ownKey(request: RequestFacts): string | undefined {
  return request.query
}

test('RL-27: no two callers, addresses or own keys are one counter, however they are called', () => {
  const store = keyKeeper()
  const hostile = [
    'a',
    'a:b',
    'b',
    ':',
    '',
    '1:a',
    '=a',
    '#a',
    'ca',
    '{a}',
    'a\u0000b',
    'a\r\nb',
    '203.0.113.7',
    'é',
    'e\u0301',
  ]
  const principals: readonly Principal[] = hostile.flatMap((issuer) =>
    hostile.filter((subject) => subject !== '').map((subject) => caller(subject, issuer)),
  )
  const requests = [
    ...principals.map((principal) => ['principal', facts({ principal })] as const),
    ['principal', facts()] as const,
    ...hostile.filter((query) => query !== '').map((query) => [ownKey, facts({ query })] as const),
  ]
  // Names that would run into their values if nothing delimited them.
  for (const name of ['n', 'n=', 'n:', '1:n', '1', 'nc', 'np']) {
    for (const [by, request] of requests) {
      pass(limitsOf({ name, limit: 1, window: '1m', by }, { store }).rule().caller, request)
    }
    pass(
      limitsOf({ name, limit: 1, window: '1m' }, { store }).rule().client,
      facts({ client: parseIp('203.0.113.7') }),
    )
  }
  assert.equal(store.keys.length, 7 * (requests.length + 1))
  assert.equal(new Set(store.keys).size, store.keys.length)
})

test('RL-27: a client cannot choose how long a key is, nor put a control character in it', () => {
  const store = keyKeeper()
  const { caller: after } = limitsOf({ limit: 1, window: '1m', by: ownKey }, { store }).rule()
  for (const query of ['x'.repeat(1_000_000), `${'x'.repeat(999_999)}y`, 'a\r\nSET b', '\u2028', '\ud800']) {
    decide(after, facts({ query }))
  }
  assert.equal(new Set(store.keys).size, 5)
  for (const key of store.keys) assert.match(key, /^[\x21-\x7e]{1,300}$/)
})

test('RL-27: a subject of any length is one counter of its own', () => {
  const { caller: after } = limitsOf({ limit: 1, window: '1m', by: 'principal' }).rule()
  const long = 'x'.repeat(8_000)
  pass(after, facts({ principal: caller(`${long}a`) }))
  pass(after, facts({ principal: caller(`${long}b`) }))
  assert.equal(decide(after, facts({ principal: caller(`${long}a`) })).type, 'refusal')
})
