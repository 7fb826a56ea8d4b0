import { redisStore } from '@gatehouse/store-redis'
import { connect } from '../limiter/stacks/limit.ts'
import { serve } from './serve.ts'
import { readSetup } from './setup.ts'
import { wholeGate } from './whole-gate.ts'

/* The whole gate, and an observer that counts. With `no-cache` as its second word, every token is verified anew. */

let events = 0

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
    ...(setup.redisPort !== undefined && { store: redisStore({ client: await connect(setup.redisPort) }) }),
    ...(word === 'no-cache' && { maxCachedTokens: 0 }),
  },
)

serve(server, { events: () => events })
