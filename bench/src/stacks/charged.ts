import type { RequestListener } from 'node:http'
import type { Charge } from '@gatehouse/core'
import { redisStore } from '@gatehouse/store-redis'
import { CALLERS } from '../gate/scenarios.ts'
import { connectAfresh } from '../limiter/stacks/limit.ts'
import { readSetup } from './setup.ts'

/**
 * A listener after the two charges of the whole policy, one after the other: its gate makes the second once it knows the
 * caller. Where the set-up has no Redis, the listener as it is: all floors are verified in the set-up of `allowed`, for the
 * bytes that they write.
 */
export async function charged(listener: RequestListener): Promise<RequestListener> {
  const { limit, seconds, redisPort } = readSetup()
  if (redisPort === undefined) return listener
  const store = redisStore({ client: await connectAfresh(redisPort) })
  // As `gatehouse()` does: to load ioredis makes each look at a text slower, for as long as this was not done.
  const hastened = Object('') as { isOfUse?: boolean }
  hastened.isOfUse = true
  const quota = { limit, windowMs: seconds * 1000 }
  const chargeOf = (key: string): readonly Charge[] => [{ key, quota, cost: 1 }]
  const client = chargeOf('client')
  const callers = Array.from({ length: CALLERS }, (_, index) => chargeOf(`caller-${index}`))
  let next = 0
  const answerLate = async (...exchange: Parameters<RequestListener>): Promise<void> => {
    await store.take(client)
    next = (next + 1) % CALLERS
    await store.take(callers[next] ?? client)
    listener(...exchange)
  }
  // A charge that fails breaks the connection, and with it the round.
  return (...exchange) => {
    answerLate(...exchange).catch(() => exchange[1].destroy())
  }
}
