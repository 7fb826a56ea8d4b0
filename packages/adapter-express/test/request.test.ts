import express5 from 'express'
import express4 from 'express4'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gatehouse } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { fallback, guard, passOf } from '../src/index.ts'

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
] as const) {
  describe(name, () => {
    let server: Running
    before(async () => {
      const gate = gatehouse({
        dangerouslyAnyHost: true,
        https: 'dangerouslyAllowHttp',
        public: 'a test',
        request: { methodOverride: ['DELETE'], query: { once: ['account'], repeated: 'last' } },
        routes: { 'DELETE /notes': { public: 'a test' }, 'POST /notes': { public: 'a test' } },
      })
      const app = express()
      app.use(guard(gate))
      for (const method of ['post', 'delete'] as const) {
        app[method]('/notes', (req, res) => {
          const pass = passOf(gate, req)
          res.json([method, req.method, pass.method, pass.rule])
        })
      }
      const mounted = express.Router()
      mounted.get('/query', (req, res) => {
        const { host, path, query } = passOf(gate, req)
        res.json({ host, path, account: [query.get('account'), req.query['account']], tag: query.get('tag') })
      })
      app.use('/mounted', mounted)
      app.use(fallback(gate))
      server = await start(app)
    })
    after(() => server.close())

    test(`REQ-07: ${name}: the router takes the route of the method that the rules saw`, async () => {
      const fields = ['X-HTTP-Method-Override', 'DELETE']
      const { body } = await server.send({ method: 'POST', path: '/notes', fields })
      assert.equal(body, '["delete","DELETE","DELETE","DELETE /notes"]')
      const plain = await server.send({ method: 'POST', path: '/notes' })
      assert.equal(plain.body, '["post","POST","POST","POST /notes"]')
    })

    test(`REQ-04: ${name}: a mounted handler has the whole path`, async () => {
      const fields = ['Host', 'API.example.com:8080']
      const { body } = await server.send({ path: '/mounted/query?account=a%20b&tag=1&%74ag=2', fields })
      assert.deepEqual(JSON.parse(body), {
        host: 'api.example.com:8080',
        path: '/mounted/query',
        account: ['a b', 'a b'],
        tag: '2',
      })
    })

    // Express 4 reads queries with qs, Express 5 with node:querystring: each makes something else of these.
    for (const query of [
      'account=1&account=2',
      'account[]=1',
      'account[a]=1',
      '[account]=1&account=2',
      'account=%ff',
    ]) {
      test(`REQ-12: ${name}: ${query} comes to no handler`, async () => {
        const { status, body } = await server.send({ path: `/mounted/query?${query}` })
        assert.equal(status, 400)
        assert.match(body, /"code":"invalid_query"/)
      })
    }
  })
}
