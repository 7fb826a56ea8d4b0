import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMinor, lineOf, Losses } from '../../src/observe/sink.ts'
import { allowedEvent, eventWith } from '../support/events.ts'
import { movableTimers } from '../support/timers.ts'

test('LOG-04: what got through, and preflights, make room; refusals, warnings, findings and logins do not', () => {
  const rows = [
    [allowedEvent(), true],
    [eventWith({ outcome: 'answered', kind: 'request.preflight' }), true],
    [allowedEvent({ kind: 'credentials.accepted' }), false],
    [eventWith(), false],
    [eventWith({ outcome: 'would-refuse' }), false],
    [eventWith({ outcome: 'warning', kind: 'store.down' }), false],
  ] as const
  for (const [event, expected] of rows)
    assert.equal(isMinor(event), expected, `${event.outcome} ${event.kind}`)
})

test('LOG-04: losses are all counted, by outcome, and told at once and then at most once a minute', async () => {
  const { startTimer, advance, running } = movableTimers()
  const told: string[] = []
  const losses = new Losses('A log', { startTimer, warn: (message) => told.push(message) })
  losses.note([])
  assert.deepEqual(told, [])
  for (let i = 0; i < 1_000; i++) losses.note([eventWith()])
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^A log has lost an event\./)
  await advance(59_999)
  losses.note([allowedEvent()])
  assert.equal(told.length, 1)
  await advance(1)
  assert.match(told[1] ?? '', /lost 1000 events/)
  // What was lost within the last minute is told at the end.
  losses.note([allowedEvent(), eventWith(), eventWith({ outcome: 'warning' })])
  assert.equal(told.length, 2)
  losses.flush()
  losses.flush()
  assert.match(told[2] ?? '', /lost 3 events/)
  await advance(600_000)
  assert.deepEqual([told.length, running()], [3, 0])
  assert.equal(losses.dropped(), 1_004)
  assert.deepEqual(losses.droppedByOutcome(), {
    allowed: 2,
    refused: 1_001,
    'would-refuse': 0,
    answered: 0,
    warning: 1,
  })
})

test('LOG-03: what breaks a line for some reader is escaped in a line of JSON, and read back as it was', () => {
  const reason = 'a\u2028b\u2029c\u0085d\u007fe\u009b31mf\ud800g\r\nh'
  const line = lineOf(eventWith({ reason }))
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  assert.match(line, /^[\x20-\x7e]+\n$/)
  assert.equal((JSON.parse(line) as { readonly reason: string }).reason, reason)
})
