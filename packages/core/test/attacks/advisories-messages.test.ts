import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { chunks, CHUNKED, JSON_TYPE, length, noise, outcome, posted, taking } from '../support/content.ts'
import { guarded, type Guarded } from '../support/gate.ts'

const HOST = 'Host: 127.0.0.1'

describe('advisories: where a request ends', () => {
  let server: Guarded
  let seen: readonly string[] = []
  before(async () => {
    server = await guarded({ routes: { '/*': { public: 'a test' } } }, (req, res) => {
      seen = [...seen, req.url ?? '']
      req.resume().on('end', () => res.end('ok'))
    })
  })
  after(() => server.close())

  /** What hides in the content of the first request, for whoever ends it elsewhere. */
  const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
  const post = (lines: string): string => `POST / HTTP/1.1\r\n${HOST}\r\n${lines}\r\n\r\n0\r\n\r\n${HIDDEN}`
  const rows: readonly (readonly [id: string, where: string, what: string, bytes: string])[] = [
    ['CVE-2018-7159', 'node', 'a space in a length', post('Content-Length: 1 2')],
    ['CVE-2020-8287', 'node', 'a second coding', post(`${CHUNKED}\r\nTransfer-Encoding: identity`)],
    ['CVE-2021-22959', 'llhttp', 'a space before a colon', post('Content-Length : 5')],
    ['CVE-2022-32213', 'llhttp', 'a coding that is none', post('Transfer-Encoding: chunkedchunked')],
    ['CVE-2022-32214', 'llhttp', 'lines that end in LF', post(`X-Any: a\n${CHUNKED}`)],
    ['CVE-2022-32215', 'llhttp', 'a coding on two lines', post('Transfer-Encoding: chunked\r\n , identity')],
    ['CVE-2023-30589', 'llhttp', 'lines that end in CR', post(`X-Any: a\r${CHUNKED}`)],
    ['CVE-2024-27982', 'node', 'a space before a length', post(`X-Any: a\r\n Content-Length: 5`)],
    [
      'CVE-2024-22019',
      'node',
      'an extension of a chunk that does not end',
      `POST / HTTP/1.1\r\n${HOST}\r\n${CHUNKED}\r\n\r\n1;a=${'b'.repeat(100_000)}`,
    ],
  ]
  for (const [id, where, what, bytes] of rows) {
    test(`REQ-09: ${id}, ${where}: ${what} is refused, and nothing behind it is a request`, async () => {
      seen = []
      const text = await server.raw(bytes)
      assert.match(text, /^HTTP\/1\.1 4\d\d .*\r\n/)
      assert.match(text, /\r\nConnection: close\r\n/i)
      assert.equal(text.split('HTTP/1.1 ').length, 2, 'one answer')
      assert.ok(!seen.includes('/hidden'))
    })
  }
})

describe('advisories: how long content is, and what it is', () => {
  const LIMIT = 1000
  let server: Guarded
  let handled = 0
  let contents: unknown[] = []
  before(async () => {
    server = await taking(
      { types: 'json', maxBytes: LIMIT },
      async (req, res, pass) => {
        handled++
        contents.push(pass.content)
        let bytes = 0
        try {
          if (req.url === '/swallow')
            for await (const chunk of req as AsyncIterable<Buffer>) bytes += chunk.length
        } catch {
          // As a handler does that wants to answer whatever comes.
        }
        res.end(JSON.stringify({ content: pass.content ?? null, bytes }))
      },
      { routes: { '/swallow': { public: 'a test', content: { types: 'any', maxBytes: LIMIT } } } },
    )
  })
  after(() => server.close())

  test('REQ-16: CVE-2026-44456, hono: chunks beyond the limit are refused, though the handler would not have looked', async () => {
    handled = 0
    const large = `"${noise(5 * LIMIT)}"`
    const text = await server.raw(posted([JSON_TYPE, CHUNKED], chunks(large.slice(0, 10), large.slice(10))))
    assert.equal(outcome(text), '413 content_too_large')
    assert.equal(handled, 0)
  })

  test('REQ-16: CVE-2026-44456, hono: and where it reads them itself, though it takes no notice of the error', async () => {
    const large = noise(5 * LIMIT)
    const text = await server.raw(posted([CHUNKED], chunks(large.slice(0, 10), large.slice(10)), '/swallow'))
    assert.equal(outcome(text), '413 content_too_large')
  })

  test('REQ-16: CVE-2026-54288, hono: what comes beyond a length that was understated is no content', async () => {
    contents = []
    await server.raw(posted([JSON_TYPE, length(7)], `{"a":1}${' '.repeat(5 * LIMIT)}{"a":2}`))
    for (const content of contents) assert.deepEqual(content, { a: 1 })
    const next = posted([JSON_TYPE, length(7)], '{"a":2}')
    await server.raw(posted([JSON_TYPE, length(7), 'Connection: keep-alive'], `{"a":1}${next}`))
    assert.deepEqual(contents.slice(-2), [{ a: 1 }, { a: 2 }])
  })

  const types: readonly (readonly [id: string, type: string, taken: boolean])[] = [
    ['CVE-2025-32442', 'Application/JSON', true],
    ['CVE-2025-32442', 'application/json ;charset=utf-8', true],
    ['CVE-2026-25223', 'application/json\ta', false],
    ['CVE-2026-33806', ' application/json', true],
    ['CVE-2026-3419', 'application/json garbage', false],
  ]
  for (const [id, type, taken] of types) {
    test(`CSR-06: ${id}, fastify: ${JSON.stringify(type)} is ${taken ? 'JSON, and held to its rules' : 'no type'}`, async () => {
      const send = async (content: string): Promise<string> =>
        outcome(await server.raw(posted([`Content-Type: ${type}`, length(content)], content)))
      if (taken) {
        assert.match(await send('{"a":1}'), /^200 /)
        assert.equal(await send('{"a":1,"a":2}'), '400 malformed_content')
      } else assert.equal(await send('{"a":1}'), '415 unsupported_media_type')
    })
  }

  test('REQ-05: GHSA-crvj-82cr-hjcx, hono: no parameter comes behind a fragment', async () => {
    for (const target of ['/?a=1#&role=admin', '/#?role=admin']) {
      const text = await server.raw(`GET ${target} HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`)
      assert.match(text, /^HTTP\/1\.1 400 /, target)
    }
  })
})
