import express5 from 'express'
import express4 from 'express4'
import assert from 'node:assert/strict'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { start } from '../../core/test/support/http.ts'
import { fallback, guard, serverOptions } from '../src/index.ts'

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
] as const) {
  describe(name, () => {
    const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' })

    test(`DEP-02: ${name}: requests and responses have the prototypes of the app before it sees them`, async () => {
      const app = express()
      const server = createServer(serverOptions(app))
      const seen: unknown[] = []
      server.on('request', (req, res) => {
        seen.push(Object.getPrototypeOf(req) === app.request, Object.getPrototypeOf(res) === app.response)
        seen.push(req instanceof IncomingMessage, res instanceof ServerResponse)
      })
      server.on('request', app.use(guard(gate)).use(fallback(gate)))
      const running = await start(gate.attach(server))
      try {
        assert.equal((await running.send({ path: '/nowhere' })).status, 404)
        assert.deepEqual(seen, [true, true, true, true])
      } finally {
        await running.close()
      }
    })

    test(`DEP-02: ${name}: an app that is mounted, and prototypes that are changed later, go as without`, async () => {
      const app = express()
      const server = createServer(serverOptions(app), app)
      app.use(guard(gate))
      const inner = express()
      inner.get('/where', (req, res) => void res.json([req.app === inner, req.baseUrl, req.url]))
      app.use('/inner', inner)
      app.get('/late', (_req, res) => {
        ;(res as typeof res & { hello: () => void }).hello()
      })
      app.use(fallback(gate))
      const running = await start(gate.attach(server))
      try {
        assert.equal((await running.send({ path: '/inner/where' })).body, '[true,"/inner","/where"]')
        Object.assign(app.response, {
          hello(this: ServerResponse) {
            this.end('hello')
          },
        })
        assert.equal((await running.send({ path: '/late' })).body, 'hello')
        app.response = Object.create(app.response, {
          hello: {
            value(this: ServerResponse) {
              this.end('again')
            },
          },
        }) as typeof app.response
        assert.equal((await running.send({ path: '/late' })).body, 'again')
      } finally {
        await running.close()
      }
    })
  })
}
