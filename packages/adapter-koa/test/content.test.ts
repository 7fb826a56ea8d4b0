import Koa3 from 'koa'
import Koa2 from 'koa2'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type ContentSetting, gatehouse } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { allow, guard, type Middleware } from '../src/index.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

/** An app that says what its handler finds in `ctx.request.body`. */
async function serve(
  Koa: typeof Koa3,
  parser: Middleware,
  content: ContentSetting,
  where: 'policy' | 'route',
): Promise<Running> {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    ...(where === 'policy' ? { content } : {}),
  })
  const app = new Koa()
  app.silent = true
  app.use(guard(gate))
  if (where === 'route') app.use(allow(gate, { content }))
  app.use(parser)
  app.use((ctx) => {
    ctx.body = { body: (ctx.request as { readonly body?: unknown }).body ?? null }
  })
  const listener = app.callback()
  const running = await start(createServer((req, res) => void listener(req, res)))
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

type Parser = (options: { readonly jsonLimit: string }) => Middleware

// Required and not imported: each adds other types of its own to the one context of Koa.
const require = createRequire(import.meta.url)
const PARSERS: Readonly<Record<string, Parser>> = {
  'koa-bodyparser': require('koa-bodyparser') as Parser,
  '@koa/bodyparser': (require('@koa/bodyparser') as { readonly bodyParser: Parser }).bodyParser,
  'koa-body': (require('koa-body') as { readonly koaBody: Parser }).koaBody,
}

for (const [name, Koa] of [
  ['Koa 3', Koa3],
  ['Koa 2', Koa2 as unknown as typeof Koa3],
] as const) {
  for (const [parser, make] of Object.entries(PARSERS)) {
    describe(`REQ-16: content before ${parser} on ${name}`, () => {
      // It asks nobody whether the content was read, and reads what is no longer there: an error of its own.
      if (parser === 'koa-body') {
        test('REQ-11: what the gate has read is not read again: the parser fails, and the request ends', async () => {
          const server = await serve(Koa, make({ jsonLimit: '1kb' }), 'json', 'policy')
          const length = `${JSON_TYPE}Content-Length: 7\r\n`
          assert.equal(await post(server, length, '{"a":1}'), '500 internal_error')
        })
      }
      for (const where of parser === 'koa-body' ? [] : (['policy', 'route'] as const)) {
        test(`REQ-11: what the gate read by a rule of the ${where} is in ctx.request.body, and the parser leaves it alone`, async () => {
          const server = await serve(Koa, make({ jsonLimit: '1kb' }), ['json', 'form'], where)
          const length = `${JSON_TYPE}Content-Length: 7\r\n`
          assert.equal(await post(server, length, '{"a":1}'), '200 {"body":{"a":1}}')
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
        const content = { types: 'json', read: false, maxBytes: 50, encodings: ['gzip'] } as const
        const server = await serve(Koa, make({ jsonLimit: '1kb' }), content, 'policy')
        const chunks = `${JSON_TYPE}Transfer-Encoding: chunked\r\n`
        assert.equal(await post(server, chunks, chunked('{"a"', ':1}')), '200 {"body":{"a":1}}')
        const long = JSON.stringify({ a: 'x'.repeat(60) })
        assert.equal(await post(server, chunks, chunked(...long.split(''))), '413 content_too_large')
        const declared = `${JSON_TYPE}Content-Length: 51\r\n`
        assert.equal(await post(server, declared, '{"a":1}'), '413 content_too_large')
        const coded = gzipSync('{"a":1}').toString('latin1')
        const fields = `${JSON_TYPE}Content-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n`
        assert.equal(await post(server, fields, coded), '200 {"body":{"a":1}}')
        // The parser has a limit of its own for what it decodes.
        const bomb = gzipSync(Buffer.alloc(2000, 0x20)).toString('latin1')
        const dense = `${JSON_TYPE}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n`
        assert.equal(await post(server, dense, bomb), '413 rejected')
      })
    })
  }
}
