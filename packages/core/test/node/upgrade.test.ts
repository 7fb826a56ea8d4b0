import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { after, describe, test } from 'node:test'
import type { Pass } from '../../src/contract/pass.ts'
import type { UpgradeHandler } from '../../src/node/gate.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { as, type TestPrincipal, testScheme } from '../support/scheme.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

const ORIGIN = 'https://app.example.com'
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'

interface Upgraded {
  readonly socket: Duplex
  readonly pass: Pass<TestPrincipal>
}

/** A server that switches protocols, and keeps what it was handed. */
async function serve(
  policy: Parameters<typeof guarded>[0] = {},
  handle?: UpgradeHandler<TestPrincipal>,
): Promise<{ readonly server: Guarded; readonly upgraded: Upgraded[] }> {
  const server = await guarded(policy)
  open.push(server)
  const upgraded: Upgraded[] = []
  const listener = server.gate.upgrade((req, socket, head, pass) => {
    if (handle !== undefined) return handle(req, socket, head, pass)
    upgraded.push({ socket, pass })
    socket.write(SWITCHED)
    socket.write(head)
    socket.pipe(socket)
    return undefined
  })
  server.server.on('upgrade', listener)
  return { server, upgraded }
}

function request(fields: readonly string[] = [], path = '/', rest = ''): string {
  let text = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n`
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`
  return `${text}\r\n${rest}`
}

async function dial(server: Guarded, bytes: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

/** What comes first, as text. */
async function first(socket: Socket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer]
  return data.toString('latin1')
}

describe('an upgrade', () => {
  const strange: readonly (readonly [name: string, bytes: string])[] = [
    ['with content', request([...as('alice'), 'Content-Length', '3'], '/', 'abc')],
    [
      'with content in chunks',
      request([...as('alice'), 'Transfer-Encoding', 'chunked'], '/', '1\r\na\r\n0\r\n\r\n'),
    ],
    ['of HTTP/1.0', request(as('alice')).replace('HTTP/1.1', 'HTTP/1.0')],
  ]
  for (const [name, bytes] of strange) {
    test(`RFC 9110 §7.8: ${name} is refused`, async () => {
      const { server, upgraded } = await serve()
      const client = await dial(server, bytes)
      assert.match(await first(client), /^HTTP\/1\.1 400 /)
      assert.equal(upgraded.length, 0)
    })
  }

  test('of a caller who may reaches the handler with its pass, and what came behind the request', async () => {
    const { server, upgraded } = await serve()
    const client = await dial(server, request(as('alice'), '/', 'hello'))
    let received = ''
    client.on('data', (data: Buffer) => (received += data.toString()))
    while (!received.endsWith('hello')) await once(client, 'data')
    assert.ok(received.startsWith(SWITCHED))
    assert.equal(upgraded[0]?.pass.principal.subject, 'alice')
    client.write(' again')
    while (!received.endsWith('hello again')) await once(client, 'data')
    client.destroy()
  })

  const refusals: readonly (readonly [
    what: string,
    status: number,
    code: string,
    bytes: string,
    policy?: object,
  ])[] = [
    ['nobody', 401, 'authentication_required', request()],
    ['bad credentials', 401, 'invalid_token', request(['Authorization', 'Test bad'])],
    ['a caller without the role', 403, 'access_denied', request(as('alice'), '/admin')],
    ['another host', 421, 'misdirected_request', request(as('alice')).replace('127.0.0.1', 'evil.example')],
    ['a path of two readings', 400, 'invalid_path', request(as('alice'), '/a//b')],
    ['load that is shed', 503, 'reduced_capacity', request(as('alice')), { shed: { delay: () => 1_000 } }],
  ]
  for (const late of [false, true]) {
    for (const [what, status, code, bytes, policy = {}] of refusals) {
      test(`of ${what} is refused like every request${late ? ', late, too' : ''}, and then the connection ends`, async () => {
        const { server, upgraded } = await serve({
          authenticate: testScheme({ late }),
          routes: { '/admin': { roles: ['admin'] } },
          ...policy,
        })
        const received = await server.raw(bytes)
        assert.match(received, new RegExp(`^HTTP/1\\.1 ${status} `))
        assert.match(received, /\r\nConnection: close\r\n/i)
        assert.match(received, /\r\nContent-Type: application\/problem\+json\r\n/)
        assert.match(received, /\r\nX-Content-Type-Options: nosniff\r\n/)
        assert.ok(received.includes(`"code":"${code}"`), received)
        assert.equal(upgraded.length, 0)
      })
    }
  }

  test('RL-16: holds its permit, and the signal of its pass, until the socket closes', async () => {
    const { server, upgraded } = await serve({ concurrency: { limit: 2 } })
    const clients = [await dial(server, request(as('alice'))), await dial(server, request(as('bob')))]
    for (const client of clients) assert.ok((await first(client)).startsWith('HTTP/1.1 101'))
    for (let i = 0; i < 3; i++) {
      assert.match(await server.raw(request(as('alice'))), /^HTTP\/1\.1 429 /)
      assert.equal((await server.send({ fields: as('alice') })).status, 429)
    }
    const [held] = upgraded
    assert.ok(held !== undefined)
    const { signal } = held.pass
    assert.equal(signal.aborted, false)
    clients[0]?.destroy()
    await once(held.socket, 'close')
    assert.equal(signal.aborted, true)
    assert.equal((await server.send({ fields: as('alice') })).status, 200)
    const again = await dial(server, request(as('alice')))
    assert.ok((await first(again)).startsWith('HTTP/1.1 101'))
    for (const each of [...clients, again]) each.destroy()
  })

  const origins: readonly (readonly [
    what: string,
    origin: string,
    cors: object | undefined,
    allowed: boolean,
    cookie?: string,
  ])[] = [
    ['its own', 'http://127.0.0.1', undefined, true],
    ['another, without cors', ORIGIN, undefined, false],
    ['null', 'null', { origins: [ORIGIN] }, false],
    ['one that is allowed', ORIGIN, { origins: [ORIGIN], credentials: true }, true, 'a=1'],
    ['one that is not', 'https://evil.example', { origins: [ORIGIN] }, false],
    [
      'one that is not, where one is fixed',
      'https://evil.example',
      { origins: [ORIGIN], credentials: true },
      false,
    ],
    ['one that a function allows', ORIGIN, { origins: () => Promise.resolve(true) }, true],
    ['one that a function denies', ORIGIN, { origins: () => false }, false],
    ['any, without a cookie', 'https://evil.example', { origins: '*' }, true],
    ['any, with a cookie', 'https://evil.example', { origins: '*' }, false, 'session=1'],
  ]
  for (const [what, origin, cors, allowed, cookie] of origins) {
    test(`WS-01: from a page of ${what} origin is ${allowed ? 'let through' : 'refused before 101'}`, async () => {
      const { server, upgraded } = await serve(cors === undefined ? {} : ({ cors } as never))
      const fields = [...as('alice'), 'Origin', origin, ...(cookie === undefined ? [] : ['Cookie', cookie])]
      const client = await dial(server, request(fields))
      const received = await first(client)
      assert.match(received, allowed ? /^HTTP\/1\.1 101 / : /^HTTP\/1\.1 403 /)
      if (!allowed) assert.ok(received.includes('"code":"cross_site_request"'))
      assert.equal(upgraded.length, allowed ? 1 : 0)
      client.destroy()
    })
  }

  for (const [scheme, allowed] of [
    ['Basic YTpi', false],
    ['digest username="a"', false],
    ['Negotiate YTpi', false],
    ['Bearer token', true],
  ] as const) {
    test(`WS-01: any origin is ${allowed ? 'enough' : 'too little'} for what carries ${scheme.split(' ')[0]}`, async () => {
      const { server } = await serve({
        cors: { origins: '*' },
        routes: { '/': { public: 'every caller is of another scheme' } },
      })
      const fields = ['Origin', 'https://evil.example', 'Authorization', scheme]
      const client = await dial(server, request(fields))
      assert.equal((await first(client)).startsWith(SWITCHED), allowed)
      client.destroy()
    })
  }

  test('WS-01, DEP-04: with cross-site in shadow mode the origin is told, and changes nothing', async () => {
    const { server } = await serve({ cors: { origins: [ORIGIN] }, shadow: ['cross-site'] })
    const client = await dial(server, request([...as('alice'), 'Origin', 'https://evil.example']))
    assert.match(await first(client), /^HTTP\/1\.1 101 /)
    const told = (await server.events()).map(({ outcome, kind }) => `${outcome} ${kind}`)
    assert.ok(told.includes('would-refuse cross-site.refused'), told.join())
    client.destroy()
  })

  for (const [how, handle] of [
    ['throws', () => assert.fail('secret detail')],
    ['rejects', () => Promise.reject(new Error('secret detail'))],
  ] as const) {
    test(`ERR-04: of a handler that ${how} is a 500 without a word, and gives its permit back`, async () => {
      const { server } = await serve({ concurrency: { limit: 1 } }, handle)
      for (let i = 0; i < 3; i++) {
        const received = await server.raw(request(as('alice')))
        assert.match(received, /^HTTP\/1\.1 500 /)
        assert.match(received, /X-Content-Type-Options: nosniff/)
        assert.ok(!received.includes('secret'))
      }
    })
  }

  test('of a handler that throws after its first byte is cut off', async () => {
    const { server } = await serve({ concurrency: { limit: 1 } }, (_req, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      throw new Error('secret detail')
    })
    for (let i = 0; i < 3; i++) assert.ok(!(await server.raw(request(as('alice')))).includes('500'))
    assert.ok((await server.events()).some(({ kind }) => kind === 'handler.failed'))
  })

  test('behind a request that has no answer yet ends the connection, and no process', async () => {
    const server = await guarded(
      { concurrency: { limit: 2 }, routes: { '/': { public: 'a test' } } },
      () => undefined,
    )
    open.push(server)
    server.server.on(
      'upgrade',
      server.gate.upgrade(() => assert.fail('it is not let through')),
    )
    const get = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
    for (let i = 0; i < 3; i++) assert.equal(await server.raw(get + request()), '')
  })

  test('whose client goes away while a check waits reaches no handler, and holds no permit', async () => {
    let go = (): void => undefined
    const waits = new Promise<void>((resolve) => (go = resolve))
    const { server, upgraded } = await serve({
      concurrency: { limit: 1, by: 'principal' },
      routes: { '/': { when: async () => (await waits, true) }, '/free': {} },
    })
    const client = await dial(server, request(as('alice')))
    const [, socket] = (await once(server.server, 'upgrade')) as [unknown, Socket]
    client.destroy()
    socket.destroy()
    await once(socket, 'close')
    go()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(upgraded.length, 0)
    assert.equal((await server.send({ path: '/free', fields: as('alice') })).status, 200)
  })

  test('whose connection breaks is no error of the process', async () => {
    const { server, upgraded } = await serve()
    const client = await dial(server, request(as('alice')))
    await first(client)
    client.resetAndDestroy()
    await new Promise((resolve) => upgraded[0]?.socket.once('close', resolve))
  })
})
