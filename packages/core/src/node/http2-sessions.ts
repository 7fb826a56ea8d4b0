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

/** A session, and for how long nothing has come of it. */
interface Session {
  readonly session: ServerHttp2Session
  readonly streams: Set<ServerHttp2Stream>
  /** Whether it never had a request. */
  isSilent: boolean
  /** How many bytes had been sent when something began to wait, or last went on. */
  sent: number
  /** How many looks ago that was; 0 while nothing waits and there is a request. */
  looks: number
}

/** How often it is looked: a connection is cut up to a quarter of the time later. */
const LOOKS = 4

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
  const sessions = new Set<Session>()
  let timer: NodeJS.Timeout | undefined
  server.updateSettings({
    maxConcurrentStreams,
    ...(maxHeaderListSize !== undefined && { maxHeaderListSize }),
  })

  function look(): void {
    for (const each of sessions) {
      const { session, streams } = each
      if (streams.size === 0) {
        if (++each.looks <= LOOKS) continue
        if (each.isSilent) watched.onSilent(session.socket)
        session.destroy()
      } else if (isStalled(each)) {
        watched.onStalled(session.socket)
        session.destroy()
      }
    }
  }

  function opened(session: ServerHttp2Session): void {
    const streams = new Set<ServerHttp2Stream>()
    const each: Session = { session, streams, isSilent: true, sent: 0, looks: 0 }
    sessions.add(each)
    timer ??= setInterval(look, Math.max(1, Math.floor(watched.timeout / LOOKS))).unref()
    session.on('stream', (stream: ServerHttp2Stream) => {
      each.isSilent = false
      if (streams.size === 0) each.looks = 0
      streams.add(stream)
      stream.once('close', () => {
        streams.delete(stream)
        // How long something waited says nothing of how long it is idle.
        if (streams.size === 0) each.looks = 0
      })
    })
    session.once('close', () => {
      sessions.delete(each)
      if (sessions.size > 0) return
      clearInterval(timer)
      timer = undefined
    })
  }

  server.on('session', opened)
  return () => {
    server.off('session', opened)
    clearInterval(timer)
    timer = undefined
    sessions.clear()
  }
}

/** Whether so many looks went by while something waited, and hardly anything was taken. */
function isStalled(each: Session): boolean {
  // A handler that thinks, and a stream of events that has nothing to say, are not held against the client.
  const isWaiting = [...each.streams].some(({ writableLength }) => writableLength > 0)
  const { bytesWritten } = each.session.socket
  if (!isWaiting) {
    each.looks = 0
    return false
  }
  if (each.looks === 0 || bytesWritten - each.sent > PROGRESS) {
    each.sent = bytesWritten
    each.looks = 1
    return false
  }
  return ++each.looks > LOOKS
}
