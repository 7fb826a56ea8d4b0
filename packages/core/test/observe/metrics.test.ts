import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { jsonLines } from '../../src/observe/json-lines.ts'
import { metrics, type MetricsOptions } from '../../src/observe/metrics.ts'
import { movableClock } from '../support/clock.ts'
import { allowedEvent, eventWith } from '../support/events.ts'
import { type ParsedFamily, parsePrometheus } from '../support/prometheus.ts'

function parsed(text: string): Readonly<Record<string, ParsedFamily>> {
  return Object.fromEntries(parsePrometheus(text).map((family) => [family.name, family]))
}

describe('metrics()', () => {
  test('LOG-01: counts events by outcome, kind, check and rule', () => {
    const meter = metrics()
    for (let i = 0; i < 3; i++) meter.observe(eventWith())
    meter.observe(eventWith({ rule: 'default' }))
    meter.observe(allowedEvent())
    assert.deepEqual(
      meter
        .snapshot()
        .events.map(({ outcome, kind, check, rule, count }) => [outcome, kind, check, rule, count]),
      [
        ['refused', 'token.expired', 'authenticate', 'GET /data', 3],
        ['refused', 'token.expired', 'authenticate', 'default', 1],
        ['allowed', 'request.allowed', undefined, 'GET /data', 1],
      ],
    )
  })

  test('LOG-01: tells so many rules apart, and counts the rest as one', () => {
    const meter = metrics({ maxRules: 2 })
    for (let i = 0; i < 1000; i++) {
      meter.observe(eventWith({ rule: `GET /${i}` }))
      meter.onRequest()
      meter.onResponse(`GET /${i}`, 200, 1)
    }
    const { events, responses } = meter.snapshot()
    assert.deepEqual(
      events.map(({ rule, count }) => [rule, count]),
      [
        ['GET /0', 1],
        ['GET /1', 1],
        ['other', 998],
      ],
    )
    assert.deepEqual(
      responses.map(({ rule, times }) => [rule, times.count]),
      [
        ['GET /0', 1],
        ['GET /1', 1],
        ['other', 998],
      ],
    )
  })

  test('what a reader got does not go on counting', () => {
    const meter = metrics()
    meter.observe(eventWith())
    const before = meter.snapshot()
    meter.observe(eventWith())
    assert.equal(before.events[0]?.count, 1)
    assert.equal(meter.snapshot().events[0]?.count, 2)
  })

  test('measures responses by rule and class of status, and counts those under way', () => {
    const meter = metrics()
    for (let i = 0; i < 4; i++) meter.onRequest()
    meter.onResponse('default', 200, 3)
    meter.onResponse('default', 204, 30_000)
    meter.onResponse('default', 0, 1)
    const { active, responses, bounds } = meter.snapshot()
    assert.equal(active, 1)
    assert.deepEqual(
      responses.map(({ status, times }) => [status, times.count]),
      [
        ['2xx', 2],
        ['none', 1],
      ],
    )
    const [fine] = responses
    assert.equal(fine?.times.sum, 30.003)
    assert.equal(fine.times.buckets[bounds.indexOf(0.001)], 0)
    assert.equal(fine.times.buckets[bounds.indexOf(0.005)], 1)
    // What is above every bound is in the count alone.
    assert.equal(fine.times.buckets.at(-1), 1)
  })

  test('a duration of exactly a bound is in its bucket', () => {
    const meter = metrics()
    meter.onStoreCall(5, true, 'limits')
    const { store, bounds } = meter.snapshot()
    assert.equal(store.answered.buckets[bounds.indexOf(0.001)], 0)
    assert.equal(store.answered.buckets[bounds.indexOf(0.005)], 1)
  })

  test('asks the gates that are there, and none that is closed', () => {
    const meter = metrics()
    let up = true
    const release = meter.watch({
      storeUp: () => up,
      keySets: () => [
        { issuer: 'https://id.example.com', ageMs: () => 5_000 },
        { issuer: 'https://other.example.com', ageMs: () => undefined },
      ],
    })
    meter.watch({
      storeUp: () => true,
      keySets: () => [{ issuer: 'https://id.example.com', ageMs: () => 9_000 }],
    })
    assert.equal(meter.snapshot().store.up, true)
    const ages = parsed(meter.prometheus())['gatehouse_key_set_age_seconds']?.metrics
    assert.deepEqual(
      ages?.map(({ labels, value }) => [labels?.['issuer'], value]),
      [
        ['https://id.example.com', '9'],
        ['https://other.example.com', 'NaN'],
      ],
    )
    up = false
    assert.equal(meter.snapshot().store.up, false)
    release()
    assert.equal(meter.snapshot().store.up, true)
    assert.equal(meter.snapshot().keySets.length, 1)
  })

  test('what is written is read by the parser of somebody else', () => {
    const meter = metrics({ sinks: { audit: { dropped: () => 7 } } })
    const rule = 'GET /a"b\\c\nd{x="y"} 5 # é €'
    meter.observe(eventWith({ rule }))
    meter.onRequest()
    meter.onRequest()
    meter.onResponse(rule, 401, 2, 'authenticate')
    meter.onStoreCall(0.2, true, 'limits')
    meter.onStoreCall(500, false, 'records')
    const text = meter.prometheus()
    const families = parsed(text)
    const [events] = families['gatehouse_events_total']?.metrics ?? []
    assert.equal(events?.value, '1')
    assert.equal(events.labels?.['kind'], 'token.expired')
    assert.equal(families['gatehouse_requests_active']?.metrics[0]?.value, '1')
    assert.equal(families['gatehouse_sink_dropped_total']?.metrics[0]?.value, '7')
    assert.equal(families['gatehouse_response_duration_seconds']?.type, 'HISTOGRAM')
    // That parser knows no labels of a histogram beside its bounds.
    const own = new Set(text.split('\n'))
    const labels = String.raw`{rule="GET /a\"b\\c\nd{x=\"y\"} 5 # é €",status="4xx",check="authenticate"`
    assert.ok(own.has(`gatehouse_response_duration_seconds_bucket${labels},le="0.001"} 0`))
    assert.ok(own.has(`gatehouse_response_duration_seconds_bucket${labels},le="0.005"} 1`))
    assert.ok(own.has(`gatehouse_response_duration_seconds_bucket${labels},le="+Inf"} 1`))
    assert.ok(own.has(`gatehouse_response_duration_seconds_sum${labels}} 0.002`))
    assert.ok(own.has(`gatehouse_response_duration_seconds_count${labels}} 1`))
    for (const [use, result, count] of [
      ['limits', 'answered', 1],
      ['limits', 'failed', 0],
      ['records', 'answered', 0],
      ['records', 'failed', 1],
    ] as const) {
      const line = `gatehouse_store_call_duration_seconds_count{use="${use}",result="${result}"} ${count}`
      assert.ok(own.has(line), line)
    }
  })

  test('LOG-04: tells by outcome what a sink has lost, where the sink knows', () => {
    const log = jsonLines({
      write() {
        throw new Error('no')
      },
    })
    const meter = metrics({ sinks: { log, own: { dropped: () => 3 } } })
    for (let i = 0; i < 5; i++) log(i === 0 ? allowedEvent() : eventWith())
    const lost = parsed(meter.prometheus())['gatehouse_sink_dropped_total']?.metrics
    assert.deepEqual(
      lost?.map(({ labels, value }) => [labels?.['sink'], labels?.['outcome'], value]),
      [
        ['log', 'allowed', '1'],
        ['log', 'refused', '4'],
        ['log', 'would-refuse', '0'],
        ['log', 'answered', '0'],
        ['log', 'warning', '0'],
        ['own', undefined, '3'],
      ],
    )
    assert.equal(meter.snapshot().dropped['own'], 3)
  })

  test('the handler answers with the type that a scraper knows', () => {
    const meter = metrics()
    const fields: Record<string, unknown> = {}
    let body = ''
    meter.handler(undefined, {
      setHeader: (name: string, value: unknown) => void (fields[name] = value),
      end: (text: string) => void (body = text),
    } as unknown as ServerResponse)
    assert.equal(fields['Content-Type'], 'text/plain; version=0.0.4; charset=utf-8')
    assert.equal(fields['Content-Length'], Buffer.byteLength(body))
    assert.ok(body.includes('gatehouse_requests_active 0\n'))
  })

  test('the event loop is measured from when somebody asks, until it is closed', () => {
    const meter = metrics({ clock: movableClock() })
    assert.equal(meter.snapshot().loopDelay, undefined)
    meter.close()
    assert.equal(meter.snapshot().loopDelay, undefined)
    meter.close()
  })

  const mistakes: readonly (readonly [name: string, options: unknown, path: string])[] = [
    ['no number', { maxRules: 'many' }, 'metrics.maxRules'],
    ['a sink that counts nothing', { sinks: { log: () => undefined } }, 'metrics.sinks'],
    ['a sink that is nothing', { sinks: { log: null } }, 'metrics.sinks'],
    ['an unknown option', { rules: 5 }, 'metrics.rules'],
  ]
  for (const [name, options, path] of mistakes) {
    test(`ERR-03: ${name} is refused when it is made`, () => {
      assert.throws(
        () => metrics(options as MetricsOptions),
        (error) => error instanceof ConfigError && error.mistakes[0]?.path === path,
      )
    })
  }
})
