import type { IncomingHttpHeaders } from 'node:http'
import type { Authority } from '../lib/authority.ts'
import type { Ip } from '../lib/ip.ts'
import type { Principal } from './principal.ts'

/**
 * The facts of one request, as every check sees them: computed once, lazily, and only from what may be believed.
 *
 * Forwarding headers have already been judged by the policy's `proxy` setting, so a check that asks for `client`,
 * `scheme` or `authority` cannot be fooled by a header that it forgot to distrust.
 */
export interface RequestFacts {
  /** Identifies this request in events and in the `X-Request-Id` of nobody else: made here, never taken from the client. */
  readonly id: string
  /** The method, exactly as sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string
  /** The request-target as received, before any framework rewrote it. */
  readonly target: string
  /** The path that rules are matched on: the same bytes that the router sees, without the query. */
  readonly path: string
  /** The query with its `?`, or an empty text. */
  readonly query: string
  /** Header fields as node:http gives them; names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value, ... exactly as received. */
  readonly rawHeaders: readonly string[]
  /** `1.1`, `1.0` or `2.0`. */
  readonly httpVersion: string
  /** What it came on, over HTTP/2. */
  readonly stream?:
    | {
        /** Whether nothing comes after the fields: the request has no content then (RFC 9113 §8.1). */
        readonly endAfterHeaders?: boolean
      }
    | undefined
  /** Whether the parser of the connection was told to take what is no HTTP (`insecureHTTPParser`). */
  readonly lenient?: boolean | undefined
  /** The other end of the connection, whoever that is; `undefined` once the socket is gone. */
  readonly peer: Ip | undefined
  /** The client, by the policy's proxy setting; `undefined` when it cannot be determined (PRX-04, PRX-05). */
  readonly client: Ip | undefined
  /** Canonical text of {@link RequestFacts.client} for counting, IPv6 by prefix (PRX-09); `undefined` with it. */
  readonly clientKey: string | undefined
  /** `https` when this connection, or a trusted proxy, says so. */
  readonly scheme: 'http' | 'https'
  /**
   * The certificate, in DER, that the other end of this very connection proved to hold and that an authority of the
   * server vouches for; `undefined` without one. Behind a proxy that ends TLS it is the proxy's, if any.
   */
  readonly clientCertificate: Buffer | undefined
  /**
   * The certificate, in DER, that a trusted proxy reports in `Client-Cert` (RFC 9440); `undefined` when the peer is not
   * trusted. To be believed only where that proxy sets or removes the field on every request.
   */
  readonly forwardedCertificate: Buffer | undefined
  /** The host that the client asked for, parsed; `undefined` when it is missing or malformed. */
  readonly authority: Authority | undefined
  /** Who is calling, once the authenticate check has let the request through. */
  readonly principal: Principal | undefined
  /** Whether it asks for another protocol, a WebSocket say, and came to `gate.upgrade`. */
  readonly isUpgrade?: boolean
  /** Parts of the path that the matched rule named: `/users/:id` gives `id`, decoded. */
  readonly params: Readonly<Record<string, string>>
  /**
   * Aborts when nobody waits for the request any longer: its client has gone away, the `timeout` of its rule is over, or a
   * check has waited for longer than the `deadline` of the policy. Hand it to whatever a look-up waits for. It is made when
   * it is asked for.
   */
  readonly signal: AbortSignal
  /** How many field lines of this name (in lower case) the request has. */
  readonly count: (name: string) => number
  /** What the gate notes of the content of a request that has an idempotency key; of no other is anything noted. */
  readonly content?: RequestContent | undefined
  /** The content as it comes in, for the check that reads it; only under a rule that asks for that. */
  readonly incoming?: IncomingContent | undefined
}

/** A content coding that can be undone (RFC 9110 §8.4.1). */
export type Coding = 'gzip' | 'deflate' | 'br'

/** The content of a request, for a check that reads it in place of its handler. */
export interface IncomingContent {
  /**
   * Reads all of it. Asked again by the check of another rule, it gives the same bytes, by the limits of that one.
   *
   * @throws TypeError when somebody else has read it
   */
  readonly read: (limits: ReadLimits) => Promise<ContentRead>
  /** How many bytes it came to when it was read; 0 before. */
  readonly bytes?: number
}

/** How much of a content is read, and for how long. */
export interface ReadLimits {
  /** The most bytes, both as they come and decoded. */
  readonly maxBytes: number
  readonly deadlineMs: number
  /** What the content is coded with; `undefined` when it is not. */
  readonly coding: Coding | undefined
  /** How many bytes one byte may decode to, over the whole content. */
  readonly maxRatio: number
}

/** A content that was read and decoded, or why it was not: nothing of it is kept then. */
export type ContentRead =
  | { readonly type: 'whole'; readonly bytes: Buffer }
  | { readonly type: 'too-large' | 'too-dense' | 'late' | 'cut' | 'undecodable' }

/** Whether content comes with a request (RFC 9112 §6.3). */
export function hasContent({ headers, stream }: Pick<RequestFacts, 'headers' | 'stream'>): boolean {
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) return true
  // RFC 9113 §8.1: over HTTP/2 no field need say so; the frame with the fields says when nothing comes after them.
  const isSilent = headers[':method'] !== undefined && headers['content-length'] === undefined
  return isSilent && stream?.endAfterHeaders !== true
}

/** The content of a request, as it came over the wire: hashed while it passes by to its handler, and kept nowhere. */
export interface RequestContent {
  /**
   * Its SHA-256 digest in base64url, once all of it has come in; where no handler reads it, this does. `undefined` when
   * there is more of it than `maxBytes`, or when not all of it came by.
   */
  readonly digest: (maxBytes: number) => string | undefined | Promise<string | undefined>
  /** Whether the connection ended before all of it had come. */
  readonly isCut: () => boolean
}
