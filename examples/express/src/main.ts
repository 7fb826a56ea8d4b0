import { createServer } from 'node:http'
import { allow, fallback, guard, passOf, serverOptions } from '@gatehouse/adapter-express'
import type { SecurityEvent } from '@gatehouse/core'
import express from 'express'
import { apiGate, issuer } from './policy.ts'

const port = Number(process.env['PORT'] ?? 3000)
const gate = apiGate(port)
const events: SecurityEvent[] = []
gate.events.on('event', (event) => {
  events.unshift(event)
  if (events.length > 100) events.pop()
})

const app = express()
app.use(guard(gate)) // before everything else: what stands before it is not guarded

app.get('/health', (_req, res) => {
  res.json({ status: 'ok' })
})

app.get('/secure-data', allow(gate, { scopes: ['data:read'] }), (req, res) => {
  res.json({ data: 'Secure data', for: passOf(gate, req).principal.subject })
})

const note = { types: 'json', required: true, maxBytes: 16_384 } as const // the gate reads it: no body parser
app.post('/notes', allow(gate, { scopes: ['notes:write'], content: note }), (req, res) => {
  const { text } = req.body as { readonly text?: unknown }
  if (typeof text !== 'string') res.status(422).json({ error: 'A note is { "text": "..." }.' })
  else res.status(201).json({ text, by: passOf(gate, req).principal.subject })
})

app.get('/admin/events', (_req, res) => {
  res.json({ events })
})

app.use(fallback(gate)) // last: it answers what no route took, and what a handler threw

const server = gate.attach(createServer(serverOptions(app), app))
server.listen(port, '127.0.0.1', () => {
  const { token: alice } = issuer.issue({ subject: 'alice', scopes: ['data:read', 'notes:write'] })
  const { token: root } = issuer.issue({ subject: 'root', roles: ['admin'] })
  console.log(`
Express, guarded: try it with a token, good for 15 minutes.

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
