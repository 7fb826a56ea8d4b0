import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Mistake } from '../../src/contract/mistakes.ts'
import type { SchemeContext } from '../../src/contract/scheme.ts'
import type { Keyring } from '../../src/identity/jwt/keyring.ts'
import {
  compileRemoteKeys,
  isRemoteKeys,
  remoteKeys,
  type RemoteKeysOptions,
} from '../../src/identity/remote-keys.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { mistakesAt, place, schemeContext } from '../support/compile.ts'
import { type Endpoint, endpoint, json, signal, tlsEndpoint } from '../support/endpoint.ts'
import { MINUTE, published, said, SECOND } from '../support/remote-keys.ts'

const ISSUER = 'https://id.example.com'

/** What compiling reports. */
function mistakes(options: unknown, issuer = ISSUER): readonly Mistake[] {
  const where = place('authenticate.keys')
  const value = options === undefined ? undefined : remoteKeys(options as RemoteKeysOptions)
  const ring = compileRemoteKeys(where, value, issuer, schemeContext(where))
  const found = mistakesAt(where)
  assert.ok(ring !== undefined || found.length > 0, 'what gives no keys says why')
  return found
}

interface Ready {
  readonly ring: Keyring
  readonly clock: MovableClock
  readonly close: () => void
}

/** The keys of an issuer on this machine. */
function ready(options: RemoteKeysOptions, issuer = ISSUER): Ready {
  const where = place('authenticate.keys')
  const clock = movableClock()
  const releases: (() => void)[] = []
  const context: SchemeContext = {
    ...schemeContext(where, clock),
    onClose: (release) => void releases.push(release),
  }
  const ring = compileRemoteKeys(
    where,
    remoteKeys({ allowPrivateAddresses: true, ...options }),
    issuer,
    context,
  )
  assert.deepEqual(mistakesAt(where), [])
  assert.ok(ring !== undefined)
  return { ring, clock, close: () => releases.forEach((release) => release()) }
}

test('JWKS-05: the keys of an issuer are noted for the metrics', () => {
  const where = place('authenticate.keys')
  const noted: string[] = []
  const context: SchemeContext = {
    ...schemeContext(where),
    onKeySet: ({ issuer, ageMs }) => noted.push(`${issuer} ${ageMs()}`),
  }
  compileRemoteKeys(where, remoteKeys(), ISSUER, context)
  assert.deepEqual(noted, [`${ISSUER} undefined`])
})

describe('remoteKeys() is a description', () => {
  test('JWKS-01: that is told from other keys', () => {
    assert.equal(isRemoteKeys(remoteKeys()), true)
    assert.equal(isRemoteKeys(remoteKeys({ url: 'https://id.example.com/keys' })), true)
    for (const other of [
      undefined,
      null,
      'remote-keys',
      {},
      [],
      { alg: 'ES256', key: '' },
      { type: 'other' },
    ]) {
      assert.equal(isRemoteKeys(other), false)
    }
    const trap = Object.defineProperty({}, 'type', { get: () => assert.fail('asked'), enumerable: true })
    assert.equal(isRemoteKeys(trap), false)
  })

  test('JWKS-01: that asks for nothing while a policy is compiled', async () => {
    const { url, asked } = await endpoint((_req, res) => json(res, {}))
    ready({ url: `${url}/keys`, dangerouslyAllowHttp: true }).close()
    assert.deepEqual(asked, [])
  })
})

describe('mistakes', () => {
  const rows: readonly [name: string, options: unknown, expected: readonly string[], issuer?: string][] = [
    ['none without options', undefined, []],
    ['none in an empty object', {}, []],
    ['none in a URL', { url: 'https://id.example.com/keys?p=a' }, []],
    [
      'none with an issuer that is no URL, where the keys have one',
      { url: 'https://id.example.com/' },
      [],
      'me',
    ],
    ['an unknown option', { uri: 'https://id.example.com/keys' }, ['unknown_option .uri']],
    ['options that are none', 7, ['wrong_type ']],
    ['http', { url: 'http://id.example.com/keys' }, ['unsafe_value .url']],
    ['another scheme', { url: 'ftp://id.example.com/keys' }, ['malformed_value .url']],
    ['a relative URL', { url: '/keys' }, ['malformed_value .url']],
    ['a URL that is none', { url: 7 }, ['wrong_type .url']],
    ['a user name', { url: 'https://me@id.example.com/keys' }, ['unsafe_value .url']],
    ['a password', { url: 'https://:hunter2@id.example.com/keys' }, ['unsafe_value .url']],
    ['a fragment', { url: 'https://id.example.com/keys#a' }, ['malformed_value .url']],
    ['an empty fragment', { url: 'https://id.example.com/keys#' }, ['malformed_value .url']],
    ['a private address', { url: 'https://10.0.0.1/keys' }, ['unsafe_value .url']],
    ['localhost', { url: 'https://localhost:8443/keys' }, ['unsafe_value .url']],
    [
      'none in a private address that is allowed',
      { url: 'https://10.0.0.1/', allowPrivateAddresses: true },
      [],
    ],
    ['none in http that is allowed', { url: 'http://id.example.com/', dangerouslyAllowHttp: true }, []],
    ['an issuer that cannot be asked', undefined, ['missing_option '], 'me'],
    ['an issuer of http', {}, ['missing_option '], 'http://id.example.com'],
    ['an issuer with a query', {}, ['missing_option '], 'https://id.example.com?tenant=a'],
    ['an issuer with a fragment', {}, ['missing_option '], 'https://id.example.com#a'],
    ['an issuer of a private address', {}, ['missing_option '], 'https://192.168.0.1'],
    ['a symmetric algorithm', { algorithms: ['HS256'] }, ['unsafe_value .algorithms[0]']],
    ['no algorithm', { algorithms: [] }, ['out_of_range .algorithms']],
    ['none', { algorithms: ['none'] }, ['malformed_value .algorithms[0]']],
    ['an algorithm in lower case', { algorithms: ['ES256', 'rs256'] }, ['malformed_value .algorithms[1]']],
    ['an algorithm twice', { algorithms: ['ES256', 'ES256'] }, ['duplicate_value .algorithms']],
    ['a name that objects have', { algorithms: ['toString'] }, ['malformed_value .algorithms[0]']],
    [
      'times',
      { timeout: '2m', cooldown: '0s', maxAge: '1s', maxStale: '31d' },
      ['out_of_range .timeout', 'out_of_range .cooldown', 'out_of_range .maxAge', 'out_of_range .maxStale'],
    ],
    ['too many bytes', { maxBytes: 1e9 }, ['out_of_range .maxBytes']],
    ['a flag that is a text', { allowPrivateAddresses: 'yes' }, ['wrong_type .allowPrivateAddresses']],
    ['authorities that are a path', { ca: '/etc/ssl/ca.pem' }, ['malformed_value .ca']],
    [
      'authorities that are a key',
      { ca: '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----' },
      ['malformed_value .ca'],
    ],
    [
      'authorities that cannot be read',
      { ca: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----' },
      ['malformed_value .ca'],
    ],
  ]
  for (const [name, options, expected, issuer] of rows) {
    test(`ERR-03: ${name}`, () => {
      const found = mistakes(options, issuer)
      assert.deepEqual(
        found.map(({ code, path }) => `${code} ${path.replace('authenticate.keys', '')}`).sort(),
        [...expected].sort(),
      )
      assert.doesNotMatch(JSON.stringify(found), /secret[@/]|:secret/, 'no password is printed')
    })
  }
})

describe('keys over https', () => {
  test('JWKS-01: of a URL are fetched, and verify by name', async () => {
    const { url, ca, asked } = await tlsEndpoint((_req, res) => json(res, { keys: [published('a')] }))
    const two = `${ca}\n${new X509Certificate(ca).toString()}`
    const { ring } = ready({ url: `${url}/keys`, ca: two })
    assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
    assert.equal(said(await ring.candidates('ES256', 'b')), 'unknown key')
    assert.deepEqual(asked, ['/keys'])
  })

  test('JWKS-01: of an issuer are found by its metadata', async () => {
    const server: Endpoint & { ca: string } = await tlsEndpoint((req, res) => {
      if (req.url === '/.well-known/oauth-authorization-server/a') {
        json(res, { issuer: `${server.url}/a`, jwks_uri: `${server.url}/keys` })
      } else if (req.url === '/keys') json(res, { keys: [published('a', 'RS256')] })
      else res.writeHead(404).end()
    })
    const { ring } = ready({ ca: server.ca }, `${server.url}/a`)
    assert.equal(said(await ring.candidates('RS256', 'a')), 'a')
    assert.deepEqual(server.asked, [
      '/a/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/a',
      '/keys',
    ])
  })

  test('JWKS-03: outlive a server that goes away', async () => {
    let down = false
    const { url, ca } = await tlsEndpoint((_req, res) => {
      if (down) res.writeHead(500).end()
      else json(res, { keys: [published('a')] })
    })
    const { ring, clock } = ready({ url, ca, maxStale: '1h' })
    assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
    down = true
    clock.advance(11 * MINUTE)
    assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
    assert.equal(ring.warning()?.kind, 'dependency.failed')
    clock.advance(60 * MINUTE)
    assert.equal(said(await ring.candidates('ES256', 'a')), 'dependency.failed 2')
    down = false
    clock.advance(2 * SECOND)
    assert.equal(said(await ring.candidates('ES256', 'a')), 'a')
  })

  test('REQ-17: a gate that closes ends the fetch under way; who waits for it gets a 503', async () => {
    const arrived = signal()
    const { url, ca } = await tlsEndpoint(() => arrived.resolve())
    const { ring, close } = ready({ url, ca, timeout: '1m' })
    const waiting = ring.candidates('ES256', 'a')
    await arrived.promise
    close()
    assert.equal(said(await waiting), 'dependency.failed 1')
  })

  test('JWKS-05: default algorithms are those of key pairs that issuers use', async () => {
    const algs = ['RS256', 'ES256', 'PS256', 'Ed25519', 'EdDSA'] as const
    const { url, ca } = await tlsEndpoint((_req, res) => json(res, { keys: [published('e', 'ES256')] }))
    const { ring } = ready({ url, ca })
    await ring.candidates('ES256', 'e')
    for (const alg of algs)
      assert.equal(said(await ring.candidates(alg, 'e')), alg === 'ES256' ? 'e' : 'unknown algorithm')
    const other = ready({ url, ca, algorithms: ['ES384'] })
    assert.match(said(await other.ring.candidates('ES384', 'e')), /^dependency\.failed/)
  })
})
