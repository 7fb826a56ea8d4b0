import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sharedTimers } from '../../src/lib/shared-timers.ts'
import { movableTimers } from '../support/timers.ts'

/** Shared timers on a clock that is moved, and who has heard them. */
function bench() {
  const { clock, startTimer, advance, running } = movableTimers()
  const start = sharedTimers(startTimer, () => clock.monotonic())
  const heard: string[] = []
  const at = (name: string, ms: number): (() => void) =>
    start(ms, () => heard.push(`${name} ${clock.monotonic() - began}`))
  const began = clock.monotonic()
  return { start, at, advance, running, heard }
}

describe('timers that share one', () => {
  test('REQ-14: each rings at its own time, and those of one length are one timer', async () => {
    const { at, advance, running, heard } = bench()
    at('a', 100)
    at('b', 100)
    await advance(30)
    at('c', 100)
    assert.equal(running(), 1)
    at('d', 20)
    assert.equal(running(), 2)
    await advance(1_000)
    assert.deepEqual(heard, ['d 50', 'a 100', 'b 100', 'c 130'])
    assert.equal(running(), 0)
  })

  test('REQ-17: one that was stopped does not ring, the first, the last and one between', async () => {
    const { at, advance, running, heard } = bench()
    const stops = ['a', 'b', 'c', 'd', 'e'].map((name) => at(name, 100))
    for (const index of [0, 2, 4, 2]) stops[index]?.()
    await advance(60)
    const last = at('f', 100)
    await advance(50)
    assert.deepEqual(heard, ['b 100', 'd 100'])
    last()
    at('g', 100)
    await advance(1_000)
    assert.deepEqual(heard.slice(2), ['g 210'])
    assert.equal(running(), 0)
  })

  test('REQ-17: one that is stopped by another which rings before it does not ring', async () => {
    const { start, at, advance, heard } = bench()
    let stop = (): void => undefined
    start(100, () => stop())
    stop = at('b', 100)
    at('c', 100)
    await advance(1_000)
    assert.deepEqual(heard, ['c 100'])
  })

  test('REQ-14: one that throws leaves the others theirs', () => {
    let now = 0
    const rings: (() => void)[] = []
    const start = sharedTimers(
      (_ms, ring) => {
        rings.push(ring)
        return () => undefined
      },
      () => now,
    )
    let heard = 0
    start(100, () => {
      throw new Error('broken')
    })
    start(100, () => void heard++)
    now = 100
    assert.throws(() => rings[0]?.(), /broken/)
    rings[1]?.()
    assert.equal(heard, 1)
  })
})
