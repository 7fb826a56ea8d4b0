import rateLimit from '@fastify/rate-limit'
import fastify from 'fastify'
import { serve } from '../../stacks/serve.ts'
import { BODY, PATH } from '../../workload.ts'
import { connect, readLimit } from './limit.ts'

/* In its favour: nothing is logged. */

const { port, limit, seconds } = readLimit()

const app = fastify()
await app.register(rateLimit, { max: limit, timeWindow: seconds * 1000, redis: await connect(port) })
app.get(PATH, (_request, reply) => reply.type('application/json').send(BODY))
await app.ready()

serve(app.server)
