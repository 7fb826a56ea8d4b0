import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DropArgument, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { METHOD_REFUSED } from '../checks/request/refusals.ts'
import { type Refusal, refuse, type Warning } from '../contract/check.ts'
import type { Kind } from '../contract/kinds.ts'
import type { StartTimer } from '../lib/timer.ts'
import type { RequestSource } from '../request/facts.ts'
import { watchConnections } from './connections.ts'
import { type HttpServer, isHttp2, watchSessions } from './http2-sessions.ts'
import type { LimitsRead } from './server-limits.ts'
import { isUnknownMethod } from './unknown-method.ts'

/** What an attached server asks of its gate. */
export interface Attached {
  /** The bytes of the refusal of a connection whose request never became one. */
  readonly refuseConnection: (source: RequestSource, refusal: Refusal) => string
  /** Refuses a request that node:http would answer itself. */
  readonly refuseRequest: (req: IncomingMessage, res: ServerResponse, refusal: Refusal) => void
  /** Who is at the other end, as clients are counted; `undefined` for a proxy, and for nobody who can be told. */
  readonly clientOf: (source: RequestSource) => string | undefined
  readonly startTimer: StartTimer
  /** Tells what became of a connection, at most once a minute. */
  readonly warn: (source: RequestSource, warning: Warning) => void
}

const OF_SERVER: Warning = {
  kind: 'connection.refused',
  reason: 'The server had as many connections as "maxConnections" allows.',
}
const OF_CLIENT: Warning = {
  kind: 'connection.refused',
  reason:
    'A client had as many connections as "maxConnectionsPerClient" allows. If it is a proxy, name it in "proxy".',
}
const STALLED: Warning = {
  kind: 'connection.stalled',
  reason: 'A client took nothing of its response for the "drainTimeout".',
}
const SILENT: Warning = {
  kind: 'connection.timeout',
  reason: 'A connection said nothing for the "headersTimeout", or did not end its TLS handshake in time.',
}
const IDLE: Warning = {
  kind: 'connection.timeout',
  reason: 'A connection of HTTP/2 had no request for the "drainTimeout".',
}
const CUT_OFF: Warning = {
  kind: 'connection.timeout',
  reason: 'A response was cut off: the content of its request did not arrive within the "requestTimeout".',
}

/** Each names the option of `attach` that ended it, since a handler or a rule may have wanted to give it longer. */
const FIELDS_LATE: Refusal = Object.freeze(
  refuse('connection.timeout', 'The header section did not arrive within the "headersTimeout".'),
)
const CONTENT_LATE: Refusal = Object.freeze(
  refuse('connection.timeout', 'The content did not arrive within the "requestTimeout".'),
)

/** What node:http says went wrong before there was a request. */
interface ClientError extends Error {
  readonly code?: string
  /** The bytes that could not be parsed. */
  readonly rawPacket?: Uint8Array
}

const KIND_OF: Readonly<Record<string, Kind>> = {
  HPE_HEADER_OVERFLOW: 'connection.fields-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'connection.timeout',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'connection.timeout',
}

/** Longer heads are cut: all that is wanted of them is a Host and an Origin. */
const MAX_HEAD = 64 * 1024

/**
 * Puts limits on a server, and hooks its events that come before, or instead of, a request.
 *
 * @returns ends what the limits need a timer for
 */
export function attach(server: HttpServer, gate: Attached, limits: LimitsRead): () => void {
  limits.putOn(server)
  const stopSessions = isHttp2(server) ? attachHttp2(server, gate, limits) : undefined
  // Missing from the types. node:http would answer a request without a Host itself, with nothing but a status line.
  ;(server as { requireHostHeader?: boolean }).requireHostHeader = false
  server.on('clientError', (error: ClientError, socket: Duplex) => {
    const kind = KIND_OF[error.code ?? ''] ?? 'connection.malformed'
    const res = messageOf(socket)
    const isContentLate = kind === 'connection.timeout' && res !== undefined && !res.req.complete
    if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
      if (isContentLate) gate.warn(sourceOf(undefined, socket), CUT_OFF)
      socket.destroy()
      return
    }
    // Nobody asked anything: an answer could be taken for that to the question that is on its way (RFC 9110 §15.5.9).
    if (kind === 'connection.timeout' && hasSaidNothing(socket as Socket)) {
      gate.warn(sourceOf(undefined, socket), SILENT)
      socket.destroy()
      return
    }
    const refusal =
      kind === 'connection.timeout' ? (isContentLate ? CONTENT_LATE : FIELDS_LATE) : refusalOf(error, kind)
    if (kind === 'connection.timeout' && res !== undefined) {
      if (!isContentLate) {
        // The one that is late was pipelined behind it: an answer now would be taken for that to the one before.
        gate.refuseConnection(sourceOf(undefined, socket), refusal)
        socket.destroy()
        return
      }
      // Its content is late, and its handler has not answered: the fields of its own rule go with the refusal (COR-19).
      gate.refuseRequest(res.req, res, refusal)
      return
    }
    socket.end(gate.refuseConnection(sourceOf(error.rawPacket, socket), refusal), () => socket.destroy())
  })
  // Whoever else hears it answers it; another gate would do the same.
  if (server.listenerCount('checkContinue') === 0) {
    server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
      if (server.listenerCount('checkContinue') > 1) return
      continueWhenRead(req, res)
      server.emit('request', req, res)
    })
  }
  server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => {
    gate.refuseRequest(req, res, refuse('connection.expectation', 'The request has an unknown expectation.'))
  })
  server.on('drop', (dropped) => gate.warn(sourceOf(undefined, dropped ?? {}), OF_SERVER))
  const stopConnections = watchConnections(server, {
    drainTimeout: limits.drainTimeout,
    maxPerClient: limits.maxConnectionsPerClient,
    clientOf: (socket) => gate.clientOf(sourceOf(undefined, socket)),
    onTooMany: (socket) => gate.warn(sourceOf(undefined, socket), OF_CLIENT),
    onStalled: (socket) => gate.warn(sourceOf(undefined, socket), STALLED),
  })
  return () => {
    stopSessions?.()
    stopConnections()
  }
}

/** What node:http2 answers by itself, or lets a client do for ever. */
function attachHttp2(
  server: Extract<HttpServer, { readonly updateSettings: unknown }>,
  gate: Attached,
  limits: LimitsRead,
): () => void {
  const stop = watchSessions(server, {
    maxStreams: limits.maxConcurrentStreams,
    maxHeaderSize: limits.maxHeaderSize,
    timeout: limits.drainTimeout,
    onSilent: (socket) => gate.warn(sourceOf(undefined, socket), IDLE),
    onStalled: (socket) => gate.warn(sourceOf(undefined, socket), STALLED),
  })
  server.on('connect', (req: IncomingMessage, res: ServerResponse | Duplex) => {
    if ('writeHead' in res) gate.refuseRequest(req, res, METHOD_REFUSED)
    // Over HTTP/1.1, which the server may speak as well, there is nothing but a connection, and node:http would end it.
    else res.destroy()
  })
  server.on('request', (req: IncomingMessage & { readonly stream?: unknown }, res: ServerResponse) => {
    // node:http keeps the time of its own requests.
    if (req.stream === undefined || req.complete) return
    let cancel: () => void = () => undefined
    // What nobody reads is held back by flow control (RFC 9113 §5.2), and late through no fault of the client: who is found
    // reading after that has the whole time again.
    let wasReading = true
    const look = (): void => {
      const isReading = req.readableDidRead && req.readableLength === 0
      if (req.complete) return
      if (isReading && wasReading) {
        gate.refuseRequest(req, res, CONTENT_LATE)
        return
      }
      wasReading = isReading
      cancel = gate.startTimer(limits.requestTimeout, look)
    }
    cancel = gate.startTimer(limits.requestTimeout, look)
    req.once('end', () => cancel())
    res.once('close', () => cancel())
  })
  return stop
}

function refusalOf(error: ClientError, kind: Kind): Refusal {
  return error.code === 'HPE_INVALID_METHOD' && isUnknownMethod(error.rawPacket)
    ? METHOD_REFUSED
    : refuse(kind, `node:http refused the bytes: ${error.code ?? error.name}.`)
}

/** Whether not a byte of a request came over the connection: within TLS, none that its client wrote. */
function hasSaidNothing({ bytesRead }: Socket): boolean {
  return bytesRead === 0
}

/**
 * Tells a client that waits with its content (RFC 9110 §10.1.1) to send it once somebody reads it: whoever is refused need
 * not send it. node:http would tell it at once.
 */
function continueWhenRead(req: IncomingMessage, res: ServerResponse): void {
  const read = req._read.bind(req)
  req._read = (size) => {
    req._read = read
    // node:http also reads what nobody wanted, to be done with it after the response.
    if (!res.headersSent) res.writeContinue()
    read(size)
  }
}

/** Whether a response is under way on the connection: another must not be written into it. */
function isAnswering(socket: Duplex): boolean {
  // node:http looks at the same before it writes its own 400.
  return messageOf(socket)?.headersSent === true
}

/** The response that has the connection, where node:http keeps it; `undefined` between two of them. */
export function messageOf(socket: Duplex): ServerResponse | undefined {
  const { _httpMessage: message } = socket as { readonly _httpMessage?: ServerResponse | null }
  return message ?? undefined
}

/** As much of a request as the bytes tell: its Origin and Host, where each stands on exactly one line. */
function sourceOf(packet: Uint8Array | undefined, socket: Duplex | DropArgument): RequestSource {
  const head = packet === undefined ? '' : Buffer.from(packet.subarray(0, MAX_HEAD)).toString('latin1')
  const headers: Record<string, string> = {}
  const rawHeaders: string[] = []
  for (const line of head.split('\r\n')) {
    if (line === '') break
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase()
    if (name !== 'origin' && name !== 'host') continue
    const value = line.slice(colon + 1).trim()
    rawHeaders.push(name, value)
    headers[name] = value
  }
  if (rawHeaders.length !== 2 * Object.keys(headers).length) return sourceOf(undefined, socket)
  return {
    method: '',
    url: '',
    httpVersion: '1.1',
    headers,
    rawHeaders,
    socket: socket as RequestSource['socket'],
  }
}
