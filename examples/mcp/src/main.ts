import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { authorizationServer } from './authorization-server.ts'
import { mcpHandler } from './mcp.ts'
import { mcpGate } from './policy.ts'
import { makeCertificate } from './tls.ts'

const port = Number(process.env['PORT'] ?? 3000)
const issuerPort = Number(process.env['ISSUER_PORT'] || port + 1)
const resource = `https://localhost:${port}/mcp`
const issuer = `https://localhost:${issuerPort}`
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const issuing = authorizationServer({
  port: issuerPort,
  issuer,
  key: { alg: 'ES256', key: privateKey },
  // The other one is for seeing that a token for it is no good here.
  resources: [resource, 'https://other.example.com/mcp'],
  scopes: ['notes:read', 'notes:write'],
})
const gate = mcpGate({
  port,
  resource,
  issuer,
  key: { alg: 'ES256', key: publicKey },
  origins: ['https://app.example.com'],
})

const certificate = await makeCertificate()
const servers = [
  gate.attach(createServer(certificate, gate.handler(mcpHandler(gate)))),
  issuing.gate.attach(createServer(certificate, issuing.handler)),
]
for (const [i, each] of [port, issuerPort].entries()) {
  const server = servers[i]?.listen(each, '127.0.0.1')
  if (server !== undefined) await once(server, 'listening')
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
    void Promise.all([gate.close(), issuing.gate.close()])
  })
}

const { id, secret } = issuing.client
console.log(`
An MCP server, and the authorization server that it trusts, with a certificate of this run (so -k).

  curl -ik -X POST ${resource}                  # 401, and where to read on
  curl -k https://localhost:${port}/.well-known/oauth-protected-resource/mcp

  CLIENT=${id}:${secret}
  TOKEN=$(curl -sk ${issuer}/token -u "$CLIENT" -d grant_type=client_credentials -d scope=notes:read \\
    -d resource=${resource} | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
  call() { curl -sik ${resource} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -H 'Accept: application/json, text/event-stream' \\
    -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"'"$1"'","arguments":'"$2"'}}'; }
  call list-notes {}
  call add-note '{"text":"hello"}'                          # 403: the token lacks notes:write

Ctrl+C ends it.
`)
