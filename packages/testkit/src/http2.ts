import type { IncomingMessage, RequestListener } from 'node:http'
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2Session,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { ClientTls, Received, Sent } from './http.ts'

/** Longer than any answer takes. */
const PATIENCE_MS = 20_000

/** A server of node:http2 on a loopback port, and one connection to it. */
export interface RunningHttp2 {
  readonly port: number
  readonly server: Http2Server | Http2SecureServer
  readonly client: ClientHttp2Session
  readonly send: (sent: Sent) => Promise<Received>
  readonly close: () => Promise<void>
}

/**
 * Starts a listener, or a server that was made already. `Host` of what is sent becomes `:authority`, as clients write it.
 *
 * @param tls for a server of `createSecureServer`; without it the connection is in clear
 */
export async function startHttp2(
  listener: RequestListener | Http2Server | Http2SecureServer,
  tls?: ClientTls,
): Promise<RunningHttp2> {
  const server =
    typeof listener === 'function'
      ? createServer(listener as unknown as Parameters<typeof createServer>[1])
      : listener
  const sessions = new Set<Http2Session>()
  server.on('session', (session) => sessions.add(session.once('close', () => sessions.delete(session))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  // Over TLS the client offers `h2` alone (RFC 9113 §3.2): a server that does not take it fails every case.
  const client = connect(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, tls)
  // Each request that waits for the connection is told as well.
  client.on('error', () => undefined)
  return {
    port,
    server,
    client,
    send: (sent) => send(client, sent),
    async close() {
      client.destroy()
      for (const session of sessions) session.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function send(client: ClientHttp2Session, sent: Sent): Promise<Received> {
  const { method = 'GET', path = '/', fields = [], body, onHead, onPiece, signal } = sent
  const lines: Record<string, string[]> = {}
  let authority = '127.0.0.1'
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = (fields[i] ?? '').toLowerCase()
    const value = fields[i + 1] ?? ''
    if (name === 'host') authority = value
    else (lines[name] ??= []).push(value)
  }
  return new Promise((resolve, reject) => {
    const stream = client.request(
      { ':method': method, ':path': path, ':authority': authority, ...lines },
      { endStream: body === undefined, ...(signal && { signal }) },
    )
    const chunks: Buffer[] = []
    let status = 0
    let raw: readonly string[] = []
    let headers: IncomingMessage['headers'] = {}
    stream.on('response', (given, _flags, rawHeaders?: readonly string[]) => {
      const { ':status': code, ...rest } = given
      status = Number(code)
      headers = rest
      raw = (rawHeaders ?? []).slice(2)
      onHead?.(status, headers)
    })
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      onPiece?.(chunk.toString('utf8'))
    })
    // Not every framework answers all that comes over HTTP/2: that is a failure, and not a run that hangs.
    stream.setTimeout(PATIENCE_MS, () => stream.destroy(new Error(`no answer to ${method} ${path}`)))
    stream.on('error', reject)
    stream.on('close', () => {
      // A response that was broken off for no error (RFC 9113 §8.1) is none for whoever waits for the rest of it.
      if (stream.rstCode === 0)
        resolve({ status, raw, headers, body: Buffer.concat(chunks).toString('utf8') })
      else reject(new Error(`reset with ${stream.rstCode}`))
    })
    if (body !== undefined) stream.end(body)
  })
}
