import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Item, parseList } from 'structured-headers'
import { NO_GUARD } from '../../src/contract/guard.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import type { Charge, Outcome, Store } from '../../src/contract/store.ts'
import { parseIp } from '../../src/lib/ip.ts'
import { facts } from '../support/facts.ts'
import { caller, decide, field, fieldsOf, limitsOf, pass, refusal } from '../support/limits.ts'

const from = (address: string, init = {}): RequestFacts => facts({ client: parseIp(address), ...init })
const nowhere = (): RequestFacts => facts({ client: undefined })

/** A store that answers as it is told, and notes what it was asked. */
function toldStore(
  answer: (charges: readonly Charge[]) => unknown,
): Pick<Store, 'take'> & { readonly asked: (readonly Charge[])[] } {
  const asked: (readonly Charge[])[] = []
  return {
    asked,
    take(charges) {
      asked.push(charges)
      return answer(charges) as readonly Outcome[]
    },
  }
}

const OPEN: Outcome = { allowed: true, remaining: 1, resetMs: 1_000, retryAfterMs: 0 }

test('RL-23: request limit + 1 is refused, with no option but limit and window', () => {
  const { client } = limitsOf({ limit: 3, window: '1m' }).rule()
  for (let i = 0; i < 3; i++) pass(client, facts())
  assert.equal(refusal(client, facts()).kind, 'limit.exceeded')
})

test('RL-23: a policy without limits has no check', () => {
  const guards = limitsOf().rule()
  assert.equal(guards.client, NO_GUARD)
  assert.equal(guards.caller, NO_GUARD)
})

test('RL-11: a refusal names the violated policies, and when to come back', () => {
  const { rule, clock } = limitsOf({ limit: 2, window: '1m' })
  const { client } = rule()
  pass(client, facts())
  pass(client, facts())
  clock.advance(1)
  const refused = refusal(client, facts())
  assert.deepEqual(fieldsOf(refused), [
    'Retry-After',
    '30',
    'RateLimit-Policy',
    '"default";q=2;w=60',
    'RateLimit',
    '"default";r=0;t=30',
  ])
  assert.deepEqual(refused.members, { 'violated-policies': ['default'] })
  assert.equal(refused.reason, 'exceeded: default')
})

test('RL-11: Retry-After is at least one second, and no earlier than the effective window of any violated policy', () => {
  const limits = [
    { name: 'fast', limit: 1_000, window: '1s' },
    { name: 'slow', limit: 1_000, window: '1h' },
    { name: 'free', limit: 1_000_000, window: '1h' },
  ]
  for (const order of [limits, limits.toReversed()]) {
    const { client } = limitsOf(order).rule()
    for (let i = 0; i < 1_000; i++) pass(client, facts())
    assert.equal(field(refusal(client, facts()), 'Retry-After'), '4')
  }
  const { client } = limitsOf(limits).rule()
  for (let i = 0; i < 1_000; i++) pass(client, facts())
  const refused = refusal(client, facts())
  assert.equal(field(refused, 'RateLimit'), '"fast";r=0;t=1, "slow";r=0;t=4, "free";r=999000;t=4')
  assert.deepEqual(refused.members, { 'violated-policies': ['fast', 'slow'] })
})

test('RL-24: Retry-After is the real wait: a client that obeys it is let through, one that is early is not', () => {
  for (const limit of [1, 2, 3, 7, 59, 60, 61]) {
    const { rule, clock } = limitsOf({ limit, window: '1m' })
    const { client } = rule()
    for (let i = 0; i < limit; i++) pass(client, facts())
    const seconds = Number(field(refusal(client, facts()), 'Retry-After'))
    clock.advance((seconds - 1) * 1_000)
    refusal(client, facts())
    clock.advance(1_000)
    pass(client, facts())
  }
})

test('RL-12: the fields are structured lists, whatever a limit is called', () => {
  const limits = [
    { name: 'a "quoted" \\ name', limit: 5, window: '1m' },
    { name: ';q=1;w=1, "x"', limit: 5, window: '90s' },
  ]
  const { client } = limitsOf(limits).rule('GET /ü/:id', { limit: 5, window: '1s' })
  const passed = pass(client, facts())
  const names = ['a "quoted" \\ name', ';q=1;w=1, "x"', 'GET /%u00fc/:id']
  const policy = parseList(field(passed, 'RateLimit-Policy') ?? '') as Item[]
  assert.deepEqual(
    policy.map(([name, parameters]) => [name, ...parameters]),
    [
      [names[0], ['q', 5], ['w', 60]],
      [names[1], ['q', 5], ['w', 90]],
      [names[2], ['q', 5], ['w', 1]],
    ],
  )
  const left = parseList(field(passed, 'RateLimit') ?? '') as Item[]
  assert.deepEqual(
    left.map(([name, parameters]) => [name, ...parameters]),
    [
      [names[0], ['r', 4], ['t', 12]],
      [names[1], ['r', 4], ['t', 18]],
      [names[2], ['r', 4], ['t', 1]],
    ],
  )
})

test('RL-12: a partition key tells partitions apart, the same in both fields, and another gate makes another', () => {
  const limit = { limit: 5, window: '1m', partitionKey: true }
  const partition = (guards = limitsOf(limit).rule(), address = '203.0.113.7'): string => {
    const passed = pass(guards.client, from(address))
    const [policy, left] = ['RateLimit-Policy', 'RateLimit'].map((name) => {
      const [item] = parseList(field(passed, name) ?? '')
      const bytes = item?.[1].get('pk')
      assert.ok(bytes instanceof ArrayBuffer, `${name} has a Byte Sequence`)
      return Buffer.from(bytes).toString('hex')
    })
    assert.equal(policy, left)
    return policy ?? ''
  }
  const guards = limitsOf(limit).rule()
  assert.equal(partition(guards), partition(guards))
  assert.notEqual(partition(guards), partition(guards, '203.0.113.8'))
  assert.notEqual(partition(guards), partition())
})

test('RL-18: clients and routes are counted before authentication, callers and own keys after it', () => {
  const { client, caller: after } = limitsOf([
    { name: 'client', limit: 5, window: '1m' },
    { name: 'route', limit: 5, window: '1m', by: 'route' },
    { name: 'principal', limit: 5, window: '1m', by: 'principal' },
    { name: 'own', limit: 5, window: '1m', by: () => 'one' },
  ]).rule()
  assert.equal(client.check?.name, 'client-limits')
  assert.equal(after.check?.name, 'caller-limits')
  assert.equal(field(pass(client, facts()), 'RateLimit'), '"client";r=4;t=12, "route";r=4;t=12')
  assert.equal(field(pass(after, facts()), 'RateLimit'), '"principal";r=4;t=12, "own";r=4;t=12')
})

test('RL-07: all limits of one check are decided in one call of the store', () => {
  const store = toldStore((charges) => charges.map(() => OPEN))
  const limits = [
    { name: 'a', limit: 5, window: '1m' },
    { name: 'b', limit: 7, window: '1h', cost: 3 },
  ]
  const { client } = limitsOf(limits, { store }).rule()
  pass(client, from('203.0.113.7'))
  assert.deepEqual(store.asked, [
    [
      { key: '1:ac=203.0.113.7', quota: { limit: 5, windowMs: 60_000 }, cost: 1 },
      { key: '1:bc=203.0.113.7', quota: { limit: 7, windowMs: 3_600_000 }, cost: 3 },
    ],
  ])
})

test('RL-19: a route is exempt from the limits of the policy when it says so, and only then', () => {
  const limits = limitsOf([
    { limit: 1, window: '1m' },
    { name: 'callers', limit: 1, window: '1m', by: 'principal' },
  ])
  const health = limits.rule('GET /health', 'exempt')
  assert.equal(health.client, NO_GUARD)
  assert.equal(health.caller, NO_GUARD)
  const other = limits.rule('GET /other')
  pass(other.client, facts())
  refusal(other.client, facts())
  assert.deepEqual(limits.mistakes(), [])
})

test('RL-19: limits of a rule count besides those of the policy', () => {
  const { client } = limitsOf({ limit: 2, window: '1m' }).rule('POST /token', { limit: 1, window: '1m' })
  const passed = pass(client, facts())
  assert.equal(field(passed, 'RateLimit-Policy'), '"default";q=2;w=60, "POST /token";q=1;w=60')
  assert.deepEqual(refusal(client, facts()).members, { 'violated-policies': ['POST /token'] })
})

test('RL-20: what a request has counted stays counted: the check has nothing that could give it back', () => {
  const { client } = limitsOf({ limit: 1, window: '1m' }).rule()
  pass(client, facts())
  assert.equal(client.response, undefined)
  refusal(client, facts())
})

test('RL-25: two limiters on one route both report, on a pass and on a refusal', () => {
  const { client } = limitsOf([
    { name: 'burst', limit: 1, window: '1s' },
    { name: 'day', limit: 100, window: '1d' },
  ]).rule()
  const policy = '"burst";q=1;w=1, "day";q=100;w=86400'
  const passed = pass(client, facts())
  assert.equal(field(passed, 'RateLimit-Policy'), policy)
  assert.equal(field(passed, 'RateLimit'), '"burst";r=0;t=1, "day";r=99;t=864')
  const refused = refusal(client, facts())
  assert.equal(field(refused, 'RateLimit-Policy'), policy)
  assert.equal(field(refused, 'RateLimit'), '"burst";r=0;t=1, "day";r=99;t=864')
})

test('RL-25: a limit of the policy is one counter over all routes', () => {
  const limits = limitsOf({ limit: 2, window: '1m' })
  pass(limits.rule('GET /a').client, facts())
  pass(limits.rule('GET /b').client, facts())
  refusal(limits.rule('GET /c').client, facts())
})

test('RL-25: rules that say one name share one counter, others do not', () => {
  const limits = limitsOf()
  const login = { name: 'login', limit: 2, window: '1m' }
  pass(limits.rule('POST /login', login).client, facts())
  pass(limits.rule('POST /token', { ...login, cost: 1 }).client, facts())
  refusal(limits.rule('POST /reset', { ...login }).client, facts())
  const own = { limit: 1, window: '1m' }
  pass(limits.rule('GET /a', own).client, facts())
  pass(limits.rule('GET /b', own).client, facts())
  assert.deepEqual(limits.mistakes(), [])
})

test('RL-25: a limit by route counts all clients together, and each route of the policy apart', () => {
  const limits = limitsOf({ limit: 2, window: '1m', by: 'route' })
  const a = limits.rule('GET /a')
  pass(a.client, from('203.0.113.1'))
  pass(a.client, nowhere())
  refusal(a.client, from('203.0.113.3'))
  pass(limits.rule('GET /b').client, from('203.0.113.1'))
  const group = { name: 'reports', limit: 1, window: '1m', by: 'route' }
  pass(limits.rule('GET /x', group).client, from('203.0.113.1'))
  refusal(limits.rule('GET /y', group).client, from('203.0.113.2'))
})

test('RL-27: each client, each caller and each own key has a counter of its own', () => {
  const rows = [
    { name: 'clients', by: 'client', a: from('203.0.113.1'), b: from('203.0.113.2') },
    {
      name: 'callers',
      by: 'principal',
      a: facts({ principal: caller('a') }),
      b: facts({ principal: caller('b') }),
    },
    {
      name: 'one subject of two issuers',
      by: 'principal',
      a: facts({ principal: caller('a', 'https://one.example') }),
      b: facts({ principal: caller('a', 'https://two.example') }),
    },
    {
      name: 'own keys',
      by: (request: RequestFacts) => request.path,
      a: facts({ path: '/a' }),
      b: facts({ path: '/b' }),
    },
  ]
  for (const { name, by, a, b } of rows) {
    const { client, caller: after } = limitsOf({ limit: 1, window: '1m', by }).rule()
    const guard = by === 'client' ? client : after
    pass(guard, a)
    pass(guard, b)
    assert.equal(refusal(guard, a).kind, 'limit.exceeded', name)
    assert.equal(refusal(guard, b).kind, 'limit.exceeded', name)
  }
})

test('RL-27: a caller is counted from wherever the calls come', () => {
  const { caller: after } = limitsOf({ limit: 1, window: '1m', by: 'principal' }).rule()
  pass(after, from('203.0.113.1', { principal: caller('a') }))
  refusal(after, from('203.0.113.2', { principal: caller('a') }))
})

test('RL-27: where nobody is authenticated, a limit per caller counts addresses, apart from callers of that name', () => {
  const { caller: after } = limitsOf({ limit: 1, window: '1m', by: 'principal' }).rule()
  pass(after, from('203.0.113.1'))
  refusal(after, from('203.0.113.1'))
  pass(after, from('203.0.113.2'))
  pass(after, from('203.0.113.1', { principal: caller('203.0.113.1') }))
})

test('RL-28: a request whose client is unknown is refused, exempt, or shares one counter, as the policy says', () => {
  const unknown = 'limit.address-unknown'
  const rows = [
    { name: 'by default', whenUnknown: undefined, kinds: [unknown, unknown] },
    { name: 'refuse', whenUnknown: 'refuse', kinds: [unknown, unknown] },
    { name: 'exempt', whenUnknown: 'exempt', kinds: ['pass', 'pass'] },
    { name: 'share', whenUnknown: 'share', kinds: ['pass', 'limit.exceeded'] },
  ]
  for (const by of ['client', 'principal', () => undefined, () => '']) {
    for (const { name, whenUnknown, kinds } of rows) {
      const limit = { limit: 1, window: '1m', by, ...(whenUnknown === undefined ? {} : { whenUnknown }) }
      const { client, caller: after } = limitsOf(limit).rule()
      const guard = by === 'client' ? client : after
      const said = kinds.map(() => {
        const verdict = decide(guard, nowhere())
        return verdict.type === 'refusal' ? verdict.kind : verdict.type
      })
      assert.deepEqual(said, kinds, `${name}, by ${String(by)}`)
    }
  }
})

test('RL-28: requests that share a counter share it with no client', () => {
  const { client } = limitsOf({ limit: 1, window: '1m', whenUnknown: 'share' }).rule()
  pass(client, nowhere())
  pass(client, from('203.0.113.1'))
})

test('RL-28: a request that is exempt from one limit is told of the others alone', () => {
  const { client } = limitsOf([
    { name: 'a', limit: 5, window: '1m', whenUnknown: 'exempt' },
    { name: 'b', limit: 5, window: '1m', by: 'route' },
  ]).rule()
  const passed = pass(client, nowhere())
  assert.equal(field(passed, 'RateLimit-Policy'), '"b";q=5;w=60')
  assert.equal(field(passed, 'RateLimit'), '"b";r=4;t=12')
})

test('RL-28: a request that is exempt from every limit is told of none, and the store is not asked', () => {
  const store = toldStore((charges) => charges.map(() => OPEN))
  const { client } = limitsOf({ limit: 5, window: '1m', whenUnknown: 'exempt' }, { store }).rule()
  const passed = pass(client, nowhere())
  assert.equal(passed.fields ?? passed.lines, undefined)
  assert.deepEqual(store.asked, [])
})

test('RL-28: a request without a client is refused before anything is counted', () => {
  const store = toldStore((charges) => charges.map(() => OPEN))
  const { client } = limitsOf(
    [
      { name: 'route', limit: 5, window: '1m', by: 'route' },
      { name: 'client', limit: 5, window: '1m' },
    ],
    { store },
  ).rule()
  assert.equal(refusal(client, nowhere()).fields, undefined)
  assert.deepEqual(store.asked, [])
})

test('RL-29: failed authentication counts, since the limit of the client comes before it', () => {
  const { client } = limitsOf({ limit: 2, window: '1m' }).rule()
  pass(client, facts({ principal: undefined }))
  pass(client, facts({ principal: undefined }))
  refusal(client, facts({ principal: undefined }))
})

test('RL-30: a request costs what the policy says, by number or by function', () => {
  const cost = (request: RequestFacts): number => (request.method === 'POST' ? 5 : 1)
  const { client } = limitsOf({ limit: 10, window: '1m', cost }).rule()
  assert.equal(field(pass(client, facts({ method: 'POST' })), 'RateLimit'), '"default";r=5;t=30')
  assert.equal(field(pass(client, facts()), 'RateLimit'), '"default";r=4;t=36')
  assert.equal(refusal(client, facts({ method: 'POST' })).kind, 'limit.exceeded')
  pass(client, facts())
})

test('RL-30: a cost above the limit is refused, with a wait of one window', () => {
  const { client } = limitsOf({ limit: 10, window: '1m', cost: () => 11 }).rule()
  const refused = refusal(client, facts())
  assert.equal(refused.kind, 'limit.exceeded')
  assert.equal(field(refused, 'Retry-After'), '60')
  assert.equal(field(refused, 'RateLimit'), '"default";r=10;t=60')
})

test('RL-21: where a function of the policy fails, the request is refused as a failed dependency, and not counted', () => {
  const thrower = (): never => {
    throw new Error('secret: hunter2')
  }
  const rows: readonly { readonly name: string; readonly option: Record<string, unknown> }[] = [
    { name: 'a key that throws', option: { by: thrower } },
    { name: 'a key that is a number', option: { by: () => 7 } },
    { name: 'a key that is null', option: { by: () => null } },
    { name: 'a key that is a promise', option: { by: async () => 'a' } },
    { name: 'a key that is a promise which rejects', option: { by: async () => thrower() } },
    { name: 'a cost that throws', option: { cost: thrower } },
    { name: 'a cost of nothing', option: { cost: () => 0 } },
    { name: 'a negative cost', option: { cost: () => -1 } },
    { name: 'half a cost', option: { cost: () => 0.5 } },
    { name: 'a cost that is no number', option: { cost: () => Number.NaN } },
    { name: 'a cost that is a text', option: { cost: () => '1' } },
    { name: 'a cost without end', option: { cost: () => Infinity } },
    { name: 'a cost that is a promise which rejects', option: { cost: async () => thrower() } },
  ]
  for (const { name, option } of rows) {
    const store = toldStore((charges) => charges.map(() => OPEN))
    const { client, caller: after } = limitsOf({ limit: 9, window: '1m', ...option }, { store }).rule()
    const refused = refusal('by' in option ? after : client, facts())
    assert.equal(refused.kind, 'dependency.failed', name)
    assert.ok(!JSON.stringify(refused).includes('hunter2'), name)
    assert.deepEqual(store.asked, [], name)
  }
})

test('RL-21: where the store fails, the request is refused as a failed dependency', async () => {
  const rows: readonly { readonly name: string; readonly answer: () => unknown }[] = [
    { name: 'throws', answer: () => assert.fail('secret') },
    { name: 'rejects', answer: async () => Promise.reject(new Error('secret')) },
    { name: 'gives nothing', answer: () => undefined },
    { name: 'gives no list', answer: () => ({ 0: OPEN, length: 1 }) },
    { name: 'gives too few', answer: () => [] },
    { name: 'gives too many', answer: () => [OPEN, OPEN] },
    { name: 'gives a hole', answer: () => Array(1) },
    { name: 'gives null', answer: () => [null] },
    { name: 'gives a word', answer: () => ['yes'] },
    { name: 'does not say whether', answer: () => [{ ...OPEN, allowed: 1 }] },
    { name: 'has half a unit left', answer: () => [{ ...OPEN, remaining: 0.5 }] },
    { name: 'has less than nothing left', answer: () => [{ ...OPEN, remaining: -1 }] },
    { name: 'knows no end', answer: () => [{ ...OPEN, resetMs: Infinity }] },
    { name: 'knows no number', answer: () => [{ ...OPEN, allowed: false, retryAfterMs: Number.NaN }] },
    { name: 'promises nothing', answer: async () => Promise.resolve(undefined) },
  ]
  for (const { name, answer } of rows) {
    const { client } = limitsOf({ limit: 9, window: '1m' }, { store: toldStore(answer) }).rule()
    const verdict = await client.check?.decide(facts())
    assert.ok(verdict?.type === 'refusal', name)
    assert.equal(verdict.kind, 'dependency.failed', name)
    assert.ok(!JSON.stringify(verdict).includes('secret'), name)
  }
})

test('RL-21: a store that promises is waited for, and decides the same', async () => {
  const later = { ...OPEN, remaining: 8 }
  const { client } = limitsOf(
    { limit: 9, window: '1m' },
    { store: toldStore(async () => Promise.resolve([later])) },
  ).rule()
  const verdict = client.check?.decide(facts())
  assert.ok(verdict instanceof Promise)
  const passed = await verdict
  assert.equal(field(passed, 'RateLimit'), '"default";r=8;t=1')
})

test('RL-11: no answer of a store makes a field that is no field', () => {
  const most = Number.MAX_SAFE_INTEGER
  const wild = [{ allowed: false, remaining: most, resetMs: most, retryAfterMs: 0 }]
  const { client } = limitsOf({ limit: 9, window: '1m' }, { store: toldStore(() => wild) }).rule()
  const refused = refusal(client, facts())
  assert.equal(field(refused, 'Retry-After'), '1')
  assert.equal(field(refused, 'RateLimit'), '"default";r=9;t=1')
})

test('ERR-03: unusable limits are mistakes, each at its own place', () => {
  const rows: readonly {
    readonly name: string
    readonly value: unknown
    readonly mistakes: readonly string[]
  }[] = [
    { name: 'no object', value: 100, mistakes: ['wrong_type rateLimit'] },
    { name: 'a policy that exempts itself', value: 'exempt', mistakes: ['wrong_type rateLimit'] },
    { name: 'null', value: null, mistakes: ['wrong_type rateLimit'] },
    { name: 'an empty list', value: [], mistakes: ['out_of_range rateLimit'] },
    {
      name: 'nothing',
      value: {},
      mistakes: ['missing_option rateLimit.limit', 'missing_option rateLimit.window'],
    },
    {
      name: 'a typing error',
      value: { limit: 1, window: '1m', max: 5 },
      mistakes: ['unknown_option rateLimit.max'],
    },
    {
      name: 'a limit of nothing',
      value: { limit: 0, window: '1m' },
      mistakes: ['out_of_range rateLimit.limit'],
    },
    {
      name: 'no limit',
      value: { limit: Infinity, window: '1m' },
      mistakes: ['out_of_range rateLimit.limit'],
    },
    {
      name: 'too much',
      value: { limit: 1_000_001, window: '1m' },
      mistakes: ['out_of_range rateLimit.limit'],
    },
    { name: 'too short', value: { limit: 1, window: '999ms' }, mistakes: ['out_of_range rateLimit.window'] },
    { name: 'too long', value: { limit: 1, window: '32d' }, mistakes: ['out_of_range rateLimit.window'] },
    {
      name: 'no duration',
      value: { limit: 1, window: '1 minute' },
      mistakes: ['malformed_value rateLimit.window'],
    },
    {
      name: 'no word',
      value: { limit: 1, window: '1m', by: 'ip' },
      mistakes: ['malformed_value rateLimit.by'],
    },
    {
      name: 'no cost',
      value: { limit: 1, window: '1m', cost: 0 },
      mistakes: ['out_of_range rateLimit.cost'],
    },
    {
      name: 'a cost of a word',
      value: { limit: 1, window: '1m', cost: 'x' },
      mistakes: ['wrong_type rateLimit.cost'],
    },
    {
      name: 'a cost that refuses all',
      value: { limit: 1, window: '1m', cost: 2 },
      mistakes: ['contradiction rateLimit.cost'],
    },
    {
      name: 'no flag',
      value: { limit: 1, window: '1m', partitionKey: 1 },
      mistakes: ['wrong_type rateLimit.partitionKey'],
    },
    {
      name: 'no choice',
      value: { limit: 1, window: '1m', whenUnknown: 'open' },
      mistakes: ['malformed_value rateLimit.whenUnknown'],
    },
    {
      name: 'a route is known',
      value: { limit: 1, window: '1m', by: 'route', whenUnknown: 'share' },
      mistakes: ['contradiction rateLimit.whenUnknown'],
    },
    {
      name: 'PRX-09: a prefix for a limit that counts no clients',
      value: { limit: 1, window: '1m', by: 'principal', ipv6Prefix: 48 },
      mistakes: ['contradiction rateLimit.ipv6Prefix'],
    },
    {
      name: 'an empty name',
      value: { name: '', limit: 1, window: '1m' },
      mistakes: ['malformed_value rateLimit.name'],
    },
    {
      name: 'a name with a line',
      value: { name: 'a\nb', limit: 1, window: '1m' },
      mistakes: ['malformed_value rateLimit.name'],
    },
    {
      name: 'a name in other letters',
      value: { name: 'größe', limit: 1, window: '1m' },
      mistakes: ['malformed_value rateLimit.name'],
    },
    {
      name: 'a long name',
      value: { name: 'x'.repeat(65), limit: 1, window: '1m' },
      mistakes: ['malformed_value rateLimit.name'],
    },
    {
      name: 'two without a name',
      value: [
        { limit: 1, window: '1m' },
        { limit: 9, window: '1h' },
      ],
      mistakes: ['duplicate_value rateLimit[1].name'],
    },
    {
      name: 'several at once',
      value: [{ limit: 1, window: '0s' }, 5],
      mistakes: ['out_of_range rateLimit[0].window', 'wrong_type rateLimit[1]'],
    },
  ]
  for (const { name, value, mistakes } of rows) {
    const limits = limitsOf(value)
    limits.rule()
    const found = limits.mistakes().map((mistake) => `${mistake.code} ${mistake.path}`)
    assert.deepEqual(found, mistakes, name)
  }
})

test('ERR-03: a mistake in the limits of the policy is one mistake, however many rules there are', () => {
  const limits = limitsOf({ limit: 0, window: '1m' })
  for (const name of ['GET /a', 'GET /b', 'default']) limits.rule(name)
  limits.rule('GET /c', 'exempt')
  assert.equal(limits.mistakes().length, 1)
})

test('RL-25: rules that mean different limits by one name are a contradiction', () => {
  const login = { name: 'login', limit: 5, window: '1m' }
  const rows = [
    { name: 'another limit', value: { ...login, limit: 6 } },
    { name: 'another window', value: { ...login, window: '2m' } },
    { name: 'another key', value: { ...login, by: 'principal' } },
    { name: 'another function', value: { ...login, by: () => 'a' } },
  ]
  for (const { name, value } of rows) {
    const limits = limitsOf()
    limits.rule('POST /login', login)
    limits.rule('POST /token', value)
    assert.deepEqual(
      limits.mistakes().map((mistake) => `${mistake.code} ${mistake.path}`),
      ['contradiction routes["POST /token"].rateLimit.name'],
      name,
    )
  }
})

test('RL-25: a rule cannot count a limit of the policy twice', () => {
  const limits = limitsOf({ limit: 5, window: '1m' })
  limits.rule('GET /a', { name: 'default', limit: 5, window: '1m' })
  assert.deepEqual(
    limits.mistakes().map((mistake) => `${mistake.code} ${mistake.path}`),
    ['duplicate_value routes["GET /a"].rateLimit.name'],
  )
})
