import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Refusal, refuse } from '../contract/check.ts'
import type { Pass } from '../contract/pass.ts'
import type { Principal } from '../contract/principal.ts'
import { hasContent } from '../contract/request.ts'
import { ServerResponse } from '../lib/http.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { messageOf } from './attach.ts'
import type { Admitted, UpgradeHandler } from './gate.ts'
import { closeNow } from './waiting.ts'

/** What an upgrade asks of its gate. */
export interface Upgrading<P extends Principal> {
  /** Runs the policy on it as the upgrade that it is. */
  readonly admit: (req: IncomingMessage, res: ServerResponse) => Admitted<P>
  readonly refuse: (req: IncomingMessage, res: ServerResponse, refusal: Refusal) => void
  readonly fail: (req: IncomingMessage, res: ServerResponse, error: unknown) => void
}

/** How long a refusal may take to be read, before the connection is cut. */
const LINGER_MS = 5000

/** Makes a listener for the event `upgrade` of a server. */
export function upgrade<P extends Principal>(
  gate: Upgrading<P>,
  handle: UpgradeHandler<P>,
): (req: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (req, duplex, head) => {
    // What node:http and node:https hand over is one.
    const socket = duplex as Socket
    // node:http has taken its own listener off: an error without one would end the process.
    socket.on('error', () => undefined)
    // A request that was pipelined behind one without an answer: nothing can be written in between.
    if (messageOf(socket) !== undefined) {
      socket.destroy()
      return
    }
    const res = responseOn(req, socket)
    // RFC 9110 §7.8: HTTP/1.0 knows no upgrade, and content comes before the first byte of the other protocol.
    if (req.httpVersion === '1.0' || hasContent(req)) {
      gate.refuse(req, res, refuse('request.malformed', 'An upgrade of HTTP/1.0, or one with content.'))
      return
    }

    function go(pass: Pass<P> | undefined): void {
      if (pass === undefined || socket.destroyed) return
      // From here on the socket is the handler's; what waits for the end of the response waits for that of the socket.
      res.detachSocket(socket)
      socket.once('close', () => closeNow(res))
      const written = socket.bytesWritten
      const failed = (error: unknown): void => {
        // Once a byte of the handler's has left, no other protocol can be spoken.
        if (socket.destroyed || socket.bytesWritten !== written) socket.destroy()
        else res.assignSocket(socket)
        gate.fail(req, res, error)
      }
      try {
        const result = handle(req, socket, head, pass)
        if (isPromiseLike(result)) result.then(undefined, failed)
      } catch (error) {
        failed(error)
      }
    }

    const admitted = gate.admit(req, res)
    if (admitted instanceof Promise) admitted.then(go, (error: unknown) => gate.fail(req, res, error))
    else go(admitted)
  }
}

/** A response for a request that node:http makes none for: whoever is refused gets one, and then the connection ends. */
function responseOn(req: IncomingMessage, socket: Socket): ServerResponse {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.once('finish', () => {
    socket.setTimeout(LINGER_MS, () => socket.destroy())
    socket.destroySoon()
  })
  res.assignSocket(socket)
  return res
}
