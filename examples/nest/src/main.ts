import { NestFactory } from '@nestjs/core'
import { appOf } from './app.ts'
import { apiGate, issuer } from './policy.ts'

const port = Number(process.env['PORT'] ?? 3000)
const gate = apiGate(port)

const app = await NestFactory.create(appOf(gate), { logger: ['error', 'warn'] })
gate.attach(app.getHttpServer())
await app.listen(port, '127.0.0.1')

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    const closed = app.close()
    app.getHttpServer().closeAllConnections()
    void closed.then(() => gate.close())
  })
}

const { token: alice } = issuer.issue({ subject: 'alice', scopes: ['data:read', 'notes:write'] })
const { token: root } = issuer.issue({ subject: 'root', roles: ['admin'] })
console.log(`
Nest, guarded: try it with a token, good for 15 minutes.

  ALICE=${alice}
  ROOT=${root}

  curl http://127.0.0.1:${port}/secure-data -H "Authorization: Bearer $ALICE"
  curl http://127.0.0.1:${port}/notes -H "Authorization: Bearer $ALICE" \\
    -H 'Content-Type: application/json' -d '{"text":"hello"}'
  curl http://127.0.0.1:${port}/admin/events -H "Authorization: Bearer $ROOT"

Ctrl+C ends it.
`)
