import { type ClientRequest, type IncomingMessage, request, Server, type ServerResponse } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { type AddressInfo, connect, type Server as NetServer } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { type Received, type Sent, start } from './http.ts'

/** The API under test: a URL of it, a server, or a listener, which is served on a loopback port. */
export type Target = string | NetServer | ((req: IncomingMessage, res: ServerResponse) => unknown)

/** The API under test, to be asked. */
export interface Reached {
  /** Host and port, as a Host field has them. */
  readonly authority: string
  /** Sends a request, whose path goes on the wire as it is. */
  readonly send: (sent: Sent) => Promise<Received>
  /** Writes bytes (latin1), and gives all that comes until the connection ends. */
  readonly bytes: (bytes: string) => Promise<string>
}

/** Longer than any answer takes. A handler that got the request, and is stuck, has got it. */
const PATIENCE_MS = 20_000

/** Reaches the API when it is first asked for; `close` stops what was started here. */
export function reaching(target: Target): {
  readonly reach: () => Promise<Reached>
  readonly close: () => Promise<void>
} {
  let reached: Promise<{ readonly url: string; readonly close: () => Promise<void> }> | undefined
  return {
    async reach() {
      reached ??= open(target)
      return askedAt((await reached).url)
    },
    async close() {
      await (await reached)?.close()
      reached = undefined
    },
  }
}

async function open(target: Target): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const nothing = (): Promise<void> => Promise.resolve()
  if (typeof target === 'string') return { url: target, close: nothing }
  if (typeof target === 'function') {
    const { port, server, close } = await start((req, res) => void target(req, res))
    server.unref()
    return { url: `http://127.0.0.1:${port}`, close }
  }
  const was = target.listening
  if (!was) await new Promise<void>((resolve) => target.unref().listen(0, '127.0.0.1', resolve))
  const { port } = target.address() as AddressInfo
  const scheme = target instanceof Server || !('setSecureContext' in target) ? 'http' : 'https'
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    async close() {
      if (was) return
      if ('closeAllConnections' in target) (target as Server).closeAllConnections()
      await new Promise<void>((resolve) => target.close(() => resolve()))
    },
  }
}

function askedAt(url: string): Reached {
  const { protocol, hostname, port, host } = new URL(url)
  const secure = protocol === 'https:'
  // As URL writes an IPv6 address, and as a socket wants it.
  const name = hostname.replace(/^\[|\]$/g, '')
  const at = {
    host: name,
    port: Number(port === '' ? (secure ? 443 : 80) : port),
    // A server of a test has a certificate of its own making; one that is elsewhere has to prove who it is.
    rejectUnauthorized: name !== 'localhost' && name !== '::1' && !name.startsWith('127.'),
  }
  return {
    authority: host,
    send: (sent) => sendTo(secure ? tlsRequest : request, at, host, sent),
    bytes: (bytes) => bytesTo(secure, at, bytes),
  }
}

type At = { readonly host: string; readonly port: number; readonly rejectUnauthorized: boolean }

function sendTo(ask: typeof request, at: At, authority: string, sent: Sent): Promise<Received> {
  const { method = 'GET', path = '/', fields = [], body = '' } = sent
  const hasHost = fields.some((text, index) => index % 2 === 0 && text.toLowerCase() === 'host')
  const headers = [...(hasHost ? [] : ['Host', authority]), ...fields, 'Connection', 'close']
  if (body !== '' || !['GET', 'HEAD'].includes(method))
    headers.push('Content-Length', String(Buffer.byteLength(body)))
  return new Promise((resolve, reject) => {
    const req: ClientRequest = ask({ ...at, method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const { statusCode = 0, rawHeaders, headers: received } = res
        resolve({
          status: statusCode,
          raw: rawHeaders,
          headers: received,
          body: Buffer.concat(chunks).toString(),
        })
      })
    })
    req.setTimeout(PATIENCE_MS, () => req.destroy(new Error(`no answer to ${method} ${path}`)))
    req.on('error', reject)
    req.end(body)
  })
}

function bytesTo(secure: boolean, at: At, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = secure ? tlsConnect(at) : connect(at)
    let received = ''
    socket.once(secure ? 'secureConnect' : 'connect', () => socket.write(bytes, 'latin1'))
    socket.setEncoding('latin1')
    socket.setTimeout(PATIENCE_MS, () =>
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
