import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import type { Quota } from '@gatehouse/core'
import { type RedisClient, redisStore } from '@gatehouse/store-redis'
import { Keys } from '../src/keys.ts'
import { type Server, skip, startServer } from './support/servers.ts'

const WINDOW = 60_000
const ALGORITHMS = ['gcra', 'sliding-window', 'fixed-window'] as const

/** A client that looks at what it sends, and may do something before it does. */
function looking(
  real: Redis,
  first: (keys: readonly string[], args: string[]) => Promise<void>,
): RedisClient {
  const client = {
    status: 'ready',
    connect() {},
    disconnect() {},
    eval: async (script: string, count: number, ...rest: string[]) => real.eval(script, count, ...rest),
    async evalsha(sha1: string, count: number, ...rest: string[]) {
      const args = rest.slice(count)
      await first(rest.slice(0, count), args)
      return real.evalsha(sha1, count, ...rest.slice(0, count), ...args)
    },
  }
  return client
}

describe('limits of one request behind several hash tags', { skip }, () => {
  let server: Server
  let real: Redis
  before(async () => {
    server = await startServer()
    real = new Redis(server.port, '127.0.0.1')
  })
  after(async () => {
    real.disconnect()
    await server.stop()
  })

  /** Two keys that lie behind different tags. */
  function apart(prefix: string): readonly [string, string] {
    const keys = new Keys(prefix, 16)
    const names = Array.from({ length: 100 }, (_, index) => `key ${index}`)
    const other = names.find((name) => keys.placeOf(name).tag !== keys.placeOf('key 0').tag)
    return ['key 0', other ?? assert.fail()]
  }

  /** What is left of a key that was idle, after a request of another was given back so late. */
  async function leftAfter(
    algorithm: Quota['algorithm'] & string,
    lateMs: number,
    meanwhile: number,
  ): Promise<number> {
    let time = 7 * WINDOW
    const clock = { now: () => time, monotonic: () => time }
    const prefix = `late-${algorithm}-${lateMs}-${meanwhile}`
    const [free, full] = apart(prefix)
    const quota = { limit: 6, windowMs: WINDOW, algorithm }
    const charge = (key: string, cost: number) => ({ key, quota, cost })
    const client = looking(real, async (_, args) => {
      if (args[3]?.includes('undo') !== true) return
      time += lateMs
      if (meanwhile > 0) await store.take([charge(free, meanwhile)])
      // When it arrives, and not when it was written.
      args[0] = String(time)
    })
    const store = redisStore({ client, prefix, spread: 16, clock, denyCache: false })
    await store.block([full], 30 * WINDOW)
    const outcomes = await store.take([charge(free, 2), charge(full, 1)])
    assert.deepEqual(
      outcomes.map(({ allowed }) => allowed),
      [true, false],
    )
    const [left] = await store.peek([charge(free, 7)])
    assert.equal(outcomes[0]?.remaining, left?.remaining, 'what is told is what is there')
    return left?.remaining ?? NaN
  }

  test('RL-07: what a tag took is given back at once when another refuses', async () => {
    for (const algorithm of ALGORITHMS) {
      assert.equal(await leftAfter(algorithm, 0, 0), 6, algorithm)
      assert.equal(await leftAfter(algorithm, 0, 3), 3, algorithm)
    }
  })

  test('RL-01, RL-02, RL-07: what came back by itself is not given back once more', async () => {
    for (const algorithm of ALGORITHMS) {
      // After two windows nothing of the refused request is there any more.
      assert.equal(await leftAfter(algorithm, 2 * WINDOW, 3), 3, algorithm)
    }
    // Of two units one came back by itself, and the other is given back.
    assert.equal(await leftAfter('gcra', 10_000, 3), 3)
    assert.equal(await leftAfter('sliding-window', 10_000, 3), 3)
    assert.equal(await leftAfter('fixed-window', 10_000, 3), 3)
  })

  test('RL-07: a request of which a node fails takes nothing from the others', async () => {
    const prefix = 'fails'
    const [fine, broken] = apart(prefix)
    const tag = new Keys(prefix, 16).placeOf(broken).tag
    const failing = looking(real, async (keys) => {
      if (keys.some((key) => key.startsWith(tag))) throw new Error('this node is gone')
    })
    const store = redisStore({ client: failing, prefix, spread: 16 })
    const charge = (key: string, cost: number) => ({ key, quota: { limit: 6, windowMs: WINDOW }, cost })
    await assert.rejects(store.take([charge(fine, 2), charge(broken, 1)]), /this node is gone/)
    assert.ok(((await store.peek([charge(fine, 7)]))[0]?.remaining ?? 0) >= 5)
    await assert.rejects(store.peek([charge(fine, 2), charge(broken, 1)]), /this node is gone/)
  })
})
