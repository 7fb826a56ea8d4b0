import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { readServerLimits, type ServerLimits } from '../../src/node/server-limits.ts'
import { testPolicy } from '../support/gate.ts'

/** What node keeps of a server, and the types leave out. */
interface Kept {
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly maxHeaderSize?: number
  readonly maxConnections?: number
  readonly connectionsCheckingInterval: number
}

function keptBy(server: Server, limits: ServerLimits = {}): Kept {
  readServerLimits(limits).putOn(server)
  return server as unknown as Kept
}

function handshakeTimeoutOf(server: Server): unknown {
  const key = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'handshake-timeout',
  )
  assert.ok(key !== undefined, 'node:tls keeps the time of handshakes elsewhere')
  return (server as unknown as Record<symbol, unknown>)[key]
}

describe('the limits of a server', () => {
  test('REQ-14: are there when nothing is said', () => {
    const kept = keptBy(createServer())
    assert.equal(kept.headersTimeout, 10_000)
    assert.equal(kept.requestTimeout, 60_000)
    assert.equal(kept.connectionsCheckingInterval, 2_500)
    assert.equal(kept.maxConnections, 10_000)
    assert.equal(kept.maxHeaderSize, undefined)
    assert.equal(readServerLimits({}).maxConnectionsPerClient, 1_000)
    assert.equal(readServerLimits({}).drainTimeout, 60_000)
    const secure = createSecureServer()
    keptBy(secure)
    assert.equal(handshakeTimeoutOf(secure), 10_000)
  })

  test('are those that were said', () => {
    const secure = createSecureServer()
    const kept = keptBy(secure, {
      headersTimeout: '1m',
      requestTimeout: '10m',
      handshakeTimeout: '3s',
      maxHeaderSize: 8192,
      maxConnections: 50_000,
    })
    assert.equal(kept.headersTimeout, 60_000)
    assert.equal(kept.requestTimeout, 600_000)
    assert.equal(kept.connectionsCheckingInterval, 5_000)
    assert.equal(kept.maxHeaderSize, 8192)
    assert.equal(kept.maxConnections, 50_000)
    assert.equal(handshakeTimeoutOf(secure), 3_000)
  })

  test('leave what was given to createServer', () => {
    const server = createSecureServer({
      headersTimeout: 5_000,
      requestTimeout: 0,
      connectionsCheckingInterval: 700,
      handshakeTimeout: 4_000,
    })
    server.maxConnections = 7
    const kept = keptBy(server)
    assert.equal(kept.headersTimeout, 5_000)
    assert.equal(kept.requestTimeout, 0)
    assert.equal(kept.connectionsCheckingInterval, 700)
    assert.equal(kept.maxConnections, 7)
    assert.equal(handshakeTimeoutOf(server), 4_000)
  })

  test('a requestTimeout of createServer that is shorter bounds the header section, too', () => {
    assert.equal(keptBy(createServer({ requestTimeout: 2_000, headersTimeout: 1 })).headersTimeout, 1)
    assert.equal(keptBy(createServer({ requestTimeout: 2_000 })).headersTimeout, 2_000)
  })

  test('tell every mistake at once', () => {
    const gate = gatehouse(testPolicy())
    const limits = {
      headersTimeout: '2m',
      drainTimeout: 0,
      maxHeaderSize: 10,
      maxConnections: '100',
      maxConnectionsPerClient: 20_000,
      maxConnection: 1,
    } as unknown as ServerLimits
    const server = createServer()
    assert.throws(
      () => gate.attach(server, limits),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ path, code }) => [path, code]),
          [
            ['limits.maxConnection', 'unknown_option'],
            ['limits.drainTimeout', 'out_of_range'],
            ['limits.maxHeaderSize', 'out_of_range'],
            ['limits.maxConnections', 'wrong_type'],
            ['limits.requestTimeout', 'contradiction'],
            ['limits.maxConnectionsPerClient', 'contradiction'],
          ],
        )
        return true
      },
    )
    assert.equal(server.listenerCount('clientError'), 0)
    assert.throws(() => gate.attach(server, 5 as never), ConfigError)
  })
})
