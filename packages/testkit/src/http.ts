import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls'

/** A request as a test writes it: field lines as they go on the wire. */
export interface Sent {
  /** `'GET'` unless given. */
  readonly method?: string
  /** The request-target, as it is written: `'/'` unless given. */
  readonly path?: string
  /** Name, value, name, value, ...; without a Host, the server's own is sent. */
  readonly fields?: readonly string[]
  /** Sent with its Content-Length; without it there is no content. */
  readonly body?: string
  /** Called when the head of the response came. */
  readonly onHead?: (status: number, headers: IncomingMessage['headers']) => void
  /** Called with each piece of its content. */
  readonly onPiece?: (piece: string) => void
  /** The client goes away when it aborts. */
  readonly signal?: AbortSignal
}

/** A response as it came. */
export interface Received {
  /** As the server wrote it, redirects included: none is followed. */
  readonly status: number
  /** Field lines in order, names as sent. */
  readonly raw: readonly string[]
  /** The same as an object, names in lower case, as node:http puts lines together. */
  readonly headers: IncomingMessage['headers']
  /** All of the content, read as UTF-8. */
  readonly body: string
}

/** How a client goes over TLS: whom it trusts, and what it presents. */
export type ClientTls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'checkServerIdentity' | 'rejectUnauthorized'
>

/** Where a server is. */
export interface Place {
  readonly host: string
  readonly port: number
  /** How to go there over TLS; without it connections are in clear. */
  readonly tls?: ClientTls | undefined
  /** How long to wait where nothing comes, in milliseconds; for ever, if it is not said. */
  readonly patience?: number
}

/** A server on a loopback port of its own. */
export interface Running {
  readonly port: number
  readonly server: Server
  readonly send: (sent: Sent) => Promise<Received>
  /** Writes bytes and gives back all that comes until the connection ends. */
  readonly raw: (bytes: string) => Promise<string>
  readonly close: () => Promise<void>
}

/**
 * Starts a listener, or a server that was made already, on 127.0.0.1.
 *
 * @param tls for a server of node:https; without it connections are in clear
 */
export async function start(listener: RequestListener | Server, tls?: ClientTls): Promise<Running> {
  const server = typeof listener === 'function' ? createServer(listener) : listener
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const place: Place = { host: '127.0.0.1', port, tls }
  return {
    port,
    server,
    send: (sent) => sendTo(place, sent),
    raw: (bytes) => writeTo(place, bytes),
    async close() {
      // One of node:http2 that also takes HTTP/1.1 has no such method, and no request that is under way.
      server.closeAllConnections?.()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Sends a request to 127.0.0.1. */
export function send(port: number, sent: Sent): Promise<Received> {
  return sendTo({ host: '127.0.0.1', port }, sent)
}

/** Sends a request. */
export function sendTo({ host, port, tls, patience }: Place, sent: Sent): Promise<Received> {
  const { method = 'GET', path = '/', fields = [], body, onHead, onPiece, signal } = sent
  const hasHost = fields.some((text, index) => index % 2 === 0 && text.toLowerCase() === 'host')
  const headers = [...(hasHost ? [] : ['Host', `${host}:${port}`]), ...fields]
  if (body !== undefined) headers.push('Content-Length', String(Buffer.byteLength(body)))
  return new Promise((resolve, reject) => {
    const ask = tls === undefined ? request : tlsRequest
    const to = { ...tls, host, port, method, path, headers, agent: false, ...(signal && { signal }) }
    const req = ask(to, (res) => {
      const chunks: Buffer[] = []
      onHead?.(res.statusCode ?? 0, res.headers)
      res.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        onPiece?.(chunk.toString('utf8'))
      })
      res.on('error', reject)
      res.on('end', () => {
        resolve({
          status: res.statusCode ?? 0,
          raw: res.rawHeaders,
          headers: res.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        })
      })
    })
    if (patience !== undefined)
      req.setTimeout(patience, () => req.destroy(new Error(`no answer to ${method} ${path}`)))
    req.on('error', reject)
    req.end(body)
  })
}

/** Writes bytes (latin1), and gives all that comes until the connection ends. */
export function writeTo({ host, port, tls, patience }: Place, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const write = (): void => void socket.write(bytes, 'latin1')
    const to = { host, port }
    const socket: Socket = tls === undefined ? connect(to, write) : tlsConnect({ ...to, ...tls }, write)
    let received = ''
    socket.setEncoding('latin1')
    if (patience !== undefined)
      socket.setTimeout(patience, () =>
        socket.destroy(new Error('There was no answer, and the connection did not end.')),
      )
    socket.on('data', (chunk: string) => (received += chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that refuses may reset a connection that still sends; what it said before counts.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(received)
      else reject(error)
    })
    socket.on('close', () => resolve(received))
  })
}
