import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Refusal, refuse } from '../contract/check.ts'
import type { Kind } from '../contract/kinds.ts'
import type { RequestSource } from '../request/facts.ts'

/** What an attached server asks of its gate. */
export interface Attached {
  /** The bytes of the refusal of a connection whose request never became one. */
  readonly refuseConnection: (source: RequestSource, refusal: Refusal) => string
  /** Refuses a request that node:http would answer itself. */
  readonly refuseRequest: (req: IncomingMessage, res: ServerResponse, refusal: Refusal) => void
}

/** What node:http says went wrong before there was a request. */
interface ClientError extends Error {
  readonly code?: string
  /** The bytes that could not be parsed. */
  readonly rawPacket?: Uint8Array
}

const KIND_OF: Readonly<Record<string, Kind>> = {
  HPE_HEADER_OVERFLOW: 'connection.fields-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'connection.timeout',
}

/** Longer heads are cut: all that is wanted of them is a Host and an Origin. */
const MAX_HEAD = 64 * 1024

/** Hooks the events of a server that come before, or instead of, a request. */
export function attach<S extends Server>(server: S, gate: Attached): S {
  // Missing from the types. node:http would answer a request without a Host itself, with nothing but a status line.
  ;(server as { requireHostHeader?: boolean }).requireHostHeader = false
  server.on('clientError', (error: ClientError, socket: Duplex) => {
    if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
      socket.destroy()
      return
    }
    const kind = KIND_OF[error.code ?? ''] ?? 'connection.malformed'
    const refusal = refuse(kind, `node:http refused the bytes: ${error.code ?? error.name}.`)
    socket.end(gate.refuseConnection(sourceOf(error.rawPacket, socket), refusal), () => socket.destroy())
  })
  server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => {
    gate.refuseRequest(req, res, refuse('connection.expectation', 'The request has an unknown expectation.'))
  })
  return server
}

/** Whether a response is under way on the connection: another must not be written into it. */
function isAnswering(socket: Duplex): boolean {
  // node:http looks at the same before it writes its own 400.
  return messageOf(socket)?.headersSent === true
}

/** The response that has the connection, where node:http keeps it; `undefined` between two of them. */
export function messageOf(socket: Duplex): { readonly headersSent?: boolean } | undefined {
  const { _httpMessage: message } = socket as {
    readonly _httpMessage?: { readonly headersSent?: boolean } | null
  }
  return message ?? undefined
}

/** As much of a request as the bytes tell: its Origin and Host, where each stands on exactly one line. */
function sourceOf(packet: Uint8Array | undefined, socket: Duplex): RequestSource {
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
