import type { Observer } from '../contract/event.ts'
import type { Meter } from '../contract/meter.ts'
import type { Scheme } from '../contract/scheme.ts'
import type { Store } from '../contract/store.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { TenantOf } from '../checks/authorize/tenant.ts'
import { RATE_LIMIT_FIELDS, type RateLimitFields } from '../checks/rate-limit/field-modes.ts'
import type { Priority } from '../checks/shed.ts'
import { ACCESS_READERS, type AccessRead, type DenyRule, readDeny } from '../options/access-rule.ts'
import {
  at,
  entriesOf,
  isPlainObject,
  optional,
  type OptionReader,
  type Place,
  plainObject,
  report,
  say,
} from '../options/read.ts'
import {
  anything,
  callback,
  distinctList,
  duration,
  having,
  list,
  oneOf,
  text,
  timeSource,
  wholeStore,
} from '../options/readers.ts'
import { readScheme } from '../options/scheme.ts'
import { type CheckName, ORDER } from './order.ts'
import type { Policy, Rule } from './policy.ts'

/** A rule, read; what a check reads by itself is handed on to it as it is. */
export interface RuleRead extends AccessRead {
  readonly addresses: unknown
  readonly rateLimit: unknown
  readonly concurrency: unknown
  readonly priority: Priority | undefined
  readonly content: unknown
  readonly idempotency: unknown
  /** In milliseconds. */
  readonly timeout: number | 'exempt' | undefined
  readonly headers: unknown
  readonly cors: unknown
  readonly dangerouslyCrossSite: string | undefined
}

/** A policy, read; what a check reads by itself is handed on to it as it is. */
export interface PolicyRead {
  readonly request: unknown
  readonly hosts: unknown
  readonly dangerouslyAnyHost: unknown
  readonly https: unknown
  readonly proxy: unknown
  readonly addresses: unknown
  readonly headers: unknown
  readonly cors: unknown
  readonly crossSite: unknown
  readonly dangerouslyCrossSite: string | undefined
  readonly protectedResource: unknown
  readonly rateLimit: unknown
  readonly rateLimitFields: readonly RateLimitFields[]
  readonly concurrency: unknown
  readonly shed: unknown
  readonly content: unknown
  readonly authenticate: Scheme | undefined
  readonly public: string | undefined
  readonly roles: unknown
  readonly deny: readonly DenyRule[] | undefined
  readonly tenant: TenantOf | undefined
  readonly undecided: 'report' | 'block'
  /** In the order they were written. */
  readonly routes: readonly (readonly [pattern: string, rule: unknown])[]
  /** In milliseconds. */
  readonly deadline: number
  /** In milliseconds. */
  readonly timeout: number | undefined
  /** In milliseconds. */
  readonly storeDeadline: number
  readonly shadow: ReadonlySet<CheckName>
  readonly observe: readonly Observer[]
  readonly metrics: readonly Meter[]
  readonly store: Store | undefined
  readonly clock: Clock
}

type ReadersOf<Read> = { readonly [K in keyof Read]: OptionReader<Read[K]> }

const raw = optional(anything<unknown>())
const timeout = duration('10ms', '1h')
const crossSiteReason = optional(
  text('a reason', "the reason, such as 'the bank calls it, and signs its calls'"),
)

/** The options of a rule. */
export const RULE_READERS: ReadersOf<RuleRead> & Record<keyof Rule, unknown> = {
  ...ACCESS_READERS,
  addresses: raw,
  rateLimit: raw,
  concurrency: raw,
  priority: optional<Priority>(oneOf('critical', 'normal', 'low')),
  content: raw,
  idempotency: raw,
  timeout: optional<number | 'exempt'>(readTimeout),
  headers: raw,
  cors: raw,
  dangerouslyCrossSite: crossSiteReason,
}

/** The options of a policy. */
export const POLICY_READERS: ReadersOf<PolicyRead> & Record<keyof Policy, unknown> = {
  request: raw,
  hosts: raw,
  dangerouslyAnyHost: raw,
  https: raw,
  proxy: optional<unknown>(readProxy),
  addresses: raw,
  headers: raw,
  cors: raw,
  crossSite: raw,
  dangerouslyCrossSite: crossSiteReason,
  protectedResource: raw,
  rateLimit: raw,
  rateLimitFields: optional<readonly RateLimitFields[]>(readFieldModes, ['draft-11']),
  concurrency: raw,
  shed: raw,
  content: raw,
  authenticate: optional(readScheme),
  public: optional(text('a reason', "the reason, such as 'open data, read only'")),
  roles: raw,
  deny: optional<readonly DenyRule[]>(readDeny),
  tenant: optional(callback<TenantOf>('(principal) => the tenant of the caller')),
  undecided: optional(oneOf('report', 'block'), 'report'),
  routes: optional(readRoutes, []),
  deadline: optional(duration('10ms', '5m'), 10_000),
  timeout: optional(timeout),
  storeDeadline: optional(duration('10ms', '1m'), 500),
  shadow: optional(readShadow, new Set<CheckName>()),
  observe: optional(readObservers, []),
  metrics: optional(readMeters, []),
  store: optional(wholeStore()),
  clock: optional(timeSource(), systemClock),
}

/** Its own check looks at its members more than once: here each is read, and can throw, once. */
function readProxy(value: unknown, place: Place): unknown {
  return isPlainObject(value) ? Object.fromEntries(entriesOf(place, value)) : value
}

function readTimeout(value: unknown, place: Place): number | 'exempt' | undefined {
  return value === 'exempt' ? say(place, value) : timeout(value, place)
}

function readRoutes(value: unknown, place: Place): PolicyRead['routes'] | undefined {
  const instead = "Write { 'GET /path': { scopes: ['data:read'] } }."
  const given = plainObject(place, value, 'an object of rules', instead)
  return given && entriesOf(place, given)
}

const CHECK_NAMES = ORDER.map((row) => row.name)
const readNames = list(oneOf(...CHECK_NAMES), {
  example: "a list of checks, such as ['cors', 'client-limits']",
})

function readShadow(value: unknown, place: Place): ReadonlySet<CheckName> | undefined {
  const names = value === true ? CHECK_NAMES : readNames(value, place)
  return names === undefined ? undefined : new Set(names)
}

const readFieldMode = oneOf(...RATE_LIMIT_FIELDS)
const readFieldModeList = distinctList(readFieldMode, {
  min: 1,
  example: "a list of ways, such as ['draft-11', 'x-ratelimit']",
})

function readFieldModes(value: unknown, place: Place): readonly RateLimitFields[] | undefined {
  if (!Array.isArray(value)) {
    const mode = readFieldMode(value, place)
    return mode === undefined ? undefined : [mode]
  }
  const modes = readFieldModeList(value, place)
  // Two editions of the draft that write one field differently would make it twice.
  if (modes?.includes('draft-11') === true && (modes.includes('draft-7') || modes.includes('draft-6')))
    return report(
      place,
      'contradiction',
      'has two editions of the draft, which write the same fields in two ways.',
      "Write one of 'draft-11', 'draft-7' and 'draft-6'.",
    )
  return modes
}

function readObservers(value: unknown, place: Place): readonly Observer[] | undefined {
  const observers: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const [index, observer] of observers.entries()) {
    if (typeof observer === 'function') continue
    const where = Array.isArray(value) ? at(place, index) : place
    report(
      where,
      'wrong_type',
      'is not a function.',
      'Write consoleLogger(), jsonLines() or (event) => { ... }.',
    )
  }
  return observers.filter((observer): observer is Observer => typeof observer === 'function')
}

const readMeter = having<Meter>(
  'a meter',
  'metrics()',
  'observe',
  'onRequest',
  'onResponse',
  'onStoreCall',
  'watch',
)

function readMeters(value: unknown, place: Place): readonly Meter[] | undefined {
  if (Array.isArray(value)) return list(readMeter, { example: 'metrics()' })(value, place)
  const meter = readMeter(value, place)
  return meter === undefined ? undefined : [meter]
}
