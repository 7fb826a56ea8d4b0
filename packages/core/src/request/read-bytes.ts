import type { IncomingMessage } from 'node:http'
import type { StartTimer } from '../lib/timer.ts'

/** The bytes of a content as they came, or why there are none. */
export type BytesRead =
  | { readonly type: 'whole'; readonly bytes: Buffer }
  | { readonly type: 'too-large' }
  /** The client went away; nobody is left to answer. */
  | { readonly type: 'cut' }

/** They did not come in time. */
export interface Late {
  readonly type: 'late'
}

/** How long a content may take to come. */
export interface Patience {
  readonly ms: number
  readonly startTimer: StartTimer
}

const TOO_LARGE = Object.freeze({ type: 'too-large' as const })
const LATE: Late = Object.freeze({ type: 'late' })
const CUT = Object.freeze({ type: 'cut' as const })

/** What is set aside for a content before more of it has come. */
const FIRST_BYTES = 4096

const NEVER: () => void = () => undefined

/**
 * Reads the content of a request that nobody has read; never rejects.
 *
 * Stops listening at the first byte beyond the limit, and when it is late: the rest is never read, so the caller answers
 * and ends the connection.
 *
 * @param maxBytes the most bytes
 * @param patience for as long as the server lets a request take, unless given
 */
export function readBytes(req: IncomingMessage, maxBytes: number): Promise<BytesRead>
export function readBytes(
  req: IncomingMessage,
  maxBytes: number,
  patience: Patience,
): Promise<BytesRead | Late>
export function readBytes(
  req: IncomingMessage,
  maxBytes: number,
  patience?: Patience,
): Promise<BytesRead | Late> {
  return new Promise((resolve) => {
    // One piece of memory and not a list of chunks: a client can send each byte as a chunk of its own.
    let bytes = Buffer.allocUnsafe(Math.min(FIRST_BYTES, maxBytes))
    let length = 0
    let cancel = NEVER

    function settle(content: BytesRead | Late): void {
      cancel()
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      // Somebody must hear an error that comes later, or it would end the process.
      req.on('error', () => undefined)
      resolve(content)
    }
    function onData(chunk: Buffer): void {
      if (length + chunk.length > maxBytes) {
        req.pause()
        settle(TOO_LARGE)
        return
      }
      if (length + chunk.length > bytes.length) {
        const larger = Buffer.allocUnsafe(
          Math.min(maxBytes, Math.max(2 * bytes.length, length + chunk.length)),
        )
        bytes.copy(larger, 0, 0, length)
        bytes = larger
      }
      length += chunk.copy(bytes, length)
    }
    function onEnd(): void {
      settle({ type: 'whole', bytes: bytes.subarray(0, length) })
    }
    function onClose(): void {
      settle(CUT)
    }

    // Whoever says so need not send it.
    if (Number(req.headers['content-length'] ?? 0) > maxBytes) return settle(TOO_LARGE)
    if (req.destroyed) return settle(CUT)
    if (patience !== undefined) {
      cancel = patience.startTimer(patience.ms, () => {
        req.pause()
        settle(LATE)
      })
    }
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}
