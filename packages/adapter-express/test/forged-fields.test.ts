import express5 from 'express'
import express4 from 'express4'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { guard } from '../src/index.ts'

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
] as const) {
  test(`PRX-11: ${name} that trusts every proxy is told nothing that a client made up`, async () => {
    const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })
    const app = express()
    app.set('trust proxy', true)
    app.use(guard(gate))
    app.get('/', (req, res) => {
      res.json([req.ip, req.protocol, req.hostname, req.get('Remote-User') ?? 'nobody'])
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const headers = {
      'X-Forwarded-For': '203.0.113.7',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'evil.example',
      'Remote-User': 'root',
    }
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { headers })
    assert.deepEqual(await response.json(), ['127.0.0.1', 'http', '127.0.0.1', 'nobody'])
    server.closeAllConnections()
    server.close()
  })
}
