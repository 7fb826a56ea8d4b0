import { createServer } from 'node:http'
import { allow, guard, passOf } from '@gatehouse/adapter-koa'
import type { SecurityEvent } from '@gatehouse/core'
import Router from '@koa/router'
import Koa from 'koa'
import { apiGate, issuer } from './policy.ts'

const port = Number(process.env['PORT'] ?? 3000)
const gate = apiGate(port)
const events: SecurityEvent[] = []
gate.events.on('event', (event) => {
  events.unshift(event)
  if (events.length > 100) events.pop()
})

const router = new Router()

router.get('/health', (ctx) => {
  ctx.body = { status: 'ok' }
})

router.get('/secure-data', allow(gate, { scopes: ['data:read'] }), (ctx) => {
  ctx.body = { data: 'Secure data', for: passOf(gate, ctx).principal.subject }
})

const note = { types: 'json', required: true, maxBytes: 16_384 } as const // the gate reads it: no body parser
router.post('/notes', allow(gate, { scopes: ['notes:write'], content: note }), (ctx) => {
  const { content, principal } = passOf(gate, ctx)
  const { text } = content as { readonly text?: unknown }
  ctx.status = typeof text === 'string' ? 201 : 422
  ctx.body =
    typeof text === 'string' ? { text, by: principal.subject } : { error: 'A note is { "text": "..." }.' }
})

router.get('/admin/events', (ctx) => {
  ctx.body = { events }
})

const app = new Koa()
app.silent = true // the gate logs what a handler threw
app.use(guard(gate)) // before everything else: what stands before it is not guarded
app.use(router.routes())

const handle = app.callback()
const server = gate.attach(createServer((req, res) => void handle(req, res)))
server.listen(port, '127.0.0.1', () => {
  const { token: alice } = issuer.issue({ subject: 'alice', scopes: ['data:read', 'notes:write'] })
  const { token: root } = issuer.issue({ subject: 'root', roles: ['admin'] })
  console.log(`
Koa, guarded: try it with a token, good for 15 minutes.

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
