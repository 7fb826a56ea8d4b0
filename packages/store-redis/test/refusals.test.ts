import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { redisStore } from '@gatehouse/store-redis'
import { CLIENTS } from './support/clients.ts'
import { skip, startServer } from './support/servers.ts'

const quota = { limit: 2, windowMs: 3_600_000 }

describe('refusals in this process', { skip }, () => {
  test('RL-07, RL-30: a flood of refused requests asks the server once, until the key is changed', async (t) => {
    const server = await startServer()
    const { client, end } = await (CLIENTS['node-redis'] ?? assert.fail())(server.port)
    t.after(async () => {
      end()
      await server.stop()
    })
    let time = 0
    // The clock of this process stands still, so the refusal is remembered for as long as the test takes.
    const store = redisStore({
      client,
      clock: { now: () => 1_800_000_000_000 + time, monotonic: () => time },
    })
    const take = async () => store.take([{ key: 'a', quota, cost: 1 }])
    const scripts = async (): Promise<number> => {
      const info = String(await server.ask('INFO', 'commandstats'))
      return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(info)?.[1] ?? 0)
    }
    await take()
    await take()
    const first = await take()
    assert.equal(first[0]?.allowed, false)
    const before = await scripts()
    for (let i = 0; i < 100; i++) assert.deepEqual(await take(), first)
    assert.equal(await scripts(), before)

    time += 999
    assert.equal((await take())[0]?.retryAfterMs, (first[0]?.retryAfterMs ?? 0) - 999)
    assert.equal(await scripts(), before)

    await store.adjust([{ key: 'a', quota, units: -1 }])
    assert.equal((await take())[0]?.allowed, true)
    assert.equal((await take())[0]?.allowed, false)
    await store.reset(['a'])
    assert.equal((await take())[0]?.allowed, true)
    await store.block(['a'], 60_000)
    assert.equal((await take())[0]?.blocked, true)
    const blocked = await scripts()
    assert.equal((await take())[0]?.blocked, true)
    assert.equal(await scripts(), blocked, 'a block is remembered, too')
  })
})
