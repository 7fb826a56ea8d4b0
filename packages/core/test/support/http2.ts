import { connect } from 'node:net'

export { type RunningHttp2, startHttp2 } from '../../../testkit/src/http2.ts'

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
    const socket = connect(port, '127.0.0.1', () => {
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
