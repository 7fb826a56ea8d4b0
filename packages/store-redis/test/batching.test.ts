import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { redisStore } from '@gatehouse/store-redis'
import { CLIENTS } from './support/clients.ts'
import { type Server, skip, startServer } from './support/servers.ts'

const HOUR = 3_600_000

describe('round trips', { skip }, () => {
  let server: Server
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  /** How often clients have called each command since it was asked last; the script's own calls are others. */
  async function scripts(): Promise<number> {
    const info = String(await server.ask('INFO', 'commandstats'))
    await server.ask('CONFIG', 'RESETSTAT')
    const calls = info.matchAll(/^cmdstat_(?:evalsha|eval):calls=(\d+)/gm)
    return [...calls].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  for (const [name, open] of Object.entries(CLIENTS)) {
    test(`RL-07: ${name}: all limits of a request are one round trip, and so are all requests of a tick`, async (t) => {
      const { client, end } = await open(server.port)
      t.after(end)
      const store = redisStore({ client, prefix: name })
      const quota = { limit: 60, windowMs: HOUR }
      const charges = ['a', 'b', 'c'].map((key) => ({ key, quota, cost: 1 }))
      await store.take(charges)
      await scripts()
      await store.take(charges)
      assert.equal(await scripts(), 1, 'one request')

      const calls = Array.from({ length: 80 }, () => store.take(charges))
      const others = [store.peek(charges), store.add('a', 'value', HOUR), store.read(['a', 'b'])] as const
      const outcomes = await Promise.all(calls)
      assert.equal(
        outcomes.filter(([first]) => first?.allowed).length,
        58,
        'each is decided after the one before',
      )
      assert.deepEqual(await others[2], ['value', undefined])
      await Promise.all(others)
      assert.equal(await scripts(), 1, 'a tick')
    })

    test(`RL-08: ${name}: a server that has lost the script is told it again, and the call is decided once`, async (t) => {
      const { client, end } = await open(server.port)
      t.after(end)
      const store = redisStore({ client, prefix: `${name}-lost` })
      const charges = [{ key: 'a', quota: { limit: 10, windowMs: HOUR }, cost: 1 }]
      const remaining: (number | undefined)[] = []
      for (let i = 0; i < 3; i++) {
        remaining.push((await store.take(charges))[0]?.remaining)
        await server.ask('SCRIPT', 'FLUSH')
      }
      assert.deepEqual(remaining, [9, 8, 7])
    })
  }

  test('RL-07: a script is bounded: what is more in a tick is another', async (t) => {
    const { client, end } = await (CLIENTS['ioredis'] ?? assert.fail())(server.port)
    t.after(end)
    const store = redisStore({ client, prefix: 'bounded' })
    const charge = { key: 'a', quota: { limit: 1_000, windowMs: HOUR }, cost: 1 }
    await store.take([charge])
    await scripts()
    await Promise.all(Array.from({ length: 250 }, () => store.take([charge])))
    assert.equal(await scripts(), 3)
  })

  test('RL-07: in one tick too, a request is all or nothing, and takes nothing from the next', async (t) => {
    const { client, end } = await (CLIENTS['ioredis'] ?? assert.fail())(server.port)
    t.after(end)
    const store = redisStore({ client, prefix: 'alone' })
    const charge = (key: string, limit: number, cost = 1) => ({ key, quota: { limit, windowMs: HOUR }, cost })
    const [first, second, third] = await Promise.all([
      store.take([charge('wide', 10), charge('narrow', 1)]),
      store.take([charge('wide', 10), charge('narrow', 1)]),
      store.take([charge('wide', 10, 9)]),
    ])
    assert.deepEqual(
      first?.map(({ allowed, remaining }) => [allowed, remaining]),
      [
        [true, 9],
        [true, 0],
      ],
    )
    assert.deepEqual(
      second?.map(({ allowed, remaining }) => [allowed, remaining]),
      [
        [true, 9],
        [false, 0],
      ],
    )
    assert.deepEqual(
      third?.map(({ allowed, remaining }) => [allowed, remaining]),
      [[true, 0]],
    )
  })
})
