import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { ConfigError } from '@gatehouse/core'
import { type RedisClient, redisStore, type RedisStoreOptions } from '@gatehouse/store-redis'

/** A client that was never connected. */
const lazy = () => new Redis({ lazyConnect: true })
const client = lazy()

function mistakesOf(options: unknown): readonly string[] {
  try {
    redisStore(options as RedisStoreOptions)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes.map(({ code, path }) => `${path}: ${code}`)
  }
  return []
}

describe('options', () => {
  const rows: readonly (readonly [name: string, options: unknown, mistakes: readonly string[]])[] = [
    ['nothing but a client', { client }, []],
    [
      'all of them',
      {
        client,
        prefix: 'a.b:c_d-1',
        spread: 64,
        denyCache: { maxKeys: 1, maxMs: 1 },
        lease: { share: 0.5, ms: 1 },
      },
      [],
    ],
    ['a memory of refusals as it is', { client, denyCache: true }, []],
    ['none', undefined, ['redisStore: wrong_type', 'redisStore.client: missing_option']],
    ['no client', {}, ['redisStore.client: missing_option']],
    ['an option that is not there', { client, perfix: 'x' }, ['redisStore.perfix: unknown_option']],
    ['a prefix with a brace', { client, prefix: 'a}b' }, ['redisStore.prefix: malformed_value']],
    ['no prefix', { client, prefix: '' }, ['redisStore.prefix: malformed_value']],
    ['a prefix that is no text', { client, prefix: 1 }, ['redisStore.prefix: wrong_type']],
    ['no tag', { client, spread: 0 }, ['redisStore.spread: out_of_range']],
    ['a spread that is no number', { client, spread: true }, ['redisStore.spread: wrong_type']],
    ['too much leased', { client, lease: { share: 0.51 } }, ['redisStore.lease.share: out_of_range']],
    ['a lease of nothing', { client, lease: { share: 0 } }, ['redisStore.lease.share: out_of_range']],
    ['a lease of no share', { client, lease: {} }, ['redisStore.lease.share: wrong_type']],
    ['an odd lease', { client, lease: { share: 0.1, time: 1 } }, ['redisStore.lease.time: unknown_option']],
    ['a long memory', { client, denyCache: { maxMs: 60_001 } }, ['redisStore.denyCache.maxMs: out_of_range']],
    ['a memory that is a number', { client, denyCache: 5 }, ['redisStore.denyCache: wrong_type']],
    ['no clock', { client, clock: Date }, ['redisStore.clock: wrong_type']],
    [
      'several at once',
      { spread: -1, prefix: '{' },
      [
        'redisStore.client: missing_option',
        'redisStore.prefix: malformed_value',
        'redisStore.spread: out_of_range',
      ],
    ],
  ]
  for (const [name, options, mistakes] of rows) {
    test(`ERR-03: ${name}: ${mistakes.length === 0 ? 'a store is made' : 'no store is made'}`, () =>
      assert.deepEqual(mistakesOf(options), mistakes))
  }
})

describe('clients', () => {
  const known: readonly (readonly [string, () => RedisClient])[] = [
    ['ioredis', lazy],
    ['node-redis', () => createClient()],
    ['a pool of node-redis', () => createClientPool()],
    ['a cluster of node-redis', () => createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] })],
    [
      'a sentinel of node-redis',
      () => createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }),
    ],
  ]
  for (const [name, make] of known) {
    test(`RL-04: ${name} is a client, and is not connected by the store`, () => {
      const made = make()
      redisStore({ client: made })
      if ('status' in made) assert.equal(made.status, 'wait')
      else assert.equal(made.isOpen, false)
    })
  }

  const unknown: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a text', 'redis://127.0.0.1'],
    ['an empty object', {}],
    ['a promise of a client', Promise.resolve(client)],
    ['a pipeline', client.pipeline()],
    ['a transaction', createClient().multi()],
    ['a client with callbacks', { evalsha() {}, eval() {}, connected: true }],
    ['a client over http', { evalsha() {}, eval() {} }],
    [
      'a client of replicas',
      new Redis({ lazyConnect: true, role: 'slave', sentinels: [{ port: 1 }], name: 'main' }),
    ],
    ['a client that only reads', new Redis({ lazyConnect: true, readOnly: true })],
  ]
  for (const [name, value] of unknown) {
    test(`RL-04: ${name} is no client, and says so when the store is made`, () => {
      assert.deepEqual(mistakesOf({ client: value }), ['redisStore.client: wrong_type'])
    })
  }

  test('RL-08: a store on a client that is not open rejects, and so does one on a client that was closed', async () => {
    const charges = [{ key: 'a', quota: { limit: 1, windowMs: 1_000 }, cost: 1 }]
    await assert.rejects(async () => redisStore({ client: createClient() }).take(charges))
    const closed = lazy()
    closed.disconnect()
    await assert.rejects(async () => redisStore({ client: closed }).take(charges))
  })

  test('RL-07: a call of nothing does nothing', async () => {
    const store = redisStore({ client: createClient() })
    assert.deepEqual(
      [await store.take([]), await store.peek([]), await store.adjust([]), await store.read([])],
      [[], [], [], []],
    )
    await store.block([], 1)
    await store.reset([])
  })
})
