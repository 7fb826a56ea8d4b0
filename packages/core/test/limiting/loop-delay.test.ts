import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LoopDelay, TICK_MS } from '../../src/limiting/loop-delay.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { startTimer } from '../../src/lib/timer.ts'
import { movableClock } from '../support/clock.ts'

/** A loop whose ticks come when the test says: the delay that is measured, and how many timers run. */
function loop() {
  const clock = movableClock()
  let ring: (() => void) | undefined
  const delay = new LoopDelay(clock, (_ms, rings) => {
    ring = rings
    return () => (ring = undefined)
  })
  return {
    delay,
    running: () => ring !== undefined,
    /** Lets the tick that is due come so much later; whoever reads in between goes on. */
    tick: (lateMs: number, asked = true): void => {
      clock.advance(TICK_MS + lateMs)
      const due = ring
      ring = undefined
      due?.()
      if (asked) delay.read()
    },
    advance: clock.advance,
  }
}

describe('the delay of the event loop', () => {
  test('is none while ticks come in time', () => {
    const { delay, tick } = loop()
    assert.equal(delay.read(), 0)
    for (let i = 0; i < 20; i++) tick(0)
    assert.equal(delay.read(), 0)
  })

  test('comes to what every tick is late, and goes down again', () => {
    const { delay, tick } = loop()
    delay.read()
    for (let i = 0; i < 20; i++) tick(300)
    assert.ok(Math.abs(delay.read() - 300) < 5, String(delay.read()))
    for (let i = 0; i < 20; i++) tick(0)
    assert.ok(delay.read() < 50, String(delay.read()))
  })

  test('one pause of the collector is no load, a second is', () => {
    const pause = loop()
    pause.delay.read()
    pause.tick(200)
    assert.ok(pause.delay.read() < 100)
    const second = loop()
    second.delay.read()
    second.tick(1000)
    assert.ok(second.delay.read() > 500)
  })

  test('a tick that is overdue counts before it comes', () => {
    const { delay, advance } = loop()
    delay.read()
    advance(1_000)
    assert.ok(delay.read() > 500)
  })

  test('REQ-17: the timer runs only while somebody asks, and starts again', () => {
    const { delay, tick, running } = loop()
    assert.equal(running(), false)
    delay.read()
    assert.equal(running(), true)
    tick(0, false)
    assert.equal(running(), false)
    assert.equal(delay.read(), 0)
    assert.equal(running(), true)
  })

  test('REQ-17: it stops for good when it is closed, a tick that is under way included', () => {
    const { delay, running, tick } = loop()
    delay.read()
    delay.close()
    assert.equal(running(), false)
    tick(500)
    assert.equal(delay.read(), 0)
    assert.equal(running(), false)
    new LoopDelay(movableClock(), () => () => undefined).close()
    let rings: (() => void) | undefined
    const late = new LoopDelay(movableClock(), (_ms, ring) => {
      rings = ring
      return () => undefined
    })
    late.read()
    late.close()
    rings?.()
    assert.equal(late.read(), 0)
  })

  test('of this very process, where the loop is blocked', () => {
    const delay = new LoopDelay(systemClock, startTimer)
    delay.read()
    const until = systemClock.monotonic() + 200
    while (systemClock.monotonic() < until);
    assert.ok(delay.read() > 10)
    delay.close()
  })
})
