import { Mistakes } from '../contract/mistakes.ts'
import type { Duration } from '../lib/duration.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  readOptions,
  report,
} from '../options/read.ts'
import { duration, integer } from '../options/readers.ts'
import type { HttpServer } from './http2-sessions.ts'

/**
 * What one client, or many of them together, may take of a server. All have a default; of those that node:http has too, what
 * was given to `createServer` stays, unless it is said here as well.
 *
 * @example
 * gate.attach(server, { requestTimeout: '10m', maxConnections: 50_000 })
 */
export interface ServerLimits {
  /**
   * How long a header section may take to arrive, and a new connection to send its first byte: 10 milliseconds to an hour.
   * A section that is late is answered with 408; a connection that said nothing is closed.
   *
   * @default '10s'
   */
  readonly headersTimeout?: Duration
  /**
   * How long a whole request may take to arrive, its content included: 10 milliseconds to a day, and no less than
   * {@link ServerLimits.headersTimeout}. Then it is answered with 408. Give uploads the time that they need.
   *
   * @default '1m'
   */
  readonly requestTimeout?: Duration
  /**
   * How long a client may take nothing of what waits for it, before its connection is cut: 10 milliseconds to an hour. One
   * that takes a little, however slowly, goes on; over HTTP/2 it has to be 16 KiB in that time.
   *
   * @default '1m'
   */
  readonly drainTimeout?: Duration
  /**
   * How long a TLS handshake may take, on a server of node:https: 10 milliseconds to an hour.
   *
   * @default '10s'
   */
  readonly handshakeTimeout?: Duration
  /**
   * How many bytes a header section may have: 1024 to 1 MiB. A longer one is answered with 431.
   *
   * @default that of node:http: 16 KiB, unless the process was started with `--max-http-header-size`
   */
  readonly maxHeaderSize?: number
  /**
   * How many connections may be open at once; more are closed as they come. Each holds a file descriptor, so the process
   * must be allowed more of those (`ulimit -n`).
   *
   * @default 10_000
   */
  readonly maxConnections?: number
  /**
   * How many of them one client may have: by the address of the other end, IPv6 by the prefix of the policy's `proxy`.
   * Proxies that the policy trusts are exempt.
   *
   * @default 1_000
   */
  readonly maxConnectionsPerClient?: number
  /**
   * How many requests may be under way at once on one connection of HTTP/2: 1 to 10,000 (`SETTINGS_MAX_CONCURRENT_STREAMS`,
   * RFC 9113 §6.5.2). node:http2 sets no bound by itself.
   *
   * @default 100
   */
  readonly maxConcurrentStreams?: number
}

/** The limits of a server, with all defaults; times in milliseconds. */
export interface LimitsRead {
  readonly drainTimeout: number
  readonly requestTimeout: number
  readonly maxConcurrentStreams: number
  readonly maxHeaderSize: number | undefined
  readonly maxConnectionsPerClient: number
  /** Puts those on a server that it keeps itself. */
  readonly putOn: (server: HttpServer) => void
}

const READERS = {
  headersTimeout: optional(duration('10ms', '1h')),
  requestTimeout: optional(duration('10ms', '1d')),
  drainTimeout: optional(duration('10ms', '1h'), 60_000),
  handshakeTimeout: optional(duration('10ms', '1h')),
  maxHeaderSize: optional(integer(1024, 1024 * 1024)),
  maxConnections: optional(integer(1, 10_000_000)),
  maxConnectionsPerClient: optional(integer(1, 10_000_000)),
  maxConcurrentStreams: optional(integer(1, 10_000), 100),
} satisfies OptionReaders<ServerLimits>

const HEADERS_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 60_000
const HANDSHAKE_TIMEOUT = 10_000
const MAX_CONNECTIONS = 10_000
const MAX_PER_CLIENT = 1_000

/** What a server has by whom nothing was said: what differs was given to `createServer`, and stays. */
const OF_NODE = {
  headersTimeout: 60_000,
  requestTimeout: 300_000,
  handshakeTimeout: 120_000,
  checkEach: 30_000,
}

/** How often node:http looks for requests that are late. */
const LONGEST_CHECK = 5_000

/** What node keeps of a server, and the types leave out. */
interface Kept {
  headersTimeout: number
  requestTimeout: number
  maxHeaderSize?: number
  maxConnections?: number | undefined
  connectionsCheckingInterval?: number
}

/**
 * Reads the limits of a server.
 *
 * @throws ConfigError with every mistake at once
 */
export function readServerLimits(value: unknown): LimitsRead {
  const mistakes = new Mistakes()
  const place: Place = { mistakes, path: 'limits' }
  const read = readOptions(place, value, READERS)
  if (read !== undefined) findContradictions(place, read)
  mistakes.throwIfAny()
  if (read === undefined) throw new TypeError('The limits were not read, and no mistake was noted.')
  return {
    drainTimeout: read.drainTimeout,
    requestTimeout: read.requestTimeout ?? REQUEST_TIMEOUT,
    maxConcurrentStreams: read.maxConcurrentStreams,
    maxHeaderSize: read.maxHeaderSize,
    maxConnectionsPerClient: read.maxConnectionsPerClient ?? MAX_PER_CLIENT,
    putOn: (server) => putOn(server, read),
  }
}

type Read = OptionsRead<typeof READERS>

function findContradictions(place: Place, read: Read): void {
  const { headersTimeout = HEADERS_TIMEOUT, requestTimeout = REQUEST_TIMEOUT } = read
  if (requestTimeout < headersTimeout) {
    report(
      at(place, 'requestTimeout'),
      'contradiction',
      'is over before "headersTimeout", and a request has its header section first.',
      'Write a longer "requestTimeout", or a shorter "headersTimeout" as well.',
    )
  }
  const { maxConnections = MAX_CONNECTIONS, maxConnectionsPerClient = 0 } = read
  if (maxConnectionsPerClient > maxConnections) {
    report(
      at(place, 'maxConnectionsPerClient'),
      'contradiction',
      'is more than all clients together may have.',
      'Write a larger "maxConnections" as well.',
    )
  }
}

function putOn(server: HttpServer, read: Read): void {
  const kept = server as unknown as Kept
  kept.headersTimeout = chosen(
    read.headersTimeout,
    kept.headersTimeout,
    OF_NODE.headersTimeout,
    HEADERS_TIMEOUT,
  )
  kept.requestTimeout = chosen(
    read.requestTimeout,
    kept.requestTimeout,
    OF_NODE.requestTimeout,
    REQUEST_TIMEOUT,
  )
  // What was given to createServer may be less than a default of ours.
  if (kept.requestTimeout > 0 && kept.requestTimeout < kept.headersTimeout)
    kept.headersTimeout = kept.requestTimeout
  // It is read when the server begins to listen. A request is late by no more than a quarter of what it may take.
  if (kept.connectionsCheckingInterval === OF_NODE.checkEach) {
    const shortest = Math.min(kept.headersTimeout || Infinity, kept.requestTimeout || Infinity)
    kept.connectionsCheckingInterval = Math.max(1, Math.floor(Math.min(shortest / 4, LONGEST_CHECK)))
  }
  if (read.maxHeaderSize !== undefined) kept.maxHeaderSize = read.maxHeaderSize
  kept.maxConnections = read.maxConnections ?? kept.maxConnections ?? MAX_CONNECTIONS
  putHandshakeTimeout(server, read.handshakeTimeout)
}

/** What was said here, what was said to `createServer`, or our default. */
function chosen(said: number | undefined, found: number, ofNode: number, ours: number): number {
  return said ?? (found === ofNode ? ours : found)
}

/** node:tls lets it be said only when a server is made; it keeps it under a symbol, and reads it with each connection. */
function putHandshakeTimeout(server: HttpServer, said: number | undefined): void {
  const key = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'handshake-timeout',
  )
  if (key === undefined) return
  const kept = server as unknown as Record<symbol, number>
  const found = kept[key] ?? OF_NODE.handshakeTimeout
  kept[key] = chosen(said, found, OF_NODE.handshakeTimeout, HANDSHAKE_TIMEOUT)
}
