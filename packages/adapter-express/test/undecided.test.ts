import express5 from 'express'
import express4 from 'express4'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { basic, type BasicPrincipal, type Gate, gatehouse } from '@gatehouse/core'
import { allow, fallback, guard, passOf } from '../src/index.ts'

const SECRET = 'the price is 4711'

/** A gate that stops what a handler did not decide about. */
const gateOf = (): Gate<BasicPrincipal> =>
  gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    authenticate: basic({ verify: (user) => ({ subject: user }) }),
    undecided: 'block',
    routes: { '/orders/*': { object: 'handler' } },
  })

const WAYS: Readonly<Record<string, (res: express5.Response) => unknown>> = {
  json: (res) => res.json({ SECRET }),
  send: (res) => res.set('X-Secret', SECRET).send(SECRET),
  sendStatus: (res) => res.set('X-Secret', SECRET).sendStatus(204),
  stream: (res) => Readable.from([SECRET, SECRET]).pipe(res),
  late: (res) => setImmediate(() => res.json({ SECRET })),
}

async function get(express: typeof express5, way: string, path: string, decide: boolean): Promise<Response> {
  const gate = gateOf()
  const app = express()
  app.use(guard(gate))
  const answer: express5.RequestHandler = (req, res) => {
    if (decide) passOf(gate, req).decide(true)
    WAYS[way]?.(res)
  }
  app.get('/orders/:id', answer)
  app.get('/added/:id', allow(gate, { object: 'handler' }), answer)
  app.use(fallback(gate))
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const Authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization } })
    const body = await response.text()
    return new Response(body === '' ? null : body, { status: response.status, headers: response.headers })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
] as const) {
  describe(name, () => {
    for (const way of Object.keys(WAYS)) {
      for (const path of ['/orders/1', '/added/1']) {
        test(`AZ-07: ${way} at ${path} is stopped without a decision, and leaves with one`, async () => {
          const stopped = await get(express, way, path, false)
          assert.equal(stopped.status, 500)
          assert.equal(stopped.headers.get('x-secret'), null)
          assert.equal(stopped.headers.get('content-type'), 'application/problem+json')
          assert.doesNotMatch(await stopped.text(), /4711/)
          const passed = await get(express, way, path, true)
          assert.ok(passed.ok, String(passed.status))
        })
      }
    }
  })
}
