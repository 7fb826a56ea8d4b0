import { fallback, guard } from '@gatehouse/adapter-fastify'
import fastify, { type FastifyReply } from 'fastify'
import { serve } from '../../stacks/serve.ts'
import { BODY, PATH } from '../../workload.ts'
import { readSide } from './side.ts'

const served = readSide()

if (served.side === 'gate') {
  const { gate } = served
  const app = fastify({ frameworkErrors: fallback(gate), return503OnClosing: false })
  await app.register(guard(gate))
  app.get(PATH, (_request, reply) => answer(reply))
  await app.ready()
  gate.attach(app.server.removeAllListeners('clientError'))
  serve(app.server, served.abilities)
} else {
  const app = fastify()
  app.get(PATH, (_request, reply) => {
    for (const [name, values] of served.fields()) void reply.header(name, values)
    return answer(reply)
  })
  await app.ready()
  serve(app.server, served.abilities)
}

function answer(reply: FastifyReply): FastifyReply {
  return reply.type('application/json').send(BODY)
}
