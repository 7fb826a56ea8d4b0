import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { Coding, ReadLimits } from '../../src/contract/request.ts'
import { ReadableContent } from '../../src/node/incoming.ts'
import { type Running, start } from '../support/http.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

interface Arrived {
  readonly req: IncomingMessage
  readonly content: ReadableContent
  /** The client's end. */
  readonly socket: Socket
  /** Lets the deadline pass. */
  readonly ring: () => void
  /** How many timers wait. */
  readonly timers: () => number
}

/** Sends the beginning of a request, and gives it as it arrives. */
async function arrive(bytes: string | Buffer, keeps = false): Promise<Arrived> {
  const rings = new Set<() => void>()
  let reached = (_req: IncomingMessage): void => undefined
  const arrived = new Promise<IncomingMessage>((resolve) => (reached = resolve))
  const server = await start((req) => reached(req))
  open.push(server)
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(Buffer.concat([Buffer.from('POST / HTTP/1.1\r\nHost: a\r\n'), Buffer.from(bytes)]))
  const req = await arrived
  const startTimer = (_ms: number, ring: () => void): (() => void) => {
    rings.add(ring)
    return () => rings.delete(ring)
  }
  return {
    req,
    content: new ReadableContent(req, startTimer, keeps),
    socket,
    ring: () => {
      for (const ring of rings) ring()
    },
    timers: () => rings.size,
  }
}

const LIMITS: ReadLimits = { maxBytes: 10, deadlineMs: 1000, coding: undefined, maxRatio: 100 }

async function readAs(content: ReadableContent, limits: Partial<ReadLimits> = {}): Promise<string> {
  const read = await content.read({ ...LIMITS, ...limits })
  return read.type === 'whole' ? `whole ${read.bytes.toString('latin1')}` : read.type
}

const chunked = (...chunks: readonly string[]): string =>
  `Transfer-Encoding: chunked\r\n\r\n${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}`

describe('REQ-16: content as it comes in', () => {
  const rows: readonly (readonly [name: string, bytes: string, read: string])[] = [
    ['of a known length', 'Content-Length: 7\r\n\r\ncontent', 'whole content'],
    ['at the limit', 'Content-Length: 10\r\n\r\n0123456789', 'whole 0123456789'],
    ['in chunks', chunked('con', 'tent', ''), 'whole content'],
    ['a chunk for each byte', chunked(...'0123456789'.split(''), ''), 'whole 0123456789'],
    ['that there is none of', '\r\n', 'whole '],
    ['beyond the limit, before it ends', chunked('01234567890'), 'too-large'],
    ['beyond the limit in small chunks', chunked(...'01234567890'.split('')), 'too-large'],
    ['beyond the limit, whole', 'Content-Length: 11\r\n\r\n01234567890', 'too-large'],
  ]
  for (const [name, bytes, expected] of rows) {
    test(`REQ-16: ${name}: ${expected}`, async () => {
      const { content, timers, req } = await arrive(bytes)
      assert.equal(await readAs(content), expected)
      assert.equal(timers(), 0, 'no timer is left')
      assert.deepEqual(
        ['data', 'end', 'close'].map((event) => req.listenerCount(event)),
        [0, 0, 0],
      )
    })
  }

  test('REQ-16: much of it grows as it comes, and is whole', async () => {
    const text = 'abcdefghij'.repeat(5000)
    const { content } = await arrive(`Content-Length: ${text.length}\r\n\r\n${text}`)
    assert.equal(await readAs(content, { maxBytes: 50_000 }), `whole ${text}`)
  })

  test('REQ-16: what does not come in time is late, and nothing more of it is read', async () => {
    const { content, ring, req } = await arrive('Content-Length: 7\r\n\r\ncon')
    const read = readAs(content)
    await new Promise((resolve) => setImmediate(resolve))
    ring()
    assert.equal(await read, 'late')
    assert.ok(req.isPaused())
  })

  test('REQ-16: a client that goes away half-way is no error', async () => {
    const { content, socket } = await arrive('Content-Length: 7\r\n\r\ncon')
    const read = readAs(content)
    socket.destroy()
    assert.equal(await read, 'cut')
  })

  test('REQ-16: a client that has gone before is no error either', async () => {
    const { content, socket, req } = await arrive('Content-Length: 7\r\n\r\ncon')
    const gone = new Promise((resolve) => req.once('close', resolve))
    socket.destroy()
    await gone
    assert.equal(await readAs(content), 'cut')
  })

  test('REQ-16: a client that ends where it promised more is cut', async () => {
    const { content, socket } = await arrive('Content-Length: 7\r\n\r\ncon')
    socket.end()
    assert.equal(await readAs(content), 'cut')
  })

  test('what somebody else has read, or reads as text, is a mistake of the app', async () => {
    const { content, req } = await arrive('Content-Length: 7\r\n\r\ncontent')
    req.read()
    await assert.rejects(content.read(LIMITS), TypeError)
    const other = await arrive('Content-Length: 7\r\n\r\ncontent')
    other.req.setEncoding('utf8')
    await assert.rejects(other.content.read(LIMITS), TypeError)
  })

  test('what was read is there again for another check only where it was to be kept, and by the limits of that one', async () => {
    const kept = await arrive('Content-Length: 7\r\n\r\ncontent', true)
    assert.equal(await readAs(kept.content), 'whole content')
    assert.equal(await readAs(kept.content), 'whole content')
    assert.equal(await readAs(kept.content, { maxBytes: 6 }), 'too-large')
    const once = await arrive('Content-Length: 7\r\n\r\ncontent')
    assert.equal(await readAs(once.content), 'whole content')
    await assert.rejects(once.content.read(LIMITS), TypeError)
  })
})

describe('REQ-13: content codings', () => {
  const CODERS: Readonly<Record<Coding, (bytes: Buffer | string) => Buffer>> = {
    gzip: gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
  }
  const length = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`Content-Length: ${bytes.length}\r\n\r\n`), bytes])

  async function decoded(coding: Coding, bytes: Buffer, limits: Partial<ReadLimits> = {}): Promise<string> {
    const { content } = await arrive(length(bytes))
    return readAs(content, { coding, maxBytes: 1000, ...limits })
  }

  for (const [coding, code] of Object.entries(CODERS) as [Coding, (typeof CODERS)[Coding]][]) {
    const rows: readonly (readonly [
      name: string,
      bytes: Buffer,
      read: string,
      limits?: Partial<ReadLimits>,
    ])[] = [
      ['is undone', code('content'), 'whole content'],
      ['of nothing is nothing', code(''), 'whole '],
      ['with something after it', Buffer.concat([code('content'), Buffer.from('x')]), 'undecodable'],
      ['with zeros after it', Buffer.concat([code('content'), Buffer.alloc(4)]), 'undecodable'],
      ['that is cut', code('content').subarray(0, -2), 'undecodable'],
      ['that is none', Buffer.from('content'), 'undecodable'],
      ['at the limit', code('a'.repeat(1000)), `whole ${'a'.repeat(1000)}`],
      ['beyond the limit', code('a'.repeat(1001)), 'too-large'],
      ['that comes to too many times its size', code('a'.repeat(1000)), 'too-dense', { maxRatio: 2 }],
      ['of which more comes than there may be of it', code('content'), 'too-large', { maxBytes: 5 }],
    ]
    for (const [name, bytes, expected, limits] of rows) {
      test(`REQ-13: ${coding} ${name}: ${expected.slice(0, 20)}`, async () => {
        assert.equal(await decoded(coding, bytes, limits), expected)
      })
    }
  }

  test('REQ-13: several members of gzip come to no more than one (RFC 1952 §2.2)', async () => {
    const member = gzipSync('a'.repeat(400))
    assert.equal(await decoded('gzip', Buffer.concat([member, member])), `whole ${'a'.repeat(800)}`)
    assert.equal(await decoded('gzip', Buffer.concat([member, member, member])), 'too-large')
  })

  test('REQ-13: deflate is that of zlib, and not the bare one (RFC 9110 §8.4.1.2)', async () => {
    assert.equal(await decoded('deflate', deflateRawSync('content')), 'undecodable')
  })

  test('REQ-13: no bytes are no content, whatever their coding', async () => {
    assert.equal(await decoded('gzip', Buffer.alloc(0)), 'whole ')
  })
})
