import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Charge, Counters, Outcome, StoreCall } from '../../src/contract/store.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { StoreFailure, StoreLine } from '../../src/limiting/store-line.ts'
import { movableClock } from '../support/clock.ts'

const CHARGES: readonly Charge[] = [{ key: 'a', quota: { limit: 5, windowMs: 60_000 }, cost: 1 }]
const OPEN: readonly Outcome[] = [{ allowed: true, remaining: 4, resetMs: 12_000, retryAfterMs: 0 }]

/** How a store answers the next call. */
type Answer = 'well' | 'throws' | 'rejects' | 'hangs'

/** A line to a store that answers as it is told, on a clock and with timers that are moved. */
function bench() {
  const clock = movableClock()
  let answer: Answer = 'well'
  let asked = 0
  const rings: (() => void)[] = []
  const pending: ((taken: readonly Outcome[]) => void)[] = []
  const take = (): readonly Outcome[] | Promise<readonly Outcome[]> => {
    asked++
    if (answer === 'throws') throw new Error('secret')
    if (answer === 'rejects') return Promise.reject(new Error('secret'))
    return answer === 'hangs' ? new Promise((resolve) => pending.push(resolve)) : Promise.resolve(OPEN)
  }
  const line = new StoreLine({ take } as unknown as Counters, {
    deadlineMs: 500,
    clock,
    startTimer(ms, ring) {
      assert.equal(ms, 500)
      rings.push(ring)
      return () => void rings.splice(rings.indexOf(ring), 1)
    },
  })
  const ask = async (): Promise<string> => {
    try {
      return (await line.take(CHARGES)) === OPEN ? 'well' : 'other'
    } catch (error) {
      return error instanceof Error ? error.name : 'thrown'
    }
  }
  return {
    clock,
    line,
    ask,
    pending,
    rings,
    asked: () => asked,
    answers: (next: Answer) => {
      answer = next
    },
    failing: async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await ask()
    },
  }
}

test('RL-21: what a store answers is handed on, late or at once', async () => {
  const { ask, line, rings } = bench()
  assert.equal(await ask(), 'well')
  assert.equal(line.restMs, 0)
  assert.equal(line.takeChange(), undefined)
  assert.deepEqual(rings, [], 'no timer is left')
  const near = new StoreLine(memoryStore(), {
    deadlineMs: 500,
    clock: movableClock(),
    startTimer: () => assert.fail('a store that answers at once needs no timer'),
  })
  assert.ok(Array.isArray(near.take(CHARGES)))
  assert.ok(Array.isArray(near.peek(CHARGES)))
  assert.ok(Array.isArray(near.adjust([{ key: 'a', quota: { limit: 5, windowMs: 60_000 }, units: 2 }])))
  assert.equal(near.block(['a'], 1_000), undefined)
  assert.equal((near.take(CHARGES) as readonly Outcome[])[0]?.blocked, true)
  assert.equal(near.reset(['a']), undefined)
  assert.equal((near.take(CHARGES) as readonly Outcome[])[0]?.remaining, 4)
})

test('RL-21: a store that never answers is given up on after its deadline, and what it says then is nothing', async () => {
  const { ask, answers, rings, pending, line } = bench()
  answers('hangs')
  const waiting = ask()
  rings[0]?.()
  assert.equal(await waiting, 'StoreFailure')
  pending[0]?.(OPEN)
  assert.equal(line.restMs, 0, 'one failure is no reason to leave it alone')
})

for (const how of ['throws', 'rejects'] as const) {
  test(`RL-21: a store that ${how} five times in a row is left alone, and told of once`, async () => {
    const { ask, answers, asked, line, failing, clock } = bench()
    answers(how)
    await failing(4)
    assert.equal(line.takeChange(), undefined)
    assert.equal(line.restMs, 0)
    await failing(1)
    assert.equal(line.takeChange()?.kind, 'store.down')
    assert.equal(line.takeChange(), undefined)
    assert.equal(line.restMs, 1_000)
    assert.equal(await ask(), 'StoreFailure')
    assert.equal(asked(), 5, 'it is not asked while it is left alone')
    clock.advance(999)
    assert.equal(await ask(), 'StoreFailure')
    assert.equal(asked(), 5)
  })
}

test('RL-21: failures with answers between them are no reason to leave it alone', async () => {
  const { ask, answers, line, failing } = bench()
  for (let i = 0; i < 5; i++) {
    answers('rejects')
    await failing(4)
    answers('well')
    assert.equal(await ask(), 'well')
  }
  assert.equal(line.takeChange(), undefined)
})

test('RL-08: one call at a time finds out whether it is back; then all are asked again, and it is told', async () => {
  const { ask, answers, asked, line, failing, clock, pending } = bench()
  answers('rejects')
  await failing(5)
  line.takeChange()
  clock.advance(1_000)
  answers('hangs')
  const trying = ask()
  assert.equal(await ask(), 'StoreFailure', 'the others do not wait for the one that tries')
  assert.equal(asked(), 6)
  pending[0]?.(OPEN)
  assert.equal(await trying, 'well')
  assert.equal(line.takeChange()?.kind, 'store.up')
  answers('well')
  assert.equal(await ask(), 'well')
  assert.equal(line.restMs, 0)
})

test('RL-08: each try that fails doubles the rest, up to half a minute, and an answer begins anew', async () => {
  const { answers, line, failing, clock, ask } = bench()
  answers('rejects')
  await failing(5)
  const rests: number[] = []
  for (let i = 0; i < 8; i++) {
    rests.push(line.restMs)
    clock.advance(line.restMs)
    await failing(1)
  }
  assert.deepEqual(rests, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  clock.advance(30_000)
  answers('well')
  assert.equal(await ask(), 'well')
  answers('rejects')
  await failing(5)
  assert.equal(line.restMs, 1_000)
})

test('RL-08: calls that were under way when it was given up do not prolong its rest', async () => {
  const { answers, line, failing, clock, ask, rings } = bench()
  answers('hangs')
  const waiting = Array.from({ length: 10 }, ask)
  answers('rejects')
  await failing(5)
  clock.advance(500)
  for (const ring of [...rings]) ring()
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['StoreFailure']))
  assert.equal(line.restMs, 500)
})

test('RL-08: a call from before that fails while one tries is not taken for the try', async () => {
  const { answers, line, failing, clock, ask, rings, pending } = bench()
  answers('hangs')
  const old = ask()
  answers('rejects')
  await failing(5)
  clock.advance(1_000)
  answers('hangs')
  const trying = ask()
  rings[0]?.()
  assert.equal(await old, 'StoreFailure')
  assert.equal(line.restMs, 0, 'the rest is not prolonged')
  assert.equal(await ask(), 'StoreFailure', 'and nobody else tries meanwhile')
  pending[1]?.(OPEN)
  assert.equal(await trying, 'well')
})

test('RL-21: what a store rejects with that is no error becomes one', async () => {
  const store = { take: async () => Promise.reject('a text') } as unknown as Counters
  const line = new StoreLine(store, {
    deadlineMs: 500,
    clock: movableClock(),
    startTimer: () => () => undefined,
  })
  await assert.rejects(async () => line.take(CHARGES), StoreFailure)
})

test('REQ-14: a call that the line gives up on is aborted, and no other', async () => {
  const signals: AbortSignal[] = []
  const rings: (() => void)[] = []
  const store = {
    take(_charges: readonly Charge[], call?: StoreCall) {
      if (call !== undefined) signals.push(call.signal)
      return signals.length === 2 ? new Promise<never>(() => undefined) : Promise.resolve(OPEN)
    },
  }
  const line = new StoreLine(store as unknown as Counters, {
    deadlineMs: 500,
    clock: movableClock(),
    startTimer(_ms, ring) {
      rings.push(ring)
      return () => undefined
    },
  })
  await line.take(CHARGES)
  const late = assert.rejects(async () => line.take(CHARGES), StoreFailure)
  rings[1]?.()
  await late
  await line.take(CHARGES)
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [false, true, false],
  )
  assert.ok(signals[1]?.reason instanceof StoreFailure)
})

test('REQ-14: a store that asks for the signal when it is too late has one that aborted', async () => {
  let kept: StoreCall | undefined
  let ring: () => void = () => undefined
  const store = {
    take(_charges: readonly Charge[], call?: StoreCall) {
      kept = call
      return new Promise<never>(() => undefined)
    },
  }
  const line = new StoreLine(store as unknown as Counters, {
    deadlineMs: 500,
    clock: movableClock(),
    startTimer(_ms, given) {
      ring = given
      return () => undefined
    },
  })
  const late = assert.rejects(async () => line.take(CHARGES), StoreFailure)
  ring()
  await late
  assert.equal(kept?.signal.aborted, true)
})
