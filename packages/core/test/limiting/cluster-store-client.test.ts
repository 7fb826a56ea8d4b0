import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Store } from '../../src/contract/store.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { answerFrom } from '../../src/limiting/cluster-store-server.ts'
import type { Question, Reply } from '../../src/limiting/cluster-store-messages.ts'
import { pairedStore } from '../support/cluster.ts'

const QUOTA = { limit: 5, windowMs: 60_000 }
const ONE = [{ key: 'a', quota: QUOTA, cost: 1 }]

/** A turn of the event loop, in which what waited for one was sent. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function failure(message: RegExp): { readonly name: string; readonly message: RegExp } {
  return { name: 'ClusterStoreFailure', message }
}

/** Timers that ring when the test says so. */
function timers(): {
  readonly startTimer: (ms: number, ring: () => void) => () => void
  readonly ring: () => void
  readonly running: () => number
} {
  const rings = new Set<() => void>()
  return {
    startTimer(_ms, ring) {
      rings.add(ring)
      return () => void rings.delete(ring)
    },
    ring() {
      for (const each of [...rings]) each()
    },
    running: () => rings.size,
  }
}

/** A channel on which nobody answers. */
function silent(): { readonly send: () => void } {
  return { send: () => undefined }
}

describe('what a worker asks', () => {
  test('RL-07: the calls of a turn are one message, and those of the next another', async () => {
    const { client, asked, answered } = pairedStore(memoryStore())
    await Promise.all([client.take(ONE), client.read(['a']), client.add('a', 'text', 1_000)])
    await Promise.all([client.take(ONE), client.take(ONE)])
    assert.deepEqual([asked.length, answered.length], [2, 2])
  })

  test('RL-27: a prefix comes before every key', async () => {
    const memory = memoryStore()
    const { client } = pairedStore(memory, { prefix: 'orders:' })
    await client.take(ONE)
    await client.adjust([{ key: 'b', quota: QUOTA, units: 2 }])
    await client.block(['c'], 1_000)
    await client.add('r', 'text', 1_000)
    await client.write('w', 'text', 1_000)
    const left = await memory.peek(
      ['a', 'b', 'c'].map((key) => ({ key: `orders:${key}`, quota: QUOTA, cost: 1 })),
    )
    assert.deepEqual(
      left.map(({ remaining, blocked }) => blocked ?? remaining),
      [4, 3, true],
    )
    assert.deepEqual(memory.read(['orders:r', 'orders:w', 'r']), ['text', 'text', undefined])
    assert.deepEqual(await client.read(['r', 'w', 'orders:r']), ['text', 'text', undefined])
    assert.equal((await client.peek(ONE))[0]?.remaining, 4)
    await client.reset(['a', 'c'])
    assert.equal((await client.peek(ONE))[0]?.remaining, 5)
    assert.equal(await client.remove('r'), true)
  })

  test('RL-21: a store of the primary that is late answers late, and one that fails fails', async () => {
    const memory = memoryStore()
    const store = {
      take: (charges) => Promise.resolve(memory.take(charges)),
      peek: () => Promise.reject(new RangeError('late')),
      add: () => Promise.reject(new Error('down')),
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what some libraries do
      remove: () => Promise.reject('down'),
      read: (keys) => memory.read(keys),
    } satisfies Partial<Store> as unknown as Store
    const { client, answered } = pairedStore(store)
    const calls = [
      client.take(ONE),
      client.peek(ONE),
      client.add('a', 'b', 1),
      client.remove('a'),
      client.read(['a']),
    ]
    const results = await Promise.allSettled(calls)
    assert.deepEqual(
      results.map((result) => (result.status === 'fulfilled' ? 'answered' : String(result.reason))),
      [
        'answered',
        'RangeError: late',
        'ClusterStoreFailure: down',
        'ClusterStoreFailure: The store of the primary failed',
        'answered',
      ],
    )
    // What was known at once, and what came late.
    assert.equal(answered.length, 2)
  })
})

describe('a primary that does not answer', () => {
  test('RL-21: a call rejects when its time is over, and what comes later is for nobody', async () => {
    const { startTimer, ring, running } = timers()
    const { client, asked, tell } = pairedStore(memoryStore(), { startTimer, ...silent() })
    const call = client.take(ONE)
    await turn()
    ring()
    await assert.rejects(call, failure(/did not answer in time/))
    answerFrom(memoryStore(), asked[0], tell)
    assert.equal(running(), 0)
  })

  test('REQ-17: no timer is left when everything was answered', async () => {
    const { startTimer, running } = timers()
    const { client } = pairedStore(memoryStore(), { startTimer })
    const calls = [client.take(ONE), client.take(ONE)]
    await turn()
    assert.equal(running(), 1)
    await Promise.all(calls)
    assert.equal(running(), 0)
  })

  test('RL-21: calls that wait are bounded', async () => {
    const { startTimer, ring } = timers()
    const { client } = pairedStore(memoryStore(), { startTimer, maxPending: 3, ...silent() })
    const calls = [client.take(ONE), client.take(ONE), client.take(ONE)].map((call) => call.catch(String))
    await assert.rejects(client.take(ONE), failure(/Too many calls/))
    await turn()
    ring()
    await Promise.all(calls)
    // Nothing waits any more; what was sent has still not left, and the primary has to read it first.
    await assert.rejects(client.take(ONE), failure(/Too many calls/))
  })

  test('RL-21: what left is room again', async () => {
    const { startTimer, ring } = timers()
    const sent: ((error: Error | null) => void)[] = []
    const send = (_message: object, done: (error: Error | null) => void): void => void sent.push(done)
    const { client } = pairedStore(memoryStore(), { startTimer, maxPending: 1, send })
    const first = client.take(ONE).catch(String)
    await turn()
    ring()
    await first
    await assert.rejects(client.take(ONE), failure(/Too many calls/))
    sent[0]?.(null)
    const second = client.take(ONE)
    await turn()
    sent[1]?.(new Error('EPIPE'))
    await assert.rejects(second, failure(/cannot be reached/))
  })

  test('RL-21: a primary that goes takes its calls with it, and there are no others', async () => {
    const { startTimer, running } = timers()
    const { client, asked, end } = pairedStore(memoryStore(), { startTimer, ...silent() })
    const sent = client.take(ONE)
    await turn()
    const unsent = client.read(['a'])
    end()
    for (const call of [sent, unsent, client.add('a', 'b', 1)])
      await assert.rejects(call, failure(/The primary is gone/))
    await turn()
    assert.deepEqual([asked.length, running()], [1, 0])
  })

  test('REQ-17: a store that is closed holds nothing', async () => {
    const { client, listeners } = pairedStore(memoryStore(), silent())
    assert.equal(listeners(), 2)
    const call = client.take(ONE)
    client.close()
    for (const each of [call, client.take(ONE)]) await assert.rejects(each, failure(/is closed/))
    assert.equal(listeners(), 0)
  })
})

describe('messages that are none of ours', () => {
  test('RL-05: a worker hears only what answers its own calls', async () => {
    const { client, asked, tell } = pairedStore(memoryStore(), silent())
    const call = client.add('a', 'text', 1_000)
    await turn()
    const { gatehouse, from, calls } = asked[0] as Question
    const [id] = calls[0] ?? []
    const rows: readonly unknown[] = [
      undefined,
      null,
      'text',
      { gatehouse, to: from },
      { gatehouse: 'cluster-store/2', to: from, answers: [[id, false]] },
      { gatehouse, to: 'another', answers: [[id, false]] },
      {
        gatehouse,
        to: from,
        answers: [[id], null, 'text', ['1', false], [id, null, 7, 'text'], [id, null, 'Error']],
      },
      { gatehouse, to: from, answers: [[99, false]] },
    ]
    for (const row of rows) tell(row)
    tell({ gatehouse, to: from, answers: [[id, true]] })
    assert.equal(await call, true)
  })

  test('RL-05: a primary answers only what is asked of a store', () => {
    const answers: object[] = []
    const gatehouse = 'cluster-store/1'
    const rows: readonly unknown[] = [
      undefined,
      null,
      7,
      [],
      { gatehouse, from: 'a' },
      { gatehouse, from: 1, calls: [[1, 'read', [[]]]] },
      { gatehouse: 'cluster-store/2', from: 'a', calls: [[1, 'read', [[]]]] },
      {
        gatehouse,
        from: 'a',
        calls: [null, [1], [1, 'read'], ['1', 'read', [[]]], [1, 'close', []], [1, 'constructor', []]],
      },
    ]
    for (const row of rows) answerFrom(memoryStore(), row, (answer) => answers.push(answer))
    assert.equal(answers.length, 0)
    // What is no argument is a failure of the call, and not of the primary.
    const calls = [
      [1, 'take', [7]],
      [2, 'take', [[null]]],
      [3, 'read', []],
      [4, 'write', ['a', 'b', 'c']],
    ]
    answerFrom(memoryStore(), { gatehouse, from: 'a', calls }, (answer) => answers.push(answer))
    const { answers: failed } = answers[0] as Reply
    assert.deepEqual(
      failed.map(([id, , kind]) => [id, kind]),
      [
        [1, 'TypeError'],
        [2, 'TypeError'],
        [3, 'TypeError'],
        [4, 'RangeError'],
      ],
    )
  })
})
