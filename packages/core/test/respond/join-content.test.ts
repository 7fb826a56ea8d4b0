import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, test } from 'node:test'
import { joinContent } from '../../src/respond/join-content.ts'

const MODULE = new URL('../../src/respond/join-content.ts', import.meta.url).href

/** From Node 24 on, node:http hands a text over once itself; a buffer is one more than its header section. */
const HANDS_TEXTS_OVER_ONCE = Number(process.versions.node.split('.')[0]) >= 24

/** How often node:http itself hands something over, at the least. */
function leastOf(name: string): number {
  return HANDS_TEXTS_OVER_ONCE && !name.includes('buffer') ? 1 : 2
}

interface Answered {
  /** The bytes of the response, without the date. */
  readonly bytes: string
  /** How many times something was handed to the connection. */
  readonly writes: number
}

type Write = (res: ServerResponse) => void

async function answered(write: Write, isJoined: boolean, method = 'GET'): Promise<Answered> {
  let writes = 0
  const listener: RequestListener = (req, res) => {
    const { socket } = req
    const node = socket.write.bind(socket) as (...args: unknown[]) => boolean
    socket.write = (...args: unknown[]) => {
      writes++
      return node(...args)
    }
    if (isJoined) joinContent(res)
    write(res)
  }
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.end(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    return {
      bytes: Buffer.concat(chunks)
        .toString('latin1')
        .replace(/Date: .*\r\n/, ''),
      writes,
    }
  } finally {
    server.close()
  }
}

/** As a field value has a text that is UTF-8. */
function latin1Of(text: string): string {
  return Buffer.from(text).toString('latin1')
}

const JSON_TEXT = '{"data":"Secure data"}'
const TYPE = { 'Content-Type': 'application/json' }

describe('content that leaves with its header section', () => {
  const rows: readonly (readonly [name: string, write: Write])[] = [
    ['a text', (res) => res.end(JSON_TEXT)],
    ['a text with a type set before', (res) => res.setHeader('X-A', 'b').end(JSON_TEXT)],
    [
      'a text after a header section with its length',
      (res) => res.writeHead(200, { ...TYPE, 'Content-Length': JSON_TEXT.length }).end(JSON_TEXT),
    ],
    ['a buffer', (res) => res.end(Buffer.from(JSON_TEXT))],
    ['a buffer of every octet', (res) => res.end(Buffer.from(Array.from({ length: 256 }, (_, i) => i)))],
    ['a text as utf8', (res) => res.end(JSON_TEXT, 'utf8')],
    [
      'a text with no encoding and a callback, as fastify ends',
      (res) => res.end(JSON_TEXT, null as unknown as BufferEncoding, () => undefined),
    ],
    ['a text and a callback', (res) => res.end(JSON_TEXT, () => undefined)],
    [
      'a status of its own',
      (res) => {
        res.statusCode = 404
        res.end(JSON_TEXT)
      },
    ],
  ]
  for (const [name, write] of rows) {
    test(`${name}: the same bytes, handed over once`, async () => {
      const [own, joined] = [await answered(write, false), await answered(write, true)]
      assert.equal(joined.bytes, own.bytes)
      assert.equal(joined.writes, 1)
      assert.ok(own.writes >= leastOf(name))
    })
  }
})

describe('content that does not', () => {
  const rows: readonly (readonly [name: string, write: Write, method?: string])[] = [
    ['no content', (res) => res.end()],
    ['an empty text', (res) => res.end('')],
    ['an empty buffer', (res) => res.end(Buffer.alloc(0))],
    ['characters that have no octet', (res) => res.end('{"name":"Zoë €"}')],
    ['a text in another encoding', (res) => res.end('00ff', 'hex')],
    [
      'a text after another',
      (res) => {
        res.write('a')
        res.end(JSON_TEXT)
      },
    ],
    [
      'a header section that was sent',
      (res) => {
        res.flushHeaders()
        res.end(JSON_TEXT)
      },
    ],
    ['chunks', (res) => res.writeHead(200, TYPE).end(JSON_TEXT)],
    ['HEAD', (res) => res.end(JSON_TEXT), 'HEAD'],
    [
      '204',
      (res) => {
        res.statusCode = 204
        res.end(JSON_TEXT)
      },
    ],
    [
      '304',
      (res) => {
        res.statusCode = 304
        res.end(JSON_TEXT)
      },
    ],
    [
      'trailers',
      (res) => {
        res.writeHead(200, { Trailer: 'A' })
        res.addTrailers({ A: 'b' })
        res.end(JSON_TEXT)
      },
    ],
    // node:http decodes the name of a file from latin1, and what it has then is not written as latin1.
    [
      'a name of a file that would end a line',
      (res) => {
        res.setHeader('Content-Disposition', `attachment; filename="${latin1Of('č Ċ')}Set-Cookie: evil=1"`)
        res.end(JSON_TEXT)
      },
    ],
    [
      'a name of a file beyond latin1',
      (res) => {
        res.setHeader('Content-Disposition', `attachment; filename="${latin1Of('上海č.txt')}"`)
        res.end(JSON_TEXT)
      },
    ],
    ['a field beyond ASCII', (res) => res.setHeader('X-Name', 'é').end(JSON_TEXT)],
    ['a field beyond ASCII, and a buffer', (res) => res.setHeader('X-Name', 'é').end(Buffer.from(JSON_TEXT))],
    [
      'a third argument that is no function',
      (res) => res.end(JSON_TEXT, 'utf8', 'more' as unknown as () => void),
    ],
    ['more than is copied', (res) => res.end('a'.repeat(65_537))],
    [
      'a length that is counted',
      (res) => {
        res.strictContentLength = true
        res.setHeader('Content-Length', JSON_TEXT.length)
        res.end(JSON_TEXT)
      },
    ],
    [
      'a second end',
      (res) => {
        res.on('error', () => undefined)
        res.end(JSON_TEXT)
        res.end(JSON_TEXT)
      },
    ],
  ]
  for (const [name, write, method] of rows) {
    test(`${name}: the same bytes`, async () => {
      const [own, joined] = [await answered(write, false, method), await answered(write, true, method)]
      assert.equal(joined.bytes, own.bytes)
    })
  }
})

test('what was put in the place of the functions of node:http before all else is left alone', async () => {
  const seen: unknown[] = []
  const { prototype } = ServerResponse
  // oxlint-disable-next-line typescript/unbound-method -- called with its response as `this`
  const { end } = prototype
  prototype.end = function (this: ServerResponse, ...args: unknown[]) {
    seen.push(args[0])
    return Reflect.apply(end, this, args) as ServerResponse
  }
  try {
    // Loaded anew, as by whoever loads the core after an agent.
    const late = (await import(`${MODULE}?late`)) as { joinContent: (res: ServerResponse) => void }
    await answered((res) => {
      late.joinContent(res)
      res.end(JSON_TEXT)
    }, false)
  } finally {
    Reflect.deleteProperty(prototype, 'end')
  }
  assert.deepEqual(seen, [JSON_TEXT])
})

test('whoever writes in the place of node:http still sees the content', async () => {
  const seen: unknown[] = []
  const patch = (res: ServerResponse): void => {
    const node = res.end.bind(res) as (...args: unknown[]) => ServerResponse
    res.end = ((...args: unknown[]) => {
      seen.push(args[0])
      return node(...args)
    }) as ServerResponse['end']
  }
  await answered((res) => {
    patch(res)
    res.end('after')
  }, true)
  const before: Write = (res) => {
    patch(res)
    joinContent(res)
    res.end('before')
  }
  await answered(before, false)
  assert.deepEqual(seen, ['after', 'before'])
})

test('the end is told of: the callback is called, finish is emitted, and writableEnded holds', async () => {
  const told: string[] = []
  await answered((res) => {
    res.on('finish', () => told.push('finish'))
    res.end(JSON_TEXT, () => told.push('callback'))
    told.push(String(res.writableEnded))
  }, true)
  assert.deepEqual(told.toSorted(), ['callback', 'finish', 'true'])
})
