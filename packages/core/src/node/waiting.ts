import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Responses that wait for the one before them on their connection, by connection. */
const waiting = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Closes a response with its connection, should that end while the response still waits for its turn.
 *
 * Of pipelined requests node:http, before Node 24, tells only the response that is being sent that its connection is gone; the
 * others would never end, and hold whatever they hold for ever (RL-16).
 */
export function closeWithConnection(res: ServerResponse): void {
  // A response has its socket once it is its turn: for all but pipelined requests, at once.
  if (res.socket !== null || res.closed) return
  const { socket } = res.req
  if (socket.closed) {
    closeNow(res)
    return
  }
  const known = waiting.get(socket)
  const those = known ?? new Set<ServerResponse>()
  those.add(res)
  res.once('close', () => those.delete(res))
  // One listener, however many wait: more than ten would be taken for a leak.
  if (known !== undefined) return
  waiting.set(socket, those)
  socket.once('close', () => {
    // From Node 24 on node:http tells them, too, one tick later: whom it told is not among those any more.
    process.nextTick(() => {
      for (const each of those) if (each.socket === null) closeNow(each)
    })
  })
}

/** Ends a response that no connection will ever end, as node:http ends those of its own. */
export function closeNow(res: ServerResponse): void {
  res.destroyed = true
  res.emit('close')
}
