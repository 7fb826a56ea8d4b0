import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OnEnd } from '../../src/contract/check.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { Guard } from '../../src/contract/guard.ts'
import type { Principal } from '../../src/contract/principal.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { parseIp } from '../../src/lib/ip.ts'
import { ABORTED, concurrencyOf, SENT } from '../support/concurrency.ts'
import { facts } from '../support/facts.ts'
import { caller, decide, field, pass, refusal } from '../support/limits.ts'

const from = (address: string): RequestFacts => facts({ client: parseIp(address) })
const of = (subject: string, init: object = {}): RequestFacts =>
  facts({ principal: { ...caller(subject), ...init } })

/** Takes a permit; gives what hears the end. */
function take(guard: Guard, request: RequestFacts = facts()): OnEnd {
  const { onEnd } = pass(guard, request)
  assert.ok(onEnd !== undefined, 'a permit was taken')
  return onEnd
}

describe('concurrency', () => {
  test('RL-16: no more than the limit are under way, and one that ends makes room for one', () => {
    const { client } = concurrencyOf({ limit: 2 }).rule()
    const first = take(client)
    take(client)
    refusal(client, facts())
    first(SENT)
    take(client)
    refusal(client, facts())
  })

  test('RL-16: a permit is given back once, however often the end is heard', () => {
    const { client } = concurrencyOf({ limit: 2 }).rule()
    const first = take(client)
    take(client)
    for (let i = 0; i < 5; i++) first(ABORTED)
    take(client)
    refusal(client, facts())
  })

  test('RL-16: after 100,000 requests that ended at random no permit is held', () => {
    const limits = concurrencyOf([
      { name: 'client', limit: 3 },
      { name: 'route', limit: 20, by: 'route' },
      { name: 'server', adaptive: { min: 10, max: 30 } },
    ])
    const { client } = limits.rule()
    const open: OnEnd[] = []
    let state = 1
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    let refused = 0
    for (let i = 0; i < 100_000; i++) {
      limits.clock.advance(random(3))
      const verdict = decide(client, from(`203.0.113.${random(16)}`))
      if (verdict.type === 'refusal') refused++
      if (verdict.type === 'pass' && verdict.onEnd !== undefined) open.push(verdict.onEnd)
      while (random(20) < open.length) {
        const [end] = open.splice(random(open.length), 1)
        // Sent, given up, refused by a later check, thrown: and some are told of twice.
        const how = {
          status: [200, 0, 401, 500][random(4)] ?? 0,
          complete: random(2) === 0,
          handled: random(2) === 0,
        }
        end?.(how)
        if (random(10) === 0) end?.(how)
      }
    }
    for (const end of open) end(ABORTED)
    assert.ok(refused > 1_000, `${refused} were refused`)
    assert.equal(limits.permits.size, 0)
    // The adaptive one, too, is whole again: as many fit as it has.
    const server = concurrencyOf({ adaptive: { min: 10, max: 10 } }).rule().client
    const held = Array.from({ length: 10 }, () => take(server))
    refusal(server, facts())
    for (const end of held) end(SENT)
    Array.from({ length: 10 }, () => take(server))
  })

  test('each client has permits of its own, an IPv6 network as one', () => {
    const { client } = concurrencyOf({ limit: 1 }).rule()
    take(client, from('203.0.113.1'))
    take(client, from('203.0.113.2'))
    take(client, from('2001:db8::1'))
    refusal(client, from('2001:db8::2'))
  })

  const after: readonly (readonly [by: unknown, one: RequestFacts, other: RequestFacts])[] = [
    ['principal', of('alice'), of('bob')],
    ['key', of('a', { keyId: '1' }), of('a', { keyId: '2' })],
    ['tenant', of('a', { tenant: 'x' }), of('a', { tenant: 'y' })],
    [
      (request: RequestFacts) => request.params['id'],
      facts({ params: { id: '1' } }),
      facts({ params: { id: '2' } }),
    ],
    [['client', 'principal'], of('alice'), of('bob')],
  ]
  for (const [by, one, other] of after) {
    test(`RL-18: by ${typeof by === 'function' ? 'a function' : String(by)} it is asked after authentication`, () => {
      const tenant = (principal: Principal): string => String(Reflect.get(principal, 'tenant'))
      const guards = concurrencyOf({ limit: 1, by }, tenant).rule()
      assert.equal(guards.client.check, undefined)
      take(guards.caller, one)
      take(guards.caller, other)
      assert.equal(refusal(guards.caller, one).kind, 'concurrency.exceeded')
    })
  }

  test('a key is 429 with what was exceeded, and may come again in a second', () => {
    const { client } = concurrencyOf({ name: 'burst', limit: 1 }).rule()
    take(client)
    const refused = refusal(client, facts())
    assert.equal(KINDS[refused.kind].code, 'quota_exceeded')
    assert.deepEqual(refused.members, { 'violated-policies': ['burst'] })
    assert.equal(field(refused, 'Retry-After'), '1')
  })

  for (const by of ['server', 'route']) {
    test(`what all clients spend together is the server's capacity: by ${by} it is 503`, () => {
      const { client } = concurrencyOf({ limit: 1, by }).rule()
      take(client, from('203.0.113.1'))
      const waits = [1, 2, 3, 4].map(() => {
        const refused = refusal(client, from('203.0.113.2'))
        assert.equal(KINDS[refused.kind].code, 'reduced_capacity')
        return field(refused, 'Retry-After')
      })
      assert.deepEqual(waits, ['1', '2', '3', '1'])
    })
  }

  test('a limit of the policy by route counts each rule apart, by server all of them', () => {
    const apart = concurrencyOf({ limit: 1, by: 'route' })
    take(apart.rule('/a').client)
    take(apart.rule('/b').client)
    const together = concurrencyOf({ limit: 1, by: 'server' })
    take(together.rule('/a').client)
    refusal(together.rule('/b').client, facts())
  })

  for (const [how, limit] of [
    ['fixed', { name: 'group', limit: 1, by: 'server' }],
    ['adaptive', { name: 'group', adaptive: { min: 1, max: 1 } }],
  ] as const) {
    test(`RL-25: rules that say one name share its permits: ${how}`, () => {
      const limits = concurrencyOf()
      take(limits.rule('/a', limit).client)
      refusal(limits.rule('/b', { ...limit }).client, facts())
      assert.deepEqual(limits.mistakes(), [])
    })
  }

  test('all or nothing: who is refused by one limit holds no permit of another', () => {
    const limits = concurrencyOf([
      { name: 'client', limit: 1 },
      { name: 'server', limit: 2, by: 'server' },
    ])
    const { client } = limits.rule()
    take(client, from('203.0.113.1'))
    take(client, from('203.0.113.2'))
    for (let i = 0; i < 3; i++) refusal(client, from(`203.0.113.${3 + i}`))
    assert.equal(limits.permits.size, 3)
  })

  test('RL-19: a rule is exempt when it says so, and has its own limits besides otherwise', () => {
    const limits = concurrencyOf({ limit: 1 })
    assert.equal(limits.rule('/health', 'exempt').client.check, undefined)
    const { client } = limits.rule('/a', { limit: 5 })
    take(client)
    refusal(client, facts())
  })

  test("REQ-15: a critical rule is above the policy's limits of the server, and below those of a client", () => {
    const limits = concurrencyOf([
      { name: 'server', limit: 1, by: 'server' },
      { name: 'adaptive', adaptive: { min: 1, max: 1 } },
      { name: 'client', limit: 3 },
    ])
    take(limits.rule('/a').client)
    const { client } = limits.rule('/health', undefined, true)
    take(client)
    take(client)
    assert.equal(refusal(client, facts()).kind, 'concurrency.exceeded')
  })

  test('RL-28: what becomes of a request that has no key is said', () => {
    const nobody = facts({ client: undefined })
    const refused = concurrencyOf({ limit: 1 }).rule().client
    assert.equal(refusal(refused, nobody).kind, 'limit.address-unknown')
    const exempt = concurrencyOf({ limit: 1, whenUnknown: 'exempt' }).rule().client
    assert.equal(pass(exempt, nobody).onEnd, undefined)
    const share = concurrencyOf({ limit: 1, whenUnknown: 'share' }).rule().client
    take(share, nobody)
    refusal(share, nobody)
  })

  test('RL-21: a function that throws, or gives no text, is a failed dependency', () => {
    for (const by of [() => 7, () => assert.fail('no word of this')]) {
      const { caller: guard } = concurrencyOf({ limit: 1, by }).rule()
      assert.equal(refusal(guard, facts()).kind, 'dependency.failed')
    }
  })

  test('RL-17: an adaptive limit grows by what the handler answers, and not by refusals and errors', () => {
    const grown = (end: typeof SENT): number => {
      const limits = concurrencyOf({ adaptive: { min: 5, max: 100 } })
      const { client } = limits.rule()
      let most = 0
      for (let round = 0; round < 300; round++) {
        const open: OnEnd[] = []
        for (;;) {
          const verdict = decide(client, facts())
          if (verdict.type !== 'pass' || verdict.onEnd === undefined) break
          open.push(verdict.onEnd)
        }
        most = open.length
        limits.clock.advance(10)
        for (const each of open) each(end)
      }
      return most
    }
    assert.ok(grown(SENT) > 50)
    assert.equal(grown({ ...SENT, handled: false, status: 401 }), 5)
    assert.equal(grown({ ...SENT, status: 500 }), 5)
    assert.equal(grown(ABORTED), 5)
  })
})

const mistakes: readonly (readonly [value: unknown, path: string, code: string])[] = [
  [{}, 'concurrency.limit', 'missing_option'],
  [[], 'concurrency', 'out_of_range'],
  [7, 'concurrency', 'wrong_type'],
  [{ limit: 0 }, 'concurrency.limit', 'out_of_range'],
  [{ limit: 1, window: '1m' }, 'concurrency.window', 'unknown_option'],
  [{ limit: 1, by: ['client', 'client'] }, 'concurrency.by[1]', 'duplicate_value'],
  [{ limit: 1, by: ['server', 'client'] }, 'concurrency.by[0]', 'malformed_value'],
  [{ limit: 1, by: 'server', whenUnknown: 'share' }, 'concurrency.whenUnknown', 'contradiction'],
  [{ limit: 1, by: 'principal', ipv6Prefix: 48 }, 'concurrency.ipv6Prefix', 'contradiction'],
  [{ limit: 1, by: 'tenant' }, 'concurrency.by', 'unknown_reference'],
  [{ adaptive: {}, limit: 1 }, 'concurrency.limit', 'contradiction'],
  [{ adaptive: {}, by: 'client' }, 'concurrency.by', 'contradiction'],
  [{ adaptive: { min: 20, max: 10 } }, 'concurrency.adaptive.min', 'contradiction'],
  [{ adaptive: { step: 1 } }, 'concurrency.adaptive.step', 'unknown_option'],
  [[{ limit: 1 }, { limit: 2 }], 'concurrency[1].name', 'duplicate_value'],
]

describe('ERR-03: a mistake in concurrency is reported at its place', () => {
  for (const [value, path, code] of mistakes) {
    test(`ERR-03: ${JSON.stringify(value)}`, () => {
      const limits = concurrencyOf(value)
      limits.rule()
      assert.deepEqual(
        limits.mistakes().map((each) => [each.path, each.code]),
        [[path, code]],
      )
    })
  }

  test('ERR-03: one name for two limits', () => {
    const limits = concurrencyOf({ limit: 1 })
    limits.rule('/a', { name: 'default', limit: 1 })
    limits.rule('/b', { name: 'x', limit: 1 })
    limits.rule('/c', { name: 'x', adaptive: {} })
    assert.deepEqual(
      limits.mistakes().map(({ path, code }) => [path, code]),
      [
        ['routes["/a"].concurrency.name', 'duplicate_value'],
        ['routes["/c"].concurrency.name', 'contradiction'],
      ],
    )
  })
})
