import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isOwnOrigin } from '../checks/cors/origins.ts'
import { type Refusal, refuse } from '../contract/check.ts'
import type { Pass } from '../contract/pass.ts'
import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'
import { isPromiseLike } from '../lib/promise.ts'
import type { FinishPlan } from '../respond/finisher.ts'
import { sourceOf } from '../respond/replace-source.ts'
import { messageOf } from './attach.ts'
import { hasContent } from './content.ts'
import type { Admitted, UpgradeHandler } from './gate.ts'
import { closeNow } from './waiting.ts'

/** What an upgrade asks of its gate. */
export interface Upgrading<P extends Principal> {
  /** Runs the policy, and looks at the origin. */
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

/**
 * Whether a page of the origin may open a connection: its own, or one that the `cors` of the policy lets read.
 *
 * Browsers ask nobody before they open a WebSocket, and send their credentials with it; CORS does not keep the page from
 * reading. So `*` is enough only for what carries none.
 */
export function mayUpgrade(request: RequestFacts, plan: FinishPlan): boolean {
  const { origin } = request.headers
  if (origin === undefined || isOwnOrigin(origin, request)) return true
  const fields = sourceOf(plan, 'cors')?.fields(request) ?? []
  const allowed = fields[fields.indexOf('Access-Control-Allow-Origin') + 1]
  return fields.length > 0 && (allowed === origin || (allowed === '*' && !hasCredentials(request)))
}

/** What a browser remembers and sends by itself, whichever page asks (Fetch, §2.2.5: credentials). No page can set it. */
function hasCredentials({ headers, clientCertificate, forwardedCertificate }: RequestFacts): boolean {
  return (
    headers.cookie !== undefined ||
    /^(?:Basic|Digest|Negotiate|NTLM)\b/i.test(headers.authorization ?? '') ||
    (clientCertificate ?? forwardedCertificate) !== undefined
  )
}
