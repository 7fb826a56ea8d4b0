import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ContentBounds, Refusal } from '../contract/check.ts'
import { CODES } from '../contract/codes.ts'
import { KINDS } from '../contract/kinds.ts'
import type { StartTimer } from '../lib/timer.ts'

type Push = (chunk: unknown, encoding?: BufferEncoding) => boolean

/** What node:http lets a stream be ended with; missing from the types. */
interface Endable {
  push: Push
  _destroy: (error: Error | null, done: (error?: Error | null) => void) => void
}

/**
 * Bounds the content of a request that somebody else reads: counted as it comes over the wire, before whoever reads it gets
 * it. Beyond the bounds the request is refused, and the stream ends with an error that has the status of the refusal.
 */
export function boundContent(
  res: ServerResponse,
  { maxBytes, deadlineMs, tooLarge, late }: ContentBounds,
  startTimer: StartTimer,
  refuse: (refusal: Refusal) => void,
): void {
  const { req } = res
  if (req.complete && req.readableLength <= maxBytes) return
  const stream = req as unknown as Endable
  const { push } = stream
  // What has come already waits for its reader.
  let bytes = req.readableLength
  let isOver = false

  function exceed(refusal: Refusal): void {
    if (isOver) return
    isOver = true
    stop()
    // The client has its answer, and still sends: there is nothing more to say.
    if (res.writableFinished) req.destroy()
    else {
      refuse(refusal)
      end(req, refusal)
    }
  }

  const cancel = startTimer(deadlineMs, () => exceed(late))
  const stop = (): void => {
    cancel()
    req.off('close', stop)
    res.off('close', stop)
  }
  stream.push = (chunk, encoding) => {
    // What comes after the end goes by: the connection is about to be closed.
    if (isOver) return true
    if (chunk === null) stop()
    else bytes += (chunk as Uint8Array).byteLength
    if (bytes <= maxBytes) return push.call(req, chunk, encoding)
    exceed(tooLarge)
    return true
  }
  req.once('close', stop)
  res.once('close', stop)
  // The handler is about to be called: it finds the stream ended.
  if (bytes > maxBytes) process.nextTick(exceed, tooLarge)
}

/** Ends the stream for whoever reads it, and not the connection: the refusal is still on its way. */
function end(req: IncomingMessage, { kind, reason }: Refusal): void {
  const status = CODES[KINDS[kind].code ?? 'bad_request'].status
  const error = Object.assign(new Error(reason), { status, statusCode: status })
  ;(req as unknown as Endable)._destroy = (given, done) => done(given)
  // Whoever reads it hears of it; where nobody does, it must not end the process.
  req.on('error', () => undefined)
  req.destroy(error)
}
