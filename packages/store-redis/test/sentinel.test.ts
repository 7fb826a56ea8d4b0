import { describe, test } from 'node:test'
import { skip, startSentinel, startServer, until } from './support/servers.ts'
import { assertAdmitted, Workers } from './support/workers.ts'

const LIMIT = 50
const charge = { key: 'shared', quota: { limit: LIMIT, windowMs: 86_400_000 }, cost: 1 }

describe('a failover', { skip }, () => {
  test('RL-05, RL-08: clients of a sentinel go on at the new primary, which admits at most a limit more', async (t) => {
    const primary = await startServer()
    t.after(() => primary.stop())
    const replica = await startServer('--replicaof', '127.0.0.1', String(primary.port))
    t.after(() => replica.stop())
    const sentinel = await startSentinel(primary.port)
    t.after(() => sentinel.stop())
    await until('the replica is known', async () =>
      String(await sentinel.ask('SENTINEL', 'REPLICAS', 'main')).includes(String(replica.port)),
    )

    const by = ['ioredis-sentinel', 'node-redis-sentinel'] as const
    const workers = await Workers.start(
      by.map((each) => ({ port: sentinel.port, by: each, store: { denyCache: false } })),
    )
    t.after(() => workers.end())
    workers.load(charge)
    assertAdmitted(await workers.refused(12), LIMIT, 'before it')
    await primary.ask('WAIT', '1', '5000')

    await primary.signal('SIGKILL')
    await until('the replica is the primary', async () =>
      String(await replica.ask('ROLE')).startsWith('master'),
    )
    await workers.refused(12)
    assertAdmitted(await workers.stop(), LIMIT, 'what was replicated is not lost')
  })
})
