import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { chunks, CHUNKED, JSON_TYPE, length, noise, outcome, posted, taking } from '../support/content.ts'
import type { Guarded } from '../support/gate.ts'

// A length is what the sender says. One that is too small hides a second request in the first, one that is too large keeps
// a connection and its memory, and none at all passes a limit that looks at nothing else.
describe('attack: content that is not as long as it says', () => {
  const MIB = 1024 * 1024
  let server: Guarded
  let handled: number
  before(async () => {
    const handle = async (
      ...[req, res, pass]: Parameters<Parameters<Guarded['gate']['handler']>[0]>
    ): Promise<void> => {
      handled++
      let bytes = 0
      if (req.url === '/up') for await (const chunk of req as AsyncIterable<Buffer>) bytes += chunk.length
      res.end(JSON.stringify({ content: pass.content ?? null, bytes }))
    }
    server = await taking('json', handle, {
      routes: {
        '/up': { public: 'a test', content: { types: 'any', maxBytes: 1000 } },
        '/free': { public: 'a test' },
      },
    })
  })
  after(() => server.close())
  const told = async (): Promise<readonly string[]> =>
    (await server.events()).filter(({ outcome: what }) => what === 'refused').map(({ kind }) => kind)

  for (const path of ['/', '/up']) {
    test(`REQ-16: ${path}: a length beyond the limit is refused before a byte of it has come`, async () => {
      handled = 0
      // Nothing of it is sent: a gate that waited for it would wait for ever.
      const text = await server.raw(posted([JSON_TYPE, length(64 * MIB), 'Connection: keep-alive'], '', path))
      assert.equal(outcome(text), '413 content_too_large')
      assert.match(text, /\r\nConnection: close\r\n/)
      assert.equal(handled, 0)
    })

    test(`REQ-16: ${path}: chunks without an end are cut at the limit, and the client reads why`, async () => {
      const text = await server.raw(
        posted([JSON_TYPE, CHUNKED, 'Connection: keep-alive'], `500000\r\n${noise(5 * MIB)}`, path),
      )
      assert.equal(outcome(text), '413 content_too_large')
      assert.match(text, /\r\nConnection: close\r\n/)
    })

    test(`REQ-16: ${path}: a chunk for each byte is counted by bytes`, async () => {
      const document = `"${noise(120_000)}"`
      const text = await server.raw(posted([JSON_TYPE, CHUNKED], chunks(...document.split('')), path))
      assert.equal(outcome(text), '413 content_too_large')
    })
  }

  test('REQ-16: what is sent beyond the length is no content', async () => {
    const text = await server.raw(posted([JSON_TYPE, length(7)], '{"a":1}{"b":2}'))
    assert.doesNotMatch(text, /"b"/)
  })

  test('REQ-16: a client that ends before the length is refused, and nothing of it is handled', async () => {
    handled = 0
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.end(posted([JSON_TYPE, length(100)], '{"a":1}'))
      })
      socket.resume()
      socket.once('close', () => resolve())
    })
    assert.equal(handled, 0)
    assert.ok((await told()).includes('content.cut'))
  })

  test('REQ-16: a request that hides behind a refused one is not handled (RFC 9112 §9.6)', async () => {
    handled = 0
    const hidden = 'GET /free HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
    const large = `"${noise(110_000)}"`
    const text = await server.raw(
      posted([JSON_TYPE, length(large), 'Connection: keep-alive'], large) + hidden + hidden,
    )
    assert.equal(outcome(text), '413 content_too_large')
    assert.equal(text.split('HTTP/1.1 ').length, 2, 'one response')
    assert.equal(handled, 0)
  })

  test('REQ-16: a request that comes after one that was read is handled', async () => {
    const first = posted([JSON_TYPE, length(7), 'Connection: keep-alive'], '{"a":1}')
    const second = posted([JSON_TYPE, length(7)], '{"a":2}')
    const text = await server.raw(first + second)
    assert.match(text, /"a":1[^]*"a":2/)
  })

  test('REQ-16: chunks that are none are refused, and nothing of them is handled', async () => {
    for (const path of ['/', '/up']) {
      handled = 0
      assert.match(
        outcome(await server.raw(posted([JSON_TYPE, CHUNKED], '3\r\n{"a\r\nzz\r\n', path))),
        /^400 /,
      )
      if (path === '/') assert.equal(handled, 0)
    }
  })
})
