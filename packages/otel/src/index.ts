/**
 * Gatehouse through the OpenTelemetry API: metrics of a gate, and its decisions on the spans of its requests.
 *
 * @module
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import {
  type Attributes,
  type BatchObservableCallback,
  metrics as metricsApi,
  type MeterProvider,
  trace,
} from '@opentelemetry/api'
import {
  ConfigError,
  type Gauges,
  type Lossy,
  type Meter,
  type Mistake,
  otelAttributes,
  type SecurityEvent,
} from '@gatehouse/core'

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /**
   * Where instruments are made.
   *
   * @default the global one of `@opentelemetry/api`
   */
  readonly meterProvider?: MeterProvider
  /**
   * Whether decisions are told on the span of their request: its rule and outcome as attributes, and each refusal and
   * warning as an event of the span.
   *
   * @default true
   */
  readonly spans?: boolean
  /**
   * How many rules are told apart, 1 to 10,000; those that come after are counted as `other`.
   *
   * @default 100
   */
  readonly maxRules?: number
  /**
   * Sinks whose losses are told, by names of yours: `{ audit: fileLog({ ... }) }`.
   *
   * @default none
   */
  readonly sinks?: Readonly<Record<string, Pick<Lossy, 'droppedByOutcome'>>>
}

/** In seconds. They are those that OpenTelemetry advises for `http.server.request.duration`, and two below them. */
const BOUNDS = [0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

const DURATION = { unit: 's', advice: { explicitBucketBoundaries: BOUNDS } }

/** How often node looks at the event loop, in milliseconds: what is that late is not late at all. */
const RESOLUTION_MS = 10

/** What is told of the delay of the event loop, by the names that OpenTelemetry has for it. */
const STATS: readonly (readonly [stat: string, read: (loop: IntervalHistogram) => number])[] = [
  ['mean', (loop) => loop.mean],
  ['p50', (loop) => loop.percentile(50)],
  ['p99', (loop) => loop.percentile(99)],
  ['max', (loop) => loop.max],
]

/** The time between two looks, in nanoseconds, has the time that lies between them anyway in it. */
function lateness(nanoseconds: number): number {
  return Math.max(nanoseconds / 1e9 - RESOLUTION_MS / 1e3, 0)
}

/** What each option takes, and what to write instead of what it does not. */
const TAKES: Readonly<
  Record<
    keyof OpenTelemetryOptions,
    { readonly takes: (value: unknown) => boolean; readonly instead: string }
  >
> = {
  meterProvider: {
    takes: (value) => typeof (value as Partial<MeterProvider> | null)?.getMeter === 'function',
    instead: 'Write a provider of meters, or leave it out.',
  },
  spans: { takes: (value) => typeof value === 'boolean', instead: 'Write true or false.' },
  maxRules: {
    takes: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 10_000,
    instead: 'Write a whole number from 1 to 10,000.',
  },
  sinks: {
    takes: (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every(
        (sink: Partial<Lossy> | null) => typeof sink?.droppedByOutcome === 'function',
      ),
    instead: 'Write { audit: fileLog({ ... }) }.',
  },
}

/** All that cannot be used of the options, as the options of a policy are told. */
function mistakesOf(options: OpenTelemetryOptions): readonly Mistake[] {
  return Object.entries(options).flatMap(([name, value]): readonly Mistake[] => {
    const path = `openTelemetry.${name}`
    if (!Object.hasOwn(TAKES, name)) {
      const instead = `Write one of ${Object.keys(TAKES).join(', ')}.`
      return [{ code: 'unknown_option', path, message: 'is no option.', instead }]
    }
    const { takes, instead } = TAKES[name as keyof OpenTelemetryOptions]
    if (value === undefined || takes(value)) return []
    return [{ code: 'wrong_type', path, message: 'cannot be used.', instead }]
  })
}

/** What of a decision a span has anyway, or is of its request and not of its decision. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  'event.name',
  'http.request.method',
  'http.request.method_original',
  'http.route',
  'url.path',
  'client.address',
  'network.peer.address',
])

/**
 * Measures a gate with the instruments of OpenTelemetry: for the option `metrics` of a policy, alone or beside `metrics()`.
 *
 * Call it after the SDK was set up. Without an SDK the API does nothing, and this costs next to nothing.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const gate = gatehouse({ ...policy, metrics: openTelemetry() })
 * @see https://opentelemetry.io/docs/specs/semconv/http/
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Meter {
  const { meterProvider = metricsApi, spans = true, maxRules = 100, sinks = {} } = options
  const mistakes = mistakesOf(options)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  const meter = meterProvider.getMeter('@gatehouse/otel')
  const ruleOf = bounded(maxRules)
  const gates = new Set<Gauges>()

  const events = meter.createCounter('gatehouse.events', {
    description: 'Security events by outcome, kind, check and rule.',
    unit: '{event}',
  })
  const active = meter.createUpDownCounter('gatehouse.active_requests', {
    description: 'Requests that are under way.',
    unit: '{request}',
  })
  const responses = meter.createHistogram('gatehouse.response.duration', {
    description: 'How long responses took.',
    ...DURATION,
  })
  const store = meter.createHistogram('gatehouse.store.call.duration', {
    description: 'How long the store took.',
    ...DURATION,
  })
  const up = meter.createObservableGauge('gatehouse.store.up', {
    description: 'Whether the store of the limits answers: 1, or 0.',
    unit: '1',
  })
  const age = meter.createObservableGauge('gatehouse.key_set.age', {
    description: 'How old the keys of an issuer are.',
    unit: 's',
  })
  const delays = STATS.map(([stat, read]) => ({
    read,
    gauge: meter.createObservableGauge(`nodejs.eventloop.delay.${stat}`, {
      description: 'How late the event loop was since it was asked before.',
      unit: 's',
    }),
  }))
  const dropped = meter.createObservableCounter('gatehouse.sink.dropped', {
    description: 'Events that sinks have lost.',
    unit: '{event}',
  })
  const asked = [up, age, dropped, ...delays.map(({ gauge }) => gauge)]
  let loop: IntervalHistogram | undefined
  const ask: BatchObservableCallback = (result) => {
    if (gates.size > 0) result.observe(up, [...gates].every((gate) => gate.storeUp()) ? 1 : 0)
    for (const [issuer, seconds] of oldest(gates))
      result.observe(age, seconds, { 'gatehouse.issuer': issuer })
    for (const [name, sink] of Object.entries(sinks))
      for (const [outcome, count] of Object.entries(sink.droppedByOutcome()))
        result.observe(dropped, count, { 'gatehouse.sink': name, 'gatehouse.outcome': outcome })
    // Nothing was measured yet where the mean is none.
    if (loop === undefined || !Number.isFinite(loop.mean)) return
    for (const { gauge, read } of delays) result.observe(gauge, lateness(read(loop)))
    loop.reset()
  }

  return {
    observe({ outcome, kind, check, rule }) {
      events.add(1, {
        'gatehouse.outcome': outcome,
        'gatehouse.kind': kind,
        ...(check !== undefined && { 'gatehouse.check': check }),
        'gatehouse.rule': ruleOf(rule),
      })
    },
    ...(spans && { onDecision: tellSpan }),
    onRequest: () => active.add(1),
    onResponse(rule, status, ms, check) {
      active.add(-1)
      responses.record(ms / 1000, {
        'gatehouse.rule': ruleOf(rule),
        // None was sent to a client that was gone.
        ...(status > 0 && { 'http.response.status_code': status }),
        ...(check !== undefined && { 'gatehouse.check': check }),
      })
    },
    onStoreCall: (ms, isAnswered, use) =>
      store.record(ms / 1000, {
        'gatehouse.store.use': use,
        'gatehouse.store.result': isAnswered ? 'answered' : 'failed',
      }),
    watch(gauges) {
      // Asked while there is somebody to ask: a callback that stays would keep what it knows of.
      if (gates.size === 0) {
        meter.addBatchObservableCallback(ask, asked)
        // Its timer keeps no process alive.
        loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
        loop.enable()
      }
      gates.add(gauges)
      return () => {
        if (!gates.delete(gauges) || gates.size > 0) return
        meter.removeBatchObservableCallback(ask, asked)
        loop?.disable()
        loop = undefined
      }
    },
  }
}

/** The span is that of the request, where an instrumentation of node:http has made it the active one. */
function tellSpan(event: SecurityEvent): void {
  const span = trace.getActiveSpan()
  if (span === undefined || !span.isRecording()) return
  const { 'http.route': route, ...attributes } = otelAttributes(event)
  if (event.outcome !== 'warning') {
    span.setAttributes({
      'gatehouse.outcome': event.outcome,
      'gatehouse.rule': event.rule,
      ...(route !== undefined && { 'http.route': route }),
    })
  }
  if (event.outcome === 'allowed' || event.outcome === 'answered') return
  const own: Attributes = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !OF_THE_REQUEST.has(name)),
  )
  span.addEvent(`gatehouse.${event.outcome}`, own)
}

/** Several gates may have keys of one issuer; keys that are not there have no age. */
function oldest(gates: ReadonlySet<Gauges>): ReadonlyMap<string, number> {
  const ages = new Map<string, number>()
  for (const gate of gates) {
    for (const { issuer, ageMs } of gate.keySets()) {
      const ms = ageMs()
      if (ms !== undefined) ages.set(issuer, Math.max(ages.get(issuer) ?? 0, ms / 1000))
    }
  }
  return ages
}

/** The names that are told apart: so many, and `other`. */
function bounded(max: number): (name: string) => string {
  const known = new Set<string>()
  return (name) => {
    if (known.has(name)) return name
    if (known.size >= max) return 'other'
    known.add(name)
    return name
  }
}
