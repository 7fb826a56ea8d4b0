import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skip, startServer } from './support/servers.ts'
import { Workers } from './support/workers.ts'

const charge = { key: 'shared', quota: { limit: 50, windowMs: 3_600_000 }, cost: 1 }

describe('several processes', { skip }, () => {
  test('RL-05: of 200 requests at once in each of 4 processes, a limit of 50 admits exactly 50', async (t) => {
    const server = await startServer()
    t.after(() => server.stop())
    const work = { port: server.port, store: {} }
    const workers = await Workers.start([work, work, work, work])
    t.after(() => workers.end())
    const { admitted, refused, failed } = await workers.burst(charge, 200)
    assert.deepEqual({ admitted, refused, failed }, { admitted: 50, refused: 750, failed: 0 })
  })

  test('RL-05: with leases, several processes admit no more than the limit, and no fewer than what is not leased', async (t) => {
    const server = await startServer()
    t.after(() => server.stop())
    const work = { port: server.port, store: { lease: { share: 0.1, ms: 60_000 } } }
    const workers = await Workers.start([work, work, work, work])
    t.after(() => workers.end())
    workers.load(charge)
    await workers.refused(30)
    const { admitted } = await workers.stop()
    assert.ok(admitted <= 50 && admitted >= 50 - 4 * 5, `${admitted}`)
  })
})
