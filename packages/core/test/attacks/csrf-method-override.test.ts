import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'

/*
 * A framework that reads the method out of a field or a parameter turns a request that was let through as safe into one that
 * is not. The gate judges the method on the wire; what it lets through as GET is to be GET for its handler. So the words for
 * it must not make an unsafe request safe, and every other method that a router knows is unsafe.
 */

let server: Guarded
const reached: string[] = []
before(async () => {
  server = await guarded({ routes: { '/*': { public: 'a test' } } }, (req, res) => {
    reached.push(req.method ?? '')
    res.end()
  })
})
after(() => server.close())

const forged = ['Cookie', 'session=1', 'Origin', 'https://evil.example', 'Sec-Fetch-Site', 'cross-site']

for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
  test(`CSR-01: ${name}: GET does not make a POST of a stranger safe`, async () => {
    const sent = { method: 'POST', path: '/transfer?_method=GET', fields: [...forged, name, 'GET'] }
    assert.ok((await server.send(sent)).status >= 400)
    assert.deepEqual(reached, [])
  })
}

for (const method of [
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'PURGE',
  'LINK',
  'REPORT',
  'SEARCH',
  'QUERY',
]) {
  test(`CSR-01: ${method} is no safe method`, async () => {
    const { status } = await server.send({ method, path: '/transfer', fields: forged })
    // A method that this node:http does not know is refused before.
    assert.ok(status === 403 || status === 400, String(status))
    assert.deepEqual(reached, [])
  })
}
