import { MemoryStore, type Options } from 'express-rate-limit'
import { serveSide } from './serve-side.ts'
import { left, WINDOW_MS } from './decider.ts'

/* The store counts, and its middleware compares with the limit: here it is done for it. */

serveSide((limit) => {
  const store = new MemoryStore()
  // The middleware hands over all its options; the store reads one.
  store.init({ windowMs: WINDOW_MS } as Options)
  return {
    async decide(key) {
      return left(limit, (await store.increment(key)).totalHits)
    },
  }
})
