import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'

/*
 * A form cannot send application/json, and a preflight asks before a script does: that is what many an API relies on. Then
 * a form with enctype="text/plain" sends `{"to":"evil","pad":"=1"}`, a parser that asks for no type reads it, and a Blob
 * without a type sends JSON with no Content-Type at all. What kept the API safe was never looked at.
 */

let server: Guarded
let transfers = 0
before(async () => {
  server = await guarded({ routes: { '/*': { public: 'a test' } } }, (_req, res) => {
    transfers++
    res.end()
  })
})
after(() => server.close())

const JSON_BODY = '{"to":"evil","pad":"=1"}'
const types: readonly (readonly [name: string, fields: readonly string[]])[] = [
  ['text/plain', ['Content-Type', 'text/plain']],
  ['Text/Plain', ['Content-Type', 'Text/Plain']],
  ['text/plain; application/json', ['Content-Type', 'text/plain; application/json']],
  ['no type', []],
  ['an empty type', ['Content-Type', '']],
  ['a form', ['Content-Type', 'application/x-www-form-urlencoded']],
  ['multipart', ['Content-Type', 'multipart/form-data; boundary=a']],
  ['application/json, after a preflight that somebody answered', ['Content-Type', 'application/json']],
  ['application/csp-report', ['Content-Type', 'application/csp-report']],
]
for (const [name, type] of types) {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    test(`CSR-10: ${method} of a page of a stranger with ${name} reaches no handler`, async () => {
      for (const said of [['Sec-Fetch-Site', 'cross-site'], []]) {
        const fields = ['Cookie', 'session=1', 'Origin', 'https://evil.example', ...said, ...type]
        assert.equal((await server.send({ method, path: '/transfer', fields, body: JSON_BODY })).status, 403)
      }
      assert.equal(transfers, 0)
    })
  }
}

test('CSR-10: sendBeacon and an image with a method of its own send nothing else', async () => {
  const fields = [
    'Cookie',
    'session=1',
    'Origin',
    'null',
    'Sec-Fetch-Site',
    'cross-site',
    'Sec-Fetch-Mode',
    'no-cors',
  ]
  assert.equal((await server.send({ method: 'POST', path: '/transfer', fields })).status, 403)
  assert.equal(transfers, 0)
})
