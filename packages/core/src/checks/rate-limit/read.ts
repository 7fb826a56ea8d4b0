import type { Algorithm, Quota } from '../../contract/store.ts'
import type { Duration } from '../../lib/duration.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  type Reader,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { duration, flag, integer, list, oneOf, options, textThat } from '../../options/readers.ts'
import type { CountedBy } from './key.ts'
import type { Ban, RateLimit } from './options.ts'

/** A {@link Ban}, read; times are in milliseconds. */
export interface BanRead {
  readonly after: number
  readonly withinMs: number
  /** At least one. */
  readonly forMs: readonly number[]
  readonly forgetMs: number
}

/** A {@link RateLimit}, read. */
export interface LimitRead {
  readonly name: string
  readonly quota: Quota
  /** At least one. */
  readonly by: readonly CountedBy[]
  readonly ipv6Prefix: number | undefined
  readonly cost: NonNullable<RateLimit['cost']>
  readonly count: NonNullable<RateLimit['count']>
  readonly ban: BanRead | undefined
  readonly whenStoreFails: NonNullable<RateLimit['whenStoreFails']>
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

const readWord = oneOf('client', 'principal', 'key', 'tenant', 'route')
const readUnits = integer(1, MAX_LIMIT)
const readTime = duration('1s', MAX_WINDOW)
const readBy: Reader<CountedBy> = orFunction<CountedBy>(readWord)
const readEachBy = list(readBy, { min: 1, example: "'client', or a list such as ['client', 'route']" })
const readEachTime = list(readTime, { min: 1, example: "how long, such as '10m' or ['1m', '10m', '1h']" })

const BAN_READERS = {
  after: required(integer(1, 10_000), 'Write after how many refusals, such as 10.'),
  within: required(readTime, "Write within what time, such as '10m'."),
  for: required(oneOrList(readTime, readEachTime), "Write for how long, such as ['1m', '10m', '1h']."),
  forget: optional(readTime, 86_400_000),
} satisfies OptionReaders<Ban>

const READERS = {
  name: optional(
    textThat(
      (name) => /^[\x20-\x7e]{1,64}$/.test(name),
      '1 to 64 printable ASCII characters',
      "a name, such as 'login'",
    ),
  ),
  limit: required(readUnits, 'Write how many requests are allowed, such as 100.'),
  window: required(readTime, "Write in what time, such as '1m'."),
  algorithm: optional<Algorithm>(oneOf('gcra', 'sliding-window', 'fixed-window')),
  by: optional<readonly CountedBy[]>(oneOrList(readBy, readEachBy), ['client']),
  ipv6Prefix: optional(integer(32, 128)),
  cost: optional(orFunction<LimitRead['cost']>(readUnits), 1),
  count: optional(orFunction<LimitRead['count']>(oneOf('all', 'failures', 'successes')), 'all'),
  ban: optional(options(BAN_READERS)),
  whenStoreFails: optional(oneOf('closed', 'open', 'local'), 'closed'),
  partitionKey: optional(flag(), false),
  whenUnknown: optional(oneOf('refuse', 'exempt', 'share')),
} satisfies OptionReaders<RateLimit>

/** A function of the policy, or what `reader` reads. */
function orFunction<T>(reader: Reader<T>): Reader<T> {
  return (value, place) => (typeof value === 'function' ? (value as T) : reader(value, place))
}

/** A list, or one of what it would be a list of. */
function oneOrList<T>(one: Reader<T>, several: Reader<readonly T[]>): Reader<readonly T[]> {
  return (value, place) => {
    if (Array.isArray(value)) return several(value, place)
    const read = one(value, place)
    return read === undefined ? undefined : [read]
  }
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
  findContradictions(place, read)
  const { limit, window: windowMs, algorithm, by, cost, count, whenStoreFails, partitionKey } = read
  if (limit === undefined || windowMs === undefined) return undefined
  return {
    name: read.name ?? printable(defaultName),
    quota: { limit, windowMs, ...(algorithm === undefined || algorithm === 'gcra' ? {} : { algorithm }) },
    by,
    ipv6Prefix: read.ipv6Prefix,
    cost,
    count,
    ban: readBan(read.ban),
    whenStoreFails,
    partitionKey,
    whenUnknown: read.whenUnknown ?? 'refuse',
  }
}

function readBan(read: OptionsRead<typeof BAN_READERS> | undefined): BanRead | undefined {
  const { after, within: withinMs, for: forMs, forget: forgetMs } = read ?? {}
  return after === undefined || withinMs === undefined || forMs === undefined || forgetMs === undefined
    ? undefined
    : { after, withinMs, forMs, forgetMs }
}

function findContradictions(place: Place, read: OptionsRead<typeof READERS>): void {
  const { limit, cost, by } = read
  if (typeof cost === 'number' && limit !== undefined && cost > limit) {
    report(
      at(place, 'cost'),
      'contradiction',
      'is more than the limit: every request would be refused.',
      `Write a cost of at most ${limit}, or a higher limit.`,
    )
  }
  for (const [index, word] of by.entries()) {
    if (by.indexOf(word) === index) continue
    report(at(at(place, 'by'), index), 'duplicate_value', 'is said twice.', 'Leave one out.')
  }
  if (!by.includes('client') && read.ipv6Prefix !== undefined) {
    report(
      at(place, 'ipv6Prefix'),
      'contradiction',
      'is asked of a limit that does not count clients.',
      "Leave it out, or write by: 'client'.",
    )
  }
  if (by.every((word) => word === 'route') && read.whenUnknown !== undefined) {
    report(
      at(place, 'whenUnknown'),
      'contradiction',
      'is asked of a limit by route, and the route is always known.',
      'Leave it out.',
    )
  }
}

/** A pattern as the text of a structured field: RFC 9651 §3.3.3 allows printable ASCII alone. */
function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, (unit) => `%u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
