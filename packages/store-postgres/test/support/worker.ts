/*
 * A process that asks a store. It is told the port of the server by its first argument, tells `ready`, and then answers each
 * order with how many charges were admitted.
 */
import pg from 'pg'
import type { Charge } from '@gatehouse/core'
import { admitted } from '@gatehouse/testkit'
import { postgresStore } from '../../src/index.ts'

/** What a worker is told: to ask for a charge, so many times at once. */
export interface Order {
  readonly charge: Charge
  readonly times: number
}

const pool = new pg.Pool({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  user: 'postgres',
  database: 'postgres',
})
const store = postgresStore({ pool })
await store.install()

process.on('message', ({ charge, times }: Order) => {
  void admitted(store, charge, times).then((count) => process.send?.(count))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
