import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { KnownCaller } from '../contract/known-caller.ts'
import type { Principal } from '../contract/principal.ts'
import type { IncomingContent, RequestContent, RequestFacts } from '../contract/request.ts'
import { type Authority, parseAuthority } from '../lib/authority.ts'
import { isNamed } from '../lib/chars.ts'
import { addressKey, formatIp, type Ip, parseIp } from '../lib/ip.ts'
import { KnownKeys } from '../lib/known-keys.ts'
import { splitTarget } from '../lib/path.ts'
import { type Ending, isGone, isWhole } from '../lib/response-end.ts'
import { connectionCertificate, fieldCertificate, type PeerCertificate } from './certificate.ts'
import type { Forwarding, ProxyTrust } from './proxy.ts'

/** What the facts of a request are read from: an `IncomingMessage`, or as much of one as is known. */
export interface RequestSource {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly socket: Connection
  /** Of node:http2 alone. */
  readonly stream?: RequestFacts['stream']
}

/** As much of a `Socket` or `TLSSocket` as is known. */
interface Connection extends PeerCertificate {
  readonly remoteAddress?: string | undefined
  readonly encrypted?: boolean
  /** The server that took the connection. */
  readonly server?: { readonly insecureHTTPParser?: boolean | undefined }
}

/** Whether every parser of this process was told to be lenient. */
const IS_LENIENT: boolean = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((text) =>
  text.includes('--insecure-http-parser'),
)

/**
 * More field lines than any honest request has. node:http drops lines beyond about a thousand without a word (newer
 * releases refuse the request), and with them whatever a proxy appended: a request that comes near is refused.
 */
export const MAX_FIELD_LINES = 200

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({})

/** A connection's address, parsed once per connection and not once per request. */
interface Peer {
  readonly text: string
  readonly ipv6Prefix: number
  readonly ip: Ip | undefined
  readonly key: string | undefined
  /** In its canonical form. */
  readonly formatted: string | undefined
  /** What limits count it under, where it is the client itself. */
  readonly keys: KnownKeys | undefined
}
const peers = new WeakMap<object, Peer>()

/** The facts of one request: one object, every field present from the start, the costly ones computed when asked for. */
export class Facts implements RequestFacts {
  readonly id: string
  readonly method: string
  readonly target: string
  readonly path: string
  readonly query: string
  readonly httpVersion: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly stream: RequestFacts['stream']
  principal: Principal | undefined = undefined
  params: Readonly<Record<string, string>> = NO_PARAMS
  content: RequestContent | undefined = undefined
  incoming: IncomingContent | undefined = undefined
  /** Its response, where there is one: when that breaks off, nobody waits any longer. */
  response: (Ending & Pick<ServerResponse, 'headersSent' | 'once'>) | undefined = undefined
  isUpgrade = false
  /** Whether some field lines may be missing: there were very many, or there never was a whole request. */
  readonly isCut: boolean
  #caller: KnownCaller | undefined = undefined
  readonly #socket: RequestSource['socket']
  readonly #trust: ProxyTrust
  #peer: Peer | undefined = undefined
  #forwarding: Forwarding | undefined = undefined
  #clientKey: string | undefined = undefined
  // `null`: not looked at yet; `undefined` is an answer.
  #authority: Authority | undefined | null = null
  #clientCertificate: Buffer | undefined | null = null
  #forwardedCertificate: Buffer | undefined | null = null
  #controller: AbortController | undefined = undefined
  #aborted: { readonly reason: unknown } | undefined = undefined

  /**
   * @param target the request-target before a framework rewrote `url`; `url` itself unless given
   * @param isCut whether field lines may be missing
   */
  constructor(
    source: RequestSource,
    id: string,
    trust: ProxyTrust,
    target: string = source.url ?? '',
    // As they came: what is taken off the list later does not make it whole.
    isCut: boolean = source.rawHeaders.length > 2 * MAX_FIELD_LINES,
  ) {
    this.id = id
    this.method = source.method ?? ''
    this.target = target
    const split = splitTarget(target)
    const mark = target.indexOf('?')
    // A target that is none is refused; until then its query is kept out of the path, which events tell (LOG-02).
    this.path = split?.path ?? (mark === -1 ? target : target.slice(0, mark))
    // With its `?`, which may stand alone: a redirect keeps the target byte for byte (TLS-02).
    this.query = mark === -1 ? '' : `?${split?.query ?? target.slice(mark + 1)}`
    this.httpVersion = source.httpVersion
    this.headers = source.headers
    this.rawHeaders = source.rawHeaders
    this.stream = source.stream
    this.isCut = isCut
    this.#socket = source.socket
    this.#trust = trust
  }

  /**
   * What is known of the principal, where a scheme remembers it: not a fact, and for no function of a policy to see. One of a
   * policy without types may have put another in their place: of that one nothing is known.
   */
  get caller(): KnownCaller | undefined {
    const caller = this.#caller
    return caller?.principal === this.principal ? caller : undefined
  }

  set caller(caller: KnownCaller | undefined) {
    this.#caller = caller
  }

  get lenient(): boolean {
    return IS_LENIENT || this.#socket.server?.insecureHTTPParser === true
  }

  get peer(): Ip | undefined {
    return this.#connection().ip
  }

  get client(): Ip | undefined {
    return this.forwarding.client
  }

  get clientKey(): string | undefined {
    if (this.#clientKey !== undefined) return this.#clientKey
    const client = this.client
    if (client === undefined) return undefined
    const peer = this.#connection()
    this.#clientKey = client === peer.ip ? peer.key : addressKey(client, this.#trust.ipv6Prefix)
    return this.#clientKey
  }

  /** What limits count the client under: remembered with the connection, where the client is at the other end of it. */
  get clientKeys(): KnownKeys | undefined {
    const peer = this.#connection()
    return this.client === peer.ip ? peer.keys : undefined
  }

  /** The address of the client, in its canonical form. */
  get clientText(): string | undefined {
    const client = this.client
    const peer = this.#connection()
    if (client === peer.ip) return peer.formatted
    return client === undefined ? undefined : formatIp(client)
  }

  /** The address of the other end of the connection, in its canonical form. */
  get peerText(): string | undefined {
    return this.#connection().formatted
  }

  get scheme(): 'http' | 'https' {
    return this.forwarding.scheme
  }

  get clientCertificate(): Buffer | undefined {
    if (this.#clientCertificate === null) this.#clientCertificate = connectionCertificate(this.#socket)
    return this.#clientCertificate
  }

  get forwardedCertificate(): Buffer | undefined {
    if (this.#forwardedCertificate === null) {
      this.#forwardedCertificate =
        this.isFromProxy && this.count('client-cert') === 1
          ? fieldCertificate(this.headers['client-cert'])
          : undefined
    }
    return this.#forwardedCertificate
  }

  get authority(): Authority | undefined {
    if (this.#authority === null) {
      // HTTP/2 sends :authority where HTTP/1.1 sends Host (RFC 9113 §8.3.1).
      const text = this.forwarding.host ?? this.headers.host ?? this.headers[':authority']
      this.#authority = typeof text === 'string' ? parseAuthority(text) : undefined
    }
    return this.#authority
  }

  /** What the proxy setting made of the connection and its forwarding headers, with what was wrong with them. */
  get forwarding(): Forwarding {
    return (this.#forwarding ??= this.isCut ? this.#resolveCut() : this.#resolve(this))
  }

  /** Whether a trusted proxy sent it: then what other fields say of the client is for whoever reads them to believe. */
  get isFromProxy(): boolean {
    return this.forwarding.trusted
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    const { response } = this
    if (this.#aborted !== undefined) controller.abort(this.#aborted.reason)
    else if (response !== undefined) {
      const gone = (): void => {
        if (!isWhole(response)) controller.abort()
      }
      if (isGone(response)) gone()
      else response.once('close', gone)
    }
    return controller.signal
  }

  /** Tells whoever works for the request that nobody waits for it any longer. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason }
    this.#controller?.abort(reason)
  }

  count(name: string): number {
    let found = 0
    for (let i = 0; i < this.rawHeaders.length; i += 2) {
      const other = this.rawHeaders[i]
      if (other !== undefined && isNamed(other, name)) found++
    }
    return found
  }

  #resolve({ headers, rawHeaders }: Pick<RequestSource, 'headers' | 'rawHeaders'>): Forwarding {
    return this.#trust.resolve({
      peer: this.peer,
      encrypted: this.#socket.encrypted === true,
      headers,
      rawHeaders,
    })
  }

  /**
   * Of a list that is cut short, nobody knows what a proxy added at its end: then none of it is believed, and a proxy that
   * seems to say nothing does not speak for itself.
   */
  #resolveCut(): Forwarding {
    const forwarding = this.#resolve({ headers: {}, rawHeaders: [] })
    return forwarding.trusted ? { ...forwarding, client: undefined, trusted: false } : forwarding
  }

  #connection(): Peer {
    if (this.#peer !== undefined) return this.#peer
    const text = this.#socket.remoteAddress ?? ''
    const { ipv6Prefix } = this.#trust
    let peer = peers.get(this.#socket)
    // Another gate on the same connection may count by another prefix.
    if (peer === undefined || peer.text !== text || peer.ipv6Prefix !== ipv6Prefix) {
      const ip = parseIp(text)
      peer =
        ip === undefined
          ? { text, ipv6Prefix, ip, key: undefined, formatted: undefined, keys: undefined }
          : {
              text,
              ipv6Prefix,
              ip,
              key: addressKey(ip, ipv6Prefix),
              formatted: formatIp(ip),
              keys: new KnownKeys(),
            }
      peers.set(this.#socket, peer)
    }
    this.#peer = peer
    return peer
  }
}
