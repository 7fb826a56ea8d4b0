import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMinor, lineOf, Losses } from '../../src/observe/sink.ts'
import { movableClock } from '../support/clock.ts'
import { allowedEvent, eventWith } from '../support/events.ts'

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

test('LOG-04: losses are all counted, by outcome, and told at once and then at most once a minute', () => {
  const clock = movableClock()
  const told: string[] = []
  const losses = new Losses('A log', clock, (message) => told.push(message))
  losses.note([])
  assert.deepEqual(told, [])
  for (let i = 0; i < 1_000; i++) losses.note([eventWith()])
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^A log has lost an event\./)
  clock.advance(59_999)
  losses.note([allowedEvent()])
  assert.equal(told.length, 1)
  clock.advance(1)
  losses.note([allowedEvent(), eventWith(), eventWith({ outcome: 'warning' })])
  assert.match(told[1] ?? '', /lost 1003 events/)
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
