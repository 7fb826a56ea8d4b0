import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { jsonLines } from '../../src/observe/json-lines.ts'
import { metrics } from '../../src/observe/metrics.ts'
import { eventWith } from '../support/events.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { promtool, skip } from '../support/promtool.ts'
import { as } from '../support/scheme.ts'
import { changedStore } from '../support/token-endpoint.ts'
import { until } from '../support/until.ts'

const open: Guarded[] = []
after(async () => {
  for (const each of open) await each.close()
})

test('LOG-01: promtool has nothing to say against the page of a gate that was busy', { skip }, async () => {
  const log = jsonLines({
    write() {
      throw new Error('no')
    },
  })
  const meter = metrics({ sinks: { 'a "log"\\': log } })
  let isDown = false
  const memory = memoryStore()
  const store = changedStore(memory, {
    take: (charges) => (isDown ? Promise.reject(new Error('down')) : memory.take(charges)),
  })
  const server = await guarded(
    {
      metrics: meter,
      observe: log,
      store,
      cors: { origins: ['https://app.example.com'] },
      rateLimit: { limit: 20, window: '1m' },
      shadow: ['authorize'],
      routes: {
        'GET /open/*': { public: 'a test' },
        'GET /admin': { roles: ['admin'] },
        'GET /scoped': { scopes: ['data:read'] },
        '/fails': { public: 'a test' },
      },
    },
    (req, res) => {
      if (req.url === '/fails') throw new Error('it fails')
      res.end('ok')
    },
  )
  open.push(server)
  for (const path of ['/', '/open/a', '/admin', '/scoped', '/fails', '/%00', '/a//b'])
    for (const fields of [[], as('alice'), ['Origin', 'https://evil.example'], ['Host', 'evil.example']])
      await server.send({ path, fields })
  isDown = true
  for (let i = 0; i < 6; i++) await server.send({})
  // Keys that are not there yet, and rules of names that nobody would choose.
  meter.watch({
    storeUp: () => true,
    keySets: () => [
      { issuer: 'https://id.example.com/"\\', ageMs: () => 5_000 },
      { issuer: 'https://other.example.com', ageMs: () => undefined },
    ],
  })
  for (const rule of ['GET /"q"\\', 'line\nfeed', 'é € \ud83d\ude00', '\ud800', '', ' '])
    meter.observe(eventWith({ rule }))
  await server.events()
  // The loop was looked at for a moment, so that its gauge is there.
  await until(() => meter.snapshot().loopDelay !== undefined)
  const page = meter.prometheus()
  for (const name of [
    'gatehouse_events_total',
    'gatehouse_requests_active',
    'gatehouse_store_up',
    'gatehouse_key_set_age_seconds',
    'gatehouse_event_loop_delay_seconds',
    'gatehouse_sink_dropped_total',
    'gatehouse_response_duration_seconds',
    'gatehouse_store_call_duration_seconds',
  ])
    assert.ok(page.includes(`# TYPE ${name} `), name)
  assert.deepEqual(await promtool(page), { code: 0, said: '' })
  meter.close()
})

test('promtool finds what is wrong with a page', { skip }, async () => {
  for (const page of [
    'gatehouse_x{a="b} 1\n',
    'gatehouse_x_total{a="1"} 1\ngatehouse_x_total{a="1"} 2\n',
    'x 1 y\n',
  ])
    assert.notEqual((await promtool(page)).code, 0, page)
})
