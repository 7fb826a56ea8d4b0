import type { IncomingMessage, RequestListener } from 'node:http'
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type Http2Session,
} from 'node:http2'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import type { AdapterConformanceOptions } from '../../../testkit/src/adapter-conformance.ts'
import type { Received, Sent } from './http.ts'

/** How the suite of adapters goes over HTTP/2; what its client refuses to send, conformance/node-http2.test.ts writes as frames. */
export const OVER_HTTP2: Pick<AdapterConformanceOptions, 'serve' | 'unsendable' | 'lacks'> = {
  serve: startHttp2,
  unsendable: ['a malformed host is 400', 'two Authorization fields are 400'],
  lacks: ['connection', 'content-length'],
}

/** A server of node:http2 on a loopback port, without TLS, and one connection to it. */
export interface RunningHttp2 {
  readonly port: number
  readonly server: Http2Server
  readonly client: ClientHttp2Session
  readonly send: (sent: Sent) => Promise<Received>
  readonly close: () => Promise<void>
}

/** Starts a listener, or a server that was made already. `Host` of what is sent becomes `:authority`, as clients write it. */
export async function startHttp2(listener: RequestListener | Http2Server): Promise<RunningHttp2> {
  const server =
    typeof listener === 'function'
      ? createServer(listener as unknown as Parameters<typeof createServer>[1])
      : listener
  const sessions = new Set<Http2Session>()
  server.on('session', (session) => sessions.add(session.once('close', () => sessions.delete(session))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = connect(`http://127.0.0.1:${port}`)
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

/** RFC 9113 §6: the types of frames that are looked at here. */
const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, goAway: 7 } as const

/**
 * Writes one request as frames made by hand, so that it may hold what no client sends; gives the status and the content, or
 * how the stream ended without one.
 *
 * @param lines name, value, name, value, ...: those that begin with a colon too, as they go into the field section
 */
export function sendFrames(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => {
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      socket.write(frame(FRAME.settings, 0, 0))
      // END_STREAM and END_HEADERS.
      socket.write(frame(FRAME.headers, 0x5, 1, section(lines)))
    })
    let pending = Buffer.alloc(0)
    let status = ''
    let content = ''
    const end = (text: string): void => {
      socket.destroy()
      resolve(text)
    }
    socket.on('error', reject)
    socket.on('close', () => resolve('the connection ended'))
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
        const length = pending.readUIntBE(0, 3)
        const type = pending[3]
        const flags = pending[4] ?? 0
        const payload = pending.subarray(9, 9 + length)
        pending = pending.subarray(9 + length)
        if (type === FRAME.reset || type === FRAME.goAway) return end('reset')
        if (type === FRAME.headers) status = statusOf(payload)
        if (type === FRAME.data) content += payload.toString('utf8')
        if ((type === FRAME.headers || type === FRAME.data) && (flags & 1) === 1) {
          return end(`${status} ${/"code":"(\w+)"/.exec(content)?.[1] ?? content}`.trim())
        }
      }
      return undefined
    })
  })
}

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** RFC 7541 §6.2.2: each field as a literal, with a name of its own, and not indexed. */
function section(lines: readonly string[]): Buffer {
  return Buffer.concat(
    lines.flatMap((text, i) => [
      ...(i % 2 === 0 ? [Buffer.from([0])] : []),
      literal(Buffer.from(text, 'latin1')),
    ]),
  )
}

/** RFC 7541 §5.1 and §5.2: the length in a prefix of seven bits, then the bytes as they are. */
function literal(bytes: Buffer): Buffer {
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const length: number[] = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
  return Buffer.concat([Buffer.from([...length, rest]), bytes])
}

/** RFC 7541 appendix A: statuses of the static table; node writes the others as a literal of three digits, or in Huffman code. */
const STATUSES: Readonly<Record<number, string>> = {
  0x88: '200',
  0x89: '204',
  0x8a: '206',
  0x8b: '304',
  0x8c: '400',
  0x8d: '404',
  0x8e: '500',
}

function statusOf(payload: Buffer): string {
  return STATUSES[payload[0] ?? 0] ?? 'another'
}
