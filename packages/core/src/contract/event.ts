import type { Kind } from './kinds.ts'

/** How a decision ended. */
export type EventOutcome =
  /** The request went on to the handler. */
  | 'allowed'
  /** A check stopped it. */
  | 'refused'
  /** A check in shadow mode would have stopped it; it went on. */
  | 'would-refuse'
  /** A check answered in the handler's place: an allowed preflight. */
  | 'answered'
  /** Nothing was decided; something is wrong and somebody should know: a failing store, a spoofed header. */
  | 'warning'

/**
 * What the gate tells the world about one decision (LOG-01).
 *
 * Plain data, safe to print as it is: it holds no token, key, cookie, query or body (LOG-02), and every text that a
 * client chose has its control characters escaped and its length bounded (LOG-03).
 */
export interface SecurityEvent {
  /** When, in UTC: RFC 3339 with milliseconds. */
  readonly time: string
  /** How it ended. */
  readonly outcome: EventOutcome
  /** What happened, from the table of kinds: `request.allowed`, `token.expired`, `limit.exceeded`, ... */
  readonly kind: Kind
  /** The check that decided; `undefined` when the whole chain let it pass. */
  readonly check: string | undefined
  /** The code that the client sees, or would see if this were a refusal; `undefined` for kinds that never are. */
  readonly code: string | undefined
  /** The status that the client sees; `undefined` when the handler decides it. */
  readonly status: number | undefined
  /** Why, for people who read logs. */
  readonly reason: string | undefined
  /** The same id that the problem carries as `instance` and the pass as `id`. */
  readonly requestId: string
  /** As it was sent, at most 32 characters of it. */
  readonly method: string
  /** The path without its query, at most 256 characters of it: queries carry secrets. */
  readonly path: string
  /** The client's address, or `undefined` when it could not be determined. */
  readonly client: string | undefined
  /** The other end of the connection: the client itself, or the last proxy before this server. */
  readonly peer: string | undefined
  /** The caller, by issuer and subject; `undefined` when nobody was authenticated. */
  readonly principal:
    | {
        /** Who says so: the `iss` of a token, nobody for schemes without an issuer. One subject of two issuers is two people. */
        readonly issuer: string | undefined
        /** Who it is, as the scheme says it: the `sub` of a token, the owner of an API key. */
        readonly subject: string
      }
    | undefined
  /**
   * The account that somebody tried to log in to, whether there is such an account or not: a keyed hash of its name, since
   * people write their password there by mistake. One name has one hash as long as the process runs. Not there where
   * nobody said which account it was.
   */
  readonly account?: string
  /** The rule that was matched: its pattern, or `default`. */
  readonly rule: string
  /**
   * What a handler or a check threw. Not enumerable, so that no logger prints it by accident: the text of somebody
   * else's error can hold a secret.
   */
  readonly error?: unknown
}

/**
 * Hears events. It is called after the fact, outside the path of the request: it can throw or be slow, and no
 * verdict changes (LOG-04).
 */
export type Observer = (event: SecurityEvent) => void
