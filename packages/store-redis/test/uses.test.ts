import { after, before, describe, test } from 'node:test'
import { Redis } from 'ioredis'
import { redisStore } from '@gatehouse/store-redis'
import { storeUses } from '../../core/test/support/store-uses.ts'
import { type Server, skip, startServer } from './support/servers.ts'

describe('two gates on one server', { skip }, () => {
  let server: Server
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  const uses = storeUses('redis', () => {
    const clients = [1, 2].map(() => new Redis(server.port, '127.0.0.1'))
    const [a, b] = clients.map((client) => redisStore({ client }))
    if (a === undefined || b === undefined) throw new TypeError('there are two')
    return { stores: [a, b], close: () => clients.forEach((client) => client.disconnect()) }
  })
  for (const { title, run } of uses) test(title, run)
})
