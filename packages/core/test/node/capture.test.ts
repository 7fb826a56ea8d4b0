import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { after, describe, test } from 'node:test'
import type { CapturedResponse } from '../../src/contract/check.ts'
import { captureResponse } from '../../src/node/capture.ts'
import { type Running, start } from '../support/http.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

/** What is captured of a response, and what a client gets of it. */
async function captured(
  answer: (res: ServerResponse, stop: () => void) => unknown,
  maxBytes = 100,
): Promise<readonly CapturedResponse[]> {
  const heard: CapturedResponse[] = []
  const server = await start((_req, res) => {
    answer(
      res,
      captureResponse(res, maxBytes, (response) => heard.push(response)),
    )
  })
  open.push(server)
  await server.send({})
  return heard
}

const bodies = (heard: readonly CapturedResponse[]): readonly (string | undefined)[] =>
  heard.map(({ body }) => body?.toString('latin1'))

describe('IDM-01: what is copied of a response', () => {
  test('IDM-01: what was written, though its memory is used again', async () => {
    const heard = await captured((res) => {
      const bytes = Buffer.from('first')
      res.write(bytes)
      bytes.write('other')
      res.end(bytes)
      bytes.write('third')
    })
    assert.deepEqual(bodies(heard), ['firstother'])
  })

  test('IDM-01: once, though the end of a response writes what it was given', async () => {
    const heard: CapturedResponse[] = []
    const server = await start((_req, res) => {
      const doors = res as unknown as Record<'write' | 'end', (chunk?: unknown) => unknown>
      const end = doors.end.bind(res)
      doors.end = (chunk) => {
        doors.write(chunk)
        return end()
      }
      captureResponse(res, 100, (response) => heard.push(response))
      res.write('a')
      res.end('b')
    })
    open.push(server)
    assert.equal((await server.send({})).body, 'ab')
    assert.deepEqual(bodies(heard), ['ab'])
  })

  test('IDM-01: one response, however often it is ended', async () => {
    const heard = await captured((res) => {
      res.on('error', () => undefined)
      res.end('a')
      res.end()
      res.end('b')
    })
    assert.deepEqual(bodies(heard), ['a'])
  })

  test('IDM-01: nothing of a response that is complete already', async () => {
    const heard: CapturedResponse[] = []
    const server = await start((_req, res) => {
      res.end('a')
      captureResponse(res, 100, (response) => heard.push(response))
      res.end()
    })
    open.push(server)
    await server.send({})
    assert.deepEqual(heard, [])
  })

  test('IDM-01: up to a bound, and beyond it nothing', async () => {
    assert.deepEqual(bodies(await captured((res) => res.end('a'.repeat(100)))), ['a'.repeat(100)])
    assert.deepEqual(bodies(await captured((res) => res.end('a'.repeat(101)))), [undefined])
    const pieces = (res: ServerResponse): unknown => [
      res.write('a'.repeat(99)),
      res.write('bb'),
      res.end('c'),
    ]
    assert.deepEqual(bodies(await captured(pieces)), [undefined])
    assert.deepEqual(bodies(await captured((res) => res.end(), 0)), [''])
  })

  test('IDM-01: nothing once it was stopped, at whatever point', async () => {
    assert.deepEqual(await captured((res, stop) => [stop(), res.write('a'), res.end()]), [])
    assert.deepEqual(await captured((res, stop) => [res.write('a'), stop(), res.end('b')]), [])
  })

  test('IDM-01: what was thrown at is no part of it', async () => {
    const heard = await captured((res) => {
      assert.throws(() => res.write(7), TypeError)
      assert.throws(() => res.writeHead(200, { 'X-Bad': 'a\nb' }), TypeError)
      res.writeHead(201, { 'X-Good': 'a' })
      assert.throws(() => res.writeHead(202), Error)
      res.end('x')
    })
    assert.deepEqual(heard, [{ status: 201, fields: ['X-Good', 'a'], body: Buffer.from('x') }])
  })

  test('IDM-01: a list of pairs, as node:http takes one', async () => {
    const pairs = [
      ['X-A', '1'],
      ['X-B', '2'],
    ]
    const [response] = await captured((res) => res.writeHead(200, pairs as never).end())
    assert.deepEqual(response?.fields, ['X-A', '1', 'X-B', '2'])
  })

  test('IDM-01: all of it, though the client has gone', async () => {
    const heard: CapturedResponse[] = []
    let finish = (): void => undefined
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const server = await start((req, res) => {
      captureResponse(res, 100, (response) => heard.push(response))
      req.socket.destroy()
      void once(res, 'close').then(() => {
        res.statusCode = 201
        res.setHeader('X-Own', 'yes')
        res.write('a')
        res.end('b')
        finish()
      })
    })
    open.push(server)
    await assert.rejects(server.send({}))
    await finished
    assert.deepEqual(heard, [{ status: 201, fields: ['X-Own', 'yes'], body: Buffer.from('ab') }])
  })
})
