import type { RequestFacts } from '../../contract/request.ts'
import type { Algorithm } from '../../contract/store.ts'
import type { Duration } from '../../lib/duration.ts'
import type { CountedBy } from './key.ts'

/** When a key that keeps exceeding a limit is shut out, and for how long. */
export interface Ban {
  /** After how many refusals by the limit: 1 to 10,000. */
  readonly after: number
  /** Within what time these refusals count: 1 second to 31 days. */
  readonly within: Duration
  /**
   * For how long: 1 second to 31 days. Of a list the first ban has the first, the second the second, and from then on the
   * last: so a ban escalates for whoever comes back to be banned again.
   *
   * @example
   * for: ['1m', '10m', '1h']
   */
  readonly for: Duration | readonly Duration[]
  /**
   * How long a ban counts towards the next: 1 second to 31 days.
   *
   * @default '1d'
   */
  readonly forget?: Duration
}

/**
 * How much one client, caller or route may ask for, and in what time.
 *
 * Unless `algorithm` says otherwise a limit is a burst and a rate: a key that has been idle may spend the whole limit at
 * once, and gets it back evenly over the window. In any W milliseconds no more than `limit + floor(W * limit / window)`
 * units are let through, so any one window holds at most twice the limit, and a long time holds the rate.
 *
 * A request is let through when all its limits have room, and only then counts towards any of them. What it has
 * counted stays counted, unless `count` says otherwise, and always where a client goes away before its answer.
 *
 * @example
 * rateLimit: { limit: 100, window: '1m' }
 * @example
 * rateLimit: [
 *   { name: 'burst', limit: 20, window: '1s' },
 *   { name: 'daily', limit: 10_000, window: '1d', by: 'principal' },
 * ]
 * @see draft-ietf-httpapi-ratelimit-headers-11
 */
export interface RateLimit {
  /**
   * What the limit is called in the fields and in a refusal: 1 to 64 printable ASCII characters. Rules that say the
   * same name share one counter; they must say the same `limit`, `window`, `algorithm`, `by`, `normalize` and
   * `ipv6Prefix`, too.
   *
   * @default 'default' for a limit of the whole policy, the pattern of the rule for a limit of a rule
   */
  readonly name?: string
  /** How many units a key may spend at once, and per window: 1 to 1,000,000. */
  readonly limit: number
  /** In what time a spent limit is whole again: 1 second to 31 days. */
  readonly window: Duration
  /**
   * How it is counted: `'gcra'` is a burst and a rate; `'sliding-window'` never lets more than the limit through in any
   * trailing window; `'fixed-window'` begins anew when its window has ended, so that two neighbours may hold their limits
   * close together.
   *
   * @default 'gcra'
   */
  readonly algorithm?: Algorithm
  /**
   * What has a counter of its own. Of a list, each combination of what its words say.
   *
   * - `'client'`: each client address, an IPv6 network as one. Decided before authentication.
   * - `'route'`: each route, all clients together. Decided before authentication. Rules that share a name are one
   *   route; a limit of the whole policy counts each rule apart.
   * - `'principal'`: each caller, by issuer and subject. Decided after authentication; where nobody is authenticated,
   *   on a public route, each client address counts, apart from the callers.
   * - `'key'`: each API key, by its id. Decided after authentication; a caller without one has no key.
   * - `'tenant'`: each tenant, as the policy's `tenant` tells it of a caller. Decided after authentication.
   * - A function: each text that it gives, after authentication. `undefined` or an empty text is nothing: see
   *   {@link RateLimit.whenUnknown}. When it throws, or gives anything else, the request is refused with 503.
   *
   * A hierarchy is several limits, each with its own word: all of them must have room.
   *
   * @default 'client'
   * @example
   * by: ['client', (request) => request.params.account] // each account from each network: nobody is locked out by a third
   */
  readonly by?: CountedBy | readonly CountedBy[]
  /**
   * Decides a limit by client or by route after authentication, together with the limits of callers: one call of the store
   * for all limits of a request, all or nothing, and one round trip where the store is on another machine. What fails
   * authentication is then not counted, so keep another limit before it where tokens are costly to check.
   *
   * @default false
   */
  readonly afterAuthentication?: boolean
  /**
   * Makes one spelling of those that are one name, before it is counted: of the texts that `'key'`, `'tenant'` and functions
   * of `by` give, and of those that `gate.limit(name).of(...)` is given. `true` is the Unicode form NFKC, in lower case,
   * without white space around it. A function gives what counts in place of a text; an empty text is nothing: see
   * {@link RateLimit.whenUnknown}. When it throws, or gives no text, the request is refused with 503.
   *
   * Without it each spelling that an application takes for one account has a limit of its own.
   *
   * @default each text counts as it is
   * @example
   * by: ['client', (request) => request.params.account], normalize: true
   */
  readonly normalize?: true | ((text: string) => string)
  /**
   * How many bits of an IPv6 address are one client, for this limit by `'client'`: 32 to 128. Several limits make a
   * ladder, so that whoever holds a large network cannot walk through it: /64, /56 and /48, each with more room.
   *
   * @default the `ipv6Prefix` of the policy's `proxy`, 64 unless it says otherwise
   */
  readonly ipv6Prefix?: number
  /**
   * How many units a request costs: a positive integer. From a function it may be more than the limit, and is then
   * always refused; when it throws, or gives anything but a positive integer, the request is refused with 503.
   *
   * @default 1
   */
  readonly cost?: number | ((request: RequestFacts) => number)
  /**
   * Which requests count in the end. Every request takes its cost when it comes, so that no number of them at once gets
   * past the limit; one that does not count gets it back when its response has been sent. A client that goes away before
   * gets nothing back. `'failures'` are answers with a status of 400 to 499, `'successes'` those below 400.
   *
   * @default 'all'
   * @example
   * count: ({ status }) => status === 404 // who looks for what is not there
   */
  readonly count?: 'all' | 'failures' | 'successes' | ((answer: { readonly status: number }) => boolean)
  /**
   * Shuts out a key that keeps exceeding the limit, for a time that may grow.
   *
   * By an address alone a ban hits everybody behind it; by an account alone anybody can bring it upon another. A list of
   * both in `by` does neither.
   *
   * @default no ban
   */
  readonly ban?: Ban
  /**
   * What becomes of a request when the store cannot be asked: `'closed'` refuses it with 503, `'open'` does not count it,
   * `'local'` counts it in the memory of this process until the store answers again.
   *
   * @default 'closed'
   */
  readonly whenStoreFails?: 'closed' | 'open' | 'local'
  /**
   * Whether the fields carry `pk`, by which a client that acts for many tells its quotas apart. It is a keyed hash,
   * with a secret that the gate makes when it is built: nobody can read or compute it, and another process sends
   * another.
   *
   * @default false
   */
  readonly partitionKey?: boolean
  /**
   * What becomes of a request when `by` gives nothing for it: the client's address cannot be determined, or the
   * function gave no text. `'refuse'` it with 403, `'exempt'` it from this limit, or let all such requests `'share'`
   * one counter, in which any of them can lock out the others.
   *
   * @default 'refuse'
   */
  readonly whenUnknown?: 'refuse' | 'exempt' | 'share'
}
