import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoopDelayMonitor } from '../../../src/observe/metrics/loop-delay.ts'
import { movableClock } from '../../support/clock.ts'

/** A histogram that says what it is told. */
function bench() {
  const clock = movableClock()
  const calls: string[] = []
  let ns = NaN
  const histogram = {
    enable: () => calls.push('enable') > 0,
    disable: () => calls.push('disable') > 0,
    reset: () => void calls.push('reset'),
    get mean() {
      return ns
    },
    get max() {
      return ns
    },
    percentile: () => ns,
  }
  const monitor = new LoopDelayMonitor(clock, () => histogram)
  return { clock, calls, monitor, took: (ms: number) => void (ns = ms * 1e6) }
}

test('nothing is measured before somebody asks, and nothing is told before something was measured', () => {
  const { calls, monitor } = bench()
  assert.deepEqual(calls, [])
  assert.equal(monitor.read(), undefined)
  assert.deepEqual(calls, ['enable'])
  assert.equal(monitor.read(), undefined)
})

test('what is told is how late it was, not how long it was', () => {
  const { monitor, took } = bench()
  monitor.read()
  took(35)
  assert.equal(monitor.read()?.p99.toFixed(3), '0.025')
  took(9)
  assert.equal(monitor.read()?.max, 0)
})

test('several readers see the same window, whoever asks first', () => {
  const { clock, calls, monitor, took } = bench()
  monitor.read()
  took(110)
  clock.advance(10_000)
  assert.equal(monitor.read()?.max, 0.1)
  took(10)
  assert.equal(monitor.read()?.max, 0.1)
  clock.advance(9_999)
  assert.equal(monitor.read()?.max, 0.1)
  clock.advance(1)
  assert.equal(monitor.read()?.max, 0)
  assert.deepEqual(calls, ['enable', 'reset', 'reset'])
})

test('REQ-17: closed, it measures nothing more', () => {
  const { calls, monitor } = bench()
  monitor.read()
  monitor.close()
  assert.equal(monitor.read(), undefined)
  assert.deepEqual(calls, ['enable', 'disable'])
})
