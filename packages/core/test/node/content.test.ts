import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { HashedContent } from '../../src/node/content.ts'
import { type Running, start } from '../support/http.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

interface Arrived {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly content: HashedContent
  /** The client's end. */
  readonly socket: Socket
}

/** Sends the beginning of a request, and gives it as it arrives. */
async function arrive(bytes: string): Promise<Arrived> {
  let reached = (_arrived: Omit<Arrived, 'socket'>): void => undefined
  const arrived = new Promise<Omit<Arrived, 'socket'>>((resolve) => (reached = resolve))
  const server = await start((req, res) => reached({ req, res, content: new HashedContent(req) }))
  open.push(server)
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${bytes}`)
  return { ...(await arrived), socket }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')

describe('IDM-01: the content of a request', () => {
  const rows: readonly (readonly [name: string, bytes: string, digest: string | undefined])[] = [
    ['of a known length', 'Content-Length: 7\r\n\r\ncontent', hash('content')],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n', hash('content')],
    ['that there is none of', '\r\n', hash('')],
    ['of which there is too much', 'Content-Length: 8\r\n\r\ncontent!', undefined],
    ['of which there is too much before it ends', 'Content-Length: 99\r\n\r\ncontent!', undefined],
  ]
  for (const [name, bytes, digest] of rows) {
    test(`IDM-01: ${name}, that nobody reads`, async () => {
      const { content } = await arrive(bytes)
      assert.equal(await content.digest(7), digest)
      // Asked again, it is known.
      assert.equal(content.digest(7), digest)
    })
  }

  test('IDM-01: that its handler reads in an encoding is hashed as it came', async () => {
    const { content, req } = await arrive('Content-Length: 3\r\n\r\n\u00e9a')
    req.setEncoding('hex')
    let text = ''
    req.on('data', (chunk: string) => (text += chunk))
    await once(req, 'end')
    assert.equal(text, 'c3a961')
    assert.equal(content.digest(3), hash('\u00e9a'))
  })

  test('IDM-01: is left to a handler that has begun to read it', async () => {
    const { content, req, socket } = await arrive('Content-Length: 7\r\n\r\ncon')
    req.on('data', () => undefined)
    req.pause()
    const digest = content.digest(7)
    assert.equal(req.isPaused(), true)
    socket.write('tent')
    req.resume()
    assert.equal(await digest, hash('content'))
  })

  test('IDM-01: of a client that goes away was not all there', { timeout: 10_000 }, async () => {
    const { content, socket } = await arrive('Content-Length: 7\r\n\r\ncon')
    const digest = content.digest(7)
    socket.destroy()
    assert.equal(content.isCut(), false)
    assert.equal(await digest, undefined)
    assert.equal(content.digest(7), undefined)
    assert.equal(content.isCut(), true)
  })

  test('IDM-01: that node:http has thrown away, since the answer was out, was not all there', async () => {
    const { content, req, res, socket } = await arrive('Content-Length: 7\r\n\r\ncon')
    const closed = once(req, 'close')
    res.end('done')
    await once(socket, 'data')
    socket.write('tent')
    await closed
    assert.equal(content.digest(7), undefined)
  })

  test('IDM-01: that somebody has read before was not all there, unless there is none', async () => {
    for (const [bytes, digest] of [
      ['Content-Length: 7\r\n\r\ncontent', undefined],
      ['Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', undefined],
      ['Content-Length: 0\r\n\r\n', hash('')],
      ['\r\n', hash('')],
    ] as const) {
      const { req } = await arrive(bytes)
      req.resume()
      await once(req, 'end')
      assert.equal(new HashedContent(req).digest(7), digest)
    }
  })

  test('IDM-01: that waits to be read by somebody who comes late was not all there', async () => {
    const { req } = await arrive('Content-Length: 7\r\n\r\ncon')
    while (req.readableLength === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(new HashedContent(req).digest(7), undefined)
  })
})
