import { createServer } from 'node:http'
import { allow, fallback, type GateEnv, guard } from '@gatehouse/adapter-hono'
import type { SecurityEvent } from '@gatehouse/core'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { apiGate, issuer } from './policy.ts'

const port = Number(process.env['PORT'] ?? 3000)
const gate = apiGate(port)
const events: SecurityEvent[] = []
gate.events.on('event', (event) => {
  events.unshift(event)
  if (events.length > 100) events.pop()
})

const app = new Hono<GateEnv<typeof gate>>()
app.use(guard(gate)) // before everything else: what stands before it is not guarded

app.get('/health', (c) => c.json({ status: 'ok' }))

app.get('/secure-data', allow(gate, { scopes: ['data:read'] }), (c) =>
  c.json({ data: 'Secure data', for: c.var.pass.principal.subject }),
)

const note = { types: 'json', required: true, maxBytes: 16_384 } as const // the gate reads it: no body parser
app.post('/notes', allow(gate, { scopes: ['notes:write'], content: note }), (c) => {
  const { content, principal } = c.var.pass
  const { text } = content as { readonly text?: unknown }
  if (typeof text !== 'string') return c.json({ error: 'A note is { "text": "..." }.' }, 422)
  return c.json({ text, by: principal.subject }, 201)
})

app.get('/admin/events', (c) => c.json({ events }))

fallback(gate, app) // it answers what no route took, and what a handler threw

// With the gate in front as well, nothing of Hono or of its server sees a request that the policy refuses.
const server = gate.attach(createServer(gate.handler(getRequestListener(app.fetch))))
server.listen(port, '127.0.0.1', () => {
  const { token: alice } = issuer.issue({ subject: 'alice', scopes: ['data:read', 'notes:write'] })
  const { token: root } = issuer.issue({ subject: 'root', roles: ['admin'] })
  console.log(`
Hono, guarded: try it with a token, good for 15 minutes.

  ALICE=${alice}
  ROOT=${root}

  curl http://127.0.0.1:${port}/secure-data -H "Authorization: Bearer $ALICE"
  curl http://127.0.0.1:${port}/notes -H "Authorization: Bearer $ALICE" \\
    -H 'Content-Type: application/json' -d '{"text":"hello"}'
  curl http://127.0.0.1:${port}/admin/events -H "Authorization: Bearer $ROOT"

Ctrl+C ends it.
`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
    void gate.close()
  })
}
