import { randomBytes } from 'node:crypto'
import type { Observer, SecurityEvent } from '../contract/event.ts'
import { Mistakes } from '../contract/mistakes.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Duration } from '../lib/duration.ts'
import { HalfSipHash, SEED_BYTES } from '../lib/half-sip-hash.ts'
import { startTimer } from '../lib/timer.ts'
import {
  at,
  optional,
  type OptionReaders,
  type Place,
  plainObject,
  type Reader,
  readOptions,
  report,
} from '../options/read.ts'
import { duration, flag, having, integer, list, text } from '../options/readers.ts'
import type { Alert } from './alerts/alert.ts'
import { type AlertRuleName, BUILT_IN } from './alerts/built-in.ts'
import {
  type AlertCallback,
  type AlertReceiver,
  callbackReceiver,
  queueFor,
  ruled,
} from './alerts/receiver.ts'
import {
  type AlertRule,
  type AlertTuning,
  compileBuiltIn,
  type CompiledRule,
  compileOwn,
} from './alerts/rule.ts'
import { type Firing, RuleWatch } from './alerts/rule-watch.ts'
import type { Delivery, DeliveryAmbient } from './delivery.ts'

export type { Alert, AlertSample, AlertSeverity, AlertSubject } from './alerts/alert.ts'
export type { AlertRuleName } from './alerts/built-in.ts'
export type { AlertCallback, AlertReceiver } from './alerts/receiver.ts'
export type { AlertAction, AlertRule, AlertTuning } from './alerts/rule.ts'

/** What is watched for, and who is told. */
export interface AlertsOptions {
  /**
   * What of the rules that are built in is otherwise: tuned, or switched off with `false`.
   *
   * @default {}, all of them as they are
   */
  readonly rules?: Partial<Readonly<Record<AlertRuleName, AlertTuning | boolean>>>
  /**
   * Rules of your own.
   *
   * @default []
   */
  readonly own?: readonly AlertRule[]
  /**
   * Who is told when an alert begins and when it is over; {@link Alerts.active} tells it to whoever asks.
   *
   * @default [], nobody
   */
  readonly deliver?: AlertCallback | AlertReceiver | readonly (AlertCallback | AlertReceiver)[]
  /**
   * How long the same client, account or key is not told of again by one rule, from when it was told: 0 to 30 days. What
   * still fires then is told.
   *
   * @default '15m'
   */
  readonly quiet?: Duration
  /**
   * Whether it is told when an alert is over, too.
   *
   * @default true
   */
  readonly cleared?: boolean
  /**
   * How many clients, accounts or keys each rule counts at once: 64 to 65,536. When there are more, the least active are
   * forgotten.
   *
   * @default 4096
   */
  readonly keys?: number
  /** @default the clock of this process */
  readonly clock?: Clock
}

/** Watches events. */
export interface Alerts {
  /** Hears the events of gates: hand it to `observe`. */
  readonly observe: Observer
  /** What fires now; of several that were folded, one. Nothing once it is closed. */
  readonly active: () => readonly Alert[]
  /** The last hundred alerts, the newest first, those that fire still included. */
  readonly recent: () => readonly Alert[]
  /** Stops watching, and gives what waits to be told five seconds. Idempotent. */
  readonly close: () => Promise<void>
}

/** What alerts run on besides a clock; a test moves it. */
export type AlertsAmbient = Partial<DeliveryAmbient>

/** How often it is looked whether what fires has calmed down. */
const TICK_MS = 5_000

const RECENT = 100

/** How many actions may wait: each client of a storm is one. */
const MAX_ACTIONS = 4_096

const RECEIVER = '(alert) => ..., webhookAlerts({ ... }) or slackAlerts({ ... })'

const READERS = {
  rules: optional<Readonly<Record<string, unknown>>>((value, place) =>
    plainObject(place, value, 'an object of names and settings', 'Write { scanning: false }.'),
  ),
  own: optional(list<unknown>((value) => value, { example: 'a list of rules' })),
  deliver: optional<readonly AlertReceiver[]>(readDeliver, []),
  quiet: optional(duration('0s', '30d'), 15 * 60_000),
  cleared: optional(flag(), true),
  keys: optional(integer(64, 65_536), 4_096),
  clock: optional(having<Clock>('a clock', 'systemClock', 'now', 'monotonic'), systemClock),
} satisfies OptionReaders<AlertsOptions>

function readDeliver(value: unknown, place: Place): readonly AlertReceiver[] | undefined {
  if (Array.isArray(value)) return list(readReceiver, { example: RECEIVER })(value, place)
  const one = readReceiver(value, place)
  return one === undefined ? undefined : [one]
}

const readName = text('a name', "how warnings call it, such as 'the pager'")

const readReceiver: Reader<AlertReceiver> = (value, place) => {
  if (typeof value === 'function') return callbackReceiver(value as AlertCallback, 'a callback of alerts')
  const receiver = having<AlertReceiver>('a receiver of alerts', RECEIVER, 'send')(value, place)
  const isNamed = receiver === undefined || readName(receiver.name, at(place, 'name')) !== undefined
  return isNamed ? receiver : undefined
}

function readRules(
  {
    rules = {},
    own = [],
    quiet,
  }: {
    readonly rules?: Readonly<Record<string, unknown>> | undefined
    readonly own?: readonly unknown[] | undefined
    readonly quiet: number
  },
  place: Place,
): readonly CompiledRule[] {
  const names = Object.keys(BUILT_IN) as AlertRuleName[]
  const defaults = { quietMs: quiet }
  const readers = Object.fromEntries(
    names.map((name) => [
      name,
      { read: (value: unknown, where: Place) => compileBuiltIn(name, value, where, defaults) },
    ]),
  )
  const builtIn = Object.values(readOptions(at(place, 'rules'), rules, readers) ?? {})
  const owned = own.map((rule, index) => compileOwn(rule, at(at(place, 'own'), index), defaults))
  const found = [...builtIn, ...owned].filter((rule) => rule !== undefined)
  for (const [index, rule] of owned.entries()) {
    if (rule === undefined || owned.findIndex((other) => other?.name === rule.name) === index) continue
    report(
      at(at(at(place, 'own'), index), 'name'),
      'duplicate_value',
      'is the name of another rule.',
      'Write another.',
    )
  }
  return found
}

/**
 * Watches the events of gates for attacks and failures, and tells of each once: when its rule has counted enough of them in
 * a window that slides, and when it has calmed down.
 *
 * Events come after the fact and are counted in memory that is bounded; telling has a queue of its own. Nothing of it
 * touches a request. Each process counts by itself.
 *
 * @throws ConfigError with every mistake in the options at once
 * @example
 * const url = process.env['SLACK_URL'] ?? ''
 * const alarms = alerts({ deliver: slackAlerts({ url }), rules: { scanning: { threshold: 100 } } })
 * const gate = gatehouse({ ...policy, observe: [jsonLines(), alarms.observe] })
 */
export function alerts(options: AlertsOptions = {}): Alerts {
  return watchAlerts(options)
}

/** {@link alerts}, on timers that a test may move. */
export function watchAlerts(options: AlertsOptions, ambient: AlertsAmbient = {}): Alerts {
  const place: Place = { mistakes: new Mistakes(), path: 'alerts' }
  const read = readOptions(place, options, READERS)
  const rules = read === undefined ? [] : readRules(read, place)
  place.mistakes.throwIfAny('alerts')
  const { deliver = [], cleared = true, keys = 4_096, clock = systemClock } = read ?? {}
  const { startTimer: start = startTimer, random = Math.random } = ambient
  const queues = deliver.map((receiver) => queueFor(receiver, ambient))
  const actions = new Map<CompiledRule, Delivery<Alert>>()
  const recent: Firing[] = []
  const hash = new HalfSipHash(randomBytes(SEED_BYTES))
  let isClosed = false

  const watches = rules.map(
    (rule) =>
      new RuleWatch(rule, {
        clock,
        hash,
        random,
        capacity: keys,
        tell(alert) {
          if (isClosed || (alert.state === 'cleared' && !cleared)) return
          for (const { push } of queues) push(alert)
        },
        act: (acting, alert) => actions.get(acting)?.push(alert),
        keep(firing) {
          recent.unshift(firing)
          if (recent.length > RECENT) recent.pop()
        },
      }),
  )
  for (const rule of rules) {
    if (rule.action === undefined) continue
    const receiver = callbackReceiver(rule.action, `the action of the rule ${rule.name}`)
    actions.set(rule, queueFor(ruled(receiver, { capacity: MAX_ACTIONS }), ambient))
  }
  const byKind = watchesByKind(watches)
  const general = watches.filter(({ rule }) => rule.kinds === undefined)
  let stopTicking: (() => void) | undefined

  function observe(event: SecurityEvent): void {
    const concerned = byKind.get(event.kind)
    if ((concerned === undefined && general.length === 0) || isClosed) return
    let failure: { readonly error: unknown } | undefined
    for (const watch of concerned ?? []) watch.observe(event)
    for (const watch of general) {
      try {
        watch.observe(event)
      } catch (error) {
        failure = { error }
      }
    }
    stopTicking ??= watches.some((watch) => watch.isBusy) ? start(TICK_MS, tick) : undefined
    // A rule of the user's own that throws takes nothing from the others, and the gate warns of it.
    if (failure !== undefined) throw failure.error
  }

  function tick(): void {
    for (const watch of watches) watch.tick()
    stopTicking = watches.some((watch) => watch.isBusy) ? start(TICK_MS, tick) : undefined
  }

  return {
    observe,
    active: () => (isClosed ? [] : watches.flatMap((watch) => watch.active())),
    recent: () => {
      for (const watch of watches) watch.tick()
      return recent.map((firing) => firing.snapshot())
    },
    async close() {
      isClosed = true
      stopTicking?.()
      await Promise.all([...queues, ...actions.values()].map((queue) => queue.close()))
    },
  }
}

/** Which watches an event of a kind concerns, so that one that concerns none costs one look. */
function watchesByKind(watches: readonly RuleWatch[]): ReadonlyMap<string, readonly RuleWatch[]> {
  const byKind = new Map<string, RuleWatch[]>()
  for (const watch of watches) {
    for (const kind of new Set([...(watch.rule.kinds ?? []), ...watch.rule.clearedBy]))
      byKind.set(kind, [...(byKind.get(kind) ?? []), watch])
  }
  return byKind
}
