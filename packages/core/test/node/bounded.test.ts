import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { type Refusal, refuse } from '../../src/contract/check.ts'
import { boundContent } from '../../src/node/bounded.ts'
import { type Running, start } from '../support/http.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

const tooLarge = refuse('content.too-large', 'too large')
const late = refuse('content.late', 'late')

interface Arrived {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly socket: Socket
  readonly refusals: Refusal[]
  readonly ring: () => void
  readonly timers: () => number
}

/** Sends the beginning of a request, and gives it as it arrives, bounded to ten bytes. */
async function arrive(bytes: string, before?: (req: IncomingMessage) => Promise<unknown>): Promise<Arrived> {
  const rings = new Set<() => void>()
  const refusals: Refusal[] = []
  let reached = (_req: IncomingMessage, _res: ServerResponse): void => undefined
  const arrived = new Promise<readonly [IncomingMessage, ServerResponse]>(
    (resolve) => (reached = (req, res) => resolve([req, res])),
  )
  const bound = (res: ServerResponse): void =>
    boundContent(
      res,
      { maxBytes: 10, deadlineMs: 1000, tooLarge, late },
      (_ms, ring) => {
        rings.add(ring)
        return () => rings.delete(ring)
      },
      (refusal) => refusals.push(refusal),
    )
  const server = await start((req, res) => {
    if (before === undefined) {
      bound(res)
      reached(req, res)
    } else
      void before(req).then(() => {
        bound(res)
        reached(req, res)
      })
  })
  open.push(server)
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${bytes}`)
  const [req, res] = await arrived
  return {
    req,
    res,
    socket,
    refusals,
    ring: () => {
      for (const ring of rings) ring()
    },
    timers: () => rings.size,
  }
}

async function readAll(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += String(chunk)
  return text
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('REQ-16: content that its handler reads', () => {
  test('REQ-16: within the bounds it is as it was, and the deadline is over', async () => {
    const { req, refusals, timers } = await arrive(
      'Transfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n7\r\ntent...\r\n0\r\n\r\n',
    )
    assert.equal(await readAll(req), 'content...')
    assert.deepEqual([refusals, timers()], [[], 0])
  })

  test('REQ-16: beyond the bounds it ends with an error of the status, and nothing beyond comes through', async () => {
    const { req, refusals, timers, socket } = await arrive('Transfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n')
    let text = ''
    req.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const failed = once(req, 'error')
    socket.write('8\r\ntent.....\r\n')
    const [error] = (await failed) as [Error & { readonly status: number; readonly statusCode: number }]
    assert.deepEqual([error.message, error.status, error.statusCode], ['too large', 413, 413])
    assert.ok(text === 'con' || text === '')
    assert.deepEqual([refusals, timers()], [[tooLarge], 0])
    assert.ok(!req.socket.destroyed, 'the refusal is still to be sent')
    socket.write('8\r\ntent.....\r\n')
    await turn()
    assert.equal(refusals.length, 1)
  })

  test('REQ-16: what nobody reads is counted, too, and ends no process', async () => {
    const { req, refusals } = await arrive('Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n')
    if (!req.destroyed) await once(req, 'close')
    assert.deepEqual(refusals, [tooLarge])
  })

  test('REQ-16: what waited before the bounds were there is counted', async () => {
    const { req, refusals } = await arrive('Content-Length: 11\r\n\r\n01234567890', async (early) => {
      while (!early.complete) await turn()
    })
    await assert.rejects(readAll(req), /too large/)
    assert.deepEqual(refusals, [tooLarge])
  })

  test('REQ-16: what was whole before and small enough is left alone', async () => {
    const { req, refusals, timers } = await arrive('Content-Length: 10\r\n\r\n0123456789', async (early) => {
      while (!early.complete) await turn()
    })
    assert.equal(await readAll(req), '0123456789')
    assert.deepEqual([refusals, timers()], [[], 0])
  })

  test('REQ-16: what comes too slowly ends with 408', async () => {
    const { req, refusals, ring } = await arrive('Content-Length: 10\r\n\r\n012')
    const read = readAll(req)
    await turn()
    ring()
    await assert.rejects(read, { message: 'late', status: 408 })
    assert.deepEqual(refusals, [late])
  })

  test('REQ-16: a client that goes on sending after its answer is cut off', async () => {
    const { req, res, socket, refusals } = await arrive('Transfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n')
    req.on('error', () => undefined).resume()
    res.end('enough')
    await once(res, 'finish')
    const closed = once(socket, 'close')
    socket.resume().write('8\r\ntent.....\r\n')
    await closed
    assert.deepEqual(refusals, [])
  })

  test('REQ-16: nobody waits for the rest once the response is over, or the client is gone', async () => {
    const answered = await arrive('Content-Length: 10\r\n\r\n012')
    answered.res.end('enough')
    await once(answered.res, 'close')
    assert.equal(answered.timers(), 0)
    const gone = await arrive('Content-Length: 10\r\n\r\n012')
    gone.req.on('error', () => undefined)
    const closed = new Promise((resolve) => gone.req.once('close', resolve))
    gone.socket.destroy()
    await closed
    assert.deepEqual([gone.timers(), gone.refusals], [0, []])
  })
})
