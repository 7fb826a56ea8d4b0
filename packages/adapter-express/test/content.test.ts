import express5 from 'express'
import express4 from 'express4'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type ContentSetting, gatehouse } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { allow, fallback, guard } from '../src/index.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

/** An app that says what its handler finds in `req.body`. */
async function serve(
  express: typeof express5,
  content: ContentSetting,
  where: 'policy' | 'route',
): Promise<Running> {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    ...(where === 'policy' ? { content } : {}),
  })
  const app = express()
  app.use(guard(gate))
  const echo: express5.RequestHandler = (req, res) => {
    res.json({ body: (req.body as unknown) ?? null })
  }
  // After the parser it is too late: the rule of a route that reads comes first.
  if (where === 'route') app.post('/', allow(gate, { content }))
  app.use(express.json({ limit: 1000 }), express.urlencoded({ extended: true }))
  app.post('/', echo)
  app.use(fallback(gate))
  const running = await start(createServer(app))
  gate.attach(running.server)
  open.push(running)
  return running
}

const JSON_TYPE = 'Content-Type: application/json\r\n'
const chunked = (...chunks: readonly string[]): string =>
  [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')

/** Posts, byte by byte as written; status and body of the answer. */
async function post(server: Running, fields: string, content: string): Promise<string> {
  const text = await server.raw(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n${content}`)
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return `${head.slice(9, 12)} ${head.startsWith('HTTP/1.1 200') ? body : (/"code":"(\w+)"/.exec(body)?.[1] ?? '')}`
}

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
] as const) {
  describe(`REQ-16: content before the parsers of ${name}`, () => {
    for (const where of ['policy', 'route'] as const) {
      test(`REQ-11: what the gate read by a rule of the ${where} is in req.body, and the parsers leave it alone`, async () => {
        const server = await serve(express, ['json', 'form'], where)
        assert.equal(
          await post(server, `${JSON_TYPE}Content-Length: 7\r\n`, '{"a":1}'),
          '200 {"body":{"a":1}}',
        )
        assert.equal(
          await post(server, `${JSON_TYPE}Transfer-Encoding: chunked\r\n`, chunked('{"a"', ':1}')),
          '200 {"body":{"a":1}}',
        )
        const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n'
        assert.equal(await post(server, form, 'a[b]=1'), '200 {"body":{"a[b]":"1"}}')
        const hostile = '{"a":1,"__proto__":{"admin":true}}'
        assert.equal(
          await post(server, `${JSON_TYPE}Content-Length: ${hostile.length}\r\n`, hostile),
          '400 malformed_content',
        )
        const text = 'Content-Type: text/plain\r\nContent-Length: 7\r\n'
        assert.equal(await post(server, text, '{"a":1}'), '415 unsupported_media_type')
        assert.match(await post(server, 'Content-Length: 0\r\n', ''), /^200 /)
      })
    }

    test('REQ-16: the content that the parser reads is bounded by the gate: chunked, compressed, lying', async () => {
      const server = await serve(
        express,
        { types: 'json', read: false, maxBytes: 50, encodings: ['gzip'] },
        'policy',
      )
      const chunks = `${JSON_TYPE}Transfer-Encoding: chunked\r\n`
      assert.equal(await post(server, chunks, chunked('{"a"', ':1}')), '200 {"body":{"a":1}}')
      const long = JSON.stringify({ a: 'x'.repeat(60) })
      assert.equal(await post(server, chunks, chunked(...long.split(''))), '413 content_too_large')
      assert.equal(
        await post(server, `${JSON_TYPE}Content-Length: 51\r\n`, '{"a":1}'),
        '413 content_too_large',
      )
      // What comes after the length that was declared is no content: node:http takes it for another request.
      assert.match(await post(server, `${JSON_TYPE}Content-Length: 2\r\n`, `{}${long}`), /^[24]00/)
      const coded = gzipSync('{"a":1}').toString('latin1')
      const fields = `${JSON_TYPE}Content-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n`
      assert.equal(await post(server, fields, coded), '200 {"body":{"a":1}}')
      // The parser has a limit of its own for what it decodes.
      const bomb = gzipSync(Buffer.alloc(2000, 0x20)).toString('latin1')
      assert.equal(
        await post(server, `${JSON_TYPE}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n`, bomb),
        '413 rejected',
      )
    })
  })
}
