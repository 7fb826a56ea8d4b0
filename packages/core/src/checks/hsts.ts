import type { Duration } from '../lib/duration.ts'
import {
  at,
  optional,
  type OptionReaders,
  type Place,
  type Reader,
  readOptions,
  report,
  say,
} from '../options/read.ts'
import { duration, flag } from '../options/readers.ts'

/** How long, and for which names, browsers are to come over https alone. */
export interface HstsOptions {
  /**
   * How long a browser remembers, in whole seconds, at least a year; `0` is the off switch, which makes browsers
   * forget at once.
   *
   * @default `'365d'`
   */
  readonly maxAge?: Duration
  /**
   * Whether all names below the host are meant, too.
   *
   * @default false
   */
  readonly includeSubDomains?: boolean
  /**
   * Whether the host may be put on the list that browsers are shipped with, from which it takes months to get off.
   * Needs `includeSubDomains` and at least a year.
   *
   * @default false
   */
  readonly preload?: boolean
  /**
   * Says that a `maxAge` below a year is on purpose, while you begin: `'5m'`, then `'7d'`, `'30d'` and so on.
   *
   * @default false
   */
  readonly ramp?: boolean
}

const SECOND = 1_000
const YEAR = 31_536_000 * SECOND

const READERS = {
  maxAge: optional(wholeSeconds(duration(0, '3650d')), YEAR),
  includeSubDomains: optional(flag(), false),
  preload: optional(flag(), false),
  ramp: optional(flag(), false),
} satisfies OptionReaders<HstsOptions>

/** What `Strict-Transport-Security` says when nobody says anything: a year (TLS-05), for the host alone. */
export const DEFAULT_STS = 'max-age=31536000'

/**
 * Reads HSTS options as the value of `Strict-Transport-Security`; `false` for none.
 *
 * @see RFC 6797 §6.1
 */
export function readHsts(value: unknown, place: Place): string | false | undefined {
  if (value === false) return say(place, false)
  const read = readOptions(place, value, READERS)
  if (read === undefined) return undefined
  const { maxAge, includeSubDomains, preload, ramp } = read
  const isShort = maxAge > 0 && maxAge < YEAR
  if (isShort && !ramp) {
    report(
      at(place, 'maxAge'),
      'unsafe_value',
      'is less than a year: whoever comes back later comes in clear again.',
      "Write '365d' or more, 0 to switch HSTS off, or ramp: true while you begin.",
    )
  }
  if (ramp && !isShort) {
    report(
      at(place, 'ramp'),
      'contradiction',
      'is for a maxAge below a year.',
      'Leave it out: the ramp is over.',
    )
  }
  // hstspreload.org takes nothing less.
  if (preload && (!includeSubDomains || maxAge < YEAR)) {
    report(
      at(place, 'preload'),
      'contradiction',
      'needs includeSubDomains and a maxAge of at least a year.',
      "Write { maxAge: '365d', includeSubDomains: true, preload: true }, or leave preload out.",
    )
  }
  const directives = [`max-age=${maxAge / SECOND}`]
  if (includeSubDomains) directives.push('includeSubDomains')
  if (preload) directives.push('preload')
  return directives.join('; ')
}

/** RFC 6797 §6.1.1 counts seconds; a fraction of one would be rounded to the off switch. */
function wholeSeconds(reader: Reader<number>): Reader<number> {
  return (value, place) => {
    const ms = reader(value, place)
    if (ms === undefined || ms % SECOND === 0) return ms
    return report(
      place,
      'malformed_value',
      'is not a number of whole seconds.',
      "Write it with a unit: '365d'.",
    )
  }
}
