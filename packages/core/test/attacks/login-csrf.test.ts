import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'

/*
 * A page of the attacker sends the login form of the API with the attacker's own name and password. The browser of the
 * visitor keeps the session that comes back, and whatever its user does from then on is done, and seen, under the name of
 * the attacker. The request carries no credential of the visitor at all: a check that looks for cookies first lets it pass.
 */

let server: Guarded
let logins = 0
before(async () => {
  server = await guarded({ routes: { 'POST /login': { public: 'users log in here' } } }, (_req, res) => {
    logins++
    res.setHeader('Set-Cookie', '__Host-session=attacker; Path=/; Secure; HttpOnly')
    res.end()
  })
})
after(() => server.close())

const form = ['Content-Type', 'application/x-www-form-urlencoded']
const send = (...fields: readonly string[]) =>
  server.send({
    method: 'POST',
    path: '/login',
    fields: [...form, ...fields],
    body: 'user=attacker&password=known',
  })

const attacks: readonly (readonly [name: string, fields: readonly string[]])[] = [
  ['a browser of today', ['Origin', 'https://evil.example', 'Sec-Fetch-Site', 'cross-site']],
  ['a browser of today, with an origin that it hides', ['Origin', 'null', 'Sec-Fetch-Site', 'cross-site']],
  ['a browser without Fetch Metadata', ['Origin', 'https://evil.example']],
  ['a browser on a sibling domain', ['Origin', 'https://blog.example.com', 'Sec-Fetch-Site', 'same-site']],
]
for (const [name, fields] of attacks) {
  test(`CSR-01, CSR-07: nobody is logged in by a page of a stranger, in ${name}`, async () => {
    const soFar = logins
    const { status, headers } = await send(...fields)
    assert.equal(status, 403)
    assert.equal(headers['set-cookie'], undefined)
    assert.equal(logins, soFar)
  })
}

test('CSR-01: the form of the own page, and a program, log in', async () => {
  assert.equal((await send('Origin', 'http://127.0.0.1', 'Sec-Fetch-Site', 'same-origin')).status, 200)
  assert.equal((await send('Origin', 'http://127.0.0.1')).status, 200)
  assert.equal((await send()).status, 200)
})
