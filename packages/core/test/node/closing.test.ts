import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'

const MEGABYTE = 1024 * 1024

describe('a request that is refused before its content has come', () => {
  let server: Guarded
  before(async () => {
    server = await guarded({}, (_req, res) => res.end('ok'))
  })
  after(() => server.close())

  /** Sends a head, and what follows; gives what came back until the server closed, or until `enough` came. */
  async function exchange(
    fields: string,
    rest: string,
    enough?: RegExp,
  ): Promise<[text: string, ended: boolean]> {
    const socket = connect(server.port, '127.0.0.1').setEncoding('utf8')
    // What is written after the server has gone is no failure of this test.
    socket.on('error', () => undefined)
    let text = ''
    let ended = false
    socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n\r\n${rest}`)
    const over = new Promise<void>((resolve) => {
      socket.on('data', (data: string) => {
        text += data
        if (enough?.test(text) === true) resolve()
      })
      socket.on('end', () => {
        ended = true
        resolve()
      })
    })
    await over
    socket.destroy()
    await once(socket, 'close')
    return [text, ended]
  }

  for (const [what, fields, rest] of [
    ['more than is worth to be read on for', `Content-Length: ${MEGABYTE}`, 'x'.repeat(1000)],
    ['nobody knows how much', 'Transfer-Encoding: chunked', '3e8\r\n'],
  ] as const) {
    test(`REQ-16: with ${what} to come the connection ends`, async () => {
      const [text, ended] = await exchange(fields, rest)
      assert.match(text, /^HTTP\/1.1 401 /)
      assert.match(text, /\r\nConnection: close\r\n/i)
      assert.ok(ended)
    })
  }

  test('REQ-16: with little to come it serves the next one', async () => {
    const [text, ended] = await exchange(
      'Content-Length: 1000',
      `${'x'.repeat(1000)}POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n`,
      /HTTP\/1.1 401 [^]*HTTP\/1.1 401 /,
    )
    assert.doesNotMatch(text, /\r\nConnection: close\r\n/i)
    assert.ok(!ended)
  })
})
