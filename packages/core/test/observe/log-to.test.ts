import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pino } from 'pino'
import type { SecurityEvent } from '../../src/contract/event.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { type Logger, logTo, type LogToOptions } from '../../src/observe/log-to.ts'
import { allowedEvent, eventWith } from '../support/events.ts'

function recorder() {
  const calls: (readonly [level: string, fields: object, text: string])[] = []
  const at =
    (level: string) =>
    (fields: object, text: string): void =>
      void calls.push([level, fields, text])
  return { calls, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
}

describe('logTo()', () => {
  const rows: readonly (readonly [name: string, event: SecurityEvent, level: string])[] = [
    ['what was allowed', allowedEvent(), 'info'],
    ['what was refused', eventWith(), 'warn'],
    ['what would be refused', eventWith({ outcome: 'would-refuse', status: undefined }), 'warn'],
    ['a warning', eventWith({ outcome: 'warning', kind: 'proxy.untrusted', status: undefined }), 'warn'],
    ['a handler that failed', eventWith({ kind: 'handler.failed', status: 500 }), 'error'],
    [
      'keys that are stale',
      eventWith({ outcome: 'warning', kind: 'dependency.failed', status: undefined }),
      'error',
    ],
    [
      'a store that is down',
      eventWith({ outcome: 'warning', kind: 'store.down', status: undefined }),
      'error',
    ],
    ['a store that is back', eventWith({ outcome: 'warning', kind: 'store.up', status: undefined }), 'warn'],
  ]
  for (const [name, event, level] of rows) {
    test(`LOG-01: ${name} has the level ${level}`, () => {
      const { calls, logger } = recorder()
      logTo(logger)(event)
      assert.deepEqual(calls, [[level, { event }, `${event.outcome} GET /data [${event.kind}]`]])
    })
  }

  test('levels may be others, and a logger without debug is told nothing at that', () => {
    const { calls, logger } = recorder()
    logTo(logger, { levels: { allowed: 'debug', refused: 'info' } })(allowedEvent())
    assert.equal(calls[0]?.[0], 'debug')
    const { info, warn, error } = logger
    logTo({ info, warn, error }, { levels: { allowed: 'debug' } })(allowedEvent())
    assert.equal(calls.length, 1)
  })

  test('the object may be the attributes of OpenTelemetry', () => {
    const { calls, logger } = recorder()
    logTo(logger, { fields: 'otel' })(eventWith())
    assert.equal((calls[0]?.[1] as Record<string, unknown> | undefined)?.['http.response.status_code'], 401)
  })

  test('LOG-03: pino writes one object in one line, with its own time', () => {
    const lines: string[] = []
    logTo(pino({}, { write: (line: string) => lines.push(line) }))(eventWith())
    assert.equal(lines.length, 1)
    const logged = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    assert.equal(typeof logged['time'], 'number')
    assert.equal(logged['level'], 40)
    assert.equal((logged['event'] as SecurityEvent).kind, 'token.expired')
    assert.equal(lines[0]?.match(/"time":/g)?.length, 2)
  })

  test('LOG-02: what was thrown is not logged', () => {
    const event = eventWith({ kind: 'handler.failed' })
    Object.defineProperty(event, 'error', { value: new Error('secret detail'), enumerable: false })
    const lines: string[] = []
    for (const fields of ['event', 'otel'] as const)
      logTo(pino({}, { write: (line: string) => lines.push(line) }), { fields })(event)
    assert.equal(lines.join('').includes('secret'), false)
  })

  test('console is a logger', () => {
    assert.equal(typeof logTo(console), 'function')
  })

  test('LOG-04: what a logger throws or rejects with is no failure of the gate, and counted by outcome', async () => {
    const broken = {
      info: () => Promise.reject(new Error('a logger')),
      warn() {
        throw new Error('a logger')
      },
      error: () => undefined,
    }
    const observe = logTo(broken)
    observe(allowedEvent())
    observe(eventWith())
    observe(eventWith({ status: 500 }))
    // What rejects says so after this turn.
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(observe.dropped(), 2)
    const { allowed, refused } = observe.droppedByOutcome()
    assert.deepEqual([allowed, refused], [1, 1])
  })

  test('ERR-03: what is no logger, no level and no outcome is refused', () => {
    assert.throws(() => logTo({ info: () => undefined } as unknown as Logger), TypeError)
    for (const [options, path] of [
      [{ levels: { allowed: 'loud' } }, 'logTo.levels'],
      [{ levels: { alowed: 'info' } }, 'logTo.levels'],
      [{ levels: 5 }, 'logTo.levels'],
      [{ fields: 'all' }, 'logTo.fields'],
    ] as const)
      assert.throws(
        () => logTo(console, options as unknown as LogToOptions),
        (error) => error instanceof ConfigError && error.mistakes[0]?.path === path,
      )
  })
})
