import type { Outcome } from '../../contract/store.ts'
import type { Clock } from '../../lib/clock.ts'
import { BETWEEN, limitItem, partitionParameter, wholeSeconds } from '../../limiting/fields.ts'
import type { Limit } from './limit.ts'

/** Where a request stands with one limit. */
export interface Reported {
  readonly limit: Limit
  readonly outcome: Outcome
  /** The effective window, in seconds. */
  readonly seconds: number
  readonly key: string
}

/**
 * The fields that tell where a request stands, as lines. Names of limits are Structured Fields' strings, and all else is numbers:
 * nothing in them could end a line.
 */
export type FieldWriter = (reported: readonly Reported[]) => string

/** How clients are told where they stand. */
export type RateLimitFields = 'draft-11' | 'draft-7' | 'draft-6' | 'x-ratelimit' | 'none'

/** One way. */
interface Mode {
  readonly names: readonly string[]
  /** Makes a writer for responses that some limits are counted for. */
  readonly write: (limits: readonly Limit[], clock: Clock) => FieldWriter
}

/**
 * The ways to tell a client where it stands, by name. Those before the draft's eleventh edition have room for one limit:
 * they tell of the one that leaves least.
 */
const MODES: Readonly<Record<RateLimitFields, Mode>> = {
  /** draft-ietf-httpapi-ratelimit-headers-11: `RateLimit-Policy` and `RateLimit`, every limit with its name. */
  'draft-11': { names: ['RateLimit-Policy', 'RateLimit'], write: listWriter },
  /** draft-ietf-httpapi-ratelimit-headers-07: `RateLimit: limit=100, remaining=50, reset=30`. */
  'draft-7': {
    names: ['RateLimit-Policy', 'RateLimit'],
    write: () => (reported) => {
      const { limit, remaining, seconds, policy } = tightest(reported)
      return `RateLimit-Policy: ${policy}\r\nRateLimit: limit=${limit}, remaining=${remaining}, reset=${seconds}\r\n`
    },
  },
  /** draft-ietf-httpapi-ratelimit-headers-06: a field for each number. */
  'draft-6': {
    names: ['RateLimit-Policy', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
    write: () => (reported) => {
      const { limit, remaining, seconds, policy } = tightest(reported)
      const left = `RateLimit-Remaining: ${remaining}\r\nRateLimit-Reset: ${seconds}\r\n`
      return `RateLimit-Policy: ${policy}\r\nRateLimit-Limit: ${limit}\r\n${left}`
    },
  },
  /** What many services have sent before there was a draft; the reset is a time in seconds since the epoch. */
  'x-ratelimit': {
    names: ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
    write: (_, clock) => (reported) => {
      const { limit, remaining, seconds } = tightest(reported)
      const reset = Math.ceil(clock.now() / 1000) + seconds
      return `X-RateLimit-Limit: ${limit}\r\nX-RateLimit-Remaining: ${remaining}\r\nX-RateLimit-Reset: ${reset}\r\n`
    },
  },
  /** Nothing; a refusal has `Retry-After` all the same. */
  none: { names: [], write: () => () => '' },
}

/** Every way, for whoever reads the option. */
export const RATE_LIMIT_FIELDS: readonly RateLimitFields[] = Object.keys(MODES) as RateLimitFields[]

/** The names of the fields of some ways, once each. */
export function fieldNames(modes: readonly RateLimitFields[]): readonly string[] {
  return [...new Set(modes.flatMap((mode) => MODES[mode].names))]
}

/** Makes a writer for one way, or several one after the other. */
export function fieldWriter(
  modes: readonly RateLimitFields[],
  limits: readonly Limit[],
  clock: Clock,
): FieldWriter {
  const writers = modes.map((mode) => MODES[mode].write(limits, clock))
  const [only] = writers
  return only !== undefined && writers.length === 1
    ? only
    : (reported) => writers.map((write) => write(reported)).join('')
}

function listWriter(limits: readonly Limit[]): FieldWriter {
  const start = (policy: string): string => `RateLimit-Policy: ${policy}\r\nRateLimit: `
  // What most responses say of the policy, made once: every limit applies, and no partition is told.
  const constant = limits.some((limit) => limit.secret !== undefined)
    ? undefined
    : start(limits.map((limit) => limit.policyItem).join(BETWEEN))
  return (reported) => {
    let lines =
      constant !== undefined && reported.length === limits.length
        ? constant
        : start(reported.map((one) => one.limit.policyItem + partitionOf(one)).join(BETWEEN))
    let between = ''
    for (const one of reported) {
      lines += between
      between = BETWEEN
      lines += limitItem(one.limit.item, remainingOf(one), one.seconds) + partitionOf(one)
    }
    return `${lines}\r\n`
  }
}

function partitionOf({ limit, key }: Reported): string {
  return limit.secret === undefined ? '' : partitionParameter(limit.secret, key)
}

function remainingOf({ limit, outcome }: Reported): number {
  return Math.min(outcome.remaining, limit.quota.limit)
}

/** The limit that leaves least: one that refuses before one that does not, then the one with the smallest share left. */
function tightest(reported: readonly Reported[]): {
  readonly limit: number
  readonly remaining: number
  readonly seconds: number
  readonly policy: string
} {
  let chosen: Reported | undefined
  for (const one of reported) if (chosen === undefined || share(one) < share(chosen)) chosen = one
  if (chosen === undefined) throw new TypeError('No limit was counted')
  const { limit, seconds } = chosen
  const { quota } = limit
  return {
    limit: quota.limit,
    remaining: remainingOf(chosen),
    seconds,
    policy: reported
      .map((one) => `${one.limit.quota.limit};w=${wholeSeconds(one.limit.quota.windowMs)}`)
      .join(BETWEEN),
  }
}

function share(one: Reported): number {
  return one.outcome.allowed ? remainingOf(one) / one.limit.quota.limit : -1
}
