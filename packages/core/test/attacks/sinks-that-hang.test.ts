import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import type { Observer } from '../../src/contract/event.ts'
import { fileLog } from '../../src/observe/file-log.ts'
import { jsonLines } from '../../src/observe/json-lines.ts'
import { metrics } from '../../src/observe/metrics.ts'
import { webhook } from '../../src/observe/webhook.ts'
import { endpoint } from '../support/endpoint.ts'
import { guarded } from '../support/gate.ts'
import { until } from '../support/until.ts'

// A flood of refusals, while whoever should write them down hangs, fails or throws: no answer may wait for them, no memory
// may grow with them, and no refusal may go uncounted.
const FLOOD = 1_000

test('LOG-04: sinks that hang, fail and throw change no answer, and no refusal is left out of the count', async () => {
  const stuck = new Writable({ highWaterMark: 1, write: () => undefined })
  const { url } = await endpoint(() => undefined)
  const lines = jsonLines(stuck, { maxWaiting: 100 })
  const log = fileLog({ path: join(tmpdir(), 'gatehouse-no-such-folder', 'x'), maxWaiting: 500 })
  const hook = webhook({ url, dangerouslyAllowHttp: true, maxWaiting: 100, attempts: 1, timeout: '100ms' })
  const broken: Observer = () => {
    throw new Error('an observer')
  }
  const meter = metrics({ sinks: { log, hook } })
  const server = await guarded({
    observe: [broken, lines, log.observe, hook.observe],
    metrics: meter,
  })
  const statuses: number[] = []
  const one = async (): Promise<void> => {
    while (statuses.length < FLOOD) {
      statuses.push(0)
      const { status } = await server.send({})
      statuses[statuses.indexOf(0)] = status
    }
  }
  await Promise.all(Array.from({ length: 20 }, one))
  await server.events()

  assert.deepEqual(new Set(statuses), new Set([401]))
  const [refused, ...others] = meter.snapshot().events
  assert.deepEqual(others, [])
  assert.equal(refused?.count, FLOOD)
  // One line is in the stream, as many wait as may, and all others were counted.
  assert.equal(lines.dropped(), FLOOD - 1 - 100)
  assert.ok(stuck.writableLength < 2_000, `${stuck.writableLength} bytes`)
  // A batch that is out of the queue has made room for as many.
  assert.ok(log.dropped() >= FLOOD - 500 - 256, `${log.dropped()}`)
  // So many wait, and as many more are on their way to somebody who never answers.
  assert.ok(hook.dropped() >= FLOOD - 200, `${hook.dropped()}`)
  await until(() => log.failures() > 0)
  assert.match(meter.prometheus(), /gatehouse_sink_dropped_total\{sink="log",outcome="refused"\} [1-9]/)

  await server.close()
  await server.gate.close()
  await Promise.all([log.close(), hook.close()])
  assert.deepEqual([log.dropped(), hook.dropped()], [FLOOD, FLOOD])
  stuck.destroy()
})
