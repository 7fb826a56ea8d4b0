import assert from 'node:assert/strict'
import { connect, createServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { RequestListener } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { testPolicy } from '../support/gate.ts'

/*
 * Over HTTP/2 content comes without a field that announces it.
 */
describe('content over node:http2', () => {
  const gate = gatehouse(
    testPolicy({
      content: { types: 'json', maxBytes: 20 },
      routes: {
        'GET /': { public: 'a test' },
        'POST /json': { public: 'a test' },
        'POST /any': { public: 'a test', content: { types: 'any', maxBytes: 10 } },
        'POST /due': { public: 'a test', content: { types: 'json', required: true } },
      },
    }),
  )
  const listener = gate.handler(async (req, res, pass) => {
    let bytes = 0
    if (pass.content === undefined)
      for await (const chunk of req as AsyncIterable<Buffer>) bytes += chunk.length
    res.end(JSON.stringify(pass.content ?? bytes))
  }) satisfies RequestListener
  const server = createServer(listener as unknown as Parameters<typeof createServer>[1])
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  after(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })

  /** Sends requests over one connection, one after the other; gives the statuses and contents. */
  async function ask(
    ...all: readonly (readonly [path: string, type?: string | undefined, body?: string])[]
  ): Promise<string[]> {
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const answers: string[] = []
    for (const [path, type, body] of all) {
      const method = path === '/' ? 'GET' : 'POST'
      const fields = { ':path': path, ':method': method, ':authority': '127.0.0.1' }
      const stream = client.request(type === undefined ? fields : { ...fields, 'content-type': type }, {
        endStream: body === undefined,
      })
      answers.push(
        await new Promise((resolve, reject) => {
          let status: unknown
          let text = ''
          stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          stream.on('response', (headers) => (status = headers[':status']))
          stream.on('error', reject)
          stream.on('close', () => resolve(`${Number(status)} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text}`))
          if (body !== undefined) stream.end(body)
        }),
      )
    }
    client.destroy()
    return answers
  }

  test('REQ-16: content without a Content-Length is read, and its type is asked', async () => {
    assert.deepEqual(
      await ask(
        ['/'],
        ['/json', 'application/json', '{"a":1}'],
        ['/json', 'text/plain', '{"a":1}'],
        ['/due'],
      ),
      ['200 0', '200 {"a":1}', '415 unsupported_media_type', '400 content_required'],
    )
  })

  test('REQ-16: it is bounded, whoever reads it, and the connection stays for other requests', async () => {
    assert.deepEqual(
      await ask(
        ['/json', 'application/json', `"${'x'.repeat(200)}"`],
        ['/any', undefined, 'x'.repeat(10)],
        ['/any', undefined, 'x'.repeat(50_000)],
        ['/json', 'application/json', '[]'],
      ),
      ['413 content_too_large', '200 10', '413 content_too_large', '200 []'],
    )
  })
})
