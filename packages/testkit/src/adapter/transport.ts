import { createServer, type RequestListener, type Server } from 'node:http'
import {
  createSecureServer,
  createServer as createHttp2Server,
  type Http2SecureServer,
  type Http2Server,
} from 'node:http2'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { type ClientTls, type Running, start } from '../http.ts'
import { type RunningHttp2, startHttp2 } from '../http2.ts'

/** A server that a framework made itself. */
export type AppServer = Server | Http2Server | Http2SecureServer

/** What lies between client and app; with neither it is HTTP/1.1 in clear. */
export interface Transport {
  readonly http2?: boolean | undefined
  readonly tls?: TlsSettings | undefined
}

/**
 * A certificate that vouches for itself, made for the tests, and what else a server takes with it. The client of the suite
 * trusts that one alone, and presents it where it is asked for one.
 */
export interface TlsSettings {
  /** The private key, as PEM. */
  readonly key: string
  /** The certificate of that key, as PEM; whatever name is in it. */
  readonly cert: string
  /** With `requestCert`, the same certificate: a server that vouches for it takes it for the client's. */
  readonly ca?: string
  /** Whether clients are asked for a certificate: then cases with tokens that are bound to one run, too. */
  readonly requestCert?: boolean
  /** Write `false` with `requestCert`: one case comes without a certificate, and is to hear 401 of the gate. */
  readonly rejectUnauthorized?: boolean
}

/**
 * What the transport changes of an answer, whoever writes it. All else is equal to the byte.
 *
 * `never`: the field is not there. `perhaps`: where a case asks for it, it may be missing. A text: it is there, and says so.
 */
export const CHANGES: readonly (readonly [
  field: string,
  over: 'HTTP/2' | 'TLS' | 'clear',
  becomes: 'never' | 'perhaps' | { readonly text: string },
  why: string,
])[] = [
  ['connection', 'HTTP/2', 'never', 'RFC 9113 §8.2.2: it is of a connection with one request at a time'],
  ['keep-alive', 'HTTP/2', 'never', 'RFC 9113 §8.2.2'],
  ['transfer-encoding', 'HTTP/2', 'never', 'RFC 9113 §8.2.2: a frame says where the content ends'],
  [
    'content-length',
    'HTTP/2',
    'perhaps',
    'RFC 9113 §8.1.1: node:http2 does not count what is written at once',
  ],
  ['strict-transport-security', 'TLS', { text: 'max-age=31536000' }, 'RFC 6797 §7.1: of every response'],
  ['strict-transport-security', 'clear', 'never', 'RFC 6797 §7.2'],
]

/** Cases that the client of a transport refuses to send. */
export const UNSENDABLE: readonly (readonly [name: string, over: 'HTTP/2', why: string])[] = [
  [
    'a malformed host is 400',
    'HTTP/2',
    'node:http2 resets a stream whose :authority is none (RFC 9113 §8.1.1)',
  ],
  ['two Authorization fields are 400', 'HTTP/2', 'the client of node:http2 sends it once'],
  [
    'an upgrade that nobody speaks is a request like others: without a token it is 401',
    'HTTP/2',
    'RFC 9113 §8.6: it has no such field',
  ],
]

/** Whether a row of these tables is about a transport. */
export function isOver({ http2 = false, tls }: Transport, over: 'HTTP/2' | 'TLS' | 'clear'): boolean {
  return over === 'HTTP/2' ? http2 : (tls === undefined) === (over === 'clear')
}

/** Serves an app on a loopback port of its own, to a client that may also have no certificate. */
export function serveOver(
  transport: Transport,
  app: RequestListener | AppServer,
  presents = true,
): Promise<Running | RunningHttp2> {
  const server = serverFor(transport, app)
  const { http2 = false, tls } = transport
  const client = tls && clientOf(tls, presents)
  return http2 ? startHttp2(server as Http2Server, client) : start(server as Server, client)
}

/** The server for an app: its own, or one that is made here. */
export function serverFor(
  { http2 = false, tls }: Transport,
  app: RequestListener | AppServer,
  parser: Pick<ServerOptions, 'insecureHTTPParser'> = {},
): AppServer {
  if (typeof app !== 'function') return app
  if (!http2)
    return tls === undefined ? createServer(parser, app) : createTlsServer({ ...tls, ...parser }, app)
  const listener = app as unknown as Parameters<typeof createHttp2Server>[1]
  // As it is run: who cannot speak HTTP/2 is served HTTP/1.1 (RFC 7301 §3.2). The client of these cases offers h2 alone.
  return tls === undefined
    ? createHttp2Server(listener)
    : createSecureServer({ ...tls, allowHTTP1: true }, listener)
}

/** Whatever the name in the certificate. */
function clientOf({ key, cert }: TlsSettings, presents: boolean): ClientTls {
  return { ca: cert, checkServerIdentity: () => undefined, ...(presents && { key, cert }) }
}
