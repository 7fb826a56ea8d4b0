import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { fixture } from '../../../testkit/src/adapter/fixture.ts'
import { bytesOf } from '../../../testkit/src/adapter/malformed.ts'
import { type Running, start } from '../support/http.ts'

const HOST = 'Host: api.example.com'
const CHUNKED = 'Transfer-Encoding: chunked'
const chunks = (body: string): string => bytesOf('POST /open HTTP/1.1', [HOST, CHUNKED], body)

/** Contents that break off, or could be read in two ways: a handler may have begun, and never has all of them. */
const BROKEN: readonly (readonly [name: string, body: string])[] = [
  ['a size that is no number', 'zz\r\nhello\r\n0\r\n\r\n'],
  ['a negative size', '-5\r\nhello\r\n0\r\n\r\n'],
  ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a size beyond all numbers', 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
  ['a space after the size', '5 \r\nhello\r\n0\r\n\r\n'],
  ['a chunk that is longer than its size', '5\r\nhelloXX0\r\n\r\n'],
  ['lines that end in LF alone', '5\nhello\n0\n\n'],
  ['a bare LF in an extension', '5;a\nhello\r\n0\r\n\r\n'],
  ['a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
  ['an extension of 20 KB', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
]

describe('a content whose end is in doubt', () => {
  let server: Running
  /** What handlers have read to its end. */
  const read: string[] = []
  before(async () => {
    const { gate } = fixture()
    const listener = gate.handler((req, res) => {
      const pieces: Buffer[] = []
      req.on('data', (piece: Buffer) => pieces.push(piece))
      req.on('error', () => undefined)
      req.on('end', () => {
        read.push(`${Buffer.concat(pieces).toString()} ${req.headers.authorization ?? ''}`.trim())
        res.end('ok')
      })
    })
    server = await start(gate.attach(createServer(listener)))
  })
  after(() => server.close())

  for (const [name, body] of BROKEN) {
    test(`REQ-09: ${name} is a problem, and no handler has all of it`, async () => {
      read.length = 0
      const text = await server.raw(chunks(body))
      assert.equal(text.split('HTTP/1.1 ').length, 2, text)
      assert.match(text, /^HTTP\/1\.1 4\d\d [^]*^Content-Type: application\/problem\+json\r$/im)
      assert.match(text, /^X-Content-Type-Options: nosniff\r$/im)
      assert.deepEqual(read, [])
    })
  }

  test('REQ-09: extensions and trailers are passed over, and no trailer becomes a field', async () => {
    read.length = 0
    const text = await server.raw(chunks('5;a=b\r\nhello\r\n0\r\nAuthorization: Bearer x\r\n\r\n'))
    assert.match(text, /^HTTP\/1\.1 200 /)
    assert.deepEqual(read, ['hello'])
  })

  test('REQ-09: what follows a request that was refused for its length is never read as another', async () => {
    const smuggled = `GET /open HTTP/1.1\r\n${HOST}\r\n\r\n`
    const head = `POST /open HTTP/1.1\r\n${HOST}\r\nContent-Length: 5\r\n${CHUNKED}\r\n\r\n0\r\n\r\n`
    assert.equal((await server.raw(head + smuggled)).split('HTTP/1.1 ').length, 2)
  })
})
