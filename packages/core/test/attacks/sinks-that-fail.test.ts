import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, describe, test } from 'node:test'
import type { EventOutcome, Observer, SecurityEvent } from '../../src/contract/event.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { createFileLog } from '../../src/observe/file-log.ts'
import { jsonLines, type LineStream } from '../../src/observe/json-lines.ts'
import { logTo } from '../../src/observe/log-to.ts'
import { metrics } from '../../src/observe/metrics.ts'
import type { OutcomeCounts } from '../../src/observe/sink.ts'
import { createWebhook } from '../../src/observe/webhook.ts'
import { endpoint } from '../support/endpoint.ts'
import { guarded, testPolicy } from '../support/gate.ts'
import { start } from '../support/http.ts'
import { as } from '../support/scheme.ts'
import { movableTimers } from '../support/timers.ts'

// Thousands of requests, of which a half is refused, before each sink that can fail. Nothing here waits for a clock: every
// count has to come out exactly, whatever became of the sink.
const REQUESTS = 2_000
const ROOM = 300

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fail-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A sink under trial. */
interface Trial {
  readonly observe: Observer
  readonly lost: () => OutcomeCounts
  /** Ends it, and gives what arrived; undefined of a sink of which nothing arrives. */
  readonly end: () => Promise<readonly SecurityEvent[]>
}

const none = async (): Promise<readonly SecurityEvent[]> => []

/** A stream that hangs from the first write on; at the end it is read after all. */
function hung(): Trial {
  const written: string[] = []
  let next: (() => void) | undefined
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(text: string, _encoding, done) {
      written.push(text)
      next = done
    },
  })
  const observe = jsonLines(stream, { maxWaiting: ROOM })
  return {
    observe,
    lost: observe.droppedByOutcome,
    async end() {
      for (; next !== undefined; await turn()) {
        const done = next
        next = undefined
        done()
      }
      return written.flatMap(eventsOf)
    },
  }
}

/** A stream that takes some, and then fails with those that it had taken. */
function breaking(): Trial {
  const written: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      if (written.length >= 500) return done(new Error('EPIPE'))
      written.push(text)
      done()
    },
  })
  const observe = jsonLines(stream, { maxWaiting: ROOM })
  return { observe, lost: observe.droppedByOutcome, end: async () => written.flatMap(eventsOf) }
}

function throwing(): Trial {
  const stream: LineStream = {
    write() {
      throw new Error('no space left on device')
    },
  }
  const observe = jsonLines(stream)
  return { observe, lost: observe.droppedByOutcome, end: none }
}

function throwingLogger(): Trial {
  const fail = (): never => {
    throw new Error('a logger')
  }
  const observe = logTo({ info: fail, warn: fail, error: fail })
  return { observe, lost: observe.droppedByOutcome, end: none }
}

function rejectingLogger(): Trial {
  const fail = (): Promise<never> => Promise.reject(new Error('a logger'))
  const observe = logTo({ info: fail, warn: fail, error: fail })
  return { observe, lost: observe.droppedByOutcome, end: none }
}

/** A disk that fails until the end, and beyond. */
function failingDisk(): Trial {
  const path = join(folder, 'no-such-folder', 'events.log')
  const log = createFileLog({ path, maxWaiting: ROOM }, { startTimer: () => () => undefined })
  return { observe: log.observe, lost: log.droppedByOutcome, end: () => log.close().then(none) }
}

async function hungWebhook(): Promise<Trial> {
  const { url } = await endpoint(() => undefined)
  const timers = movableTimers()
  const controller = new AbortController()
  const hook = createWebhook(
    { url, dangerouslyAllowHttp: true, maxWaiting: ROOM, signal: controller.signal },
    { startTimer: timers.startTimer, warn: () => undefined },
  )
  return {
    observe: hook.observe,
    lost: hook.droppedByOutcome,
    async end() {
      // The first request is made, and never answered.
      await timers.advance(1_000)
      controller.abort()
      await hook.close()
      return []
    },
  }
}

const TRIALS: Readonly<Record<string, () => Trial | Promise<Trial>>> = {
  'a stream that hangs': hung,
  'a stream that breaks': breaking,
  'a stream that throws each time': throwing,
  'a logger that throws each time': throwingLogger,
  'a logger that rejects each time': rejectingLogger,
  'a disk that fails': failingDisk,
  'a webhook that hangs': hungWebhook,
}

function eventsOf(text: string): readonly SecurityEvent[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as SecurityEvent)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function countOf(events: readonly { readonly outcome: EventOutcome }[], outcome: EventOutcome): number {
  return events.filter((event) => event.outcome === outcome).length
}

describe('a sink that fails', () => {
  for (const [name, make] of Object.entries(TRIALS)) {
    test(`LOG-04: no count is lost with ${name}, and no refusal for what was allowed`, async () => {
      const trial = await make()
      const meter = metrics()
      const server = await guarded({ observe: trial.observe, metrics: meter })
      const statuses = new Map<number, number>()
      const one = async (index: number): Promise<void> => {
        const { status } = await server.send({ fields: index % 2 === 0 ? as('alice') : [] })
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      for (let index = 0; index < REQUESTS; index += 50)
        await Promise.all(Array.from({ length: 50 }, (_, offset) => one(index + offset)))
      const heard = await server.events()
      await turn()

      assert.deepEqual([statuses.get(200), statuses.get(401)], [REQUESTS / 2, REQUESTS / 2])
      for (const outcome of ['allowed', 'refused'] as const) {
        assert.equal(countOf(heard, outcome), REQUESTS / 2)
        const counted = meter.snapshot().events.filter((each) => each.outcome === outcome)
        assert.equal(
          counted.reduce((sum, { count }) => sum + count, 0),
          REQUESTS / 2,
        )
      }
      const arrived = await trial.end()
      await turn()
      const lost = trial.lost()
      for (const outcome of ['allowed', 'refused'] as const)
        assert.equal(countOf(arrived, outcome) + lost[outcome], REQUESTS / 2, outcome)
      // What hangs keeps refusals, but for the one that it had taken before.
      if (name === 'a stream that hangs') {
        assert.equal(arrived.length, ROOM + 1)
        assert.ok(countOf(arrived, 'refused') >= ROOM)
      }
      await server.close()
      await server.gate.close()
    })
  }
})

test('LOG-04: no sink is called while a request is with the gate, and none is waited for', async () => {
  let isWithin = false
  let called = 0
  const gate = gatehouse(
    testPolicy({
      observe: () => {
        assert.equal(isWithin, false)
        called++
        // Not what the type allows, and what happens all the same: it is never done.
        return new Promise<void>(() => undefined) as unknown as void
      },
    }),
  )
  const listener = gate.handler((_req, res) => res.end('ok'))
  const server = await start(
    createServer((req, res) => {
      isWithin = true
      listener(req, res)
      isWithin = false
    }),
  )
  for (let i = 0; i < 100; i++) {
    const fields = ['Host', '127.0.0.1', ...(i % 2 === 0 ? as('alice') : [])]
    assert.equal((await server.send({ fields })).status, i % 2 === 0 ? 200 : 401)
  }
  await turn()
  assert.equal(called, 100)
  await server.close()
  await gate.close()
})
