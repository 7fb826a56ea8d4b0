import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { after, describe, test } from 'node:test'
import type { Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'
import { as, testScheme, type TestPrincipal } from '../support/scheme.ts'

const ORIGIN = 'https://app.example.com'
const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

async function serve(
  handle: Handler<TestPrincipal>,
  policy: Parameters<typeof guarded>[0] = {},
): Promise<Guarded> {
  const made = await guarded(
    {
      cors: { origins: [ORIGIN, 'https://other.example.com'] },
      routes: { '/*': { public: 'a test' } },
      ...policy,
    },
    handle,
  )
  open.push(made)
  return made
}

const DUE = [
  'x-content-type-options',
  'content-security-policy',
  'referrer-policy',
  'cross-origin-resource-policy',
]

describe('every response is finished', () => {
  const rows: readonly (readonly [name: string, handle: Handler<TestPrincipal>, status: number])[] = [
    ['of a handler that only ends', (_req, res) => res.end(), 200],
    ['of writeHead with an object', (_req, res) => res.writeHead(201, { 'X-A': '1' }).end(), 201],
    [
      'of writeHead with a reason and an object',
      (_req, res) => res.writeHead(201, 'Made', { 'X-A': '1' }).end(),
      201,
    ],
    ['of writeHead with a flat list', (_req, res) => res.writeHead(201, ['X-A', '1', 'X-B', '2']).end(), 201],
    [
      'of writeHead after setHeader',
      (_req, res) => res.setHeader('X-B', '2').writeHead(200, { 'X-A': '1' }).end(),
      200,
    ],
    ['of flushHeaders', (_req, res) => (res.flushHeaders(), res.end('late')), 200],
    ['of write before end', (_req, res) => (res.write('a'), res.end('b')), 200],
    ['of a stream', (_req, res) => Readable.from(['a', 'b']).pipe(res), 200],
    ['of 204', (_req, res) => res.writeHead(204).end(), 204],
    ['of 304', (_req, res) => res.writeHead(304).end(), 304],
    ['of a redirect', (_req, res) => res.writeHead(302, { Location: '/x' }).end(), 302],
    ['of a handler that throws', () => assert.fail('secret detail'), 500],
    ['of a handler that rejects', () => Promise.reject(new Error('secret detail')), 500],
    [
      'of a handler that throws after setHeader',
      (_req, res) => {
        res.setHeader('X-Leak', 'secret detail')
        throw new Error('secret detail')
      },
      500,
    ],
  ]
  for (const [name, handle, status] of rows) {
    test(`HDR-01, COR-19: ${name}`, async () => {
      const server = await serve(handle)
      const received = await server.send({ fields: ['Origin', ORIGIN] })
      assert.equal(received.status, status)
      for (const field of DUE) assert.ok(received.headers[field], field)
      assert.equal(received.headers['access-control-allow-origin'], ORIGIN)
      assert.match(String(received.headers.vary), /Origin/)
      assert.equal(JSON.stringify(received).includes('secret detail'), false)
    })
  }

  test('HEAD has the fields of GET and no body', async () => {
    const server = await serve((_req, res) => res.end('text'))
    const received = await server.send({ method: 'HEAD' })
    for (const field of DUE) assert.ok(received.headers[field], field)
    assert.equal(received.body, '')
  })

  test('COR-05: Vary is sent when the request has no Origin', async () => {
    const server = await serve((_req, res) => res.setHeader('Vary', 'Accept').end())
    assert.equal((await server.send({})).headers.vary, 'Accept, Origin')
  })

  test('COR-08: a Vary of * stays', async () => {
    const server = await serve((_req, res) => res.setHeader('Vary', '*').end())
    assert.equal((await server.send({})).headers.vary, '*')
  })

  test('COR-24: a malformed target is refused with the CORS fields of an allowed origin', async () => {
    const server = await serve((_req, res) => res.end())
    const text = await server.raw(
      `GET /a/../b HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${ORIGIN}\r\nConnection: close\r\n\r\n`,
    )
    assert.match(text, /^HTTP\/1\.1 400 /)
    assert.match(text, new RegExp(`Access-Control-Allow-Origin: ${ORIGIN}`))
  })

  test('HDR-01: a list of pairs, which node:http takes, is taken', async () => {
    const server = await serve((_req, res) =>
      res
        .writeHead(200, [
          ['X-A', '1'],
          ['X-B', '2'],
        ] as never)
        .end(),
    )
    const received = await server.send({})
    assert.deepEqual([received.status, received.headers['x-a'], received.headers['x-b']], [200, '1', '2'])
  })

  test('HDR-01: a wrapper of writeHead that was there before is handed no list', async () => {
    const gate = gatehouse(testPolicy({ routes: { '/*': { public: 'a test' } } }))
    const admit = gate.handler((_req, res) => res.end('ok'))
    const handed: unknown[] = []
    const server = await start((req, res) => {
      const inner = res.writeHead.bind(res) as (...args: unknown[]) => typeof res
      res.writeHead = (...args: unknown[]) => (handed.push(...args.slice(1)), inner(...args))
      admit(req, res)
    })
    const fields = ['Host', '127.0.0.1']
    assert.equal((await server.send({ fields })).headers['x-content-type-options'], 'nosniff')
    assert.equal((await server.send({ path: '//', fields })).status, 400)
    assert.deepEqual(handed, [])
    await server.close()
  })

  test('a second writeHead is the error of node:http, and the response stands', async () => {
    const server = await serve((_req, res) => {
      res.writeHead(200)
      assert.throws(() => res.writeHead(500), { code: 'ERR_HTTP_HEADERS_SENT' })
      res.end('whole')
    })
    assert.equal((await server.send({})).body, 'whole')
  })

  test('a response under way is cut off when its handler fails: half of it is never taken for all', async () => {
    const server = await serve(async (_req, res) => {
      res.writeHead(200, { 'Content-Length': '10' })
      res.write('half ')
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('too late')
    })
    await assert.rejects(server.send({}), { code: 'ECONNRESET' })
  })

  test('a handler that fails after its response is whole changes nothing of it', async () => {
    const server = await serve((_req, res) => {
      res.end('whole')
      throw new Error('too late')
    })
    assert.equal((await server.send({})).body, 'whole')
    assert.ok((await server.events()).some((event) => event.kind === 'handler.failed'))
  })

  test('a client that is gone before a slow scheme answers harms nobody', async () => {
    const server = await serve((_req, res) => res.end('x'), {
      authenticate: testScheme({ late: true }),
      routes: {},
    })
    for (let i = 0; i < 5; i++) {
      const socket = connect(server.port, '127.0.0.1')
      socket.end('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
      socket.destroy()
    }
    assert.equal((await server.send({ fields: as('alice') })).status, 200)
  })

  test('no response leaks fields of another', async () => {
    const server = await serve((req, res) => {
      if (req.url === '/a') res.setHeader('X-Only-A', '1')
      res.end()
    })
    await server.send({ path: '/a', fields: ['Origin', ORIGIN] })
    const received = await server.send({ path: '/b' })
    assert.equal(received.headers['x-only-a'], undefined)
    assert.equal(received.headers['access-control-allow-origin'], undefined)
  })
})

describe("a handler's own fields", () => {
  test("HDR-04: the handler's own security field stays, and the conflict is told", async () => {
    const server = await serve((_req, res) => res.setHeader('X-Frame-Options', 'SAMEORIGIN').end())
    assert.equal((await server.send({})).headers['x-frame-options'], 'SAMEORIGIN')
    const events = await server.events()
    assert.ok(
      events.some((event) => event.kind === 'headers.conflict' && event.reason?.includes('x-frame-options')),
    )
  })

  test("COR-04: the handler's own CORS field never widens the policy, and the conflict is told", async () => {
    const server = await serve((_req, res) => res.setHeader('Access-Control-Allow-Origin', '*').end())
    const received = await server.send({ fields: ['Origin', 'https://evil.example'] })
    assert.equal(received.headers['access-control-allow-origin'], undefined)
    assert.ok((await server.events()).some((event) => event.kind === 'headers.conflict'))
  })

  test('HDR-05: fields that name the software are removed', async () => {
    const server = await serve((_req, res) =>
      res.writeHead(200, { Server: 'x/1', 'X-Powered-By': 'y' }).end(),
    )
    const received = await server.send({})
    assert.equal(received.headers['server'], undefined)
    assert.equal(received.headers['x-powered-by'], undefined)
  })

  const caching: readonly (readonly [given: string | undefined, sent: string])[] = [
    [undefined, 'no-store'],
    ['public, max-age=60', 'no-store'],
    ['private', 'no-store'],
    ['x-no-store', 'no-store'],
    ['no-store, max-age=0', 'no-store, max-age=0'],
    ['private, No-Store', 'private, No-Store'],
  ]
  for (const [given, sent] of caching) {
    test(`HDR-03: an authenticated answer with Cache-Control ${given ?? '(none)'} is sent with ${sent}`, async () => {
      const server = await serve(
        (_req, res) => (given === undefined ? res : res.setHeader('Cache-Control', given)).end(),
        { routes: {} },
      )
      assert.equal((await server.send({ fields: as('alice') })).headers['cache-control'], sent)
    })
  }

  const words: readonly (readonly [
    setting: 'private' | 'handler',
    given: string | undefined,
    sent: string,
  ])[] = [
    ['private', undefined, 'no-store'],
    ['private', 'private, max-age=60', 'private, max-age=60'],
    ['private', 'Private , must-revalidate', 'Private , must-revalidate'],
    ['private', 'no-store', 'no-store'],
    ['private', 'public, max-age=60', 'no-store'],
    ['private', 'private, public', 'no-store'],
    ['private', 'private, s-maxage=60', 'no-store'],
    ['private', 'private="x-user", max-age=60', 'no-store'],
    ['private', 'private=x-user', 'no-store'],
    ['private', 'max-age=60', 'no-store'],
    ['private', 'no-cache', 'no-store'],
    ['handler', undefined, 'no-store'],
    ['handler', 'public, max-age=60', 'public, max-age=60'],
  ]
  for (const [authenticatedCache, given, sent] of words) {
    test(`HDR-03: ${given ?? '(none)'} is sent as ${sent} where ${authenticatedCache} is said, with Vary`, async () => {
      const server = await serve(
        (_req, res) => (given === undefined ? res : res.setHeader('Cache-Control', given)).end(),
        { routes: {}, headers: { authenticatedCache } },
      )
      const { headers } = await server.send({ fields: as('alice') })
      assert.equal(headers['cache-control'], sent)
      // RFC 9111 §4.1: else the browser of the next caller finds it.
      assert.match(String(headers.vary), /authorization/i)
      const conflicts = (await server.events()).filter(({ kind }) => kind === 'headers.conflict')
      assert.equal(conflicts.length, given !== undefined && given !== sent ? 1 : 0)
    })
  }

  for (const name of ['Cache-Control', 'cache-control']) {
    for (const [authenticatedCache, said, sent] of [
      ['no-store', 'public, max-age=60', 'no-store'],
      ['private', 'public, max-age=60', 'no-store'],
      ['private', 'private, max-age=60', 'private, max-age=60'],
      ['handler', 'public, max-age=60', 'public, max-age=60'],
    ] as const) {
      test(`HDR-03: a ${name} of the policy itself, "${said}", is sent as ${sent} where ${authenticatedCache} is said`, async () => {
        const server = await serve((_req, res) => res.end(), {
          routes: {},
          headers: { authenticatedCache, set: { [name]: said } },
        })
        assert.equal((await server.send({ fields: as('alice') })).headers['cache-control'], sent)
        // A refusal is nobody else's, whoever writes its header section.
        assert.equal((await server.send({})).headers['cache-control'], 'no-store')
      })
    }
  }

  test('HDR-03: a quoted no-store is none', async () => {
    const server = await serve((_req, res) => res.setHeader('Cache-Control', 'x="a, no-store, b"').end(), {
      routes: {},
    })
    assert.equal((await server.send({ fields: as('alice') })).headers['cache-control'], 'no-store')
  })

  test("HDR-03: a public answer keeps the handler's Cache-Control", async () => {
    const server = await serve((_req, res) => res.setHeader('Cache-Control', 'public, max-age=60').end())
    assert.equal((await server.send({})).headers['cache-control'], 'public, max-age=60')
  })

  test('several cookies stay several field lines', async () => {
    const server = await serve((_req, res) =>
      res.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end(),
    )
    assert.deepEqual((await server.send({})).headers['set-cookie'], ['a=1', 'b=2'])
  })

  test('a page rule has the fields of the page preset', async () => {
    const server = await serve((_req, res) => res.end(), {
      routes: { '/': { public: 'a test', headers: 'page' } },
    })
    assert.match(String((await server.send({})).headers['content-security-policy']), /script-src 'self'/)
  })
})

describe('both ways to write a header section', () => {
  const sections: readonly (readonly string[])[] = [
    [],
    ['Content-Type', 'text/plain'],
    ['X-A', '1', 'X-B', '2'],
    ['x-frame-options', 'SAMEORIGIN'],
    ['X-CONTENT-TYPE-OPTIONS', 'sniff'],
    ['SERVER', 'x/1', 'x-powered-by', 'y'],
    ['VARY', 'Accept'],
    ['vary', '*'],
    ['CACHE-control', 'public'],
    ['Cache-Control', 'no-store, private'],
    ['ACCESS-CONTROL-allow-origin', '*'],
    ['ratelimit', '"mine";r=1'],
    ['strict-transport-security', 'max-age=1'],
    ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
    ['__proto__', 'x', 'constructor', 'y'],
  ]
  for (const section of sections) {
    test(`HDR-04: fields handed to writeHead and fields set before come out alike: ${section.join(' ') || 'none'}`, async () => {
      const server = await serve(
        (req, res) => {
          if (req.url === '/set') {
            for (let i = 0; i < section.length; i += 2)
              res.appendHeader(section[i] ?? '', section[i + 1] ?? '')
            res.writeHead(200).end()
          } else res.writeHead(200, [...section]).end()
        },
        { routes: {}, rateLimit: { limit: 100, window: '1m' } },
      )
      const lines = async (path: string): Promise<readonly string[]> => {
        const { raw } = await server.send({ path, fields: ['Origin', ORIGIN, ...as('alice')] })
        const found: string[] = []
        for (let i = 0; i < raw.length; i += 2) {
          const name = (raw[i] ?? '').toLowerCase()
          found.push(`${name}: ${name === 'ratelimit' || name === 'date' ? '' : raw[i + 1]}`)
        }
        return found.sort()
      }
      assert.deepEqual(await lines('/written'), await lines('/set'))
    })
  }
})

describe('problems', () => {
  test('ERR-01: a refusal is a problem whose status equals the HTTP status, with a stable type and no stack', async () => {
    const server = await serve((_req, res) => res.end(), { routes: {} })
    const received = await server.send({})
    assert.equal(received.headers['content-type'], 'application/problem+json')
    const { requestId, ...body } = JSON.parse(received.body) as Record<string, unknown>
    assert.deepEqual(body, {
      type: 'urn:gatehouse:problem:authentication_required',
      title: 'Authentication is required.',
      status: received.status,
      code: 'authentication_required',
    })
    assert.equal(typeof requestId, 'string')
  })

  /** What somebody may do to a response before it is refused. */
  const meddled: readonly (readonly [name: string, meddle: (res: ServerResponse) => void])[] = [
    ['nothing', () => undefined],
    ['a length that was set', (res) => res.setHeader('Content-Length', 2)],
    [
      'a length that was set and taken back',
      (res) => res.setHeader('Content-Length', 2).removeHeader('Content-Length'),
    ],
    ['chunks that were announced', (res) => res.setHeader('Transfer-Encoding', 'chunked')],
    [
      'framing that was taken off',
      (res) => {
        res.removeHeader('Content-Length')
        res.removeHeader('Transfer-Encoding')
      },
    ],
    [
      'a writeHead that sets a type where there is none',
      (res) => {
        const inner = res.writeHead.bind(res) as (...args: unknown[]) => typeof res
        res.writeHead = (...args: unknown[]) => {
          if (!res.hasHeader('content-type') && !JSON.stringify(args).includes('application/problem'))
            res.setHeader('Content-Type', 'text/html')
          return inner(...args)
        }
      },
    ],
    [
      'an end that writes the header section first',
      (res) => {
        const inner = res.end.bind(res) as (...args: unknown[]) => typeof res
        res.end = (...args: unknown[]) => {
          if (!res.headersSent) res.writeHead(res.statusCode)
          return inner(...args)
        }
      },
    ],
    [
      'a header section that node:http refused',
      (res) => {
        const status = res.statusCode
        res.statusCode = 99_999
        assert.throws(() => res.end('hello'))
        res.statusCode = status
      },
    ],
  ]
  for (const [name, meddle] of meddled) {
    for (const [who, status] of [
      ['a handler', 500],
      ['what runs before the gate', 401],
    ] as const) {
      for (const [method, version] of [
        ['GET', '1.0'],
        ['GET', '1.1'],
        ['HEAD', '1.1'],
      ] as const) {
        test(`ERR-01: ${method} over HTTP/${version}: after ${name}, by ${who}, a problem has one type, and ends where it says`, async () => {
          const gate = gatehouse(testPolicy({ routes: { 'GET /open': { public: 'a test' } } }))
          const admit = gate.handler((_req, res) => {
            meddle(res)
            throw new Error('secret detail')
          })
          const server = await start((req, res) => {
            if (status === 401) meddle(res)
            admit(req, res)
          })
          const path = status === 401 ? '/' : '/open'
          const lines = (last: string): string =>
            `${method} ${path} HTTP/${version}\r\nHost: api.example.com\r\nConnection: ${last}\r\n\r\n`
          const text = await server.raw(
            version === '1.0' ? lines('close') : lines('keep-alive') + lines('close'),
          )
          await server.close()
          let rest = text
          while (rest !== '') {
            const end = rest.indexOf('\r\n\r\n') + 4
            const head = rest.slice(0, end)
            assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `))
            assert.deepEqual(head.match(/\r\ncontent-type: .*/gi), [
              '\r\nContent-Type: application/problem+json',
            ])
            assert.equal(head.match(/\r\ntransfer-encoding:/gi), null)
            const lengths = [...head.matchAll(/\r\ncontent-length: (\d+)\r\n/gi)].map(([, length]) =>
              Number(length),
            )
            assert.equal(lengths.length, 1)
            const content = method === 'HEAD' ? '' : rest.slice(end, end + (lengths[0] ?? 0))
            if (method !== 'HEAD') assert.equal((JSON.parse(content) as { status: number }).status, status)
            rest = rest.slice(end + content.length)
          }
          assert.equal(text.match(/HTTP\/1\.1 /g)?.length, version === '1.0' ? 1 : 2)
        })
      }
    }
  }

  test('ERR-02: a client that asks for HTML gets the same problem, with nosniff and a CSP', async () => {
    const server = await serve((_req, res) => res.end(), { routes: {} })
    const received = await server.send({ fields: ['Accept', 'text/html'] })
    assert.equal(received.headers['content-type'], 'application/problem+json')
    assert.equal(received.headers['x-content-type-options'], 'nosniff')
    assert.match(String(received.headers['content-security-policy']), /default-src 'none'/)
  })

  test("ERR-04: no text of a dependency's error reaches the client, whatever status the error names", async () => {
    for (const status of [undefined, 400, 418, 500, 200, '404', NaN]) {
      const server = await serve(() => {
        throw Object.assign(new Error('secret detail'), { status, expose: true, body: 'secret detail' })
      })
      const received = await server.send({})
      assert.equal(received.status, status === 400 || status === 418 ? status : 500)
      assert.equal(JSON.stringify(received).includes('secret detail'), false)
    }
  })

  test('AUT-01: a 401 that a handler throws has a challenge', async () => {
    const server = await serve(() => {
      throw Object.assign(new Error(), { status: 401 })
    })
    const received = await server.send({})
    assert.equal(received.status, 401)
    assert.match(String(received.headers['www-authenticate']), /^Test realm=/)
  })
})
