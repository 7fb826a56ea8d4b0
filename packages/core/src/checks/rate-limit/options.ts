import type { RequestFacts } from '../../contract/request.ts'
import type { Quota } from '../../contract/store.ts'
import type { Duration } from '../../lib/duration.ts'
import {
  at,
  optional,
  type OptionReaders,
  type Place,
  type Reader,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { duration, flag, integer, oneOf, textThat } from '../../options/readers.ts'

/**
 * How much one client, caller or route may ask for, and in what time.
 *
 * A limit is a burst and a rate: a key that has been idle may spend the whole limit at once, and gets it back evenly
 * over the window. In any W milliseconds no more than `limit + floor(W * limit / window)` units are let through, so
 * any one window holds at most twice the limit, and a long time holds the rate.
 *
 * A request is let through when all its limits have room, and only then counts towards any of them. What it has
 * counted stays counted, whatever becomes of it: a client that goes away gets nothing back.
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
   * same name share one counter; they must say the same `limit`, `window` and `by`, too.
   *
   * @default 'default' for a limit of the whole policy, the pattern of the rule for a limit of a rule
   */
  readonly name?: string
  /** How many units a key may spend at once, and per window: 1 to 1,000,000. */
  readonly limit: number
  /** In what time a spent limit is whole again: 1 second to 31 days. */
  readonly window: Duration
  /**
   * What has a counter of its own.
   *
   * - `'client'`: each client address, an IPv6 network as one. Decided before authentication.
   * - `'route'`: each route, all clients together. Decided before authentication. Rules that share a name are one
   *   route; a limit of the whole policy counts each rule apart.
   * - `'principal'`: each caller, by issuer and subject. Decided after authentication; where nobody is authenticated,
   *   on a public route, each client address counts, apart from the callers.
   * - A function: each text that it gives, after authentication. `undefined` or an empty text is nothing: see
   *   {@link RateLimit.whenUnknown}. When it throws, or gives anything else, the request is refused with 503.
   *
   * @default 'client'
   */
  readonly by?: 'client' | 'principal' | 'route' | ((request: RequestFacts) => string | undefined)
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

/** A {@link RateLimit}, read. */
export interface LimitRead {
  readonly name: string
  readonly quota: Quota
  readonly by: NonNullable<RateLimit['by']>
  readonly ipv6Prefix: number | undefined
  readonly cost: NonNullable<RateLimit['cost']>
  readonly partitionKey: boolean
  readonly whenUnknown: NonNullable<RateLimit['whenUnknown']>
}

/** A limit, and where it stands. */
export interface PlacedLimit {
  readonly place: Place
  readonly limit: LimitRead
}

/** With the largest of both, a quota can still be counted in exact integers. */
const MAX_LIMIT = 1_000_000
const MAX_WINDOW: Duration = '31d'

const readWord = oneOf('client', 'principal', 'route')
const readUnits = integer(1, MAX_LIMIT)

const READERS = {
  name: optional(
    textThat(
      (name) => /^[\x20-\x7e]{1,64}$/.test(name),
      '1 to 64 printable ASCII characters',
      "a name, such as 'login'",
    ),
  ),
  limit: required(readUnits, 'Write how many requests are allowed, such as 100.'),
  window: required(duration('1s', MAX_WINDOW), "Write in what time, such as '1m'."),
  by: optional(orFunction<LimitRead['by']>(readWord), 'client'),
  ipv6Prefix: optional(integer(32, 128)),
  cost: optional(orFunction<LimitRead['cost']>(readUnits), 1),
  partitionKey: optional(flag(), false),
  whenUnknown: optional(oneOf('refuse', 'exempt', 'share')),
} satisfies OptionReaders<RateLimit>

/** A function of the policy, or what `reader` reads. */
function orFunction<T>(reader: Reader<T>): Reader<T> {
  return (value, place) => (typeof value === 'function' ? (value as T) : reader(value, place))
}

/** Reads one limit or a list of them. Those that cannot be used are reported and left out. */
export function readLimits(place: Place, value: unknown, defaultName: string): readonly PlacedLimit[] {
  const single = !Array.isArray(value)
  const values: readonly unknown[] = single ? [value] : value
  if (values.length === 0) {
    report(place, 'out_of_range', 'is an empty list.', "Write { limit: 100, window: '1m' }, or leave it out.")
  }
  const read: PlacedLimit[] = []
  for (const [index, one] of values.entries()) {
    const where = single ? place : at(place, index)
    const limit = readLimit(where, one, defaultName)
    if (limit === undefined) continue
    if (read.some((other) => other.limit.name === limit.name)) {
      report(
        at(where, 'name'),
        'duplicate_value',
        `is "${limit.name}" again.`,
        'Give each limit of a list its own name.',
      )
      continue
    }
    read.push({ place: where, limit })
  }
  return read
}

function readLimit(place: Place, value: unknown, defaultName: string): LimitRead | undefined {
  const read = readOptions(place, value, READERS)
  if (read === undefined) return undefined
  const { limit, window: windowMs, by, cost, partitionKey } = read
  if (typeof cost === 'number' && limit !== undefined && cost > limit) {
    report(
      at(place, 'cost'),
      'contradiction',
      'is more than the limit: every request would be refused.',
      `Write a cost of at most ${limit}, or a higher limit.`,
    )
  }
  if (by !== 'client' && read.ipv6Prefix !== undefined) {
    report(
      at(place, 'ipv6Prefix'),
      'contradiction',
      'is asked of a limit that does not count clients.',
      "Leave it out, or write by: 'client'.",
    )
  }
  if (by === 'route' && read.whenUnknown !== undefined) {
    report(
      at(place, 'whenUnknown'),
      'contradiction',
      'is asked of a limit by route, and the route is always known.',
      'Leave it out.',
    )
  }
  if (limit === undefined || windowMs === undefined) return undefined
  const name = read.name ?? printable(defaultName)
  return {
    name,
    quota: { limit, windowMs },
    by,
    ipv6Prefix: read.ipv6Prefix,
    cost,
    partitionKey,
    whenUnknown: read.whenUnknown ?? 'refuse',
  }
}

/** A pattern as the text of a structured field: RFC 9651 §3.3.3 allows printable ASCII alone. */
function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, (unit) => `%u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
