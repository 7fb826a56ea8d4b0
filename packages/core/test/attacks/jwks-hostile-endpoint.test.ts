import assert from 'node:assert/strict'
import type { RequestListener, ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ResolveAll } from '../../src/identity/remote/address.ts'
import { keyLoader } from '../../src/identity/jwt/key-source.ts'
import { createRemoteKeyring } from '../../src/identity/jwt/remote-keyring.ts'
import { movableClock } from '../support/clock.ts'
import { endpoint, json, localFetcher, tlsEndpoint } from '../support/endpoint.ts'
import { HOUR, MINUTE, published, RULES, said, SECOND } from '../support/remote-keys.ts'
import { rsaPair } from '../support/tokens.ts'

/** The keys of a URL on this machine, which is given 100 milliseconds and 4 KiB. */
function keysAt(url: string, rules: Parameters<typeof localFetcher>[0] = {}) {
  const clock = movableClock()
  const fetcher = localFetcher({ timeout: 400, ...rules })
  const load = keyLoader({ jwksUri: url }, RULES.algorithms, fetcher, clock, true)
  return { ring: createRemoteKeyring(RULES, clock, load), clock }
}

const GOOD = { keys: [published('a')] }
const OCT = { kty: 'oct', alg: 'HS256', k: 'c2VjcmV0', kid: 'h' }

/** Writes for as long as somebody reads. */
function endless(res: ServerResponse, chunk: string): void {
  const write = (): void => {
    while (!res.destroyed && res.write(chunk));
    if (!res.destroyed) res.once('drain', write)
  }
  write()
}

/** Writes a few bytes at a time, each well before anybody would call the connection idle. */
function dribble(res: ServerResponse): void {
  const timer = setInterval(() => res.write(' '), 10)
  timer.unref()
  res.on('close', () => clearInterval(timer))
}

const JSON_TYPE = { 'Content-Type': 'application/json' } as const
const GOOD_TEXT = JSON.stringify(GOOD)

const rows: readonly [name: string, listener: RequestListener][] = [
  [
    'an answer without end',
    (_req, res) => {
      res.writeHead(200, JSON_TYPE)
      endless(res, ' '.repeat(65_536))
    },
  ],
  ['an answer that is longer than it may be', (_req, res) => json(res, GOOD_TEXT.padEnd(4097))],
  [
    'an answer that says how long it is, and then hangs',
    (_req, res) => res.writeHead(200, { ...JSON_TYPE, 'Content-Length': '1000000000' }).flushHeaders(),
  ],
  [
    'an answer that dribbles',
    (_req, res) => {
      res.writeHead(200, JSON_TYPE)
      dribble(res)
    },
  ],
  ['an answer that never comes', () => undefined],
  [
    'interim answers without end',
    (_req, res) => {
      const timer = setInterval(() => res.writeProcessing(), 5)
      res.on('close', () => clearInterval(timer))
    },
  ],
  ['a head that is too large', (_req, res) => json(res, GOOD, { 'X-Large': 'x'.repeat(20_000) })],
  ['a connection that is reset', (req) => req.socket.resetAndDestroy()],
  [
    'a connection that ends amid the answer',
    (_req, res) => {
      res.writeHead(200, { ...JSON_TYPE, 'Content-Length': '1000' })
      res.write(GOOD_TEXT, () => res.destroy())
    },
  ],
  [
    'a chunked answer that is cut off',
    (_req, res) => {
      res.writeHead(200, JSON_TYPE)
      res.write(GOOD_TEXT, () => res.destroy())
    },
  ],
  ['a page of HTML', (_req, res) => json(res, '<!doctype html>', { 'Content-Type': 'text/html' })],
  ['keys that call themselves HTML', (_req, res) => json(res, GOOD, { 'Content-Type': 'text/html' })],
  ['keys that call themselves nothing', (_req, res) => void res.end(GOOD_TEXT)],
  [
    'a type that only looks like JSON',
    (_req, res) => json(res, GOOD, { 'Content-Type': 'application/jsonp' }),
  ],
  [
    'a compressed bomb',
    (_req, res) => {
      const bomb = gzipSync(GOOD_TEXT.padEnd(10_000_000))
      res.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': 'gzip', 'Content-Length': '4000' })
      res.end(bomb.subarray(0, 4000))
    },
  ],
  [
    'keys that are compressed, unasked',
    (_req, res) =>
      void res.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': 'gzip' }).end(gzipSync(GOOD_TEXT)),
  ],
  ['an error', (_req, res) => void res.writeHead(500, JSON_TYPE).end(GOOD_TEXT)],
  ['no content', (_req, res) => void res.writeHead(204, JSON_TYPE).end()],
  ['a part of the content', (_req, res) => void res.writeHead(206, JSON_TYPE).end(GOOD_TEXT)],
  ['keys that were not asked for anew', (_req, res) => void res.writeHead(304, JSON_TYPE).end()],
  ['an upgrade', (_req, res) => void res.writeHead(101, { Connection: 'Upgrade', Upgrade: 'x' }).end()],
  ['nothing', (_req, res) => json(res, '')],
  ['what is no JSON', (_req, res) => json(res, '{"keys":[}')],
  ['JSON with more behind it', (_req, res) => json(res, `${GOOD_TEXT}{}`)],
  ['JSON of great depth', (_req, res) => json(res, `${'['.repeat(2000)}${']'.repeat(2000)}`)],
  ['JSON with a name twice', (_req, res) => json(res, `{"keys":[],${GOOD_TEXT.slice(1)}`)],
  ['JSON with a prototype', (_req, res) => json(res, `{"__proto__":${GOOD_TEXT}}`)],
  [
    'JSON in UTF-16',
    (_req, res) => void res.writeHead(200, JSON_TYPE).end(Buffer.from(GOOD_TEXT, 'utf16le')),
  ],
  [
    'no UTF-8',
    (_req, res) => void res.writeHead(200, JSON_TYPE).end(Buffer.from('{"keys":[],"a":"\xff"}', 'latin1')),
  ],
  ['a list', (_req, res) => json(res, GOOD.keys)],
  ['null', (_req, res) => json(res, null)],
  ['a symmetric key', (_req, res) => json(res, { keys: [...GOOD.keys, OCT] })],
  [
    'a private key',
    (_req, res) => {
      const { d } = rsaPair().privateKey.export({ format: 'jwk' })
      json(res, { keys: [...GOOD.keys, { kty: 'RSA', n: 'AQAB', e: 'AQAB', d }] })
    },
  ],
  [
    'two keys of one name',
    (_req, res) => json(res, { keys: [...GOOD.keys, { ...published('a'), use: 'sig' }] }),
  ],
]

describe('attack: the endpoint of the keys is hostile, or broken', () => {
  for (const [name, listener] of rows) {
    test(`JWKS-07: ${name} is a 503 that names nothing, after one request`, async () => {
      const { url, asked } = await endpoint(listener)
      const { ring } = keysAt(url)
      const first = await ring.candidates('ES256', 'a')
      assert.equal(said(first), 'dependency.failed 1')
      assert.doesNotMatch(JSON.stringify(first), /127\.0|localhost|\d{4}|E[A-Z]{4,}|http/)
      assert.equal(said(await ring.candidates('ES256', 'a')), 'dependency.failed 1')
      assert.equal(asked.length, 1)
    })

    test(`JWKS-03: ${name} later takes no key away`, async () => {
      let hostile = false
      const { url, asked } = await endpoint((req, res) => (hostile ? listener(req, res) : json(res, GOOD)))
      const { ring, clock } = keysAt(url)
      assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
      hostile = true
      clock.advance(HOUR)
      assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
      assert.equal(ring.warning()?.kind, 'dependency.failed')
      assert.equal(asked.length, 2)
    })
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`JWKS-01: a redirect (${status}) is not followed, not even to the same server`, async () => {
      const { url, asked } = await endpoint((req, res) => {
        if (req.url === '/keys') json(res, GOOD)
        else res.writeHead(status, { ...JSON_TYPE, Location: '/keys' }).end(GOOD_TEXT)
      })
      assert.equal(said(await keysAt(`${url}/`).ring.candidates('ES256', 'a')), 'dependency.failed 1')
      assert.deepEqual(asked, ['/'])
    })
  }

  test('JWKS-07: an endless answer is read no further than it may be long', async () => {
    let written = 0
    const { url } = await endpoint((_req, res) => {
      res.writeHead(200, JSON_TYPE)
      const write = (): void => {
        if (res.destroyed || written > 64 * 1024 * 1024) return
        written += 65_536
        if (res.write(' '.repeat(65_536))) setImmediate(write)
        else res.once('drain', write)
      }
      write()
    })
    // The timeout is far away: it is the length that ends it.
    const { ring } = keysAt(url, { timeout: 60_000 })
    assert.equal(said(await ring.candidates('ES256', 'a')), 'dependency.failed 1')
    assert.ok(written < 16 * 1024 * 1024, `${written} bytes were taken`)
  })

  const raw: readonly [name: string, talk: (socket: Socket) => void][] = [
    ['garbage', (socket) => socket.write('\x16\x03\x01\x00\x00 not HTTP\r\n\r\n')],
    ['a head without end', (socket) => void setInterval(() => socket.write('X: y\r\n'), 5).unref()],
    [
      'two lengths',
      (socket) =>
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n${GOOD_TEXT}`,
        ),
    ],
    ['silence', () => undefined],
    ['a connection that is closed at once', (socket) => socket.destroy()],
  ]
  for (const [name, talk] of raw) {
    test(`JWKS-07: ${name} in place of HTTP is a 503`, async () => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        talk(socket)
      })
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve)
      })
      after(() => server.close())
      const { port } = server.address() as AddressInfo
      assert.equal(
        said(await keysAt(`http://127.0.0.1:${port}/`).ring.candidates('ES256', 'a')),
        'dependency.failed 1',
      )
    })
  }

  test('JWKS-07: nobody there is a 503', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => {
      server.close(resolve)
    })
    // Something has to keep the process of the test alive: the fetch does not.
    await endpoint(() => undefined)
    const found = await keysAt(`http://127.0.0.1:${port}/`).ring.candidates('ES256', 'a')
    assert.equal(said(found), 'dependency.failed 1')
    assert.ok(!JSON.stringify(found).includes(String(port)))
  })

  test('JWKS-01: a server that nobody vouches for, or by another name, is asked nothing', async () => {
    const { url, port, ca, asked } = await tlsEndpoint((_req, res) => json(res, GOOD))
    const resolve: ResolveAll = (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }])
    const other = await tlsEndpoint((_req, res) => json(res, GOOD))
    for (const [target, rules] of [
      [url, {}],
      [url, { ca: other.ca }],
      [`https://keys.example.com:${port}/`, { ca, resolve }],
    ] as const) {
      const { ring } = keysAt(target, { ...rules, timeout: 2000 })
      assert.equal(said(await ring.candidates('ES256', 'a')), 'dependency.failed 1')
    }
    assert.deepEqual(asked, [])
    const { ring } = keysAt(`https://localhost:${port}/`, { ca, resolve, timeout: 2000 })
    assert.equal(said(await ring.candidates('ES256', 'a')), 'a', 'the same server by its own name')
  })

  test('JWKS-01: a name that moves to a private address after it was looked at is not followed there', async () => {
    const { port, asked } = await endpoint((_req, res) => json(res, GOOD))
    const answers = ['93.184.216.34', '127.0.0.1']
    let lookups = 0
    const resolve: ResolveAll = (_name, _options, done) => {
      done(null, [{ address: answers[Math.min(lookups++, 1)] ?? '', family: 4 }])
    }
    const { ring, clock } = keysAt(`http://keys.example.com:${port}/`, {
      resolve,
      allowPrivateAddresses: false,
    })
    for (let i = 0; i < 3; i++) {
      assert.match(said(await ring.candidates('ES256', 'a')), /^dependency\.failed/)
      clock.advance(HOUR)
    }
    assert.equal(lookups, 3)
    assert.deepEqual(asked, [])
  })

  test('JWKS-05: a server that comes and goes is asked once per period, or by the back-off', async () => {
    let hits = 0
    const { url, asked } = await endpoint((_req, res) => {
      if (hits++ % 2 === 1) res.writeHead(503).end()
      else json(res, GOOD)
    })
    const { ring, clock } = keysAt(url)
    for (let second = 0; second < 3600; second++) {
      for (let i = 0; i < 3; i++) assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
      clock.advance(SECOND)
      // Renewals in the background get a turn.
      if (second % 60 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    // Every period of eight minutes has one that fails and one, a second later, that does not.
    assert.ok(asked.length >= 8 && asked.length <= 2 + 2 * (3600 / 480), `${asked.length} requests`)
  })

  test('JWKS-07: a thousand requests that wait for a server that hangs cost one connection', async () => {
    const { url, asked } = await endpoint(() => undefined)
    const { ring } = keysAt(url)
    const all = await Promise.all(Array.from({ length: 1000 }, async () => ring.candidates('ES256', 'a')))
    assert.deepEqual(new Set(all.map(said)), new Set(['dependency.failed 1']))
    assert.equal(asked.length, 1)
  })

  test('JWKS-07: a server that hangs makes nobody wait who has a key that is known', async () => {
    let askedAgain = (): void => undefined
    const isAskedAgain = new Promise<void>((resolve) => (askedAgain = resolve))
    const { url, asked } = await endpoint((_req, res) => {
      if (asked.length === 1) json(res, GOOD)
      else askedAgain()
    })
    const { ring, clock } = keysAt(url, { timeout: 60_000 })
    await ring.candidates('ES256', 'a')
    clock.advance(9 * MINUTE)
    for (let i = 0; i < 100; i++) assert.equal(ring.candidates('ES256', 'a') instanceof Promise, false)
    await isAskedAgain
    assert.equal(asked.length, 2)
  })
})
