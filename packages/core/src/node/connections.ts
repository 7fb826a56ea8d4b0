import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { lookAgain, type Progress, watchEach } from './looks.ts'

/** What is asked about the connections of a server. */
export interface WatchedConnections {
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
interface Connection extends Progress {
  readonly socket: Socket
}

/**
 * Watches over the connections of a server: how many a client has, and whether it takes what is sent to it. A client that
 * asks for much and reads nothing makes the process keep it all.
 *
 * @returns ends it
 */
export function watchConnections(server: EventEmitter, watched: WatchedConnections): () => void {
  const perClient = new Map<string, number>()
  const connections = watchEach<Connection>(watched.drainTimeout, (connection) => {
    if (!looksStalled(connection)) return
    watched.onStalled(connection.socket)
    connection.socket.destroy()
  })

  function follow(socket: Socket): void {
    const connection: Connection = { socket, taken: 0, looks: 0 }
    connections.add(connection)
    socket.once('close', () => connections.remove(connection))
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
    connections.clear()
  }
}

/** Looks once more: whether the client has taken nothing in the time, while something waited for it at each look. */
function looksStalled(connection: Connection): boolean {
  // Missing from the types, as it is what node:net itself looks at before it tells that a socket is idle. `bytesWritten` of
  // a socket counts what still waits, and its `writableLength` counts a piece until all of it is gone.
  const { _handle: handle } = connection.socket as {
    readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null
  }
  const waiting = handle?.writeQueueSize ?? 0
  return lookAgain(connection, waiting > 0, (handle?.bytesWritten ?? 0) - waiting)
}
