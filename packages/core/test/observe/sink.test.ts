import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Backlog, Losses } from '../../src/observe/sink.ts'
import { movableClock } from '../support/clock.ts'
import { allowedEvent, eventWith } from '../support/events.ts'

describe('a queue before a sink', () => {
  test('LOG-04: has room for so many, and a quarter of it is not for what was allowed', () => {
    const backlog = new Backlog(8)
    for (let i = 0; i < 6; i++) assert.equal(backlog.push(allowedEvent()), true)
    assert.equal(backlog.push(allowedEvent()), false)
    assert.equal(backlog.push(eventWith()), true)
    assert.equal(backlog.push(eventWith()), true)
    assert.equal(backlog.push(eventWith()), false)
    assert.equal(backlog.size, 8)
    assert.deepEqual(
      backlog.take(7).map(({ outcome }) => outcome),
      [...Array.from({ length: 6 }, () => 'allowed'), 'refused'],
    )
    assert.equal(backlog.size, 1)
  })

  test('one that has room for one takes a refusal', () => {
    assert.equal(new Backlog(1).push(eventWith()), true)
  })
})

test('LOG-04: losses are all counted, and told at once and then at most once a minute', () => {
  const clock = movableClock()
  const told: string[] = []
  const losses = new Losses('A log', clock, (message) => told.push(message))
  losses.note(0)
  assert.deepEqual(told, [])
  for (let i = 0; i < 1_000; i++) losses.note(1)
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /^A log has lost an event\./)
  clock.advance(59_999)
  losses.note(1)
  assert.equal(told.length, 1)
  clock.advance(1)
  losses.note(3)
  assert.match(told[1] ?? '', /lost 1003 events/)
  assert.equal(losses.total, 1_004)
})
