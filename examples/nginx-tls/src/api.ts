import { createServer } from 'node:http'
import type { Handler, JwtPrincipal } from '@gatehouse/core'
import { apiGate, issuer, type Ports } from './policy.ts'

// The API: a process that main.ts starts, and that could be a service of its own.
const { socket, ...ports } = JSON.parse(process.env['API'] ?? '') as Ports & { readonly socket: string }
const gate = apiGate(ports)

const routes: Readonly<Record<string, Handler<JwtPrincipal>>> = {
  'GET /health': (_req, res) => res.end(JSON.stringify({ status: 'ok' })),
  'GET /whoami': (_req, res, { client, scheme, host }) => res.end(JSON.stringify({ client, scheme, host })),
  'GET /secure-data': (_req, res, { principal }) =>
    res.end(JSON.stringify({ data: 'Secure data', for: principal.subject })),
}
const handler = gate.handler((req, res, pass) => {
  const handle = routes[pass.rule]
  if (handle === undefined) return gate.notFound(req, res)
  res.setHeader('Content-Type', 'application/json')
  return handle(req, res, pass)
})

const server = gate.attach(createServer(handler))
server.listen(socket, () => void check())

/** Asks by the way that clients take, with made-up forwarding fields, and says what was believed of them. */
async function check(): Promise<void> {
  const url = `https://localhost:${ports.tls}/`
  const findings = await gate.checkProxy(url)
  for (const { code, message, instead } of findings) console.error(`${code}: ${message} ${instead}`)
  if (findings.length === 0) console.log('The proxy was checked: nothing that a client makes up is believed.')

  const { token } = issuer.issue({ subject: 'alice', scopes: ['data:read'] })
  console.log(`
Behind nginx, with a certificate of this run (so -k): try it with a token, good for 15 minutes.

  ALICE=${token}

  curl -k ${url}secure-data -H "Authorization: Bearer $ALICE"
  curl -k ${url}whoami -H 'X-Forwarded-For: 203.0.113.7' -H 'X-Forwarded-Proto: http'
  curl -i http://localhost:${ports.plain}/health
  curl -i http://localhost:${ports.plain}/secure-data -H "Authorization: Bearer $ALICE"

Ctrl+C ends it.
`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
    void gate.close()
  })
}
