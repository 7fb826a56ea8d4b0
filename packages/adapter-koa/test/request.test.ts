import Router from '@koa/router'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { guard, passOf } from '../src/index.ts'

for (const [name, Koa] of [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2 as unknown as typeof Koa3],
] as const) {
  describe(name, () => {
    let server: Running
    before(async () => {
      const gate = gatehouse({
        dangerouslyAnyHost: true,
        https: 'dangerouslyAllowHttp',
        public: 'a test',
        request: { methodOverride: ['DELETE'] },
        routes: { 'DELETE /notes': { public: 'a test' }, 'POST /notes': { public: 'a test' } },
      })
      const app = new Koa()
      app.use(guard(gate))
      const router = new Router()
      for (const method of ['post', 'delete'] as const) {
        router[method]('/notes', (ctx) => {
          const pass = passOf(gate, ctx)
          ctx.body = [method, ctx.method, pass.method, pass.rule]
        })
      }
      app.use(router.routes())
      const listener = app.callback()
      server = await start((req, res) => void listener(req, res))
    })
    after(() => server.close())

    test(`REQ-07: ${name}: the router takes the route of the method that the rules saw`, async () => {
      const fields = ['X-HTTP-Method-Override', 'DELETE']
      const { body } = await server.send({ method: 'POST', path: '/notes', fields })
      assert.equal(body, '["delete","DELETE","DELETE","DELETE /notes"]')
      const plain = await server.send({ method: 'POST', path: '/notes' })
      assert.equal(plain.body, '["post","POST","POST","POST /notes"]')
    })
  })
}
