import type { Server } from 'node:http'
import type { Http2SecureServer, Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { lookAgain, LOOKS, type Progress, watchEach } from './looks.ts'

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

/** A session, and since when its client has taken hardly anything. */
interface Session extends Progress {
  readonly session: ServerHttp2Session
  readonly streams: Set<ServerHttp2Stream>
  /** Whether it never had a request. */
  isSilent: boolean
  /** At how many looks there was no request. */
  idle: number
}

/** So much has to be taken in the time, where something waits: frames of the connection itself are less, and are no content. */
const PROGRESS = 16 * 1024

/**
 * Watches over the sessions of a server: node:http2 lets a client have as many requests at once as it likes, and keep a
 * connection for as long as it likes. What a client does not take, flow control holds back (RFC 9113 §5.2): neither the socket
 * nor an idle timer, which every frame of the client moves, tells of it.
 *
 * @returns ends it
 */
export function watchSessions(server: Http2Server | Http2SecureServer, watched: WatchedSessions): () => void {
  const { maxStreams: maxConcurrentStreams, maxHeaderSize: maxHeaderListSize } = watched
  const sessions = watchEach<Session>(watched.timeout, (each) => {
    const { session, streams, isSilent } = each
    if (streams.size === 0) {
      if (++each.idle <= LOOKS) return
      if (isSilent) watched.onSilent(session.socket)
    } else {
      if (!looksStalled(each)) return
      watched.onStalled(session.socket)
    }
    session.destroy()
  })
  server.updateSettings({
    maxConcurrentStreams,
    ...(maxHeaderListSize !== undefined && { maxHeaderListSize }),
  })

  function opened(session: ServerHttp2Session): void {
    const streams = new Set<ServerHttp2Stream>()
    const each: Session = { session, streams, isSilent: true, idle: 0, taken: 0, looks: 0 }
    sessions.add(each)
    session.on('stream', (stream: ServerHttp2Stream) => {
      each.isSilent = false
      each.idle = 0
      streams.add(stream)
      stream.once('close', () => {
        streams.delete(stream)
        if (streams.size === 0) each.looks = 0
      })
    })
    session.once('close', () => sessions.remove(each))
  }

  server.on('session', opened)
  return () => {
    server.off('session', opened)
    sessions.clear()
  }
}

/** Looks once more: whether something waited at each look in the time, and hardly anything was taken. */
function looksStalled(each: Session): boolean {
  // A handler that thinks, and a stream of events that has nothing to say, are not held against the client.
  const isWaiting = [...each.streams].some(({ writableLength }) => writableLength > 0)
  return lookAgain(each, isWaiting, each.session.socket.bytesWritten, PROGRESS)
}
