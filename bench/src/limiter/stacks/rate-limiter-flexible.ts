import { createServer, type ServerResponse } from 'node:http'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { serve } from '../../stacks/serve.ts'
import { BODY } from '../../workload.ts'
import { connect, readLimit } from './limit.ts'

/* On plain http, with the fields that its pages show. */

const { port, limit, seconds } = readLimit()
const limiter = new RateLimiterRedis({
  storeClient: await connect(port),
  points: limit,
  duration: seconds,
})

const server = createServer((req, res) => {
  limiter.consume(req.socket.remoteAddress ?? '').then(
    (told) => answer(res, 200, told, BODY),
    (refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) answer(res, 429, refusal, '{"error":"too many requests"}')
      else res.writeHead(503).end()
    },
  )
})

serve(server)

function answer(res: ServerResponse, status: number, told: RateLimiterRes, body: string): void {
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Retry-After': Math.ceil(told.msBeforeNext / 1000),
    'X-RateLimit-Limit': limit,
    'X-RateLimit-Remaining': told.remainingPoints,
    'X-RateLimit-Reset': Math.ceil((Date.now() + told.msBeforeNext) / 1000),
  })
  res.end(body)
}
