import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { after, describe, test } from 'node:test'
import { METHOD_OVERRIDES } from '../support/attacks.ts'
import { type Guarded, guarded } from '../support/gate.ts'

/** What the usual middleware does with a request behind the gate: the last word about its method is a field's. */
function overridden(req: IncomingMessage): string {
  const { searchParams } = new URL(`http://a${req.url}`)
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    const [first] = String(req.headers[name] ?? '').split(',')
    if (first !== undefined && first !== '') return first.trim().toUpperCase()
  }
  return searchParams.get('_method')?.toUpperCase() ?? req.method ?? ''
}

// Everybody may POST, and nobody DELETE. The attacker POSTs, and tells the router that it was a DELETE.
describe('attack: a method that only the router knows of', () => {
  const open: Guarded[] = []
  after(async () => {
    for (const each of open) await each.close()
  })
  const serve = async (request?: { readonly methodOverride: readonly 'PATCH'[] }): Promise<Guarded> => {
    const routes = { 'POST /orders': { public: 'a test' }, 'GET /orders': { public: 'a test' } }
    const server = await guarded({ ...(request && { request }), routes }, (req, res) =>
      res.end(overridden(req) === 'DELETE' ? 'DELETED' : 'made'),
    )
    open.push(server)
    return server
  }

  for (const method of ['POST', 'GET']) {
    for (const [name, given, query] of METHOD_OVERRIDES) {
      const path = query === undefined ? '/orders' : `/orders?${query}`
      test(`REQ-07: ${method} with ${name} is refused`, async () => {
        const received = await (await serve()).send({ method, path, fields: given })
        assert.equal(received.status, 400, received.body)
      })

      test(`REQ-07: ${method} with ${name} is refused where another method is allowed`, async () => {
        const server = await serve({ methodOverride: ['PATCH'] })
        const received = await server.send({ method, path, fields: given })
        assert.equal(received.status, 400, received.body)
      })
    }
  }
})
