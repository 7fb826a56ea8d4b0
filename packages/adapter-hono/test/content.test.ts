import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type ContentSetting, gatehouse } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { allow, fallback, type GateEnv, guard } from '../src/index.ts'

const open: Running[] = []
after(async () => {
  for (const each of open) await each.close()
})

/** Where the rule stands that asks for the content, and whether the gate stands in front of node-server, too. */
const PLACES = ['policy', 'policy, in front', 'route'] as const

/** The ways in which a handler, or what it hands the request to, comes to the content. */
const WAYS: Readonly<Record<string, (c: Context) => unknown>> = {
  json: (c) => c.req.json(),
  text: (c) => c.req.text(),
  'parse-body': (c) => c.req.parseBody(),
  'array-buffer': async (c) => Buffer.from(await c.req.arrayBuffer()).toString(),
  'form-data': async (c) => Object.fromEntries(await c.req.formData()),
  'raw-json': (c) => c.req.raw.json(),
  clone: (c) => c.req.raw.clone().text(),
  twice: async (c) => [await c.req.text(), await c.req.text()],
}

/** An app that says what its handlers find. */
async function serve(content: ContentSetting, place: (typeof PLACES)[number]): Promise<Running> {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    public: 'a test',
    ...(place === 'route' ? {} : { content }),
  })
  const app = new Hono<GateEnv<typeof gate>>()
  app.use(guard(gate))
  if (place === 'route') app.use(allow(gate, { content }))
  for (const [name, read] of Object.entries(WAYS))
    app.post(`/${name}`, async (c) => c.json((await read(c)) ?? null))
  const limit = bodyLimit({ maxSize: 20 })
  app.post('/limited', limit, async (c) => c.json(await c.req.json()))
  app.post('/touched', async (c) => {
    const { signal } = c.req.raw
    return c.json([signal.aborted, await c.req.json()])
  })
  app.mount('/mounted', async (request: Request) => new Response(await request.text()))
  fallback(gate, app)
  const listener = getRequestListener(app.fetch)
  const running = await start(createServer(place === 'policy, in front' ? gate.handler(listener) : listener))
  gate.attach(running.server)
  open.push(running)
  return running
}

const JSON_TYPE = 'Content-Type: application/json\r\n'
const FORM_TYPE = 'Content-Type: application/x-www-form-urlencoded\r\n'
const chunked = (...chunks: readonly string[]): string =>
  [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')

/** Posts, byte by byte as written; status and body of the answer. */
async function post(server: Running, way: string, fields: string, content: string): Promise<string> {
  const head = `POST /${way} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`
  const [answer = '', body = ''] = (await server.raw(head + content)).split('\r\n\r\n')
  const said = answer.startsWith('HTTP/1.1 200') ? body : (/"code":"(\w+)"/.exec(body)?.[1] ?? '')
  return `${answer.slice(9, 12)} ${said}`
}

const sized = (type: string, content: string): readonly [fields: string, content: string] => [
  `${type}Content-Length: ${content.length}\r\n`,
  content,
]

for (const place of PLACES) {
  describe(`REQ-16: content by a rule of the ${place}`, () => {
    const json = sized(JSON_TYPE, '{"a": [1, null]}')
    const form = sized(FORM_TYPE, 'a%5Bb%5D=1&c=%26+%C3%BC')
    const rows: readonly (readonly [way: string, sent: typeof json, answer: string])[] = [
      ['json', json, '{"a":[1,null]}'],
      ['text', json, '"{\\"a\\":[1,null]}"'],
      ['array-buffer', json, '"{\\"a\\":[1,null]}"'],
      ['raw-json', json, '{"a":[1,null]}'],
      ['clone', json, '"{\\"a\\":[1,null]}"'],
      ['twice', sized(JSON_TYPE, '[1]'), '["[1]","[1]"]'],
      ['touched', json, '[false,{"a":[1,null]}]'],
      ['limited', json, '{"a":[1,null]}'],
      ['mounted/x', json, '{"a":[1,null]}'],
      ['parse-body', form, '{"a[b]":"1","c":"& ü"}'],
      ['form-data', form, '{"a[b]":"1","c":"& ü"}'],
      ['text', form, '"a%5Bb%5D=1&c=%26+%C3%BC"'],
      ['json', [`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, chunked('{"a"', ':1}')], '{"a":1}'],
      ['text', [`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, chunked()], '""'],
      ['parse-body', [`${FORM_TYPE}Transfer-Encoding: chunked\r\n`, chunked()], '{}'],
      ['text', ['Content-Length: 0\r\n', ''], '""'],
    ]
    for (const [way, sent, answer] of rows) {
      test(`REQ-11: what the gate read, ${way} finds: ${sent[1].slice(0, 30).replaceAll('\r\n', '|')}`, async () => {
        const server = await serve(['json', 'form'], place)
        assert.equal(Buffer.from(await post(server, way, ...sent), 'latin1').toString(), `200 ${answer}`)
      })
    }

    test('REQ-11: what the gate decoded is not decoded again', async () => {
      const server = await serve({ types: 'json', encodings: ['gzip'] }, place)
      const coded = gzipSync('{"a":1}').toString('latin1')
      const sent = sized(`${JSON_TYPE}Content-Encoding: gzip\r\n`, coded)
      assert.equal(await post(server, 'json', ...sent), '200 {"a":1}')
    })

    test('REQ-11: what is refused comes to no handler', async () => {
      const server = await serve('json', place)
      assert.equal(
        await post(server, 'json', ...sized(JSON_TYPE, '{"__proto__":1}')),
        '400 malformed_content',
      )
      assert.equal(await post(server, 'json', ...sized(FORM_TYPE, 'a=1')), '415 unsupported_media_type')
    })

    test('REQ-16: content that the handler reads is bounded by the gate: declared, chunked', async () => {
      const server = await serve({ types: 'json', read: false, maxBytes: 20 }, place)
      const chunks = `${JSON_TYPE}Transfer-Encoding: chunked\r\n`
      assert.equal(await post(server, 'json', ...json), '200 {"a":[1,null]}')
      assert.equal(await post(server, 'json', chunks, chunked('{"a"', ':1}')), '200 {"a":1}')
      const long = JSON.stringify({ a: 'x'.repeat(60) })
      assert.equal(await post(server, 'json', chunks, chunked(...long.split(''))), '413 content_too_large')
      assert.equal(await post(server, 'json', ...sized(JSON_TYPE, long)), '413 content_too_large')
    })
  })
}
