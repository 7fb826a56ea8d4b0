import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Meter } from '../../src/contract/meter.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { metrics } from '../../src/observe/metrics.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { type Guarded, guarded, testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'
import { as } from '../support/scheme.ts'
import { changedStore } from '../support/token-endpoint.ts'
import { until } from '../support/until.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})
async function serve(...args: Parameters<typeof guarded>): Promise<Guarded> {
  const made = await guarded(...args)
  open.push(made)
  return made
}

describe('the option metrics', () => {
  test('LOG-01: counts every decision, and measures every response, of a policy that names a meter and nothing else', async () => {
    const meter = metrics()
    const server = await serve({
      metrics: meter,
      rateLimit: { limit: 3, window: '1m' },
      routes: { '/open': { public: 'a test' } },
    })
    await server.send({ path: '/open' })
    await server.send({ fields: as('alice') })
    await server.send({})
    await server.send({})
    await server.events()
    await until(() => meter.snapshot().active === 0)
    const { events, responses, active, store } = meter.snapshot()
    assert.deepEqual(
      events.map(({ outcome, kind, rule, count }) => `${outcome} ${kind} ${rule} ${count}`),
      [
        'allowed request.allowed /open 1',
        'allowed request.allowed default 1',
        'refused credentials.missing default 1',
        'refused limit.exceeded default 1',
      ],
    )
    assert.deepEqual(
      responses.map(({ rule, status, check, times }) => `${rule} ${status} ${check ?? '-'} ${times.count}`),
      ['/open 2xx - 1', 'default 2xx - 1', 'default 4xx authenticate 1', 'default 4xx client-limits 1'],
    )
    assert.equal(active, 0)
    assert.equal(store.up, true)
    assert.equal(store.answered.count, 4)
    assert.equal(store.failed.count, 0)
  })

  test('a meter that is also an observer counts each event once', async () => {
    const meter = metrics()
    const server = await serve({ metrics: meter, observe: meter.observe })
    await server.send({})
    await server.events()
    assert.equal(meter.snapshot().events[0]?.count, 1)
  })

  test('several meters measure the same', async () => {
    const meters = [metrics(), metrics()]
    const server = await serve({ metrics: meters })
    await server.send({})
    await server.events()
    for (const meter of meters) assert.equal(meter.snapshot().events[0]?.count, 1)
  })

  test('a request that is under way is counted until it is over', async () => {
    const meter = metrics()
    let answer: (() => void) | undefined
    const server = await serve({ metrics: meter }, (_req, res) => {
      answer = () => res.end('ok')
    })
    const sent = server.send({ fields: as('alice') })
    await until(() => answer !== undefined)
    assert.equal(meter.snapshot().active, 1)
    server.clock.advance(300)
    answer?.()
    await sent
    await until(() => meter.snapshot().active === 0)
    const { active, responses } = meter.snapshot()
    assert.equal(active, 0)
    assert.equal(responses[0]?.times.sum, 0.3)
  })

  test('LOG-01: a store that fails is measured, and told to be down', async () => {
    const meter = metrics()
    const failing = changedStore(memoryStore(), { take: () => Promise.reject(new Error('down')) })
    const server = await serve({ metrics: meter, store: failing, rateLimit: { limit: 9, window: '1m' } })
    for (let i = 0; i < 6; i++) await server.send({})
    const { store } = meter.snapshot()
    assert.equal(store.up, false)
    // The sixth was not made: the store is left alone.
    assert.equal(store.failed.count, 5)
    assert.equal(store.answered.count, 0)
  })

  test('LOG-01: the records of schemes and idempotency keys are measured apart from the limits', async () => {
    const meter = metrics()
    const server = await serve({
      metrics: meter,
      rateLimit: { limit: 9, window: '1m' },
      routes: { 'POST /orders': { idempotency: {} } },
    })
    const fields = [...as('alice'), 'Idempotency-Key', '"first"']
    assert.equal((await server.send({ method: 'POST', path: '/orders', fields })).status, 200)
    await until(() => meter.snapshot().active === 0)
    const { store } = meter.snapshot()
    assert.equal(store.answered.count, 1)
    // It takes the key, counts it for its caller, and keeps the response.
    assert.equal(store.records.answered.count, 3)
    assert.equal(store.records.failed.count, 0)
  })

  test('a gate that is closed is asked no more', async () => {
    const meter = metrics()
    const gate = gatehouse(testPolicy({ metrics: meter }))
    assert.equal(meter.snapshot().store.up, true)
    await gate.close()
    assert.equal(meter.snapshot().store.up, undefined)
  })

  test('a guarded route tells them to whom it may', async () => {
    const meter = metrics()
    const gate = gatehouse(testPolicy({ metrics: meter, routes: { 'GET /metrics': { roles: ['ops'] } } }))
    const server = await start(createServer(gate.handler(meter.handler)))
    const host = ['Host', '127.0.0.1']
    assert.equal((await server.send({ path: '/metrics', fields: host })).status, 401)
    const refused = await server.send({ path: '/metrics', fields: [...host, ...as('alice', '-', 'user')] })
    assert.equal(refused.status, 403)
    const { status, body, headers } = await server.send({
      path: '/metrics',
      fields: [...host, ...as('scraper', '-', 'ops')],
    })
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    assert.match(body, /gatehouse_events_total\{outcome="refused",kind="authorization.role-missing"/)
    await server.close()
    await gate.close()
  })

  test('LOG-04: a meter that throws changes no answer, and the next one still hears', async () => {
    const fail = (): never => {
      throw new Error('a meter')
    }
    const broken: Meter = {
      observe: fail,
      onDecision: fail,
      onRequest: fail,
      onResponse: fail,
      onStoreCall: fail,
      watch: () => fail,
    }
    const meter = metrics()
    const server = await serve({ metrics: [broken, meter], rateLimit: { limit: 9, window: '1m' } })
    assert.equal((await server.send({ fields: as('alice') })).status, 200)
    await server.events()
    await until(() => meter.snapshot().active === 0)
    const { events, responses, active } = meter.snapshot()
    assert.deepEqual([events.length, responses.length, active], [1, 1, 0])
    await server.gate.close()
    assert.equal(meter.snapshot().store.up, undefined)
  })

  test('a meter may hear of a decision while its request waits', async () => {
    const heard: SecurityEvent[] = []
    const quiet = (): void => undefined
    const meter: Meter = {
      observe: quiet,
      onDecision: (event) => heard.push(event),
      onRequest: quiet,
      onResponse: quiet,
      onStoreCall: quiet,
      watch: () => quiet,
    }
    let before = 0
    const server = await serve({ metrics: meter }, (_req, res) => {
      before = heard.length
      res.end()
    })
    await server.send({ fields: as('alice') })
    assert.equal(before, 1)
    assert.equal(heard[0]?.kind, 'request.allowed')
  })

  test('ERR-03: what is no meter is refused, alone and in a list', () => {
    for (const [value, path] of [
      [() => undefined, 'metrics'],
      [[metrics(), {}], 'metrics[1]'],
    ] as const)
      assert.throws(
        () => gatehouse(testPolicy({ metrics: value as unknown as Meter })),
        (error) => error instanceof ConfigError && error.mistakes[0]?.path === path,
      )
  })
})
