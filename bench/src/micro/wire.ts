import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { HOST, ORIGIN, PATH } from '../workload.ts'

/**
 * One request as its bytes come, of which a new message is made again and again.
 *
 * Trap: a parser makes new texts of the bytes of every request, flat and not hashed. Texts that are used again would have
 * their hash already, be the same by their address, and make every look-up by a token or a name look cheaper than it is.
 */
export class Wire {
  readonly #bytes: Buffer
  /** Where each text ends: the target first, then name, value, name, value, ... */
  readonly #ends: readonly number[]
  readonly #method: string

  constructor(method: string, target: string, fields: Readonly<Record<string, string>>) {
    const texts = [target, ...Object.entries(fields).flat()]
    this.#method = method
    this.#bytes = Buffer.from(texts.join(''), 'latin1')
    let end = 0
    this.#ends = texts.map((text) => (end += text.length))
  }

  /** What node:http hands to its listener: made as its parser and its server make it. */
  message(socket: Sink): readonly [IncomingMessage, ServerResponse] {
    const bytes = this.#bytes
    const ends = this.#ends
    const fields: string[] = []
    let from = ends[0] ?? 0
    for (let i = 1; i < ends.length; i++) {
      const end = ends[i] ?? 0
      fields[i - 1] = bytes.toString('latin1', from, end)
      from = end
    }
    const req = new IncomingMessage(socket as never)
    req.httpVersionMajor = 1
    req.httpVersionMinor = 1
    req.httpVersion = '1.1'
    req.url = bytes.toString('latin1', 0, ends[0])
    req.method = this.#method
    ;(req as IncomingMessage & Parsed)._addHeaderLines(fields, fields.length)
    // Before it calls its listener, the server looks for these two in every request of HTTP/1.1, and so has the object of all
    // fields made: that is no listener's work.
    const { host, expect } = req.headers
    if (host === undefined || expect !== undefined) throw new Error('node:http answers that itself')
    const res = new ServerResponse(req)
    res.shouldKeepAlive = true
    res.assignSocket(socket as never)
    res.on('finish', onFinish)
    return [req, res]
  }
}

/** What requests have in place of what most have. */
interface Otherwise {
  readonly method?: string
  readonly target?: string
  readonly fields?: Readonly<Record<string, string>>
}

/** A request for each token, or without one. */
export function wiresOf(
  tokens: readonly (string | undefined)[],
  { method = 'GET', target = PATH, fields = {} }: Otherwise = {},
): readonly Wire[] {
  return tokens.map(
    (token) =>
      new Wire(method, target, {
        Host: HOST,
        Connection: 'keep-alive',
        Origin: ORIGIN,
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...fields,
      }),
  )
}

/** What the parser calls of a message: it counts the fields, too, and makes no object of them before somebody wants it. */
interface Parsed {
  readonly _addHeaderLines: (fields: readonly string[], count: number) => void
}

/** What the server of node:http does when a response has left: the next one may come, and whoever waits for its end hears of it. */
function onFinish(this: ServerResponse): void {
  this.req.resume()
  this.detachSocket(this.req.socket)
  process.nextTick(close, this)
}

function close(res: ServerResponse): void {
  res.destroyed = true
  res.emit('close')
}

/** The end of a request without content, as the parser tells it: after the listener was called. */
export function complete(req: IncomingMessage): void {
  req.complete = true
  req.push(null)
}

/**
 * A connection that goes nowhere: it takes what is written, and keeps it only when it is told to.
 *
 * Trap: a real one takes several microseconds of the kernel for each response, which is not what is measured here; so no
 * ratio can be made of these numbers, only differences.
 */
export class Sink extends Duplex {
  /** It looks like a connection over TLS, so that a policy may ask for one. */
  readonly encrypted = true
  readonly remoteAddress: string
  readonly remotePort = 50_000
  /** How many responses began to be written. */
  writes = 0
  /** What is written, while somebody wants it. */
  kept: string[] | undefined = undefined

  constructor(remoteAddress: string) {
    super({ decodeStrings: false })
    this.remoteAddress = remoteAddress
  }

  override _read(): void {
    // Nothing ever comes.
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes += 1
    this.kept?.push(chunk.toString('latin1'))
    done()
  }

  override _writev(chunks: { readonly chunk: unknown }[], done: () => void): void {
    this.writes += 1
    for (const { chunk } of chunks) this.kept?.push(String(chunk))
    done()
  }

  setTimeout(): this {
    return this
  }
}
