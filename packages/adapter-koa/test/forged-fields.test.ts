import Koa3 from 'koa'
import Koa2 from 'koa2'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { guard } from '../src/index.ts'

for (const [name, Koa] of [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2 as unknown as typeof Koa3],
] as const) {
  test(`PRX-11: ${name} that trusts every proxy is told nothing that a client made up`, async () => {
    const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })
    const app = new Koa()
    app.proxy = true
    app.use(guard(gate))
    app.use((ctx) => {
      ctx.body = [ctx.ip, ctx.protocol, ctx.hostname, ctx.get('Remote-User')]
    })
    const handle = app.callback()
    const server = createServer((req, res) => void handle(req, res)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const headers = {
      'X-Forwarded-For': '203.0.113.7',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'evil.example',
      'Remote-User': 'root',
    }
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { headers })
    assert.deepEqual(await response.json(), ['127.0.0.1', 'http', '127.0.0.1', ''])
    server.closeAllConnections()
    server.close()
  })
}
