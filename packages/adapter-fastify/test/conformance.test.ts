import fastify from 'fastify'
import { Readable } from 'node:stream'
import { adapterConformance, type Mount, StatusError } from '@gatehouse/testkit'
import { OVER_HTTP2 } from '../../core/test/support/http2.ts'
import { fallback, guard, passOf } from '../src/index.ts'

/** The routes of the conformance cases, as a Fastify app has them. */
const mount: Mount = async (gate) => {
  const app = fastify({ frameworkErrors: fallback(gate) })
  void app.register(guard(gate))
  void app.register((routes, _options, done) => {
    for (const path of ['/open', '/limited', '/admin/x', '/forgotten']) routes.get(path, () => ({ ok: true }))
    routes.get('/secure', (request) => ({ for: passOf(gate, request).principal.subject }))
    routes.get('/route-rule', { config: { gate: { scopes: ['data:read'] } } }, () => ({ ok: true }))
    routes.get('/throws', (_request, reply) => {
      void reply.header('X-Leak', 'yes')
      throw new Error('secret detail')
    })
    routes.get('/throws-401', () => {
      throw new StatusError(401, 'secret detail')
    })
    routes.get('/rejects', () => Promise.reject(new Error('secret detail')))
    routes.get('/teapot', () => {
      throw new StatusError(418, 'secret detail')
    })
    routes.get('/write-head', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
      reply.raw.end('made')
    })
    routes.get('/empty', (_request, reply) => reply.code(204).send())
    routes.get('/unchanged', (_request, reply) => reply.code(304).send())
    routes.get('/stream', (_request, reply) => reply.send(Readable.from(['a', 'b', 'c'])))
    routes.get('/late', () => new Promise(() => undefined))
    routes.post('/noted', (request) => ({ content: request.body }))
    routes.post('/keyed', () => ({ ok: true }))
    done()
  })
  await app.ready()
  return (req, res) => app.routing(req, res)
}

adapterConformance({ name: 'Fastify 5', mount })
adapterConformance({
  name: 'Fastify 5 over HTTP/2',
  mount,
  ...OVER_HTTP2,
})
