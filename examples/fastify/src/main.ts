import { fallback, guard, passOf } from '@gatehouse/adapter-fastify'
import type { SecurityEvent } from '@gatehouse/core'
import fastify from 'fastify'
import { apiGate, issuer } from './policy.ts'

const port = Number(process.env['PORT'] ?? 3000)
const gate = apiGate(port)
const events: SecurityEvent[] = []
gate.events.on('event', (event) => {
  events.unshift(event)
  if (events.length > 100) events.pop()
})

const app = fastify({ frameworkErrors: fallback(gate), return503OnClosing: false })
await app.register(guard(gate)) // before everything else: an app where something comes first does not get ready

app.get('/health', () => ({ status: 'ok' }))

app.get('/secure-data', { config: { gate: { scopes: ['data:read'] } } }, (request) => {
  return { data: 'Secure data', for: passOf(gate, request).principal.subject }
})

const note = { types: 'json', required: true, maxBytes: 16_384 } as const // the gate reads it: no body parser
app.post(
  '/notes',
  { config: { gate: { scopes: ['notes:write'], content: note } } },
  async (request, reply) => {
    const { text } = request.body as { readonly text?: unknown }
    if (typeof text !== 'string') return reply.code(422).send({ error: 'A note is { "text": "..." }.' })
    return reply.code(201).send({ text, by: passOf(gate, request).principal.subject })
  },
)

app.get('/admin/events', () => ({ events }))

gate.attach(app.server.removeAllListeners('clientError'))
await app.listen({ port, host: '127.0.0.1' })

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    app.server.closeAllConnections()
    void app.close().then(() => gate.close())
  })
}

const { token: alice } = issuer.issue({ subject: 'alice', scopes: ['data:read', 'notes:write'] })
const { token: root } = issuer.issue({ subject: 'root', roles: ['admin'] })
console.log(`
Fastify, guarded: try it with a token, good for 15 minutes.

  ALICE=${alice}
  ROOT=${root}

  curl http://127.0.0.1:${port}/secure-data -H "Authorization: Bearer $ALICE"
  curl http://127.0.0.1:${port}/notes -H "Authorization: Bearer $ALICE" \\
    -H 'Content-Type: application/json' -d '{"text":"hello"}'
  curl http://127.0.0.1:${port}/admin/events -H "Authorization: Bearer $ROOT"

Ctrl+C ends it.
`)
