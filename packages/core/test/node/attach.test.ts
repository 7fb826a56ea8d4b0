import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'

const ORIGIN = 'https://app.example.com'
const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(): Promise<Guarded> {
  const made = await guarded({
    cors: { origins: [ORIGIN, 'https://other.example.com'] },
    routes: { '/*': { public: 'a test' } },
  })
  open.push(made)
  return made
}

const rows: readonly (readonly [name: string, bytes: string, status: number, kind: string])[] = [
  ['bytes that are not HTTP', 'hello\r\n\r\n', 400, 'connection.malformed'],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400, 'connection.malformed'],
  [
    'a header section that is too large',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${ORIGIN}\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'connection.fields-too-large',
  ],
  [
    'Content-Length with Transfer-Encoding',
    'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'connection.malformed',
  ],
  [
    'an unknown expectation',
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: miracles\r\nConnection: close\r\n\r\n',
    417,
    'connection.expectation',
  ],
]

describe('what node:http refuses by itself', () => {
  for (const [name, bytes, status, kind] of rows) {
    test(`COR-24, ERR-01: ${name} is a problem with the fields of the gate`, async () => {
      const server = await serve()
      const text = await server.raw(bytes)
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `))
      assert.match(text, /Content-Type: application\/problem\+json/i)
      assert.match(text, /X-Content-Type-Options: nosniff/i)
      assert.match(text, /Vary: Origin/i)
      if (bytes.includes(ORIGIN))
        assert.match(text, new RegExp(`Access-Control-Allow-Origin: ${ORIGIN}`, 'i'))
      assert.ok((await server.events()).some((event) => event.kind === kind))
    })
  }

  test('REQ-01: a request without a Host is 400', async () => {
    const server = await serve()
    assert.match(await server.raw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /)
  })

  test('REQ-01: a request with two Hosts is 400', async () => {
    const server = await serve()
    const text = await server.raw(
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )
    assert.match(text, /^HTTP\/1\.1 400 [^]*"code":"invalid_host"/)
  })

  test('the server goes on serving after each of them', async () => {
    const server = await serve()
    for (const [, bytes] of rows) await server.raw(bytes)
    assert.equal((await server.send({})).status, 200)
  })
})
