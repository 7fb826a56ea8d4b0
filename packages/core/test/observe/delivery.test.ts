import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Attempt,
  type Delivery,
  delivery,
  DELIVERY_DEFAULTS,
  type DeliveryOf,
  type DeliveryRules,
  type Send,
  type Sent,
  sent,
} from '../../src/observe/delivery.ts'
import { type MovableTimers, movableTimers } from '../support/timers.ts'

const LATER: Sent = { type: 'later', reason: 'busy' }

interface Made extends Delivery<string> {
  readonly timers: MovableTimers
  readonly warnings: readonly string[]
}

function make(send: Send<string>, rules: Partial<DeliveryRules & DeliveryOf<string>> = {}): Made {
  const timers = movableTimers()
  const warnings: string[] = []
  const made = delivery({ ...DELIVERY_DEFAULTS, name: 'the webhook', ...rules }, send, {
    startTimer: timers.startTimer,
    random: () => 0.5,
    warn: (message) => warnings.push(message),
  })
  return { ...made, timers, warnings }
}

describe('a delivery', () => {
  test('LOG-06: hands over in order, one batch at a time, and never while it is told', async () => {
    const got: (readonly string[])[] = []
    const { push, timers, counts } = make(
      (items) => {
        got.push(items)
        return sent()
      },
      { batch: 2 },
    )
    for (const item of ['a', 'b', 'c']) push(item)
    assert.deepEqual(got, [])
    await timers.advance(1)
    assert.deepEqual(got, [['a', 'b'], ['c']])
    assert.deepEqual(counts(), { waiting: 0, sent: 3, dropped: 0, failed: 0 })
  })

  test('LOG-06: tries again with growing waits, and under one id', async () => {
    const at: number[] = []
    const ids = new Set<string>()
    const { push, timers, counts } = make((_, { id }) => {
      at.push(timers.clock.monotonic() - 1_000)
      ids.add(id)
      return at.length < 4 ? LATER : sent()
    })
    push('a')
    await timers.advance(60_000)
    // Half of the wait is certain, and a random part of the other half comes to it.
    assert.deepEqual(at, [0, 750, 2_250, 5_250])
    assert.equal(ids.size, 1)
    assert.deepEqual(counts(), { waiting: 0, sent: 1, dropped: 0, failed: 0 })
  })

  test('LOG-06: comes back when the receiver said, within bounds', async () => {
    const at: number[] = []
    const { push, timers } = make(
      () => {
        at.push(timers.clock.monotonic() - 1_000)
        return { type: 'later', reason: 'busy', afterMs: at.length === 1 ? 30_000 : 86_400_000 }
      },
      { attempts: 3 },
    )
    push('a')
    await timers.advance(700_000)
    assert.deepEqual(at, [0, 30_000, 630_000])
  })

  for (const [how, send] of [
    [
      'throws',
      () => {
        throw new Error('secret')
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
  ] as const satisfies readonly (readonly [string, Send<string>])[]) {
    test(`LOG-06: a receiver that ${how} is tried again and then told of, without its error`, async () => {
      const { push, timers, warnings, counts } = make(send, { attempts: 2 })
      push('a')
      await timers.advance(10_000)
      assert.deepEqual(warnings, ['1 not delivered to the webhook: it threw. Requests are not affected.'])
      assert.equal(counts().failed, 1)
    })
  }

  test('LOG-06: a receiver that says nothing of its own is tried again', async () => {
    const { push, timers, warnings } = make(() => undefined as unknown as Sent, { attempts: 2 })
    push('a')
    await timers.advance(10_000)
    assert.match(warnings[0] ?? '', /did not say/)
  })

  test('LOG-06: what a receiver refuses is not tried again', async () => {
    let tried = 0
    const { push, timers, warnings } = make(() => {
      tried++
      return { type: 'refused', reason: 'status 410' }
    })
    push('a')
    await timers.advance(600_000)
    assert.equal(tried, 1)
    assert.equal(warnings.length, 1)
  })

  test('LOG-06: a receiver that hangs is given up in time, told to stop, and does not pile up', async () => {
    const attempts: Attempt[] = []
    const { push, timers, counts } = make(
      (_, attempt) => {
        attempts.push(attempt)
        return new Promise<Sent>(() => {})
      },
      { attempts: 3 },
    )
    for (let i = 0; i < 20; i++) push(`item ${i}`)
    await timers.advance(9_999)
    assert.equal(attempts[0]?.signal.aborted, false)
    await timers.advance(3_600_000)
    assert.equal(attempts.length, 8)
    assert.ok(attempts.every(({ signal }) => signal.aborted))
    assert.deepEqual(counts(), { waiting: 0, sent: 0, dropped: 0, failed: 20 })
  })

  test('LOG-06: what is too much is dropped and counted, and told once a minute', async () => {
    const { push, timers, warnings, counts } = make(() => LATER, { capacity: 3, attempts: 1_000 })
    for (let i = 0; i < 10; i++) push(`item ${i}`)
    assert.deepEqual(counts(), { waiting: 3, sent: 0, dropped: 7, failed: 0 })
    assert.equal(warnings.length, 1)
    await timers.advance(59_000)
    assert.equal(warnings.length, 1)
    await timers.advance(2_000)
    assert.deepEqual(warnings, [
      '1 not delivered to the webhook: too many were waiting. Requests are not affected.',
      '6 not delivered to the webhook: too many were waiting. Requests are not affected.',
    ])
    await timers.advance(600_000)
    assert.equal(warnings.length, 2)
  })

  test('LOG-04: what is minor makes room, and each item that will not arrive is told of once', async () => {
    const lost: string[] = []
    let answers = 0
    const { push, timers, close, counts } = make(() => (answers++ === 0 ? sent() : LATER), {
      capacity: 3,
      attempts: 1,
      isMinor: (item) => item.startsWith('minor'),
      onLost: (items) => lost.push(...items),
    })
    for (const item of ['minor 1', 'minor 2', 'minor 3', 'A', 'minor 4', 'B']) push(item)
    assert.deepEqual(lost, ['minor 3', 'minor 4', 'minor 2'])
    await timers.advance(1)
    assert.deepEqual(lost.slice(3), ['A', 'B'])
    await close()
    push('C')
    assert.deepEqual(lost.slice(5), ['C'])
    assert.deepEqual(counts(), { waiting: 0, sent: 1, dropped: 4, failed: 2 })
  })

  test('LOG-06: closed, it hands over what waits and takes nothing more', async () => {
    const got: string[] = []
    const { push, timers, close, counts, warnings } = make((items) => {
      got.push(...items)
      return sent()
    })
    push('a')
    const closed = close()
    push('b')
    await timers.advance(1)
    await closed
    assert.deepEqual(got, ['a'])
    assert.deepEqual(counts(), { waiting: 0, sent: 1, dropped: 1, failed: 0 })
    assert.equal(warnings.length, 1)
  })

  test('LOG-06: closed, it does not wait for a receiver that hangs longer than its grace', async () => {
    const { push, timers, close, counts, warnings } = make(() => new Promise<Sent>(() => {}), { graceMs: 20 })
    push('a')
    push('b')
    await timers.advance(1)
    await close()
    assert.deepEqual(counts(), { waiting: 0, sent: 0, dropped: 1, failed: 1 })
    assert.equal(warnings.length, 2)
    assert.equal(timers.running(), 0)
  })
})
