import fastify, { type FastifyInstance } from 'fastify'
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { type ContentSetting, gatehouse } from '@gatehouse/core'
import { allow, guard, passOf } from '../src/index.ts'

const OPEN = { dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' } as const
type Where = 'policy' | 'config' | 'allow'

/** An app that says what its handler finds in `request.body`, and what it is told of the request. */
async function make(content: ContentSetting, where: Where): Promise<FastifyInstance> {
  const gate = gatehouse({ ...OPEN, ...(where === 'policy' ? { content } : {}) })
  const app = fastify({ forceCloseConnections: true })
  await app.register(guard(gate))
  app.addHook('preParsing', async (request, _reply, payload) => {
    let bytes = 0
    if (request.is404 || passOf(gate, request).content === undefined) return
    for await (const chunk of payload) bytes += (chunk as Buffer).length
    Object.assign(request, { seen: [request.method, request.headers['content-type'], bytes] })
  })
  app.route({
    method: ['POST', 'QUERY'],
    url: '/',
    config: where === 'config' ? { gate: { content } } : {},
    ...(where === 'allow' ? { onRequest: allow(gate, { content }) } : {}),
    handler: (request) => ({
      body: request.body ?? null,
      method: request.method,
    }),
  })
  return app
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Posts over a real connection; status and content, or the code of the problem. */
async function post(
  app: FastifyInstance,
  headers: Record<string, string>,
  body: string,
  method = 'POST',
  path = '/',
): Promise<string> {
  const { port } = app.server.address() as AddressInfo
  const init = { method, headers, body, signal: AbortSignal.timeout(5000) }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
  const text = await response.text()
  if (!response.ok) return `${response.status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text}`
  const { body: found, method: told } = JSON.parse(text) as {
    readonly body: unknown
    readonly method: string
  }
  return `${response.status} ${told} ${JSON.stringify(found)}`
}

for (const where of ['policy', 'config', 'allow'] as const) {
  describe(`REQ-16: content before the parsers of Fastify, by a rule of ${where}`, () => {
    test('REQ-11: what the gate read is request.body, and no parser waits for it', async () => {
      const app = await make(['json', 'form'], where)
      await app.listen({ port: 0, host: '127.0.0.1' })
      try {
        assert.equal(await post(app, JSON_TYPE, '{"a":1}'), '200 POST {"a":1}')
        const form = { 'content-type': 'application/x-www-form-urlencoded' }
        assert.equal(await post(app, form, 'a=1'), '200 POST {"a":"1"}')
        assert.equal(await post(app, JSON_TYPE, '{"__proto__":{}}'), '400 malformed_content')
        assert.equal(await post(app, { 'content-type': 'text/plain' }, 'a'), '415 unsupported_media_type')
        assert.equal(await post(app, JSON_TYPE, '{"a":1}', 'QUERY'), '200 QUERY {"a":1}')
        const missing = await post(app, JSON_TYPE, '{"a":1}', 'POST', '/missing')
        assert.equal(missing, '404 not_found')
      } finally {
        await app.close()
      }
    })

    test('REQ-11: and what is injected is the same', async () => {
      const app = await make('json', where)
      const payload = { a: 1 }
      const answer = await app.inject({ method: 'POST', url: '/', payload })
      assert.deepEqual(JSON.parse(answer.body), {
        ...JSON.parse(answer.body),
        body: { a: 1 },
        method: 'POST',
      })
      const bad = await app.inject({
        method: 'POST',
        url: '/',
        headers: JSON_TYPE,
        payload: '{"__proto__":{}}',
      })
      assert.equal(bad.statusCode, 400)
      const missing = await app.inject({ method: 'POST', url: '/missing', payload })
      assert.equal(missing.statusCode, 404)
    })
  })
}

test('REQ-16: a hook of preParsing sees the request as it is, and an empty stream', async () => {
  const app = await make('json', 'policy')
  let seen: unknown
  app.addHook('preHandler', (request, _reply, done) => {
    ;({ seen } = request as { readonly seen?: unknown })
    done()
  })
  assert.equal((await app.inject({ method: 'POST', url: '/', payload: { a: 1 } })).statusCode, 200)
  assert.deepEqual(seen, ['POST', 'application/json', 0])
})

test('REQ-16: the content that a parser of Fastify reads is bounded by the gate', async () => {
  const app = await make({ types: 'json', read: false, maxBytes: 50 }, 'policy')
  await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    assert.equal(await post(app, JSON_TYPE, '{"a":1}'), '200 POST {"a":1}')
    const long = JSON.stringify({ a: 'x'.repeat(60) })
    assert.equal(await post(app, JSON_TYPE, long), '413 content_too_large')
    const { port } = app.server.address() as AddressInfo
    // A stream has no length, and comes in pieces.
    const chunked = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: new Blob([long]).stream(),
      duplex: 'half',
    } as RequestInit)
    assert.equal(chunked.status, 413)
    await chunked.text()
  } finally {
    await app.close()
  }
})
