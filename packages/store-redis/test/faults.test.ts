import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skip, startServer, until } from './support/servers.ts'
import { assertAdmitted, Workers } from './support/workers.ts'

const LIMIT = 50
const charge = { key: 'shared', quota: { limit: LIMIT, windowMs: 86_400_000 }, cost: 1 }
/** Every refusal comes from the server, so that every fault is met. */
const store = { denyCache: false }

describe('a server that fails while three processes send load', { skip }, () => {
  test('RL-05, RL-08: what is not lost is not admitted again, and what is lost is admitted once more', async (t) => {
    const server = await startServer()
    t.after(() => server.stop())
    const work = { port: server.port, store }
    const workers = await Workers.start([work, work, work])
    t.after(() => workers.end())

    workers.load(charge)
    await server.ask('SCRIPT', 'FLUSH')
    assertAdmitted(await workers.refused(12), LIMIT, 'a lost script loses nothing')

    await server.signal('SIGSTOP')
    const { failed } = workers.told
    await until('calls fail while it stands still', () => workers.told.failed >= failed + 9)
    await server.signal('SIGCONT')
    assertAdmitted(await workers.refused(12), LIMIT, 'nor does a pause')

    await server.ask('CLIENT', 'PAUSE', '600', 'ALL')
    assertAdmitted(await workers.refused(12), LIMIT, 'nor does a server that is slow')

    await server.ask('FLUSHALL')
    await workers.refused(12)
    assertAdmitted(workers.told, 2 * LIMIT, 'with all counters a limit is lost')

    await server.signal('SIGKILL')
    const before = workers.told.failed
    await until('calls fail while it is gone', () => workers.told.failed >= before + 9)
    await server.restart()
    await workers.refused(12)
    const { admitted } = await workers.stop()
    assert.ok(admitted > LIMIT && admitted <= 3 * LIMIT, `a server without a disk loses all: ${admitted}`)
  })

  test('RL-05, RL-08: a server that writes before it answers loses nothing when it is killed', async (t) => {
    const server = await startServer('--appendonly', 'yes', '--appendfsync', 'always')
    t.after(() => server.stop())
    const work = { port: server.port, store }
    const workers = await Workers.start([work, work])
    t.after(() => workers.end())

    workers.load(charge)
    await until('some are admitted', () => workers.told.admitted > 5)
    await server.signal('SIGKILL')
    await server.restart()
    await workers.refused(12)
    const { admitted } = await workers.stop()
    // What was counted when it was killed, but not yet answered, is nobody's.
    assert.ok(admitted <= LIMIT && admitted >= LIMIT - 12, `${admitted}`)
  })
})
