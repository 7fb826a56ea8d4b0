import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

/*
 * A browser opens a WebSocket wherever a page wants, asks nobody, and sends its cookies: a page of the attacker speaks with
 * the API as the visitor, and reads every answer. CORS says no word in it.
 */

const APP = 'https://app.example.com'
let server: Guarded
let connected = 0
before(async () => {
  server = await guarded({ cors: { origins: [APP], credentials: true }, concurrency: { limit: 1 } })
  server.server.on(
    'upgrade',
    server.gate.upgrade((_req, socket) => {
      connected++
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    }),
  )
})
after(() => server.close())

const handshake = (fields: readonly string[]): string => {
  const lines = ['Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const all = [...as('alice'), 'Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', ...fields]
  for (let i = 0; i < all.length; i += 2) lines.push(`${all[i]}: ${all[i + 1]}`)
  return `GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

const attacks: readonly (readonly [name: string, fields: readonly string[]])[] = [
  ['the page of a stranger', ['Origin', 'https://evil.example']],
  [
    'the page of a stranger, as browsers say it today',
    ['Origin', 'https://evil.example', 'Sec-Fetch-Site', 'cross-site', 'Sec-Fetch-Mode', 'websocket'],
  ],
  ['a sandboxed frame', ['Origin', 'null', 'Sec-Fetch-Site', 'cross-site']],
  ['a name that begins like ours', ['Origin', 'https://app.example.com.evil.example']],
  ['a name that ends like ours', ['Origin', 'https://evilapp.example.com']],
  ['our name over http', ['Origin', 'http://app.example.com']],
  ['a sibling', ['Origin', 'https://blog.example.com', 'Sec-Fetch-Site', 'same-site']],
  [
    'a page that claims our origin, of another site',
    ['Origin', 'http://127.0.0.1', 'Sec-Fetch-Site', 'cross-site'],
  ],
  ['a page that says it is none', ['Origin', 'https://evil.example', 'Sec-Fetch-Site', 'none']],
  ['an empty origin', ['Origin', '']],
]
describe('attack: a WebSocket is hijacked', () => {
  for (const [name, fields] of attacks) {
    test(`WS-01: ${name} is refused before 101, and holds nothing`, async () => {
      for (let i = 0; i < 3; i++) {
        const received = await server.raw(handshake([...fields, 'Cookie', 'session=1']))
        assert.match(received, /^HTTP\/1\.1 403 /)
        assert.ok(received.includes('"code":"cross_site_request"'))
      }
      assert.equal(connected, 0)
    })
  }

  test('WS-01: two origins are no origin', async () => {
    const received = await server.raw(handshake(['Origin', APP, 'Origin', 'https://evil.example']))
    assert.match(received, /^HTTP\/1\.1 400 /)
    assert.equal(connected, 0)
  })

  test('WS-01: the pages that may are let through', async () => {
    for (const fields of [
      ['Origin', APP, 'Sec-Fetch-Site', 'cross-site'],
      ['Origin', 'http://127.0.0.1', 'Sec-Fetch-Site', 'same-origin'],
      [],
    ])
      assert.match(await server.raw(handshake([...fields, 'Cookie', 'session=1'])), /^HTTP\/1\.1 101 /)
  })
})
