import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { memoryStore } from '@gatehouse/core'
import { type RedisClient, type RedisStore, redisStore } from '@gatehouse/store-redis'
import { startCluster } from './support/cluster.ts'
import { type Server, skip } from './support/servers.ts'

const HOUR = 3_600_000

describe('a cluster of three nodes', { skip }, () => {
  let nodes: readonly Server[] = []
  const clients = new Map<string, { readonly client: RedisClient; readonly end: () => void }>()

  before(async () => {
    nodes = await startCluster()
    const addresses = nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
    const ioredis = new Cluster(addresses)
    await new Promise((resolve) => ioredis.once('ready', resolve))
    clients.set('ioredis', { client: ioredis, end: () => ioredis.disconnect() })
    const node = createCluster({ rootNodes: addresses.map((socket) => ({ socket })) })
    await node.connect()
    clients.set('node-redis', { client: node, end: () => node.destroy() })
  })
  after(async () => {
    for (const { end } of clients.values()) end()
    await Promise.all(nodes.map(async (node) => node.stop()))
  })

  const storeOn = (name: string, options: { readonly spread: number; readonly prefix: string }): RedisStore =>
    redisStore({ client: clients.get(name)?.client ?? assert.fail(), denyCache: false, ...options })

  /** How many keys of a store lie on each node. */
  async function keysOn(prefix: string): Promise<readonly number[]> {
    const found = nodes.map(async (node) => (await node.ask('KEYS', `{${prefix}*`)) as readonly string[])
    return (await Promise.all(found)).map(({ length }) => length)
  }

  for (const name of ['ioredis', 'node-redis']) {
    for (const spread of [1, 64]) {
      const prefix = `${name}-${spread}`

      test(`RL-07: ${prefix}: limits of a request with whatever keys are decided together, all or nothing`, async () => {
        const store = storeOn(name, { prefix, spread })
        const memory = memoryStore()
        const quota = { limit: 5, windowMs: HOUR, algorithm: 'fixed-window' as const }
        const keys = ['a', '{b}', '}{', '{c}d', 'e:f', 'x'.repeat(500), 'g', 'h', 'i', 'j', 'k', 'l']
        for (let round = 0; round < 14; round++) {
          const charges = keys.slice(0, 3 + (round % 10)).map((key, index) => ({
            key,
            quota,
            cost: round % 3 === 2 && index === 1 ? 2 : 1,
          }))
          for (const call of ['peek', 'take'] as const) {
            const told = await store[call](charges)
            const expected = await memory[call](charges)
            const plain = (outcomes: typeof told) =>
              outcomes.map(({ allowed, remaining }) => [allowed, remaining])
            assert.deepEqual(plain(told), plain(expected), `round ${round}: ${call}`)
          }
        }
      })

      test(`RL-07: ${prefix}: the keys lie ${spread === 1 ? 'in one slot' : 'on all nodes'}`, async () => {
        const store = storeOn(name, { prefix: `${prefix}-lie`, spread })
        const quota = { limit: 5, windowMs: HOUR }
        await store.take(Array.from({ length: 60 }, (_, index) => ({ key: `{${index}}`, quota, cost: 1 })))
        await store.block(['a', 'b', 'c', 'd', 'e'], HOUR)
        await Promise.all(
          ['a', 'b', 'c', 'd', 'e'].map(async (key) => store.add(key, key.toUpperCase(), HOUR)),
        )
        assert.deepEqual(await store.read(['e', 'a', 'z', 'c']), ['E', 'A', undefined, 'C'])
        const counts = await keysOn(`${prefix}-lie`)
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          70,
        )
        assert.equal(counts.filter((count) => count > 0).length, spread === 1 ? 1 : 3, counts.join(' '))
        await store.reset(['a', 'b', 'c', 'd', 'e'])
        for (const key of ['a', 'b', 'c', 'd', 'e']) assert.equal(await store.remove(key), true)
        assert.equal(
          (await keysOn(`${prefix}-lie`)).reduce((sum, count) => sum + count, 0),
          60,
        )
      })
    }

    test(`RL-05, RL-07: ${name}: of many requests at once with limits on several nodes, none admits more`, async () => {
      const store = storeOn(name, { prefix: `${name}-many`, spread: 64 })
      // By GCRA what is given back late is short of the time that has passed meanwhile.
      const algorithm = 'fixed-window' as const
      const charge = (key: string, limit: number) => ({
        key,
        quota: { limit, windowMs: HOUR, algorithm },
        cost: 1,
      })
      const keys = Array.from({ length: 12 }, (_, index) => `own ${index}`)
      const calls = Array.from({ length: 240 }, (_, index) =>
        store.take([charge('all', 50), charge(keys[index % 12] ?? '', 6)]),
      )
      const outcomes = await Promise.all(calls)
      const admitted = outcomes.map((each) => each.every(({ allowed }) => allowed))
      const count = admitted.filter(Boolean).length
      assert.ok(count <= 50, `${count} of 50`)
      for (const [index, key] of keys.entries()) {
        const own = admitted.filter((each, call) => each && call % 12 === index).length
        assert.ok(own <= 6, `${key}: ${own}`)
        // What was refused elsewhere was given back.
        const [left] = await store.peek([{ ...charge(key, 6), cost: 7 }])
        assert.equal(left?.remaining, 6 - own, key)
      }
      const [left] = await store.peek([{ ...charge('all', 50), cost: 51 }])
      assert.equal(left?.remaining, 50 - count)
    })
  }

  test('RL-08: every node that does not know the script yet is told it', async () => {
    for (const node of nodes) await node.ask('SCRIPT', 'FLUSH')
    const store = storeOn('ioredis', { prefix: 'unknown', spread: 64 })
    const quota = { limit: 1, windowMs: HOUR }
    const told = await store.take(
      Array.from({ length: 30 }, (_, index) => ({ key: `${index}`, quota, cost: 1 })),
    )
    assert.ok(told.every(({ allowed }) => allowed))
  })
})
