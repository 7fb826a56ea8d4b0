import { createServer } from 'node:http'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import { type RedisReply, RedisStore } from 'rate-limit-redis'
import { serve } from '../../stacks/serve.ts'
import { BODY, PATH } from '../../workload.ts'
import { connect, readLimit } from './limit.ts'

/* As the page of rate-limit-redis shows for ioredis. In its favour: no ETag, which the others do not send either. */

const { port, limit, seconds } = readLimit()
const client = await connect(port)

const app = express()
app.disable('etag')
app.use(
  rateLimit({
    limit,
    windowMs: seconds * 1000,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    store: new RedisStore({
      sendCommand: (command: string, ...args: string[]) =>
        client.call(command, ...args) as Promise<RedisReply>,
    }),
  }),
)
app.get(PATH, (_req, res) => {
  res.type('application/json').send(BODY)
})

serve(createServer(app))
