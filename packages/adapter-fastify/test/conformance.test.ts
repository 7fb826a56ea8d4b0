import fastify, { type FastifyInstance } from 'fastify'
import { adapterConformance, type Mount, StatusError } from '@gatehouse/testkit'
import { tlsSettings } from '../../core/test/support/certificate.ts'
import { fallback, guard, passOf } from '../src/index.ts'

const tls = await tlsSettings()

/** The routes of the conformance cases, as a Fastify app has them. */
async function ready(
  gate: Parameters<Mount>[0],
  witness: Parameters<Mount>[1],
  settings: object,
): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({ frameworkErrors: fallback(gate), ...settings })
  void app.register(guard(gate))
  void app.register((routes, _options, done) => {
    // The last before the handler.
    routes.addHook('preHandler', (request, _reply, next) => {
      witness.ran(passOf(gate, request))
      next()
    })
    const ok = (): object => ({ ok: true })
    for (const path of ['/open', '/limited', '/admin/x', '/forgotten', '/office', '/partner', '/shed'])
      routes.get(path, ok)
    for (const path of ['/open', '/needed', '/keyed']) routes.post(path, ok)
    routes.get('/secure', (request) => ({ for: passOf(gate, request).principal.subject }))
    routes.get('/route-rule', { config: { gate: { scopes: ['data:read'] } } }, ok)
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
    for (const path of ['/stream', '/stream/broken', '/stream/failed', '/stream/endless'])
      routes.get(path, (request, reply) => reply.send(witness.stream(passOf(gate, request))))
    routes.get('/waiting', (request) => witness.wait(passOf(gate, request)))
    routes.get('/late', () => new Promise(() => undefined))
    routes.post('/noted', (request) => ({ content: request.body }))
    done()
  })
  await app.ready()
  return app
}

const over =
  (settings: object): Mount =>
  async (gate, witness) =>
    (await ready(gate, witness, settings)).server

adapterConformance({
  name: 'Fastify 5',
  async mount(gate, witness) {
    const app = await ready(gate, witness, {})
    return (req, res) => app.routing(req, res)
  },
})
adapterConformance({ name: 'Fastify 5 over https', mount: over({ https: tls }), tls, malformed: false })
adapterConformance({
  name: 'Fastify 5 over HTTP/2',
  mount: over({ http2: true, https: { ...tls, allowHTTP1: true } }),
  tls,
  http2: true,
})
adapterConformance({ name: 'Fastify 5 over HTTP/2 in clear', mount: over({ http2: true }), http2: true })
