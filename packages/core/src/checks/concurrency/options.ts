import type { CountedBy } from '../rate-limit/key.ts'

/** A limit that finds out by itself how much the server can do at once. */
export interface AdaptiveConcurrency {
  /**
   * Where it begins, and what is let through however slow the server is: 1 to 10,000. No more than the server can
   * always bear.
   *
   * @default 10
   */
  readonly min?: number
  /**
   * What is never exceeded: 1 to 100,000.
   *
   * @default 1000
   */
  readonly max?: number
}

/**
 * How many requests may be under way at once. A request holds its permit from this check to the end of its response,
 * however that ends; a stream and an upgraded connection hold it for as long as they last.
 *
 * It is counted in this process: of several, each has the whole limit. Nobody waits in a queue; who finds no permit is
 * refused at once.
 *
 * @example
 * concurrency: { limit: 10 } // each client address
 * @example
 * concurrency: [{ name: 'server', adaptive: {} }, { name: 'caller', limit: 5, by: 'principal' }]
 */
export interface ConcurrencyLimit {
  /**
   * What the limit is called in a refusal: 1 to 64 printable ASCII characters. Rules that say the same name share their
   * permits; they must say the same of the limit, too.
   *
   * @default 'default' for a limit of the whole policy, the pattern of the rule for a limit of a rule
   */
  readonly name?: string
  /** How many requests of a key may be under way at once: 1 to 1,000,000. This, or {@link ConcurrencyLimit.adaptive}. */
  readonly limit?: number
  /**
   * Lets the limit follow what the server can do: it grows while requests take no longer than on an idle server, and
   * shrinks when they do. One limit for the whole server, or for the rules that say its name.
   */
  readonly adaptive?: AdaptiveConcurrency
  /**
   * What has permits of its own: the words and functions of a rate limit's `by`, or `'server'` for all requests
   * together. By client, route and server they are taken before authentication, by all else after it.
   *
   * @default 'client'
   */
  readonly by?: 'server' | CountedBy | readonly CountedBy[]
  /** How many bits of an IPv6 address are one client, as of a rate limit. */
  readonly ipv6Prefix?: number
  /**
   * What becomes of a request when `by` gives nothing for it, as of a rate limit.
   *
   * @default 'refuse'
   */
  readonly whenUnknown?: 'refuse' | 'exempt' | 'share'
}
