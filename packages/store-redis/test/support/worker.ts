/*
 * A process that sends load to a store. It is told where by its first argument, tells `ready`, and then does what it is
 * told by messages.
 */
import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import type { Charge, Store } from '@gatehouse/core'
import { type RedisClient, redisStore, type RedisStoreOptions } from '@gatehouse/store-redis'

/** What a worker is started with. */
export interface Work {
  /** Of one server; or of a sentinel that knows where it is. */
  readonly port: number
  readonly by?: 'ioredis' | 'ioredis-sentinel' | 'node-redis-sentinel'
  readonly store: Omit<RedisStoreOptions, 'client'>
}

/** What a worker is told: so many charges at once, or charges one after the other until it is told to stop. */
export type Order =
  | { readonly do: 'burst'; readonly charge: Charge; readonly times: number }
  | { readonly do: 'load'; readonly charge: Charge }
  | { readonly do: 'stop' }

/** What it answers. */
export interface Report {
  readonly admitted: number
  readonly refused: number
  readonly failed: number
}

const work = JSON.parse(process.argv[2] ?? '') as Work
const store = redisStore({ ...work.store, client: await open() })
const counts = { admitted: 0, refused: 0, failed: 0 }
const state = { stopped: false }

process.on('message', (order: Order) => {
  if (order.do === 'stop') state.stopped = true
  else void (order.do === 'burst' ? burst(order.charge, order.times) : load(order.charge))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

async function burst(charge: Charge, times: number): Promise<void> {
  await Promise.all(Array.from({ length: times }, async () => one(store, charge)))
  process.send?.(counts)
}

async function load(charge: Charge): Promise<void> {
  while (!state.stopped) {
    const before = counts.failed
    await Promise.all([one(store, charge), one(store, charge), one(store, charge)])
    process.send?.(counts)
    await new Promise((resolve) => setTimeout(resolve, counts.failed > before ? 20 : 2))
  }
  process.send?.('stopped')
}

async function one(from: Store, charge: Charge): Promise<void> {
  try {
    const [outcome] = await from.take([charge])
    if (outcome?.allowed === true) counts.admitted++
    else counts.refused++
  } catch {
    counts.failed++
  }
}

async function open(): Promise<RedisClient> {
  const { port, by = 'ioredis' } = work
  const host = '127.0.0.1'
  if (by === 'node-redis-sentinel') {
    const sentinel = createSentinel({
      name: 'main',
      sentinelRootNodes: [{ host, port }],
      nodeClientOptions: { disableOfflineQueue: true },
      scanInterval: 200,
    })
    sentinel.on('error', () => {})
    await sentinel.connect()
    return sentinel
  }
  const settings = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 150,
    connectTimeout: 500,
    retryStrategy: () => 50,
    sentinelRetryStrategy: () => 50,
  }
  const client =
    by === 'ioredis'
      ? new Redis({ ...settings, host, port })
      : new Redis({ ...settings, sentinels: [{ host, port }], name: 'main' })
  client.on('error', () => {})
  if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve))
  return client
}
