import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureDecisions, measureMemory } from '../../src/limiter/in-memory.ts'
import { SideProcess, SIDES } from '../../src/limiter/side-process.ts'

const plan = { keys: 2000, fills: 1, decisions: 1000, rounds: 2 }
const quiet = { begins: () => undefined, measured: () => undefined }

test('every limiter in memory holds its limit, keeps its keys, and decides in every round', async () => {
  const { signal } = new AbortController()
  const samples = await measureDecisions(SIDES, plan, quiet, signal)
  assert.equal(samples.length, SIDES.length * plan.rounds)
  for (const side of SIDES) {
    const own = samples.filter((sample) => sample.side === side)
    assert.deepEqual(own.map(({ round }) => round).toSorted(), [1, 2])
    assert.ok(own.every(({ wallNanos }) => wallNanos > 0))
  }
})

test('a key takes memory in a limiter, and none where nobody decides', async () => {
  const sides = ['nobody', 'express-rate-limit'] as const
  const samples = await measureMemory(sides, { ...plan, keys: 20_000 }, quiet, new AbortController().signal)
  const bytes = new Map(samples.map(({ side, heapBytes }) => [side, heapBytes]))
  assert.ok((bytes.get('express-rate-limit') ?? 0) > 50, `${bytes.get('express-rate-limit')}`)
  assert.ok((bytes.get('nobody') ?? 50) < 30, `${bytes.get('nobody')}`)
})

test('a limiter that forgets keys is found out', async () => {
  const side = new SideProcess('gatehouse gcra')
  try {
    await side.ready()
    await side.ask({ type: 'fill', keys: 1000 }, 'filled')
    const { dead } = await side.ask({ type: 'look', keys: 4000, sample: 400 }, 'looked')
    assert.ok(dead > 100, `${dead}`)
  } finally {
    await side.end()
  }
})

test('what a limiter cannot do is told with its name', async () => {
  const side = new SideProcess('nobody')
  try {
    await side.ready()
    const asked = side.ask({ type: 'decide', keys: 10, count: 10, seed: 1 }, 'decided')
    await assert.rejects(asked, { message: 'nobody: Error: nothing was filled' })
  } finally {
    await side.end()
  }
})

test('who interrupts the bench does not wait for the keys', async () => {
  const interruption = new AbortController()
  const watcher = { ...quiet, begins: () => interruption.abort(new Error('interrupted')) }
  await assert.rejects(measureDecisions(['nobody'], plan, watcher, interruption.signal), /interrupted|ended/)
})
