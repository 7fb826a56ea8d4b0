import Koa3 from 'koa'
import Koa2 from 'koa2'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { basic, gatehouse } from '@gatehouse/core'
import { guard, passOf } from '../src/index.ts'

const SECRET = 'the price is 4711'

const BODIES: Readonly<Record<string, (ctx: Koa3.Context) => void>> = {
  json: (ctx) => void (ctx.body = { SECRET }),
  text: (ctx) => {
    ctx.set('X-Secret', SECRET)
    ctx.body = SECRET
  },
  stream: (ctx) => void (ctx.body = Readable.from([SECRET, SECRET])),
  empty: (ctx) => {
    ctx.set('X-Secret', SECRET)
    ctx.status = 204
  },
}

async function get(Koa: typeof Koa3, body: string, decide: boolean): Promise<Response> {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    authenticate: basic({ verify: (user) => ({ subject: user }) }),
    undecided: 'block',
    routes: { '/orders/:id': { object: 'handler' } },
  })
  const app = new Koa()
  app.silent = true
  app.use(guard(gate))
  app.use((ctx) => {
    if (decide) passOf(gate, ctx).owns('alice')
    BODIES[body]?.(ctx)
  })
  const listener = app.callback()
  const server = createServer((req, res) => void listener(req, res)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const Authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`
    const response = await fetch(`http://127.0.0.1:${port}/orders/1`, { headers: { Authorization } })
    const text = await response.text()
    return new Response(text === '' ? null : text, { status: response.status, headers: response.headers })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

for (const [name, Koa] of [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2 as unknown as typeof Koa3],
] as const) {
  describe(name, () => {
    for (const body of Object.keys(BODIES)) {
      test(`AZ-07: a body that is ${body} is stopped without a decision, and leaves with one`, async () => {
        const stopped = await get(Koa, body, false)
        assert.equal(stopped.status, 500)
        assert.equal(stopped.headers.get('x-secret'), null)
        assert.equal(stopped.headers.get('content-type'), 'application/problem+json')
        assert.doesNotMatch(await stopped.text(), /4711/)
        assert.ok((await get(Koa, body, true)).ok)
      })
    }
  })
}
