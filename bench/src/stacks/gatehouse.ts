import type { Store } from '@gatehouse/core'
import { serve } from './serve.ts'
import { readSetup } from './setup.ts'
import { wholeGate } from './whole-gate.ts'

/* The whole gate, and an observer that counts. With `no-cache` as its second word, every token is verified anew; with
 * `lease` a part of each limit is taken ahead, where limits are in Redis. */

let events = 0

/** Loaded where it is asked for, since ioredis makes strings slow for all code of a process (`lib/fast-strings.ts` of the core). */
async function inRedis(port: number, isLeased: boolean): Promise<Store> {
  const { redisStore } = await import('@gatehouse/store-redis')
  const { connectAfresh } = await import('../limiter/stacks/limit.ts')
  return redisStore({ client: await connectAfresh(port), ...(isLeased && { lease: { share: 0.01 } }) })
}

const setup = readSetup()
const [, , , word] = process.argv
const server = wholeGate(
  [
    () => {
      events += 1
    },
  ],
  {
    setup,
    ...(setup.redisPort !== undefined && { store: await inRedis(setup.redisPort, word === 'lease') }),
    ...(word === 'no-cache' && { maxCachedTokens: 0 }),
  },
)

serve(server, { events: () => events })
