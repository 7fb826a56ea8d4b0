import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import type { Counted } from '../../src/contract/limits.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { AUDIENCE, HS256, ISSUER, token } from '../support/tokens.ts'
import type { TestPrincipal } from '../support/scheme.ts'
import { changedStore } from '../support/token-endpoint.ts'

const open: Guarded[] = []
after(() => Promise.all(open.map((one) => one.close())))

/** A gate whose routes are public, and whose handler the test gives. */
async function serve(
  policy: Policy<TestPrincipal>,
  handle?: Parameters<typeof guarded>[1],
): Promise<Guarded> {
  const routes = { '/*': { public: 'a test' } } as const
  const one = await guarded({ routes, ...policy }, handle)
  open.push(one)
  return one
}

describe('limits whose count depends on the answer, over real connections', () => {
  test('RL-29: 404s are limited, and nothing else', async () => {
    const { send } = await serve(
      { rateLimit: { limit: 2, window: '1h', count: ({ status }) => status === 404 } },
      (req, res) => {
        res.statusCode = req.url === '/there' ? 200 : 404
        res.end()
      },
    )
    for (let i = 0; i < 10; i++) assert.equal((await send({ path: '/there' })).status, 200)
    assert.equal((await send({ path: '/a' })).status, 404)
    assert.equal((await send({ path: '/b' })).status, 404)
    assert.equal((await send({ path: '/there' })).status, 429)
  })

  test('RL-29: requests without a caller are limited before anybody is authenticated, and callers are not', async () => {
    const { send } = await serve({
      routes: {},
      rateLimit: { limit: 2, window: '1h', count: 'failures' },
    })
    for (let i = 0; i < 5; i++)
      assert.equal((await send({ fields: ['Authorization', 'Test alice'] })).status, 200)
    assert.equal((await send({})).status, 401)
    assert.equal((await send({})).status, 401)
    assert.equal((await send({})).status, 429)
  })

  test('RL-20: a client that aborts never gets its count back', async () => {
    const { port, send, server } = await serve(
      { rateLimit: { limit: 3, window: '1h', count: 'failures' } },
      (req, res) => {
        if (req.url === '/') res.end('ok')
      },
    )
    for (let i = 0; i < 3; i++) {
      const arrived = once(server, 'request') as Promise<[unknown, NodeJS.EventEmitter]>
      const socket = connect(port, '127.0.0.1')
      socket.write('GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
      const [, res] = await arrived
      const closed = once(res, 'close')
      socket.destroy()
      await closed
    }
    assert.equal((await send({})).status, 429)
  })

  test('RL-20: a client that goes away in the middle of a large answer gets nothing back, and one that takes it does', async () => {
    const large = Buffer.alloc(32 * 1_024 * 1_024)
    const { port, send, server } = await serve(
      { rateLimit: { limit: 3, window: '1h', count: 'failures' } },
      (_, res) => res.end(large),
    )
    for (let i = 0; i < 4; i++) {
      const fields = i % 2 === 0 ? [] : ['Connection', 'close']
      assert.equal((await send({ fields })).body.length, large.length)
    }
    for (let i = 0; i < 3; i++) {
      const arrived = once(server, 'request') as Promise<[unknown, NodeJS.EventEmitter]>
      const socket = connect(port, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
      const [, res] = await arrived
      const closed = once(res, 'close')
      await once(socket, 'readable')
      socket.resetAndDestroy()
      await closed
    }
    assert.equal((await send({})).status, 429)
  })
})

describe('a limit in the hands of a handler', () => {
  const tokens = { name: 'tokens', limit: 100, window: '1h', cost: 10 } as const

  test('RL-30: what a request has cost in the end is settled: more is taken, less is given back', async () => {
    const { send, gate } = await serve({ rateLimit: tokens }, async (req, res, pass) => {
      const cost = Number(req.url?.slice(1))
      const state = await pass.limit('tokens').settle(cost)
      res.end(JSON.stringify(state.remaining))
    })
    assert.equal((await send({ path: '/35' })).body, '65')
    assert.equal((await send({ path: '/5' })).body, '60')
    assert.equal((await send({ path: '/0' })).body, '60')
    assert.equal((await send({ path: '/10' })).body, '50')
    assert.equal((await send({ path: '/1000' })).body, '0')
    assert.equal((await send({})).status, 429)
    await gate.limit('tokens').of('127.0.0.1').reset()
    assert.equal((await send({ path: '/100' })).body, '0')
  })

  test('RL-30: the last word counts where a cost is settled twice', async () => {
    const { send } = await serve({ rateLimit: tokens }, async (_req, res, pass) => {
      const limit = pass.limit('tokens')
      await limit.settle(80)
      const state = await limit.settle(20)
      res.end(JSON.stringify(state))
    })
    assert.deepEqual(JSON.parse((await send({})).body), {
      limit: 100,
      remaining: 80,
      resetMs: 720_000,
      retryAfterMs: 0,
      blocked: false,
    })
  })

  test('RL-30: a cost that is no number of units is an error of the handler', async () => {
    const { send } = await serve({ rateLimit: tokens }, async (_req, res, pass) => {
      for (const wrong of [-1, 0.5, Number.NaN, Infinity])
        await assert.rejects(pass.limit('tokens').settle(wrong), RangeError)
      for (const wrong of [0, -1, 0.5]) await assert.rejects(pass.limit('tokens').penalize(wrong), RangeError)
      await assert.rejects(pass.limit('tokens').block('soon' as '1s'), RangeError)
      res.end('as expected')
    })
    assert.equal((await send({})).body, 'as expected')
  })

  test('RL-30: a handler punishes, rewards, blocks and looks', async () => {
    const limit = { name: 'answers', limit: 10, window: '1h' } as const
    const { send, clock } = await serve({ rateLimit: limit }, async (req, res, pass) => {
      const own = pass.limit('answers')
      if (req.url === '/wrong') await own.penalize(4)
      if (req.url === '/right') await own.reward(2)
      if (req.url === '/robot') await own.block('10m')
      res.end(String((await own.peek()).remaining))
    })
    assert.equal((await send({ path: '/look' })).body, '9')
    assert.equal((await send({ path: '/wrong' })).body, '4')
    assert.equal((await send({ path: '/right' })).body, '5')
    assert.equal((await send({ path: '/robot' })).body, '0')
    const blocked = await send({ path: '/look' })
    assert.equal(blocked.status, 429)
    assert.equal(blocked.headers['retry-after'], '600')
    assert.equal(
      (JSON.parse(blocked.body) as { type: string }).type,
      'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
    )
    clock.advance(600_000)
    assert.equal((await send({ path: '/look' })).status, 200)
  })

  test('RL-08: a handler that settles goes on while the store fails and the limit is open, and where it is exempt', async () => {
    const store = changedStore(memoryStore(), { take: () => Promise.reject(new Error('x')) })
    const none = { ...tokens, name: 'none', by: () => undefined, whenUnknown: 'exempt' } as const
    const lax = { ...tokens, whenStoreFails: 'open' } as const
    const local = { ...tokens, name: 'local', whenStoreFails: 'local' } as const
    for (const rateLimit of [
      [lax, none],
      [lax, none, local],
    ]) {
      const { send } = await serve({ store, rateLimit }, async (_req, res, pass) => {
        for (const name of ['tokens', 'none']) {
          const limit = pass.limit(name)
          await limit.block('1h')
          await limit.reset()
          assert.equal((await limit.settle(70)).remaining, 100)
          assert.equal((await limit.penalize(5)).remaining, 100)
        }
        res.end('as expected')
      })
      assert.equal((await send({})).body, 'as expected')
    }
  })

  test('RL-30: a limit that the rule does not have is not in its hands', async () => {
    const { send } = await serve({ rateLimit: tokens }, (_req, res, pass) => {
      assert.throws(() => pass.limit('default'), TypeError)
      res.end('as expected')
    })
    assert.equal((await send({})).body, 'as expected')
  })
})

describe('a limit in the hands of an application', () => {
  test('RL-30: the counter of a client, a caller, a tenant and a combination is found by name', async () => {
    const tenant = (): string => 'acme'
    const { gate, send } = await serve({
      tenant,
      routes: {},
      rateLimit: [
        { name: 'client', limit: 9, window: '1h' },
        { name: 'network', limit: 9, window: '1h', ipv6Prefix: 48 },
        { name: 'caller', limit: 9, window: '1h', by: 'principal' },
        { name: 'tenant', limit: 9, window: '1h', by: 'tenant' },
        { name: 'own', limit: 9, window: '1h', by: ({ path }) => path },
        { name: 'both', limit: 9, window: '1h', by: ['client', 'principal', ({ path }) => path] },
        { name: 'route', limit: 9, window: '1h', by: 'route' },
      ],
    })
    assert.equal((await send({ fields: ['Authorization', 'Test alice'] })).status, 200)
    const alice = { issuer: undefined, subject: 'alice' }
    const left = async (name: string, ...who: readonly Counted[]): Promise<number> =>
      (
        await gate
          .limit(name)
          .of(...who)
          .peek()
      ).remaining
    assert.equal(await left('client', '127.0.0.1'), 8)
    assert.equal(await left('client', '::ffff:127.0.0.1'), 8)
    assert.equal(await left('client', '127.0.0.2'), 9)
    assert.equal(await left('network', '127.0.0.1'), 8)
    assert.equal(await left('caller', alice), 8)
    assert.equal(await left('caller', { issuer: 'https://id.example.com', subject: 'alice' }), 9)
    assert.equal(await left('tenant', 'acme'), 8)
    assert.equal(await left('own', '/'), 8)
    assert.equal(await left('both', '127.0.0.1', alice, '/'), 8)
    assert.equal(await left('both', '127.0.0.1', alice, '/other'), 9)
    assert.equal(await left('route', 'default'), 8)
  })

  test('RL-30: whom nobody has authenticated is found by address in a limit of callers', async () => {
    const { gate, send } = await serve({ rateLimit: { limit: 1, window: '1h', by: 'principal' } })
    assert.equal((await send({})).status, 200)
    assert.equal((await send({})).status, 429)
    await gate.limit('default').of('127.0.0.1').reset()
    assert.equal((await send({})).status, 200)
  })

  test('RL-30: what a limit does not count by is an error', async () => {
    const { gate } = await serve({
      rateLimit: [
        { name: 'client', limit: 9, window: '1h' },
        { name: 'both', limit: 9, window: '1h', by: ['client', 'principal'] },
      ],
    })
    const wrong: readonly (readonly [name: string, ...who: readonly Counted[]])[] = [
      ['client'],
      ['client', 'nobody'],
      ['client', ''],
      ['client', { subject: 'alice', issuer: undefined }],
      ['client', '127.0.0.1', '127.0.0.2'],
      ['both', '127.0.0.1'],
      ['both', '127.0.0.1', 'alice'],
    ]
    for (const [name, ...who] of wrong) assert.throws(() => gate.limit(name).of(...who), TypeError)
    assert.throws(() => gate.limit('nothing'), /Known here: client, both\./)
  })

  test('RL-30: a reset lifts a ban and forgets what led to it', async () => {
    const ban = { after: 1, within: '1h', for: ['1h', '1d'] } as const
    const { gate, send, events } = await serve({ rateLimit: { limit: 1, window: '1h', ban } })
    for (let round = 0; round < 3; round++) {
      assert.equal((await send({})).status, 200)
      assert.equal((await send({})).status, 429)
      assert.equal((await send({})).headers['retry-after'], '3600')
      await gate.limit('default').of('127.0.0.1').reset()
    }
    const kinds = (await events()).map(({ kind }) => kind)
    const round = ['request.allowed', 'limit.banned', 'limit.exceeded', 'limit.blocked']
    assert.deepEqual(kinds, [...round, ...round, ...round])
  })
})

describe('a store that fails, over real connections', () => {
  test('LOG-01: each change of a store is told, and the limits that count in its place', async () => {
    let down = true
    const store = changedStore(memoryStore(), {
      take: (charges) => (down ? Promise.reject(new Error('secret')) : memoryStore().take(charges)),
    })
    const { send, events, clock } = await serve({
      store,
      rateLimit: { limit: 100, window: '1h', whenStoreFails: 'local' },
    })
    for (let round = 0; round < 2; round++) {
      down = true
      for (let i = 0; i < 6; i++) assert.equal((await send({})).status, 200)
      down = false
      clock.advance(1_000)
      assert.equal((await send({})).status, 200)
    }
    const told = (await events()).filter(({ outcome }) => outcome === 'warning')
    assert.deepEqual(
      told.map(({ kind, check }) => [kind, check]),
      [
        ['dependency.failed', 'client-limits'],
        ['store.down', 'client-limits'],
        ['store.up', 'client-limits'],
        ['store.down', 'client-limits'],
        ['store.up', 'client-limits'],
      ],
    )
    assert.ok(!JSON.stringify(told).includes('secret'))
  })

  test('RL-21: a store that hangs costs a request no more than the deadline of the store', async () => {
    const store = changedStore(memoryStore(), { take: () => new Promise(() => undefined) })
    const { send } = await serve({ store, storeDeadline: '20ms', rateLimit: { limit: 1, window: '1h' } })
    const refused = await send({})
    assert.equal(refused.status, 503)
    assert.equal((JSON.parse(refused.body) as { code: string }).code, 'dependency_unavailable')
  })

  test('RL-21: what a store of the policy answers is looked at before it lets anybody in', async () => {
    const outcome = { allowed: 'no', remaining: 1, resetMs: 1, retryAfterMs: 0 }
    const store = changedStore(memoryStore(), { take: () => [outcome] as never })
    const { send } = await serve({ store, rateLimit: { limit: 1, window: '1h' } })
    assert.equal((await send({})).status, 503)
  })
})

describe('the fields of the limits', () => {
  test('COR-20: scripts of allowed origins may read the fields that the policy sends', async () => {
    const cors = { origins: ['https://app.example.com'] }
    const { send } = await serve({
      cors,
      rateLimit: { limit: 9, window: '1h' },
      rateLimitFields: ['draft-6', 'x-ratelimit'],
    })
    const { headers } = await send({ fields: ['Origin', 'https://app.example.com'] })
    const exposed = String(headers['access-control-expose-headers']).split(', ')
    for (const name of ['RateLimit-Limit', 'RateLimit-Remaining', 'X-RateLimit-Reset', 'Retry-After'])
      assert.ok(exposed.includes(name), name)
    assert.ok(!exposed.includes('RateLimit'))
    assert.equal(headers['x-ratelimit-remaining'], '8')
  })

  const wrong: readonly (readonly [name: string, value: unknown, mistake: string])[] = [
    ['no way', 'draft-12', 'malformed_value rateLimitFields'],
    ['an empty list', [], 'out_of_range rateLimitFields'],
    ['one twice', ['none', 'none'], 'duplicate_value rateLimitFields[1]'],
    ['two editions', ['draft-11', 'draft-7'], 'contradiction rateLimitFields'],
    ['two other editions', ['draft-6', 'draft-11'], 'contradiction rateLimitFields'],
  ]
  for (const [name, value, mistake] of wrong) {
    test(`ERR-03: ${name} is a mistake`, () => {
      const policy = testPolicy({ rateLimitFields: value } as Policy<TestPrincipal>)
      assert.throws(
        () => gatehouse(policy),
        (error: unknown) =>
          error instanceof ConfigError &&
          error.mistakes.map(({ code, path }) => `${code} ${path}`).join() === mistake,
      )
    })
  }
})

describe('many requests over one connection', () => {
  /** Sends requests one after the other over one connection, and gives the statuses of their answers. */
  async function over(port: number, heads: readonly string[]): Promise<readonly number[]> {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.setEncoding('latin1').on('data', (text: string) => (got += text))
    for (const [index, head] of heads.entries()) {
      const last = index === heads.length - 1 ? 'Connection: close\r\n' : ''
      socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${last}${head}\r\n`)
    }
    await once(socket, 'end')
    return [...got.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
  }

  test('RL-27: the clients of a trusted proxy count apart over one connection, and so does the proxy itself', async () => {
    const { port } = await serve({
      proxy: { trustedRanges: ['loopback'] },
      rateLimit: { limit: 1, window: '1h' },
    })
    const of = (address: string): string => `X-Forwarded-For: ${address}\r\n`
    const heads = ['', of('203.0.113.1'), of('203.0.113.2'), '', of('203.0.113.1'), of('203.0.113.3')]
    assert.deepEqual(await over(port, heads), [200, 200, 200, 429, 429, 200])
  })

  test('RL-28: a client whom its proxy does not name is not counted as the one at the other end', async () => {
    const { port } = await serve({
      proxy: { trustedRanges: ['loopback'] },
      rateLimit: { limit: 1, window: '1h' },
    })
    assert.deepEqual(await over(port, ['', 'X-Forwarded-For: unknown\r\n']), [200, 403])
  })

  test('RL-27: callers count apart over one connection, by tokens that are remembered', async () => {
    const one = await guarded({
      rateLimit: { limit: 2, window: '1h', by: 'principal' },
      authenticate: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: HS256 }),
    } as never)
    open.push(one)
    const of = (sub: string, jti = '1'): string => `Authorization: Bearer ${token({ sub, jti })}\r\n`
    const heads = [
      of('alice'),
      of('bob'),
      of('alice', '2'),
      of('alice'),
      of('bob'),
      of('bob', '2'),
      of('carol'),
    ]
    assert.deepEqual(await over(one.port, heads), [200, 200, 200, 429, 200, 429, 200])
  })
})
