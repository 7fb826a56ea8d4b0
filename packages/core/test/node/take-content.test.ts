import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tokenIssuer } from '../../src/identity/sign.ts'
import { tokenEndpoint } from '../../src/identity/token-endpoint.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { chunks, CHUNKED, JSON_TYPE, length, outcome, posted, taking } from '../support/content.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { as, testScheme } from '../support/scheme.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
const kept = async (server: Promise<Guarded>): Promise<Guarded> => {
  open.push(await server)
  return server
}

/** The status of a POST. */
async function status(
  server: Guarded,
  path: string,
  content: string,
  type = 'application/json',
): Promise<number> {
  const fields = ['Content-Type', type]
  return (await server.send({ method: 'POST', path, fields, body: content })).status
}

describe('content: the policy and its rules', () => {
  test('without the option the content is untouched: any type, any size', async () => {
    const server = await kept(
      taking(undefined, async (req, res) => {
        let bytes = 0
        for await (const chunk of req as AsyncIterable<Buffer>) bytes += chunk.length
        res.end(String(bytes))
      }),
    )
    const received = await server.send({ method: 'POST', body: 'x'.repeat(300_000) })
    assert.deepEqual([received.status, received.body], [200, '300000'])
  })

  test('a rule says what it takes in place of the policy, and may be exempt', async () => {
    const server = await kept(
      guarded({
        content: 'json',
        routes: {
          '/json': { public: 'a test' },
          '/form': { public: 'a test', content: 'form' },
          '/free': { public: 'a test', content: 'exempt' },
        },
      }),
    )
    const rows: readonly (readonly [path: string, type: string, status: number])[] = [
      ['/json', 'application/json', 200],
      ['/json', 'application/x-www-form-urlencoded', 415],
      ['/form', 'application/x-www-form-urlencoded', 200],
      ['/form', 'application/json', 415],
      ['/free', 'text/plain', 200],
    ]
    for (const [path, type, expected] of rows)
      assert.equal(await status(server, path, '{}', type), expected, `${path} ${type}`)
  })

  test('whoever may not do it has nothing read: 401 and 403 come first', async () => {
    const server = await kept(
      guarded({
        content: 'json',
        authenticate: testScheme({ late: true }),
        routes: { '/a': { roles: ['x'] } },
      }),
    )
    assert.equal(await status(server, '/', 'nonsense', 'text/plain'), 401)
    const fields = [...as('alice'), 'Content-Type', 'text/plain']
    assert.equal((await server.send({ method: 'POST', path: '/a', fields, body: 'x' })).status, 403)
    assert.equal((await server.send({ method: 'POST', path: '/', fields, body: 'x' })).status, 415)
    const json = [...as('alice'), 'Content-Type', 'application/json']
    assert.equal((await server.send({ method: 'POST', path: '/', fields: json, body: '{}' })).status, 200)
  })

  test('a rule of a framework reads what the policy has not, and judges again what it has', async () => {
    for (const content of [undefined, 'json'] as const) {
      const gate = gatehouse({
        dangerouslyAnyHost: true,
        https: 'dangerouslyAllowHttp',
        public: 'a test',
        ...(content === undefined ? {} : { content }),
      })
      const narrow = gate.allow({
        content: { types: 'json', maxBytes: 20, json: { maxDepth: 1 } },
      })
      const server = await kept(
        taking('exempt', async (req, res) => {
          if ((await gate.admit(req, res)) === undefined) return
          const pass = await narrow(req, res)
          if (pass !== undefined) res.end(JSON.stringify(pass.content))
        }),
      )
      const fields = ['Content-Type', 'application/json']
      const sent = async (body: string): Promise<string> =>
        (await server.send({ method: 'POST', fields, body })).body
      assert.equal(await sent('{"a":1}'), '{"a":1}')
      assert.match(await sent('{"a":[]}'), /malformed_content/)
      assert.match(await sent(`{"a":"${'x'.repeat(20)}"}`), /content_too_large/)
    }
  })

  test('ERR-03: a rule of a framework cannot be exempt, and mistakes are told where they are', () => {
    const policy = { dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', public: 'a test' } as const
    assert.throws(
      () => gatehouse(policy).allow({ content: 'exempt' }),
      /rule\.content: comes after the content/,
    )
    assert.throws(
      () => gatehouse({ ...policy, content: 'exempt' as 'json' }),
      /content\.types: .*malformed_value/,
    )
    const routes = { '/a': { public: 'a test', content: { types: 'json', maxBytes: -1 } } } as const
    assert.throws(() => gatehouse({ ...policy, routes }), /routes\["\/a"\]\.content\.maxBytes: /)
  })

  test('REQ-05: a path that may be of several routes takes what all of them take', async () => {
    const server = await kept(
      guarded({
        routes: {
          '/users/me': { authenticated: true, content: ['json', 'form'] },
          '/users/:id': { authenticated: true, content: 'json' },
        },
      }),
    )
    const sent = async (path: string, type: string, body: string): Promise<number> =>
      (await server.send({ method: 'POST', path, fields: [...as('a'), 'Content-Type', type], body })).status
    const form = 'application/x-www-form-urlencoded'
    assert.equal(await sent('/users/me', form, 'a=1'), 200)
    assert.equal(await sent('/users/%6de', form, 'a=1'), 415)
    assert.equal(await sent('/users/%6de', 'application/json', '{}'), 200)
  })

  test('LOG-02: no event holds anything of the content', async () => {
    const server = await kept(taking('json'))
    for (const body of [
      '{"secret":1,"secret":2}',
      '{"secret',
      '{"secret":1}',
      `{"secret":"${'x'.repeat(200_000)}"}`,
    ])
      await status(server, '/', body)
    await status(server, '/', 'secret', 'secret/secret')
    assert.doesNotMatch(JSON.stringify(await server.events()), /secret/)
  })
})

describe('content: requests', () => {
  test('a request of any method that has content is judged, and one without passes', async () => {
    const server = await kept(taking('json'))
    for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT']) {
      // node:http writes a PUT with such fields in chunks, of which nobody knows that they will be none.
      if (method !== 'PUT') assert.equal((await server.send({ method })).status, 200, method)
      assert.equal((await server.send({ method, body: 'x' })).status, 415, method)
      const fields = ['Content-Type', 'application/json']
      assert.equal((await server.send({ method, fields, body: '{}' })).status, 200, method)
    }
  })

  test('chunks without a byte are no content', async () => {
    const server = await kept(taking(['json', 'form']))
    assert.equal(outcome(await server.raw(posted([JSON_TYPE, CHUNKED], chunks()))), '200 {"content":null}')
  })

  test('REQ-13: content that is coded comes decoded to the handler', async () => {
    const server = await kept(taking({ types: 'json', encodings: ['gzip'] }))
    const coded = gzipSync('{"a":"é"}')
    const text = await server.raw(posted([JSON_TYPE, 'Content-Encoding: gzip', length(coded)], coded))
    assert.equal(Buffer.from(outcome(text), 'latin1').toString(), '200 {"content":{"a":"é"}}')
  })

  test('pipelined requests are each read for themselves', async () => {
    const server = await kept(taking('json'))
    const bodies = ['{"a":1}', '{"b":22}', '[3]']
    const text = await server.raw(
      bodies
        .map((body, i) =>
          posted([JSON_TYPE, length(body), `Connection: ${i === 2 ? 'close' : 'keep-alive'}`], body),
        )
        .join(''),
    )
    assert.deepEqual(
      text.match(/\{"content":.*\}/g),
      bodies.map((body) => `{"content":${body}}`),
    )
  })

  for (const content of ['json', 'any'] as const) {
    test(`REQ-14: ${content}: content that does not come in time is 408, and the connection ends`, async () => {
      const server = await kept(
        taking({ types: content, deadline: '50ms' }, async (req, res, pass) => {
          if (content === 'any') for await (const _ of req);
          res.end(JSON.stringify(pass.content))
        }),
      )
      const text = await server.raw(posted([JSON_TYPE, length(10), 'Connection: keep-alive'], '{'))
      assert.equal(outcome(text), '408 request_timeout')
      assert.match(text, /\r\nConnection: close\r\n/)
    })
  }

  test('REQ-14: the deadline of the policy is for what checks ask, not for content that comes', async () => {
    const server = await kept(taking('json', undefined, { deadline: '20ms' }))
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(posted([JSON_TYPE, length(7)], '{"a"')),
    )
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString()))
    setTimeout(() => socket.write(':1}'), 100)
    await once(socket, 'close')
    assert.equal(outcome(text), '200 {"content":{"a":1}}')
  })

  test('REQ-16: a client that goes away half-way ends nothing but its request', async () => {
    for (const content of ['json', 'any'] as const) {
      let failed = (): void => undefined
      const over = new Promise<void>((resolve) => (failed = resolve))
      const server = await kept(
        taking(content, async (req, res) => {
          try {
            for await (const _ of req);
          } catch {
            failed()
          }
          res.end()
        }),
      )
      server.gate.events.on('event', ({ kind }) => {
        if (kind === 'content.cut') failed()
      })
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(posted([JSON_TYPE, length(10)], '{')),
      )
      await once(server.server, 'request')
      socket.destroy()
      await over
      assert.equal((await server.send({})).status, 200)
    }
  })

  test('ERR-04: a handler that knows nothing of the refusal can do to its response whatever it likes', async () => {
    let called = 0
    const server = await kept(
      taking({ types: 'any', maxBytes: 10 }, (req, res) => {
        req.on('error', () => {
          res.writeHead(500, { 'X-Late': 'yes' })
          res.setHeader('X-Late', 'yes').appendHeader('X-Late', 'too')
          res.removeHeader('X-Late')
          res.flushHeaders()
          res.write('late', () => called++)
          res.write('late')
          res.end('late', () => called++)
          res.end()
        })
      }),
    )
    const text = await server.raw(posted([CHUNKED, 'Connection: keep-alive'], 'b\r\n01234567890\r\n'))
    assert.equal(outcome(text), '413 content_too_large')
    assert.doesNotMatch(text, /late/i)
    assert.equal(called, 2)
  })

  test('ERR-04: content that is too large for a handler that is answering cuts its answer', async () => {
    const server = await kept(
      taking({ types: 'any', maxBytes: 10 }, (req, res) => {
        req.resume()
        res.write('half')
      }),
    )
    const socket = connect(server.port, '127.0.0.1', () => socket.write(posted([CHUNKED], '3\r\nabc\r\n')))
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (!socket.destroyed && text.includes('half')) socket.write('9\r\nabcdefghi\r\n')
    })
    await once(socket, 'close')
    assert.match(text, /^HTTP\/1\.1 200 /)
    assert.doesNotMatch(text, /\r\n0\r\n\r\n$/)
    assert.ok((await server.events()).some(({ kind }) => kind === 'content.too-large'))
  })
})

describe('REQ-16: Expect: 100-continue', () => {
  const EXPECT = 'Expect: 100-continue'
  const refused: readonly (readonly [
    name: string,
    fields: readonly string[],
    path: string,
    status: string,
  ])[] = [
    ['too much', [JSON_TYPE, length(500_000)], '/', '413'],
    ['another type', ['Content-Type: text/plain', length(5)], '/', '415'],
    ['nobody that is known', [JSON_TYPE, length(5)], '/closed', '401'],
  ]
  for (const [name, fields, path, expected] of refused) {
    test(`REQ-16: ${name} is ${expected} at once: the client is never told to send it`, async () => {
      const server = await kept(
        taking('json', undefined, { routes: { '/closed': { authenticated: true, content: 'json' } } }),
      )
      const text = await server.raw(posted([...fields, EXPECT, 'Connection: keep-alive'], '', path))
      assert.equal(text.slice(0, 12), `HTTP/1.1 ${expected}`)
      assert.match(text, /\r\nConnection: close\r\n/)
    })
  }

  for (const reader of ['the gate', 'the handler'] as const) {
    test(`REQ-16: whoever is let in is told to send it, once ${reader} reads`, async () => {
      const server = await kept(
        taking(reader === 'the gate' ? 'json' : 'any', async (req, res, pass) => {
          let text = ''
          for await (const chunk of req) text += String(chunk)
          res.end(JSON.stringify(pass.content ?? text))
        }),
      )
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(posted([JSON_TYPE, EXPECT, length(7)], '')),
      )
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
        if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('{"a":1}')
      })
      await once(socket, 'close')
      assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
      assert.equal(text.split('100 Continue').length, 2, 'once')
    })
  }

  test('REQ-16: a handler that does not read it answers without asking for it', async () => {
    const server = await kept(taking('exempt'))
    const text = await server.raw(posted([EXPECT, length(7), 'Connection: keep-alive'], ''))
    assert.match(text, /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/)
  })

  test('REQ-16: a server that was attached twice goes on as one that was attached once', async () => {
    const server = await kept(taking('exempt'))
    server.gate.attach(server.server)
    const text = await server.raw(posted([EXPECT, length(7), 'Connection: keep-alive'], ''))
    assert.match(text, /^HTTP\/1\.1 200 /)
  })

  test('REQ-16: somebody else who listens answers it', async () => {
    const server = await kept(taking('json'))
    server.server.on('checkContinue', (_req, res) => res.writeHead(418, { Connection: 'close' }).end())
    assert.match(await server.raw(posted([JSON_TYPE, EXPECT, length(7)], '')), /^HTTP\/1\.1 418 /)
  })
})

describe('content: together with', () => {
  test('IDM-01: idempotency keys: what was read has the digest of what came', async () => {
    let calls = 0
    const digests: unknown[] = []
    const server = await kept(
      guarded(
        {
          routes: {
            '/pay': {
              authenticated: true,
              content: { types: 'json', encodings: ['gzip'] },
              idempotency: { required: true },
            },
          },
        },
        (_req, res, pass) => {
          calls++
          digests.push(pass.content)
          res.end(`done ${calls}`)
        },
      ),
    )
    const pay = async (key: string, body: string, type = 'application/json'): Promise<string> => {
      const fields = [...as('alice'), 'Content-Type', type, 'Idempotency-Key', `"${key}"`]
      const received = await server.send({ method: 'POST', path: '/pay', fields, body })
      return received.status === 200 ? received.body : String(received.status)
    }
    assert.equal(await pay('a', '{"a":1}'), 'done 1')
    assert.equal(await pay('a', '{"a":1}'), 'done 1')
    assert.equal(await pay('a', '{"a":2}'), '422')
    // What is malformed uses up no key.
    assert.equal(await pay('b', '{'), '400')
    assert.equal(await pay('b', '{}', 'text/plain'), '415')
    assert.equal(await pay('b', '{"b":1}'), 'done 2')
    assert.deepEqual(digests, [{ a: 1 }, { b: 1 }])
  })

  test('REQ-14, IDM-01: what is ended while its handler reads it aborts the work, and gives back its key', async () => {
    let aborted: Promise<unknown> = Promise.resolve()
    const content = { types: 'any', maxBytes: 4 } as const
    const server = await kept(
      guarded(
        { routes: { 'POST /': { public: 'a test', content, idempotency: true } } },
        async (req, res, pass) => {
          if (pass.signal.aborted) throw new Error('Nobody waits for it from the beginning.')
          aborted = once(pass.signal, 'abort')
          for await (const _ of req) continue
          res.end('read')
        },
      ),
    )
    const post = async (text: string): Promise<string> =>
      outcome(await server.raw(posted([CHUNKED, 'Idempotency-Key: "the same"'], text)))
    assert.equal(await post('1\r\nx\r\n8\r\nxxxxxxxx\r\n'), '413 content_too_large')
    await aborted
    assert.match(await post(chunks('x')), /^200 /)
  })

  test('REQ-16: what the policy has read is no more than the rule of a route takes, however it came', async () => {
    const server = await kept(
      guarded({ content: 'json' }, (req, res) => {
        if (admit(req, res) !== undefined) res.end('ok')
      }),
    )
    const admit = server.gate.allow({ content: { types: 'json', read: false, maxBytes: 10 } })
    for (const [content, expected] of [
      ['{"a":1}', '200 ok'],
      ['{"a":"1234"}', '413 content_too_large'],
    ] as const)
      assert.equal(
        outcome(await server.raw(posted([JSON_TYPE, CHUNKED, 'Authorization: Test a'], chunks(content)))),
        expected,
      )
  })

  test('REQ-11: the token endpoint takes the form that the gate has read', async () => {
    const token = tokenEndpoint({
      issuer: tokenIssuer({
        issuer: 'https://id.example.com',
        audience: 'https://api.example.com',
        key: { alg: 'HS256', key: 'a secret of thirty-two bytes, yes' },
        lifetime: '5m',
      }),
      verify: (username, password) => (password === 'right' ? { subject: username } : undefined),
    })
    for (const content of ['form', { types: 'form', read: false, maxBytes: 500 }] as const) {
      const server = await kept(guarded({ routes: { 'POST /token': { public: 'a test', content } } }, token))
      const form = 'application/x-www-form-urlencoded'
      const right = 'grant_type=password&username=alice&password=right'
      assert.equal(await status(server, '/token', right, form), 200)
      assert.equal(await status(server, '/token', right.replace('right', 'wrong'), form), 400)
      assert.equal(await status(server, '/token', `${right}&password=other`, form), 400)
      assert.equal(await status(server, '/token', `${right}&a=${'x'.repeat(200_000)}`, form), 413)
    }
  })

  test('RL-16: a permit of concurrency that is held by a request that is refused is given back', async () => {
    const server = await kept(taking('json', undefined, { concurrency: { limit: 1 } }))
    for (let i = 0; i < 3; i++) {
      const text = await server.raw(posted([JSON_TYPE, CHUNKED], `300000\r\n${'x'.repeat(0x20000)}`))
      assert.equal(outcome(text), '413 content_too_large')
    }
    assert.equal(await status(server, '/', '{}'), 200)
  })
})
