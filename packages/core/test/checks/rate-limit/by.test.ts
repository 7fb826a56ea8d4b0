import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CountedRequest } from '../../../src/checks/rate-limit/key.ts'
import { KnownCaller } from '../../../src/contract/known-caller.ts'
import type { Principal } from '../../../src/contract/principal.ts'
import type { RequestFacts } from '../../../src/contract/request.ts'
import { NO_GUARD } from '../../../src/contract/guard.ts'
import { memoryStore } from '../../../src/limiting/memory-store.ts'
import { parseIp } from '../../../src/lib/ip.ts'
import { KnownKeys } from '../../../src/lib/known-keys.ts'
import { movableClock } from '../../support/clock.ts'
import { facts } from '../../support/facts.ts'
import { concurrencyOf } from '../../support/concurrency.ts'
import { caller, decide, field, limitsOf, pass, refusal } from '../../support/limits.ts'
import { changedStore } from '../../support/token-endpoint.ts'

const ONE = { limit: 1, window: '1m' }
const from = (address: string, init = {}): RequestFacts => facts({ client: parseIp(address), ...init })
const withKey = (keyId: string, subject = 'a'): RequestFacts =>
  facts({ principal: { ...caller(subject), keyId } as Principal })
const ofTenant = (tenant: string, subject: string): RequestFacts =>
  facts({ principal: { ...caller(subject), tenant } as Principal })
const tenant = (principal: Principal): string | undefined =>
  (principal as Principal & { readonly tenant?: string }).tenant

test('RL-27: each API key counts apart, whoever owns it', () => {
  const { caller: guard } = limitsOf({ ...ONE, by: 'key' }).rule()
  pass(guard, withKey('k1'))
  pass(guard, withKey('k2'))
  refusal(guard, withKey('k1', 'another owner'))
})

test('RL-28: a caller without an API key has no counter', () => {
  const { caller: guard } = limitsOf({ ...ONE, by: 'key' }).rule()
  for (const request of [facts({ principal: caller('a') }), facts()])
    assert.equal(refusal(guard, request).kind, 'limit.address-unknown')
})

test('RL-27: each tenant counts apart, all its callers together', () => {
  const { caller: guard } = limitsOf({ ...ONE, by: 'tenant' }, { tenant }).rule()
  pass(guard, ofTenant('acme', 'a'))
  refusal(guard, ofTenant('acme', 'b'))
  pass(guard, ofTenant('other', 'a'))
  assert.equal(refusal(guard, facts({ principal: caller('a') })).kind, 'limit.address-unknown')
})

test('RL-28: nobody has a tenant where nobody is authenticated', () => {
  const { caller: guard } = limitsOf({ ...ONE, by: 'tenant' }, { tenant }).rule()
  assert.equal(refusal(guard, facts()).kind, 'limit.address-unknown')
})

test('RL-21: a tenant function that gives no text is a failed dependency', () => {
  for (const wrong of [7, null, {}, Promise.resolve('acme')]) {
    const settings = { tenant: () => wrong as unknown as string }
    const { caller: guard } = limitsOf({ ...ONE, by: 'tenant' }, settings).rule()
    assert.equal(refusal(guard, facts({ principal: caller('a') })).kind, 'dependency.failed')
  }
})

test('RL-27: a list counts each combination of what its words say', () => {
  const account = (request: RequestFacts): string | undefined => request.params['account']
  const { caller: guard } = limitsOf({ ...ONE, by: ['client', account] }).rule()
  const at = (address: string, name: string): RequestFacts => from(address, { params: { account: name } })
  pass(guard, at('203.0.113.1', 'alice'))
  pass(guard, at('203.0.113.1', 'bob'))
  pass(guard, at('203.0.113.2', 'alice'))
  refusal(guard, at('203.0.113.1', 'alice'))
})

test('RL-14: an account that a third network keeps trying is not shut to its own', () => {
  const account = (request: RequestFacts): string | undefined => request.params['account']
  const ban = { after: 1, within: '1m', for: '1h' }
  const { caller: guard } = limitsOf({ ...ONE, by: ['client', account], ban }).rule()
  const at = (address: string): RequestFacts => from(address, { params: { account: 'alice' } })
  pass(guard, at('198.51.100.9'))
  for (let i = 0; i < 20; i++) refusal(guard, at('198.51.100.9'))
  pass(guard, at('203.0.113.1'))
})

test('RL-28: a combination of which one word says nothing has no counter', () => {
  const { caller: guard } = limitsOf({ ...ONE, by: ['client', () => undefined] }).rule()
  assert.equal(refusal(guard, from('203.0.113.1')).kind, 'limit.address-unknown')
})

test('RL-18: a combination is counted after authentication as soon as one of its words is known only then', () => {
  const limits = limitsOf([
    { ...ONE, name: 'before', by: ['client', 'route'] },
    { ...ONE, name: 'after', by: ['client', 'principal'] },
  ])
  const { client, caller: after } = limits.rule()
  pass(client, from('203.0.113.1'))
  assert.deepEqual(refusal(client, from('203.0.113.1')).members, { 'violated-policies': ['before'] })
  pass(after, from('203.0.113.1'))
  assert.deepEqual(refusal(after, from('203.0.113.1')).members, { 'violated-policies': ['after'] })
})

test('RL-07: all limits of a request are one call of the store, all or nothing, where those before authentication wait for it', () => {
  const memory = memoryStore({ clock: movableClock() })
  const calls: number[] = []
  const store = changedStore(memory, {
    take(charges) {
      calls.push(charges.length)
      return memory.take(charges)
    },
  })
  const limits = [
    { name: 'client', limit: 9, window: '1m', afterAuthentication: true },
    { name: 'route', limit: 9, window: '1m', by: 'route', afterAuthentication: true },
    { name: 'caller', limit: 1, window: '1m', by: 'principal' },
  ]
  const { client, caller: guard } = limitsOf(limits, { store }).rule()
  assert.equal(client, NO_GUARD)
  const request = from('203.0.113.1', { principal: caller('a') })
  pass(guard, request)
  assert.equal(
    field(refusal(guard, request), 'RateLimit'),
    '"client";r=8;t=7, "route";r=8;t=7, "caller";r=0;t=60',
  )
  assert.deepEqual(calls, [3, 3])
})

test('RL-07: of a hierarchy every level must have room, and a refused request takes from none', () => {
  const { caller: guard } = limitsOf(
    [
      { name: 'tenant', limit: 3, window: '1m', by: 'tenant' },
      { name: 'user', limit: 2, window: '1m', by: 'principal' },
    ],
    { tenant },
  ).rule()
  pass(guard, ofTenant('acme', 'a'))
  pass(guard, ofTenant('acme', 'a'))
  for (let i = 0; i < 5; i++)
    assert.deepEqual(refusal(guard, ofTenant('acme', 'a')).members, { 'violated-policies': ['user'] })
  pass(guard, ofTenant('acme', 'b'))
  assert.deepEqual(refusal(guard, ofTenant('acme', 'b')).members, { 'violated-policies': ['tenant'] })
})

test('PRX-09: a ladder is several limits, each by another part of the address', () => {
  const { client } = limitsOf([
    { name: '64', limit: 1, window: '1m' },
    { name: '56', limit: 2, window: '1m', ipv6Prefix: 56 },
    { name: '48', limit: 3, window: '1m', ipv6Prefix: 48 },
  ]).rule()
  pass(client, from('2001:db8:0:1::1'))
  assert.deepEqual(refusal(client, from('2001:db8:0:1::2')).members, { 'violated-policies': ['64'] })
  pass(client, from('2001:db8:0:2::1'))
  assert.deepEqual(refusal(client, from('2001:db8:0:3::1')).members, { 'violated-policies': ['56'] })
  pass(client, from('2001:db8:0:100::1'))
  assert.deepEqual(refusal(client, from('2001:db8:0:200::1')).members, { 'violated-policies': ['48'] })
})

test('RL-02: a sliding window lets no more than the limit through in any window; a fixed one begins anew', () => {
  for (const [algorithm, afterAWindow] of [
    ['sliding-window', 'refusal'],
    ['fixed-window', 'pass'],
  ] as const) {
    const { rule, clock } = limitsOf({ limit: 2, window: '16s', algorithm })
    const { client } = rule()
    pass(client, facts())
    clock.advance(15_000)
    pass(client, facts())
    assert.equal(decide(client, facts()).type, 'refusal', algorithm)
    clock.advance(1_000)
    // The first request has left the trailing window, but not yet all of its slice.
    assert.equal(decide(client, facts()).type, afterAWindow, algorithm)
    clock.advance(1_000)
    assert.equal(decide(client, facts()).type, 'pass', algorithm)
  }
})

test('ERR-03: what a limit cannot count by is a mistake at its place', () => {
  const rows: readonly (readonly [name: string, value: unknown, mistakes: readonly string[]])[] = [
    ['tenants of nobody', { ...ONE, by: 'tenant' }, ['unknown_reference rateLimit.by']],
    ['tenants of nobody in a list', { ...ONE, by: ['client', 'tenant'] }, ['unknown_reference rateLimit.by']],
    ['an empty list', { ...ONE, by: [] }, ['out_of_range rateLimit.by']],
    ['a word that is none', { ...ONE, by: ['client', 'ip'] }, ['malformed_value rateLimit.by[1]']],
    ['a word twice', { ...ONE, by: ['client', 'client'] }, ['duplicate_value rateLimit.by[1]']],
    ['an unknown algorithm', { ...ONE, algorithm: 'token-bucket' }, ['malformed_value rateLimit.algorithm']],
    ['no outcome', { ...ONE, count: 'errors' }, ['malformed_value rateLimit.count']],
    ['no policy', { ...ONE, whenStoreFails: 'fail-open' }, ['malformed_value rateLimit.whenStoreFails']],
    [
      'a ban without anything',
      { ...ONE, ban: {} },
      [
        'missing_option rateLimit.ban.after',
        'missing_option rateLimit.ban.within',
        'missing_option rateLimit.ban.for',
      ],
    ],
    [
      'a ban for no time',
      { ...ONE, ban: { after: 1, within: '1m', for: [] } },
      ['out_of_range rateLimit.ban.for'],
    ],
    [
      'a ban for too long',
      { ...ONE, ban: { after: 1, within: '1m', for: ['1m', '32d'] } },
      ['out_of_range rateLimit.ban.for[1]'],
    ],
  ]
  for (const [name, value, mistakes] of rows) {
    const limits = limitsOf(value)
    limits.rule()
    const found = limits.mistakes().map((mistake) => `${mistake.code} ${mistake.path}`)
    assert.deepEqual(found, mistakes, name)
  }
})

const counted = (more: Partial<CountedRequest>, init: Parameters<typeof facts>[0] = {}): CountedRequest => ({
  ...facts(init),
  ...more,
})

test('RL-27: a client whose keys are remembered is the client it was, by every limit', () => {
  const ladder = [
    { ...ONE, name: 'whole' },
    { ...ONE, name: 'rung', ipv6Prefix: 48 },
    ...Array.from({ length: 4 }, (_, i) => ({ ...ONE, name: `more-${i}` })),
  ]
  for (const only of ladder) {
    const { client: guard } = limitsOf([only, ...ladder.filter((each) => each !== only)]).rule()
    const clientKeys = new KnownKeys()
    const address = { client: parseIp('2001:db8::1') }
    pass(guard, counted({ clientKeys }, address))
    assert.match(refusal(guard, counted({ clientKeys }, address)).reason, /whole.*rung|rung.*whole/)
    refusal(guard, counted({}, address))
    refusal(guard, counted({ clientKeys: new KnownKeys() }, address))
    pass(guard, counted({ clientKeys: new KnownKeys() }, { client: parseIp('2001:db8:9::1') }))
  }
})

test('RL-27: a caller who is remembered is the caller they were, and neither another nor an address', () => {
  const { caller: guard } = limitsOf({ ...ONE, by: 'principal' }).rule()
  const alice = Object.freeze(caller('alice'))
  const known = new KnownCaller(alice)
  pass(guard, counted({ caller: known }, { principal: alice }))
  refusal(guard, counted({ caller: known }, { principal: alice }))
  refusal(guard, facts({ principal: caller('alice') }))
  pass(guard, counted({ clientKeys: new KnownKeys() }))
  const bob = Object.freeze(caller('bob'))
  pass(guard, counted({ caller: new KnownCaller(bob) }, { principal: bob }))
})

test('RL-27: the keys that are remembered of one limit are not those of another', () => {
  const clientKeys = new KnownKeys()
  const first = limitsOf({ ...ONE, name: 'first' }).rule()
  const second = limitsOf({ ...ONE, name: 'second' }).rule()
  pass(first.client, counted({ clientKeys }))
  pass(second.client, counted({ clientKeys }))
  refusal(first.client, counted({ clientKeys }))
})

test('RL-22: a limit of the policy has one key of a caller and a client to be remembered, however many rules there are', () => {
  class NotedKeys extends KnownKeys {
    readonly makers = new Set<unknown>()
    override of<Who>(maker: (who: Who) => string | undefined, who: Who): string | undefined {
      this.makers.add(maker)
      return super.of(maker, who)
    }
  }
  const [clientKeys, keys] = [new NotedKeys(), new NotedKeys()]
  const request = counted({ clientKeys, caller: { keys } }, { principal: caller('alice') })
  const [byRule, most] = [{ limit: 1, window: '1h', by: 'route' }, 100]
  const rates = limitsOf([
    { limit: most, window: '1h', name: 'clients' },
    { limit: most, window: '1h', by: 'principal', name: 'callers' },
  ])
  const permits = concurrencyOf([
    { limit: most, name: 'clients' },
    { limit: most, by: 'principal', name: 'callers' },
  ])
  for (const name of ['/a', '/b', '/c']) {
    const rate = rates.rule(name, { ...byRule, name })
    const concurrency = permits.rule(name)
    for (const guard of [rate.client, rate.caller, concurrency.client, concurrency.caller])
      pass(guard, request)
  }
  assert.deepEqual([clientKeys.makers.size, keys.makers.size], [2, 2])
})
