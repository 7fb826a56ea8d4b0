import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyRequest } from 'fastify'
import { serveSide } from './serve-side.ts'
import { WINDOW_MS } from './decider.ts'

/*
 * The local store is not exported; what is, `createRateLimit`, asks it about a request. In its favour: the request is
 * always the same object, and has nothing but what is read of it.
 */

serveSide(async (limit, maxKeys) => {
  const request = { key: '', routeOptions: { config: {} } }
  const app = fastify()
  await app.register(rateLimit, {
    global: false,
    max: limit,
    timeWindow: WINDOW_MS,
    cache: maxKeys,
    keyGenerator: () => request.key,
  })
  await app.ready()
  const check = app.createRateLimit()
  return {
    async decide(key) {
      request.key = key
      const told = await check(request as unknown as FastifyRequest)
      return told.isAllowed || told.isExceeded ? -1 : told.remaining
    },
  }
})
