import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

/** What is asked about the connections of a server. */
export interface Watched {
  /** How long a client may take nothing of what waits for it, in milliseconds. */
  readonly drainTimeout: number
  readonly maxPerClient: number
  /** Who is at the other end, as clients are counted; `undefined` for one that is not counted. */
  readonly clientOf: (socket: Socket) => string | undefined
  /** Hears of a connection that was closed because its client has too many. */
  readonly onTooMany: (socket: Socket) => void
  /** Hears of a connection that was cut because its client takes nothing. */
  readonly onStalled: (socket: Socket) => void
}

/** A connection, and since when its client has taken nothing. */
interface Connection {
  readonly socket: Socket
  /** How many bytes its client had taken by then. */
  taken: number
  /** How many looks ago that was; 0 while nothing waits. */
  looks: number
}

/** How often it is looked whether a client has taken something: a connection is cut up to a quarter of the time later. */
const LOOKS = 4

/**
 * Watches over the connections of a server: how many a client has, and whether it takes what is sent to it. A client that
 * asks for much and reads nothing makes the process keep it all.
 *
 * @returns ends it
 */
export function watchConnections(server: EventEmitter, watched: Watched): () => void {
  const perClient = new Map<string, number>()
  const connections = new Set<Connection>()
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    for (const connection of connections) {
      if (!isStalled(connection)) continue
      watched.onStalled(connection.socket)
      connection.socket.destroy()
    }
  }

  function follow(socket: Socket): void {
    const connection: Connection = { socket, taken: 0, looks: 0 }
    connections.add(connection)
    timer ??= setInterval(look, Math.max(1, Math.floor(watched.drainTimeout / LOOKS))).unref()
    socket.once('close', () => {
      connections.delete(connection)
      if (connections.size > 0) return
      clearInterval(timer)
      timer = undefined
    })
  }

  // Of node:https, too, this is the connection below TLS: what it has not sent is what its client has not taken.
  function connected(socket: Socket): void {
    const client = watched.clientOf(socket)
    if (client !== undefined) {
      const open = perClient.get(client) ?? 0
      if (open >= watched.maxPerClient) {
        watched.onTooMany(socket)
        socket.destroy()
        return
      }
      perClient.set(client, open + 1)
      socket.once('close', () => {
        const left = (perClient.get(client) ?? 1) - 1
        if (left > 0) perClient.set(client, left)
        else perClient.delete(client)
      })
    }
    follow(socket)
  }

  server.on('connection', connected)
  return () => {
    server.off('connection', connected)
    clearInterval(timer)
    timer = undefined
    connections.clear()
  }
}

/** Whether a client has taken nothing for so many looks, while something waited for it at each. */
function isStalled(connection: Connection): boolean {
  // Missing from the types, as it is what node:net itself looks at before it tells that a socket is idle. `bytesWritten` of
  // a socket counts what still waits, and its `writableLength` counts a piece until all of it is gone.
  const { _handle: handle } = connection.socket as {
    readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null
  }
  const waiting = handle?.writeQueueSize ?? 0
  if (waiting === 0) {
    connection.looks = 0
    return false
  }
  const taken = (handle?.bytesWritten ?? 0) - waiting
  if (connection.looks === 0 || taken !== connection.taken) {
    connection.taken = taken
    connection.looks = 1
    return false
  }
  return ++connection.looks > LOOKS
}
