import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import * as conventions from '@opentelemetry/semantic-conventions/incubating'
import {
  apiKey,
  ConfigError,
  type Gate,
  gatehouse,
  type Gauges,
  generateApiKey,
  metrics,
  otelAttributes,
  type Policy,
} from '@gatehouse/core'
import { openTelemetry, type OpenTelemetryOptions } from '@gatehouse/otel'
import { eventWith } from '../../core/test/support/events.ts'
import { until } from '../../core/test/support/until.ts'

/** A meter provider whose values are read when they are asked for. */
function collecting(temporality = AggregationTemporality.CUMULATIVE) {
  const exporter = new InMemoryMetricExporter(temporality)
  // It exports when it is flushed: an hour is longer than the test.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  async function exported(): Promise<readonly MetricData[]> {
    exporter.reset()
    await provider.forceFlush()
    return exporter.getMetrics().flatMap((each) => each.scopeMetrics.flatMap((scope) => scope.metrics))
  }
  async function read(name: string): Promise<readonly DataPoint<unknown>[]> {
    const all = await exported()
    return all.find((metric) => metric.descriptor.name === name)?.dataPoints ?? []
  }
  return { provider, read, exported, close: () => provider.shutdown() }
}

const event = Object.freeze(eventWith())

const { key, hash } = generateApiKey('test')

/** Serves a gate, each request within a span of its own, as an instrumentation does it. */
async function served(policy: Partial<Policy>, tracer?: ReturnType<BasicTracerProvider['getTracer']>) {
  const gate: Gate = gatehouse({
    hosts: ['127.0.0.1'],
    https: 'dangerouslyAllowHttp',
    authenticate: apiKey({ keys: [{ id: 'a', hash, subject: 'alice' }] }),
    routes: { 'GET /open': { public: 'a test' }, '/admin': { roles: ['admin'] } },
    ...policy,
  })
  const listener = gate.handler((_req, res) => res.end('ok'))
  const server = createServer((req, res) => {
    if (tracer === undefined) listener(req, res)
    else
      tracer.startActiveSpan('request', (span) => {
        res.once('close', () => span.end())
        listener(req, res)
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const send = (path: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      request(
        { host: '127.0.0.1', port, path, headers: { Host: '127.0.0.1', ...headers }, agent: false },
        (res) => {
          res.resume()
          res.once('end', () => resolve(res.statusCode ?? 0))
        },
      )
        .once('error', reject)
        .end()
    })
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await gate.close()
  }
  return { gate, send, close }
}

describe('openTelemetry() as the meter of a gate', () => {
  test('LOG-01: counts every decision, and measures every response', async () => {
    const { provider, read, close } = collecting()
    const server = await served({
      metrics: openTelemetry({ meterProvider: provider }),
      rateLimit: { limit: 100, window: '1m' },
    })
    assert.equal(await server.send('/open'), 200)
    assert.equal(await server.send('/data'), 401)
    assert.equal(await server.send('/data'), 401)
    assert.equal(await server.send('/admin', { 'X-API-Key': key }), 403)
    await new Promise((resolve) => setImmediate(resolve))
    const counted = (await read('gatehouse.events')).map(({ attributes, value }) => [
      attributes['gatehouse.outcome'],
      attributes['gatehouse.kind'],
      attributes['gatehouse.check'],
      attributes['gatehouse.rule'],
      value,
    ])
    assert.deepEqual(counted, [
      ['allowed', 'request.allowed', undefined, 'GET /open', 1],
      ['refused', 'credentials.missing', 'authenticate', 'default', 2],
      ['refused', 'authorization.role-missing', 'authorize', '/admin', 1],
    ])
    const responses = await read('gatehouse.response.duration')
    assert.deepEqual(
      responses.map(({ attributes, value }) => [
        attributes['gatehouse.rule'],
        attributes['http.response.status_code'],
        attributes['gatehouse.check'],
        (value as Histogram).count,
      ]),
      [
        ['GET /open', 200, undefined, 1],
        ['default', 401, 'authenticate', 2],
        ['/admin', 403, 'authorize', 1],
      ],
    )
    const [active] = await read('gatehouse.active_requests')
    assert.equal(active?.value, 0)
    const [store] = await read('gatehouse.store.call.duration')
    assert.equal((store?.value as Histogram | undefined)?.count, 4)
    assert.equal((await read('gatehouse.store.up'))[0]?.value, 1)
    await server.close()
    await close()
  })

  test('JWKS-05: tells how old keys are, and asks no gate that is closed', async () => {
    const { provider, read, close } = collecting(AggregationTemporality.DELTA)
    const meter = openTelemetry({ meterProvider: provider })
    const gauges = (up: boolean, ms: number | undefined): Gauges => ({
      storeUp: () => up,
      keySets: () => [{ issuer: 'https://id.example.com', ageMs: () => ms }],
    })
    const releases = [
      gauges(true, 5_000),
      gauges(true, 9_000),
      gauges(true, undefined),
      gauges(false, 1_000),
    ].map((each) => meter.watch(each))
    const [age] = await read('gatehouse.key_set.age')
    assert.equal(age?.value, 9)
    assert.deepEqual(age.attributes, { 'gatehouse.issuer': 'https://id.example.com' })
    assert.equal((await read('gatehouse.store.up'))[0]?.value, 0)
    for (const release of releases) {
      release()
      release()
    }
    assert.deepEqual(await read('gatehouse.store.up'), [])
    await close()
  })

  test('LOG-01: tells what sinks have lost, by outcome', async () => {
    const { provider, read, close } = collecting()
    const lost = { allowed: 3, refused: 1, 'would-refuse': 0, answered: 0, warning: 0 }
    const sinks = { audit: { droppedByOutcome: () => lost } }
    openTelemetry({ meterProvider: provider, sinks }).watch({ storeUp: () => true, keySets: () => [] })
    const told = (await read('gatehouse.sink.dropped')).map(({ attributes, value }) => [
      attributes['gatehouse.sink'],
      attributes['gatehouse.outcome'],
      value,
    ])
    assert.deepEqual(
      told,
      Object.entries(lost).map(([outcome, count]) => ['audit', outcome, count]),
    )
    await close()
  })

  test('LOG-01: tells how late the event loop was, by the names of the conventions, while a gate is there', async () => {
    const { provider, exported, close } = collecting(AggregationTemporality.DELTA)
    const release = openTelemetry({ meterProvider: provider }).watch({
      storeUp: () => true,
      keySets: () => [],
    })
    const known: ReadonlySet<unknown> = new Set(Object.values(conventions))
    const delays = async (): Promise<readonly MetricData[]> =>
      (await exported()).filter(({ descriptor: { name } }) => name.startsWith('nodejs.'))
    await until(async () => {
      for (const end = performance.now() + 40; performance.now() < end;);
      const told = await delays()
      for (const { descriptor } of told) assert.ok(known.has(descriptor.name), descriptor.name)
      return told.length === 4 && told.some(({ dataPoints: [point] }) => Number(point?.value) > 0.02)
    })
    release()
    assert.ok((await delays()).every(({ dataPoints }) => dataPoints.length === 0))
    await close()
  })

  test('LOG-01: tells so many rules apart, and no others', async () => {
    const { provider, read, close } = collecting()
    const meter = openTelemetry({ meterProvider: provider, maxRules: 2 })
    for (let i = 0; i < 1_000; i++) {
      meter.observe({ ...event, rule: `GET /${i}` })
      meter.onRequest()
      meter.onResponse(`GET /${i}`, 0, 1)
    }
    assert.deepEqual(
      (await read('gatehouse.events')).map(({ value }) => value),
      [1, 1, 998],
    )
    const [first] = await read('gatehouse.response.duration')
    assert.equal('http.response.status_code' in (first?.attributes ?? {}), false)
    await close()
  })

  test('ERR-03: what cannot be used, and what is no option, is refused at once', () => {
    const fine = openTelemetry({ spans: false, maxRules: 10_000 })
    assert.equal(fine.onDecision, undefined)
    for (const maxRules of [0, 1.5, NaN, 10_001])
      assert.throws(() => openTelemetry({ maxRules }), ConfigError)
    const given = { maxRule: 3, meterProvider: {}, spans: 1 } as unknown as OpenTelemetryOptions
    assert.throws(
      () => openTelemetry(given),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.deepEqual(
          error.mistakes.map(({ code, path }) => `${code} ${path}`),
          [
            'unknown_option openTelemetry.maxRule',
            'wrong_type openTelemetry.meterProvider',
            'wrong_type openTelemetry.spans',
          ],
        )
        return true
      },
    )
  })

  test('LOG-01: durations are counted within the bounds that metrics() has', async () => {
    const { provider, read, close } = collecting()
    openTelemetry({ meterProvider: provider }).onStoreCall?.(1, true, 'limits')
    const [point] = (await read('gatehouse.store.call.duration')) as readonly DataPoint<Histogram>[]
    assert.deepEqual(point?.value.buckets.boundaries, metrics().snapshot().bounds)
    await close()
  })
})

describe('openTelemetry() on the span of a request', () => {
  const spans = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const manager = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(manager)
  after(async () => {
    context.disable()
    await tracers.shutdown()
  })

  const rows = [
    [
      'a refusal',
      '/data',
      { 'gatehouse.outcome': 'refused', 'gatehouse.rule': 'default' },
      ['gatehouse.refused'],
    ],
    [
      'what was allowed',
      '/open',
      { 'gatehouse.outcome': 'allowed', 'gatehouse.rule': 'GET /open', 'http.route': '/open' },
      [],
    ],
  ] as const
  for (const [name, path, attributes, told] of rows) {
    test(`LOG-01: ${name} is on its own span, before that ends`, async () => {
      spans.reset()
      const server = await served({ metrics: openTelemetry() }, tracers.getTracer('test'))
      await Promise.all([server.send(path), server.send(path), server.send(path)])
      await server.close()
      const finished = spans.getFinishedSpans()
      assert.equal(finished.length, 3)
      for (const span of finished) {
        assert.deepEqual(span.attributes, attributes)
        assert.deepEqual(
          span.events.map((each) => each.name),
          told,
        )
        if (told.length > 0)
          assert.equal(span.events[0]?.attributes?.['gatehouse.kind'], 'credentials.missing')
        assert.equal(
          span.events.some((each) => 'url.path' in (each.attributes ?? {})),
          false,
        )
      }
      const ids = finished.flatMap((span) =>
        span.events.map((each) => each.attributes?.['gatehouse.request.id']),
      )
      assert.equal(new Set(ids).size, told.length * 3)
    })
  }

  test('spans are left alone where that is said, and where there is none', async () => {
    spans.reset()
    const server = await served({ metrics: openTelemetry({ spans: false }) }, tracers.getTracer('test'))
    await server.send('/data')
    await server.close()
    assert.deepEqual(spans.getFinishedSpans()[0]?.attributes, {})
    assert.equal(trace.getActiveSpan(), undefined)
    assert.doesNotThrow(() => openTelemetry().onDecision?.(event))
  })
})

describe('the names of OpenTelemetry', () => {
  const known: ReadonlySet<unknown> = new Set(Object.values(conventions))

  test('LOG-01: each attribute is one of the semantic conventions, or has the prefix of this house', () => {
    const principal = { issuer: 'https://id.example.com', subject: 'alice' }
    for (const given of [event, { ...event, method: 'PROPFIND', principal }])
      for (const name of Object.keys(otelAttributes(given)))
        assert.ok(known.has(name) || name.startsWith('gatehouse.'), name)
  })

  test('LOG-01: the methods that are told as they are, are those of the conventions', () => {
    const methods = Object.entries(conventions).filter(([name]) =>
      name.startsWith('HTTP_REQUEST_METHOD_VALUE_'),
    )
    assert.ok(methods.length > 9)
    for (const [, value] of methods) {
      const method = String(value)
      assert.equal(otelAttributes({ ...event, method })['http.request.method'], method)
      assert.equal(
        'http.request.method_original' in otelAttributes({ ...event, method }),
        method === '_OTHER',
      )
    }
  })

  test('LOG-01: each instrument has a unit of UCUM, and what is a time is in seconds', async () => {
    const { provider, exported, close } = collecting()
    const meter = openTelemetry({ meterProvider: provider })
    meter.watch({
      storeUp: () => true,
      keySets: () => [{ issuer: 'https://id.example.com', ageMs: () => 5_000 }],
    })
    meter.observe(event)
    meter.onRequest()
    meter.onResponse('GET /data', 200, 250)
    meter.onStoreCall(20, true, 'limits')
    meter.onStoreCall(20, false, 'records')
    const all = await exported()
    assert.deepEqual(
      all
        .map(({ descriptor: { name, unit } }) => [name, unit])
        // Whether something was measured of the event loop by now is nobody's to say.
        .filter(([name]) => name?.startsWith('nodejs.') === false)
        .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      [
        ['gatehouse.active_requests', '{request}'],
        ['gatehouse.events', '{event}'],
        ['gatehouse.key_set.age', 's'],
        ['gatehouse.response.duration', 's'],
        ['gatehouse.store.call.duration', 's'],
        ['gatehouse.store.up', '1'],
      ],
    )
    const uses = all.find(({ descriptor }) => descriptor.name === 'gatehouse.store.call.duration')?.dataPoints
    assert.deepEqual(
      uses?.map(({ attributes }) => attributes),
      [
        { 'gatehouse.store.use': 'limits', 'gatehouse.store.result': 'answered' },
        { 'gatehouse.store.use': 'records', 'gatehouse.store.result': 'failed' },
      ],
    )
    await close()
  })
})
