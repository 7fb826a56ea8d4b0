import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type RedisStore, redisStore } from '@gatehouse/store-redis'
import { CLIENTS, type Opened } from './support/clients.ts'
import { type Server, skip, startServer } from './support/servers.ts'

const MINUTE = 60_000
const ALGORITHMS = ['gcra', 'sliding-window', 'fixed-window'] as const

describe('what is kept', { skip }, () => {
  let server: Server
  let opened: Opened
  let store: RedisStore
  before(async () => {
    server = await startServer()
    opened = await (CLIENTS['ioredis'] ?? assert.fail())(server.port)
    store = redisStore({ client: opened.client, denyCache: false })
  })
  after(async () => {
    opened.end()
    await server.stop()
  })

  /** Each key and in how many milliseconds it is gone. */
  async function kept(): Promise<readonly (readonly [key: string, ttlMs: number])[]> {
    const keys = (await server.ask('KEYS', '*')) as readonly string[]
    return Promise.all(keys.map(async (key) => [key, Number(await server.ask('PTTL', key))] as const))
  }

  const keyOf = async (): Promise<string> => (await kept())[0]?.[0] ?? assert.fail('a key is kept')

  test('RL-26: a counter lives for as long as it says something, and a second', async () => {
    for (const algorithm of ALGORITHMS) {
      await server.ask('FLUSHALL')
      const quota = { limit: 6, windowMs: MINUTE, algorithm }
      const [outcome] = await store.take([{ key: 'a', quota, cost: 2 }])
      const [[, ttlMs] = ['', 0], ...others] = await kept()
      const { resetMs } = outcome ?? assert.fail()
      assert.equal(others.length, 0, algorithm)
      assert.ok(ttlMs > resetMs - 5_000 && ttlMs <= resetMs + 1_000, `${algorithm}: ${ttlMs} of ${resetMs}`)
      await store.adjust([{ key: 'a', quota, units: -2 }])
      assert.deepEqual(await kept(), [], `${algorithm}: a counter that is whole is gone at once`)
    }
  })

  test('RL-26: blocks and records live for as long as was said', async () => {
    await server.ask('FLUSHALL')
    await store.block(['a'], MINUTE)
    await store.add('b', 'value', MINUTE)
    await store.write('c', 'value', MINUTE)
    const found = await kept()
    assert.equal(found.length, 3)
    for (const [key, ttlMs] of found) assert.ok(ttlMs > 0 && ttlMs <= MINUTE + 1_000, `${key}: ${ttlMs}`)
  })

  test('RL-26: a key that would stay for ever is put right, by what is allowed and by what is refused', async () => {
    for (const algorithm of ALGORITHMS) {
      const quota = { limit: 2, windowMs: MINUTE, algorithm }
      const one = async () => (await store.take([{ key: 'a', quota, cost: 1 }]))[0]?.allowed
      await server.ask('FLUSHALL')
      for (const allowed of [true, true, false]) {
        assert.equal(await one(), allowed, algorithm)
        const key = await keyOf()
        await server.ask('PERSIST', key)
        assert.equal(await server.ask('PTTL', key), -1)
        if (allowed) continue
        assert.equal(await one(), false, algorithm)
        const ttlMs = Number(await server.ask('PTTL', key))
        assert.ok(ttlMs > 0 && ttlMs <= (MINUTE * 17) / 16 + 1_000, `${algorithm}: ${ttlMs}`)
      }
    }
    await server.ask('FLUSHALL')
    await store.block(['a'], MINUTE)
    const key = await keyOf()
    await server.ask('PERSIST', key)
    await store.take([{ key: 'a', quota: { limit: 1, windowMs: MINUTE }, cost: 1 }])
    assert.ok(Number(await server.ask('PTTL', key)) > 0, 'a block')
    await server.ask('FLUSHALL')
    await store.add('a', 'value', MINUTE)
    const record = await keyOf()
    await server.ask('PERSIST', record)
    assert.equal(await store.add('a', 'value', MINUTE), false)
    assert.ok(Number(await server.ask('PTTL', record)) > 0, 'a record')
  })

  test('RL-26: a key of another type, or with what no store wrote, is as if it were not there, and is replaced', async () => {
    const spoils: readonly (readonly [string, (key: string) => readonly [string, ...string[]]])[] = [
      ['a text', (key) => ['SET', key, 'spoilt']],
      ['nothing', (key) => ['SET', key, '']],
      ['zeros', (key) => ['SET', key, '0 0 0 0']],
      ['too few numbers', (key) => ['SET', key, '1']],
      ['too many numbers', (key) => ['SET', key, '1 '.repeat(250)]],
      ['numbers beyond all', (key) => ['SET', key, '9'.repeat(400)]],
      ['a fraction', (key) => ['SET', key, '1.5 2 0 4']],
      ['a number that is none', (key) => ['SET', key, 'nan inf 0 1']],
      ['a great text', (key) => ['SETRANGE', key, '100000', 'x']],
      ['a list', (key) => ['RPUSH', key, 'x']],
      ['a hash', (key) => ['HSET', key, 'f', 'x']],
    ]
    for (const algorithm of ALGORITHMS) {
      const charges = [{ key: 'a', quota: { limit: 2, windowMs: MINUTE, algorithm }, cost: 1 }]
      await server.ask('FLUSHALL')
      await store.take(charges)
      const key = await keyOf()
      for (const [name, spoil] of spoils) {
        await server.ask('DEL', key)
        await server.ask(...spoil(key))
        assert.equal((await store.take(charges))[0]?.remaining, 1, `${algorithm}: ${name}`)
        assert.equal(await server.ask('TYPE', key), 'string')
        assert.ok(Number(await server.ask('PTTL', key)) > 0, `${algorithm}: ${name}`)
      }
    }
  })

  test('RL-26: numbers of the far future lock nobody for longer than a window', async () => {
    const spoils = {
      gcra: '1 9000000000000000 0 1',
      'sliding-window': '3750 900000000000 2',
      'fixed-window': '9000000000000000 2 1',
    }
    for (const algorithm of ALGORITHMS) {
      const charges = [{ key: 'a', quota: { limit: 2, windowMs: MINUTE, algorithm }, cost: 1 }]
      await server.ask('FLUSHALL')
      await store.take(charges)
      const key = await keyOf()
      await server.ask('SET', key, spoils[algorithm])
      const waits = [await store.take(charges), await store.take(charges)].map(
        ([each]) => each?.retryAfterMs ?? NaN,
      )
      for (const ms of waits) assert.ok(ms > 0 && ms <= (MINUTE * 17) / 16, `${algorithm}: ${ms}`)
      const ttlMs = Number(await server.ask('PTTL', key))
      assert.ok(ttlMs > 0 && ttlMs <= (MINUTE * 17) / 16 + 1_000, `${algorithm}: ${ttlMs}`)
    }
  })
})
