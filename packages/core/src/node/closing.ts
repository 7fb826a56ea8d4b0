import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { hasContent } from '../contract/request.ts'
import type { StartTimer } from '../lib/timer.ts'

/** How long a client may go on sending after it was refused, so that it comes to read the refusal. */
const LINGER_MS = 2000

/** Connections that end with the response that is being sent. */
const closing = new WeakSet<Socket>()
/** Whether there ever was one: whoever bounds no content need not look. */
let isUsed = false

/**
 * Ends the connection with a response, in two steps (RFC 9112 §9.6): a connection that is closed while the client still
 * sends is reset, and takes with it the refusal that the client has not read yet. What comes in meanwhile goes by unread.
 */
export function closeAfter(res: ServerResponse, startTimer: StartTimer): void {
  const { req } = res
  const { socket } = req
  // Over HTTP/2 each request has a stream of its own, and the connection is that of the others, too.
  if (req.httpVersionMajor > 1) {
    endStream(res)
    return
  }
  res.shouldKeepAlive = false
  if (closing.has(socket)) return
  closing.add(socket)
  isUsed = true
  socket.destroySoon = () => {
    socket.end()
    req.resume()
    const cancel = startTimer(LINGER_MS, () => socket.destroy())
    socket.once('close', cancel)
  }
}

/** How much content of a refused request is taken off a connection, so that the next one can come over it: in bytes. */
const MAX_DRAINED = 64 * 1024

/**
 * Whether so much of a request is still to come that it costs less to close its connection than to read on: node:http takes
 * the rest off before the next request, however much that is (REQ-16).
 */
export function leavesMuch({ req }: ServerResponse): boolean {
  if (req.complete || !hasContent(req)) return false
  const length = req.headers['content-length']
  return length === undefined || Number(length) > MAX_DRAINED
}

/** What a stream of node:http2 has beside those of a response. */
interface Http2Stream extends Writable {
  readonly headRequest: boolean
  readonly close: (code: number) => void
}

/**
 * RFC 9113 §8.1: a server that wants no more of a request resets its stream without an error, after the whole response.
 * The frame that ends one with content leaves at the end of the turn in which node:http2 asks for trailers, and a reset would
 * overtake it.
 */
function endStream(res: ServerResponse): void {
  const { stream } = res as { readonly stream?: Http2Stream }
  stream?.once(stream.headRequest ? 'finish' : 'wantTrailers', () => setImmediate(() => stream.close(0)))
}

/** Whether a request came after one that ended its connection: whoever sent it was told, and nobody answers it (RFC 9112 §9.6). */
export function isTooLate({ req }: ServerResponse): boolean {
  return isUsed && closing.has(req.socket)
}
