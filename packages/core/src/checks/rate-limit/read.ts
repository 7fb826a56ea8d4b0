import type { Algorithm, Quota } from '../../contract/store.ts'
import type { Duration } from '../../lib/duration.ts'
import { foldText } from '../../lib/fold-text.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { duration, flag, integer, list, oneOf, options } from '../../options/readers.ts'
import type { CountedBy } from './key.ts'
import type { Ban, RateLimit } from './options.ts'
import {
  findContradictionsOfBy,
  oneOrList,
  orFunction,
  type Placed,
  printable,
  readBy,
  readName,
  readNamed,
} from './read-parts.ts'

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
  readonly afterAuthentication: boolean
  /** What makes one spelling of several; `undefined` when each counts. */
  readonly normalize: ((text: string) => string) | undefined
  readonly ipv6Prefix: number | undefined
  readonly cost: NonNullable<RateLimit['cost']>
  readonly count: NonNullable<RateLimit['count']>
  readonly ban: BanRead | undefined
  readonly whenStoreFails: NonNullable<RateLimit['whenStoreFails']>
  readonly partitionKey: boolean
  readonly whenUnknown: NonNullable<RateLimit['whenUnknown']>
}

/** A limit, and where it stands. */
export type PlacedLimit = Placed<LimitRead>

/** With the largest of both, a quota can still be counted in exact integers. */
const MAX_LIMIT = 1_000_000
const MAX_WINDOW: Duration = '31d'

/** The words that count texts, of which there may be several spellings. */
const TEXTS: ReadonlySet<string> = new Set(['key', 'tenant'])

const readUnits = integer(1, MAX_LIMIT)
const readTime = duration('1s', MAX_WINDOW)
const readEachTime = list(readTime, { min: 1, example: "how long, such as '10m' or ['1m', '10m', '1h']" })

const BAN_READERS = {
  after: required(integer(1, 10_000), 'Write after how many refusals, such as 10.'),
  within: required(readTime, "Write within what time, such as '10m'."),
  for: required(oneOrList(readTime, readEachTime), "Write for how long, such as ['1m', '10m', '1h']."),
  forget: optional(readTime, 86_400_000),
} satisfies OptionReaders<Ban>

const READERS = {
  name: optional(readName),
  limit: required(readUnits, 'Write how many requests are allowed, such as 100.'),
  window: required(readTime, "Write in what time, such as '1m'."),
  algorithm: optional<Algorithm>(oneOf('gcra', 'sliding-window', 'fixed-window')),
  by: optional(readBy, ['client']),
  afterAuthentication: optional(flag(), false),
  normalize: optional(orFunction<(text: string) => string>(readFold)),
  ipv6Prefix: optional(integer(32, 128)),
  cost: optional(orFunction<LimitRead['cost']>(readUnits), 1),
  count: optional(orFunction<LimitRead['count']>(oneOf('all', 'failures', 'successes')), 'all'),
  ban: optional(options(BAN_READERS)),
  whenStoreFails: optional(oneOf('closed', 'open', 'local'), 'closed'),
  partitionKey: optional(flag(), false),
  whenUnknown: optional(oneOf('refuse', 'exempt', 'share')),
} satisfies OptionReaders<RateLimit>

/** `true`, the spelling that the house makes of several. */
function readFold(value: unknown, place: Place): ((text: string) => string) | undefined {
  return value === true
    ? foldText
    : report(place, 'wrong_type', 'is neither true nor a function.', 'Write true, or leave it out.')
}

/** Reads one limit or a list of them. Those that cannot be used are reported and left out. */
export function readLimits(place: Place, value: unknown, defaultName: string): readonly PlacedLimit[] {
  return readNamed(
    place,
    value,
    (where, one) => readLimit(where, one, defaultName),
    "{ limit: 100, window: '1m' }",
  )
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
    afterAuthentication: read.afterAuthentication,
    normalize: read.normalize,
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
  if (read.normalize !== undefined && by.every((word) => typeof word === 'string' && !TEXTS.has(word))) {
    report(
      at(place, 'normalize'),
      'contradiction',
      'is asked of a limit that counts no texts.',
      "Leave it out, or write by: 'key', 'tenant' or a function.",
    )
  }
  findContradictionsOfBy(place, { by, ipv6Prefix: read.ipv6Prefix, whenUnknown: read.whenUnknown })
}
