import type { ServerResponse } from 'node:http'
import type { SecurityEvent } from '../contract/event.ts'
import type { Gauges, Meter } from '../contract/meter.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { isPlainObject, optional, type OptionReaders, type Place, report } from '../options/read.ts'
import { integer, timeSource } from '../options/readers.ts'
import { BOUNDS, Histogram } from './metrics/histogram.ts'
import { EXPOSITION_TYPE } from './metrics/exposition.ts'
import { LoopDelayMonitor } from './metrics/loop-delay.ts'
import { BoundedNames } from './metrics/names.ts'
import { prometheusText } from './metrics/prometheus.ts'
import type { EventCount, MetricsSnapshot, StoreCallTimes } from './metrics/snapshot.ts'
import type { Lossy } from './sink.ts'

export type { EventCount, MetricsSnapshot, ResponseTimes, StoreCallTimes } from './metrics/snapshot.ts'

/** Options of {@link metrics}. */
export interface MetricsOptions {
  /**
   * How many rules are told apart, 1 to 10,000; those that come after are counted as `other`.
   *
   * @default 100
   */
  readonly maxRules?: number
  /**
   * Sinks by name, whose lost events are told: `{ audit: log }`; by outcome, where a sink knows.
   *
   * @default {}
   */
  readonly sinks?: Readonly<Record<string, Pick<Lossy, 'dropped'> & Partial<Lossy>>>
  /**
   * Where the time comes from.
   *
   * @default the clock of this process
   */
  readonly clock?: Clock
}

/** Counts and measures. Made by {@link metrics}. */
export interface Metrics extends Meter {
  /** All that was counted, for a page or a test. */
  readonly snapshot: () => MetricsSnapshot
  /** The same in the text format of Prometheus. */
  readonly prometheus: () => string
  /** Answers with it: for a route that is guarded, since it tells who attacks what. */
  readonly handler: (request: unknown, response: ServerResponse) => void
  /** Stops measuring the event loop. */
  readonly close: () => void
}

const READERS = {
  maxRules: optional(integer(1, 10_000), 100),
  sinks: optional(readSinks, {}),
  clock: optional(timeSource(), systemClock),
} satisfies OptionReaders<MetricsOptions>

/**
 * Counts events and measures responses, the store, the key sets and the event loop, in bounded memory.
 *
 * It is the option `metrics` of a policy, and may be that of several gates. As an observer alone it counts events and
 * nothing else.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const meter = metrics()
 * const gate = gatehouse({ ...policy, metrics: meter, routes: { 'GET /metrics': { roles: ['ops'] } } })
 * router.get('/metrics', meter.handler)
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function metrics(options: MetricsOptions = {}): Metrics {
  const { maxRules, sinks, clock } = readOrThrow('metrics', options, READERS, [])
  const names = new BoundedNames(maxRules)
  const events = new Map<string, EventCounter>()
  const responses = new Map<
    string,
    {
      readonly rule: string
      readonly status: string
      readonly check: string | undefined
      readonly times: Histogram
    }
  >()
  const calls = { limits: new StoreTimes(), records: new StoreTimes() }
  const gates = new Set<Gauges>()
  const loop = new LoopDelayMonitor(clock)
  let active = 0

  function observe({ outcome, kind, check, rule }: SecurityEvent): void {
    const name = names.of(rule)
    // The others are words of this package, without a blank.
    const key = `${outcome} ${kind} ${check ?? ''} ${name}`
    const counter = events.get(key)
    if (counter === undefined) events.set(key, { outcome, kind, check, rule: name, count: 1 })
    else counter.count++
  }

  function onResponse(rule: string, status: number, ms: number, check?: string): void {
    active--
    const name = names.of(rule)
    const of = classOf(status)
    const key = `${of} ${check ?? ''} ${name}`
    let known = responses.get(key)
    if (known === undefined) {
      known = { rule: name, status: of, check, times: new Histogram() }
      responses.set(key, known)
    }
    known.times.add(ms / 1000)
  }

  function snapshot(): MetricsSnapshot {
    const each = [...gates]
    return {
      events: [...events.values()].map(copyOf),
      responses: [...responses.values()].map(({ rule, status, check, times }) => {
        return { rule, status, check, times: times.state() }
      }),
      bounds: BOUNDS,
      active,
      store: {
        up: each.length === 0 ? undefined : each.every((gate) => gate.storeUp()),
        ...calls.limits.state(),
        records: calls.records.state(),
      },
      keySets: each.flatMap((gate) =>
        gate.keySets().map(({ issuer, ageMs }) => {
          const age = ageMs()
          return { issuer, age: age === undefined ? undefined : age / 1000 }
        }),
      ),
      loopDelay: loop.read(),
      dropped: Object.fromEntries(
        Object.entries(sinks).map(([name, sink]) => [name, sink.droppedByOutcome?.() ?? sink.dropped()]),
      ),
    }
  }

  const prometheus = (): string => prometheusText(snapshot())
  return {
    observe,
    onRequest: () => void active++,
    onResponse,
    onStoreCall(ms, isAnswered, what) {
      const { answered, failed } = calls[what]
      const times = isAnswered ? answered : failed
      times.add(ms / 1000)
    },
    watch(gauges) {
      gates.add(gauges)
      return () => void gates.delete(gauges)
    },
    snapshot,
    prometheus,
    handler(_request, response) {
      const text = prometheus()
      response.setHeader('Content-Type', EXPOSITION_TYPE)
      response.setHeader('Content-Length', Buffer.byteLength(text))
      response.end(text)
    },
    close: () => loop.close(),
  }
}

/** How long a store took for one use of it. */
class StoreTimes {
  readonly answered = new Histogram()
  readonly failed = new Histogram()

  state(): StoreCallTimes {
    return { answered: this.answered.state(), failed: this.failed.state() }
  }
}

interface EventCounter extends EventCount {
  count: number
}

/** What a reader keeps does not go on counting. */
function copyOf({ outcome, kind, check, rule, count }: EventCount): EventCount {
  return { outcome, kind, check, rule, count }
}

/** Of a handler that is written by somebody, so that it can be any number. */
function classOf(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'none'
}

type Sinks = NonNullable<MetricsOptions['sinks']>

function readSinks(value: unknown, place: Place): Sinks | undefined {
  const isSound =
    isPlainObject(value) &&
    Object.values(value).every(
      (sink) => typeof (sink as Partial<Sinks[string]> | null)?.dropped === 'function',
    )
  if (isSound) return { ...(value as Sinks) }
  return report(place, 'wrong_type', 'is not an object of sinks.', 'Write { audit: fileLog({ ... }) }.')
}
