import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { serveSide } from './serve-side.ts'
import { WINDOW_MS } from './decider.ts'

/* In its favour: no prefix is put before the keys. It would be joined to each of them, and kept. */

serveSide((limit) => {
  const limiter = new RateLimiterMemory({ points: limit, duration: WINDOW_MS / 1000, keyPrefix: '' })
  return {
    async decide(key) {
      try {
        return (await limiter.consume(key)).remainingPoints
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return -1
        throw refusal
      }
    },
  }
})
