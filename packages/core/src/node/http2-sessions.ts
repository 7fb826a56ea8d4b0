import type { Server } from 'node:http'
import type { Http2SecureServer, Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

/** A server that a gate can be attached to: of node:http, node:https or node:http2. */
export type HttpServer = Server | Http2Server | Http2SecureServer

/** What is asked about the sessions of a server of node:http2. */
export interface WatchedSessions {
  /** How many requests may be under way at once on one connection. */
  readonly maxStreams: number
  /** How many bytes a header section may have; `undefined` leaves it as it is. */
  readonly maxHeaderSize: number | undefined
  /** How long a client may say nothing and take nothing, in milliseconds. */
  readonly timeout: number
  /** Hears of a connection that never had a request. */
  readonly onSilent: (socket: Socket) => void
  /** Hears of a connection whose client takes nothing of what waits for it. */
  readonly onStalled: (socket: Socket) => void
}

/** Whether a server speaks HTTP/2, whatever it speaks beside it. */
export function isHttp2(server: HttpServer): server is Http2Server | Http2SecureServer {
  return 'updateSettings' in server
}

/**
 * Watches over the sessions of a server: node:http2 lets a client have as many requests at once as it likes, and keep a
 * connection for as long as it likes.
 */
export function watchSessions(server: Http2Server | Http2SecureServer, watched: WatchedSessions): void {
  const { maxStreams: maxConcurrentStreams, maxHeaderSize: maxHeaderListSize } = watched
  server.updateSettings({
    maxConcurrentStreams,
    ...(maxHeaderListSize !== undefined && { maxHeaderListSize }),
  })
  server.on('session', (session: ServerHttp2Session) => {
    const streams = new Set<ServerHttp2Stream>()
    let isSilent = true
    session.on('stream', (stream: ServerHttp2Stream) => {
      isSilent = false
      streams.add(stream)
      stream.once('close', () => streams.delete(stream))
    })
    session.setTimeout(watched.timeout, () => {
      const isStalled = [...streams].some(({ writableLength }) => writableLength > 0)
      // A handler that thinks, and a stream of events that has nothing to say, are not held against the client.
      if (streams.size > 0 && !isStalled) return session.setTimeout(watched.timeout)
      if (isStalled) watched.onStalled(session.socket)
      else if (isSilent) watched.onSilent(session.socket)
      return session.destroy()
    })
  })
}
