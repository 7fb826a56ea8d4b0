import type { AdaptiveBounds } from '../../limiting/adaptive.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  type Reader,
  readOptions,
  report,
} from '../../options/read.ts'
import { integer, oneOf, options } from '../../options/readers.ts'
import type { CountedBy } from '../rate-limit/key.ts'
import {
  findContradictionsOfBy,
  type Placed,
  printable,
  readBy,
  readName,
  readNamed,
} from '../rate-limit/read-parts.ts'
import type { AdaptiveConcurrency, ConcurrencyLimit } from './options.ts'

/** A {@link ConcurrencyLimit}, read. */
export interface ConcurrencyRead {
  readonly name: string
  /** A fixed limit, or between what it moves. */
  readonly most: number | AdaptiveBounds
  /** Nothing for all requests together. */
  readonly by: readonly CountedBy[]
  readonly ipv6Prefix: number | undefined
  readonly whenUnknown: NonNullable<ConcurrencyLimit['whenUnknown']>
}

const ADAPTIVE_READERS = {
  min: optional(integer(1, 10_000), 10),
  max: optional(integer(1, 100_000), 1000),
} satisfies OptionReaders<AdaptiveConcurrency>

const readByOrServer: Reader<readonly CountedBy[]> = (value, place) =>
  value === 'server' ? [] : readBy(value, place)

const READERS = {
  name: optional(readName),
  limit: optional(integer(1, 1_000_000)),
  adaptive: optional(options(ADAPTIVE_READERS)),
  by: optional(readByOrServer),
  ipv6Prefix: optional(integer(32, 128)),
  whenUnknown: optional(oneOf('refuse', 'exempt', 'share')),
} satisfies OptionReaders<ConcurrencyLimit>

/** Reads one limit or a list of them. Those that cannot be used are reported and left out. */
export function readConcurrency(
  place: Place,
  value: unknown,
  defaultName: string,
): readonly Placed<ConcurrencyRead>[] {
  return readNamed(place, value, (where, one) => readOne(where, one, defaultName), '{ limit: 10 }')
}

function readOne(place: Place, value: unknown, defaultName: string): ConcurrencyRead | undefined {
  const before = place.mistakes.count
  const read = readOptions(place, value, READERS)
  if (read === undefined) return undefined
  if (read.limit === undefined && read.adaptive === undefined && place.mistakes.count === before) {
    report(
      at(place, 'limit'),
      'missing_option',
      'is missing.',
      'Write how many requests may be under way at once, such as 10, or adaptive: {}.',
    )
  }
  const most = read.adaptive === undefined ? read.limit : readAdaptive(place, read)
  if (most === undefined) return undefined
  const { ipv6Prefix, whenUnknown } = read
  const by = read.adaptive === undefined ? (read.by ?? ['client']) : []
  if (read.adaptive === undefined) findContradictionsOfBy(place, { by, ipv6Prefix, whenUnknown })
  return {
    name: read.name ?? printable(defaultName),
    most,
    by,
    ipv6Prefix,
    whenUnknown: whenUnknown ?? 'refuse',
  }
}

function readAdaptive(place: Place, read: OptionsRead<typeof READERS>): AdaptiveBounds | undefined {
  for (const option of ['limit', 'by', 'ipv6Prefix', 'whenUnknown'] as const) {
    if (read[option] === undefined) continue
    report(
      at(place, option),
      'contradiction',
      'is asked of an adaptive limit, which is one for all requests and finds its size by itself.',
      'Leave it out, or leave "adaptive" out.',
    )
  }
  const { min = 1, max = 1 } = read.adaptive ?? {}
  if (min <= max) return { min, max }
  return report(
    at(at(place, 'adaptive'), 'min'),
    'contradiction',
    'is more than the most.',
    `Write a "min" of at most ${max}, or a higher "max".`,
  )
}
