import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import type { Handler } from '../../src/node/gate.ts'
import { guarded } from '../support/gate.ts'
import type { TestPrincipal } from '../support/scheme.ts'

/* What becomes of a response does not depend on the way in which its fields are written. */

type Way = (res: ServerResponse) => void

/** Besides the plain response of node:http: one whose `writeHead` is somebody else's, and one whose way of storing fields is. */
const WAYS: readonly (readonly [string, Way])[] = [
  [
    'somebody else hooks writeHead',
    (res) => {
      // Called on its response all the same.
      // oxlint-disable-next-line typescript/unbound-method
      const { writeHead } = res
      res.writeHead = function (this: ServerResponse, ...args: Parameters<typeof writeHead>) {
        return writeHead.apply(this, args)
      } as typeof writeHead
    },
  ],
  [
    'somebody else stores the fields',
    (res) => {
      const stored = res as unknown as { _storeHeader: (firstLine: string, fields: unknown) => void }
      const { _storeHeader } = stored
      stored._storeHeader = function (this: ServerResponse, firstLine, fields) {
        _storeHeader.call(this, firstLine, fields)
      }
    },
  ],
]

const HANDLERS: readonly (readonly [string, Handler<TestPrincipal>])[] = [
  ['sets nothing', (_req, res) => res.end('x')],
  ['sets a field', (_req, res) => res.setHeader('X-A', '1').end('x')],
  ['sets a list', (_req, res) => res.setHeader('Set-Cookie', ['a=1', 'b=2']).end('x')],
  ['hands over an object', (_req, res) => res.writeHead(201, { 'X-A': '1', 'Content-Length': 1 }).end('x')],
  ['hands over a flat list', (_req, res) => res.writeHead(201, ['X-A', '1', 'X-B', '2']).end('x')],
  ['hands over a reason', (_req, res) => res.writeHead(201, 'Made', { 'X-A': '1' }).end('x')],
  [
    'sets what no response carries',
    (_req, res) => res.setHeader('X-Powered-By', 'me').setHeader('X-A', '1').end('x'),
  ],
  ['sets a Vary of its own', (_req, res) => res.setHeader('Vary', 'Accept').end('x')],
  ['sets what the gate owns', (_req, res) => res.setHeader('X-Content-Type-Options', 'x').end('x')],
  ['sets what it knows better', (_req, res) => res.setHeader('Referrer-Policy', 'origin').end('x')],
  ['sets what limits tell', (_req, res) => res.setHeader('RateLimit', '"mine";r=1').end('x')],
  ['hands over what limits tell', (_req, res) => res.writeHead(200, ['ratelimit-policy', 'x']).end('x')],
  ['says how long it may be kept', (_req, res) => res.setHeader('Cache-Control', 'max-age=5').end('x')],
  ['writes a length', (_req, res) => res.setHeader('Content-Length', 1).end('x')],
  ['closes the connection', (_req, res) => res.setHeader('Connection', 'close').end('x')],
  ['writes chunks', (_req, res) => (res.write('a'), res.end('b'))],
  ['answers 304', (_req, res) => res.writeHead(304).end()],
  ['answers 401 by itself', (_req, res) => res.writeHead(401).end('x')],
  ['throws', () => assert.fail('no')],
  ['hands over what is no field', (_req, res) => res.writeHead(200, { 'X-A': 'a\nb' }).end()],
  [
    'hands over what is no field, and then sets what the gate owns',
    (_req, res) => {
      assert.throws(() => res.writeHead(200, { 'X-A': 'a\nb' }))
      res.writeHead(200, { 'Referrer-Policy': 'origin' }).end('x')
    },
  ],
]

async function answerOf(
  way: Way,
  handle: Handler<TestPrincipal>,
): Promise<readonly [number, readonly string[], string]> {
  const app = await guarded(
    {
      cors: { origins: ['https://app.example.com', 'https://other.example.com'] },
      rateLimit: { limit: 10, window: '1m' },
      routes: { '/*': { public: 'a test' } },
    },
    (req, res, pass) => handle(req, res, pass),
  )
  app.server.prependListener('request', (_req, res) => way(res))
  try {
    const { status, raw, body } = await app.send({
      fields: ['Host', 'api.example.com', 'Origin', 'https://app.example.com'],
    })
    const lines: string[] = []
    for (let i = 0; i < raw.length; i += 2) if (raw[i] !== 'Date') lines.push(`${raw[i]}: ${raw[i + 1]}`)
    return [status, lines.sort(), body.replace(/"requestId":"[^"]+"/, '')]
  } finally {
    await app.close()
  }
}

describe('HDR-04: a response is finished in one way, however its fields are written', () => {
  for (const [what, handle] of HANDLERS) {
    test(`HDR-04: of a handler that ${what}`, async () => {
      const expected = await answerOf(() => undefined, handle)
      for (const [name, way] of WAYS) assert.deepEqual(await answerOf(way, handle), expected, name)
    })
  }
})
