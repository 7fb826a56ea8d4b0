import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { gatehouse } from '../../src/node/gatehouse.ts'
import type { Gate } from '../../src/node/gate.ts'
import { type Running, start } from '../support/http.ts'
import { testPolicy } from '../support/gate.ts'
import type { TestPrincipal } from '../support/scheme.ts'
import { entriesOf, keep } from './corpus.ts'
import { changes, mutate } from './mutation.ts'
import { readResponses, type WireResponse } from './responses.ts'

/*
 * Requests that are broken in ways that nobody has thought of, over a socket. GATEHOUSE_FUZZ_RUNS and GATEHOUSE_FUZZ_SEED
 * work as for the parsers; what fails is kept as corpus/http-request.
 */

const RUNS = Number(process.env['GATEHOUSE_FUZZ_RUNS'] ?? 2000) / 4
const SEED = process.env['GATEHOUSE_FUZZ_SEED']
const PARSER = 'http-request'
/** Nothing in these tests waits: only a connection that hangs is there for so long. */
const PATIENCE_MS = 20_000

const entries = entriesOf(PARSER)
const texts = entries.map(({ text }) => text)

describe('a server behind a gate, and bytes', () => {
  let server: Running
  let gate: Gate<TestPrincipal>
  const seen: IncomingMessage[] = []
  const contents: unknown[] = []
  before(async () => {
    gate = gatehouse(
      testPolicy({
        hosts: ['api.example.com'],
        cors: { origins: ['https://app.example.com', 'https://www.example.com'], methods: ['PUT'] },
        routes: {
          '/items': { public: 'a test' },
          '/items/*': { public: 'a test' },
          '/notes': {
            public: 'a test',
            content: { types: ['json', 'form'], encodings: ['gzip'], maxBytes: 4096 },
          },
          '/admin/*': { roles: ['admin'] },
        },
      }),
    )
    const http = createServer(
      gate.handler((req, res, pass) => {
        seen.push(req)
        contents.push(pass.content)
        res.end('ok')
      }),
    )
    http.on(
      'upgrade',
      gate.upgrade((req, socket) => {
        seen.push(req)
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n')
      }),
    )
    server = await start(gate.attach(http))
  })
  after(async () => {
    await server.close()
    await gate.close()
  })

  /** Sends bytes, ends its own side, and gives back all that comes until the other side has ended, too. */
  function exchange(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end(bytes, 'latin1'))
      let received = ''
      socket.setEncoding('latin1')
      const hangs = setTimeout(() => {
        reject(new Error('the connection hangs'))
        socket.destroy()
      }, PATIENCE_MS)
      socket.on('data', (chunk: string) => (received += chunk))
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearTimeout(hangs)
        resolve(received)
      })
    })
  }

  async function check(bytes: string): Promise<void> {
    seen.length = 0
    contents.length = 0
    const responses = readResponses(await exchange(bytes))
    for (const response of responses) if (response.status >= 400) assertRefusal(response)
    for (const req of seen) assertShape(req)
    for (const content of contents) assertContent(content)
    const passed = responses.filter(({ status }) => status === 200 || status === 101)
    assert.ok(passed.length <= seen.length, 'what passed has reached the handler')
  }

  for (const { name, text } of entries) {
    test(`REQ-09: ${name} is answered or ended, and whole`, () => check(text))
  }

  test(`REQ-09, ERR-01: ${RUNS} mutations of them are, too, and each refusal is a problem`, async () => {
    const ran = await fc.check(
      fc.asyncProperty(fc.constantFrom(...texts), changes, (text, made) => check(mutate(text, made, texts))),
      { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) },
    )
    if (ran.failed) {
      const [text = '', made = []] = ran.counterexample ?? []
      const found = mutate(text, made, texts)
      const file = keep(PARSER, found)
      assert.fail(
        `GATEHOUSE_FUZZ_SEED=${ran.seed} finds ${JSON.stringify(found.slice(0, 500))}, kept as corpus/${file}: ${String(ran.errorInstance)}`,
      )
    }
    const text = await exchange('GET /items HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n')
    assert.equal(readResponses(text)[0]?.body, 'ok', 'and the server goes on serving')
  })
})

/** Whatever was wrong, it is said in one form, and with the fields that every response has. */
function assertRefusal({ status, fields, body }: WireResponse): void {
  assert.equal(fields.get('content-type'), 'application/problem+json')
  assert.equal(fields.get('x-content-type-options'), 'nosniff')
  assert.match(fields.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.match(fields.get('vary') ?? '', /Origin/)
  // A response to HEAD has none.
  if (body !== '') assert.equal((JSON.parse(body) as { readonly status: number }).status, status)
}

/** What a handler may rely on, read from the request without the code that has checked it. */
function assertShape({ method = '', url = '', rawHeaders }: IncomingMessage): void {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  const count = (name: string): number => names.filter((other) => other === name).length
  assert.equal(count('host'), 1, 'one Host')
  for (const name of ['authorization', 'origin', 'content-type', 'content-length', 'transfer-encoding']) {
    assert.ok(count(name) <= 1, `at most one ${name}`)
  }
  assert.ok(count('content-length') === 0 || count('transfer-encoding') === 0, 'one length')
  assert.doesNotMatch(method, /^(?:TRACE|TRACK|CONNECT)$/)
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/\?.*$/s, '')
  assert.doesNotMatch(path, /\/\/|\\|%2f|%5c|%00|#|[^!-~]/i, 'no path of two readings')
  assert.doesNotMatch(path, /(?:^|\/)(?:\.|%2e){1,2}(?:;[^/]*)?(?:\/|$)/i, 'no dot segment')
  assert.doesNotMatch(url, /[^!-~]/, 'no control in the target')
}

/** What a handler is given of its content: an object or an array, of bounded size, that has changed no prototype. */
function assertContent(content: unknown): void {
  if (content === undefined) return
  assert.equal(typeof content, 'object')
  const text = JSON.stringify(content, (name, value: unknown) => {
    assert.notEqual(name, '__proto__')
    return value
  })
  assert.ok(text.length <= 8 * 4096, 'it is bounded')
  assert.deepEqual(Object.keys(Object.prototype), [])
}
