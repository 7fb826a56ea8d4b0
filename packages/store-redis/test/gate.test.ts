import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { createClient, RESP_TYPES } from 'redis'
import { gatehouse } from '@gatehouse/core'
import { redisStore } from '@gatehouse/store-redis'
import { type Server, skip, startServer } from './support/servers.ts'

const HOUR = 3_600_000
const charges = [{ key: 'a', quota: { limit: 2, windowMs: HOUR }, cost: 1 }]

describe('a server, its clients and gates', { skip }, () => {
  let server: Server
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  test('RL-05, RL-11, RL-24, RL-25: two gates share their limits, and both say when to come again', async (t) => {
    const urls: string[] = []
    for (let i = 0; i < 2; i++) {
      const client = new Redis(server.port, '127.0.0.1')
      const gate = gatehouse({
        dangerouslyAnyHost: true,
        https: 'dangerouslyAllowHttp',
        public: 'a test',
        store: redisStore({ client }),
        rateLimit: [
          { name: 'wide', limit: 100, window: '1h' },
          { name: 'narrow', limit: 3, window: '1h' },
        ],
      })
      const http = createServer(gate.handler((_, res) => res.end('fine')))
      http.listen(0, '127.0.0.1')
      await once(http, 'listening')
      t.after(() => {
        http.close()
        client.disconnect()
      })
      urls.push(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`)
    }
    const statuses: number[] = []
    let last: Response | undefined
    for (const url of [...urls, ...urls, ...urls]) {
      last = await fetch(url)
      await last.arrayBuffer()
      statuses.push(last.status)
    }
    assert.deepEqual(statuses, [200, 200, 200, 429, 429, 429])
    const retryAfter = Number(last?.headers.get('retry-after'))
    assert.ok(retryAfter > 1_100 && retryAfter <= 1_200, `${retryAfter}`)
    assert.match(last?.headers.get('ratelimit') ?? '', /^"wide";r=97;t=\d+, "narrow";r=0;t=\d+$/)
  })

  test('RL-08: a store whose server is gone rejects at once, and goes on when it is back', async (t) => {
    const own = await startServer()
    t.after(() => own.stop())
    const client = new Redis(own.port, '127.0.0.1', { maxRetriesPerRequest: 0, retryStrategy: () => 20 })
    client.on('error', () => {})
    // Not `once` of node:events, which rejects when the client tells an error on the way.
    const heard = (name: string): Promise<void> =>
      new Promise((resolve) => client.once(name, () => resolve()))
    await heard('ready')
    const store = redisStore({ client })
    await store.take(charges)
    const lost = heard('close')
    await own.signal('SIGKILL')
    await lost
    const begin = performance.now()
    await assert.rejects(store.take(charges), /not connected/)
    await assert.rejects(store.add('a', 'b', HOUR), /not connected/)
    assert.ok(performance.now() - begin < 1_000, 'at once, though the client would keep the command')
    const back = heard('ready')
    await own.restart()
    await back
    assert.equal((await store.take(charges))[0]?.allowed, true)
    client.disconnect()
  })

  test('RL-07: a client that puts something before each key is as good as any other', async () => {
    for (const keyPrefix of ['app:', '{app}', 'a{b', '}']) {
      const client = new Redis(server.port, '127.0.0.1', { keyPrefix })
      const store = redisStore({ client, prefix: 'prefixed', spread: 4 })
      const told = [await store.take(charges), await store.take(charges), await store.take(charges)]
      assert.deepEqual(
        told.map(([each]) => each?.allowed),
        [true, true, false],
      )
      client.disconnect()
    }
    const keys = (await server.ask('KEYS', '*prefixed*')) as readonly string[]
    assert.equal(keys.length, 4)
  })

  test('RL-04: a client that gives buffers for texts, or speaks RESP 3, is as good as any other', async () => {
    const client = createClient({ socket: { port: server.port, host: '127.0.0.1' }, RESP: 3 })
    await client.connect()
    const mapped = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    const store = redisStore({ client: mapped, prefix: 'buffers' })
    assert.deepEqual((await store.take(charges))[0]?.remaining, 1)
    await store.write('a', 'ä value', HOUR)
    assert.deepEqual(await store.read(['a', 'b']), ['ä value', undefined])
    client.destroy()
  })

  test('RL-26: an account needs no more than the page of the store says', async () => {
    const commands = ['eval', 'evalsha', 'time', 'mget', 'set', 'del', 'pttl', 'pexpire'].map(
      (name) => `+${name}`,
    )
    await server.ask('ACL', 'SETUSER', 'gate', 'on', '>secret', '~{gatehouse*', ...commands)
    const account = { username: 'gate', password: 'secret', enableReadyCheck: false }
    const client = new Redis(server.port, '127.0.0.1', account)
    const store = redisStore({ client, prefix: 'gatehouse-acl', denyCache: false })
    for (const allowed of [true, true, false]) assert.equal((await store.take(charges))[0]?.allowed, allowed)
    await store.adjust([{ ...(charges[0] ?? assert.fail()), units: -1 }])
    await store.block(['a'], HOUR)
    assert.equal((await store.peek(charges))[0]?.blocked, true)
    await store.reset(['a'])
    assert.equal(await store.add('a', 'value', HOUR), true)
    assert.equal(await store.add('a', 'value', HOUR), false)
    await store.write('a', 'another', HOUR)
    assert.deepEqual(await store.read(['a']), ['another'])
    assert.equal(await store.remove('a'), true)
    client.disconnect()
  })
})
