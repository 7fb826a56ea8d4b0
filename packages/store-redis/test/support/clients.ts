import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import type { RedisClient } from '@gatehouse/store-redis'

/** A client of a test, and how to end it. */
export interface Opened {
  readonly client: RedisClient
  readonly end: () => void
}

/** Every client that a store can be made of, on one server. */
export const CLIENTS: Readonly<Record<string, (port: number) => Promise<Opened>>> = {
  async ioredis(port) {
    const client = new Redis(port, '127.0.0.1')
    await client.ping()
    return { client, end: () => client.disconnect() }
  },
  async iovalkey(port) {
    const client = new Valkey(port, '127.0.0.1')
    await client.ping()
    return { client, end: () => client.disconnect() }
  },
  async 'node-redis'(port) {
    const client = createClient({ socket: { port, host: '127.0.0.1' } })
    // Without a listener it would end the process.
    client.on('error', () => {})
    await client.connect()
    return { client, end: () => client.destroy() }
  },
}
