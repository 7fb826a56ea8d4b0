import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../../src/contract/mistakes.ts'
import type { Outcome } from '../../src/contract/store.ts'
import {
  clusterStore,
  serveClusterStore,
  type ServeClusterStoreOptions,
} from '../../src/limiting/cluster-store.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import { forkWorker, type TestWorker } from '../support/cluster.ts'
import type { Asked } from '../support/cluster-worker.ts'
import { send } from '../support/http.ts'

const HOUR = 3_600_000
const workers: TestWorker[] = []

async function forked(): Promise<TestWorker> {
  const worker = await forkWorker()
  workers.push(worker)
  return worker
}

after(() => {
  for (const { worker } of workers) if (!worker.isDead()) worker.process.kill('SIGKILL')
})

function times<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value)
}

function takes(key: string, limit: number): Asked {
  return ['take', [[{ key, quota: { limit, windowMs: HOUR }, cost: 1 }]]]
}

function allowedOf(answers: unknown): number {
  return (answers as readonly (readonly Outcome[])[]).filter(([outcome]) => outcome?.allowed).length
}

/** Serves for one test. */
async function serving<T>(options: ServeClusterStoreOptions, run: () => Promise<T>): Promise<T> {
  const served = serveClusterStore(options)
  try {
    return await run()
  } finally {
    await served.close()
  }
}

function mistakesOf(build: () => unknown): string {
  try {
    build()
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(({ code, path }) => `${path} ${code}`).join()
    throw error
  }
  return 'none'
}

describe('the right side in the right process', { timeout: 60_000 }, () => {
  test('RL-05: a store of a worker does not build where there is no primary to ask, and says what to write', () => {
    assert.throws(() => clusterStore(), /serveClusterStore\(\) in the primary.*memoryStore\(\)/s)
    assert.equal(
      mistakesOf(() => clusterStore()),
      'clusterStore contradiction',
    )
  })

  test('RL-05: a worker does not answer for the others', async () => {
    const [mistake] = (await (await forked()).ask({ test: 'serve' })) as readonly { readonly code: string }[]
    assert.equal(mistake?.code, 'contradiction')
  })

  test('RL-05: two that answer would each count for themselves', async () => {
    const first = serveClusterStore()
    assert.equal(
      mistakesOf(() => serveClusterStore()),
      'serveClusterStore duplicate_value',
    )
    await first.close()
    const second = serveClusterStore()
    // Closed once more, the first does not end the second.
    await first.close()
    assert.equal(
      mistakesOf(() => serveClusterStore()),
      'serveClusterStore duplicate_value',
    )
    await second.close()
  })

  test('RL-05: options that cannot be used are told all at once', () => {
    assert.equal(
      mistakesOf(() => serveClusterStore({ store: {} as never, stor: 1 } as never)),
      'serveClusterStore.stor unknown_option,serveClusterStore.store wrong_type',
    )
  })

  test('REQ-17: a store that was made for the workers is closed with them, and one that was given is not', async () => {
    let closed = 0
    const store = { ...storeMethods(), close: (): void => void closed++ }
    await serving({ store }, async () => undefined)
    assert.equal(closed, 0)
    assert.equal(cluster.listenerCount('message'), 0)
  })
})

describe('workers of a cluster', { timeout: 60_000 }, () => {
  test('RL-05: of 4 workers with 200 requests each at once, exactly as many get through as the limit says', async () => {
    const four = await Promise.all(times(4, undefined).map(forked))
    await serving({}, async () => {
      const answers = await Promise.all(
        four.map((worker) => worker.ask({ test: 'call', calls: times(200, takes('shared', 50)) })),
      )
      assert.equal(
        answers.map(allowedOf).reduce((sum, count) => sum + count),
        50,
      )
    })
  })

  test('RL-07: the calls of one turn are one message there and one back, and a call is all or nothing', async () => {
    const { worker, ask } = await forked()
    const tagged = (message: unknown): boolean => 'gatehouse' in (message as object)
    let [asked, answered] = [0, 0]
    worker.on('message', (message) => (asked += tagged(message) ? 1 : 0))
    const original = worker.send.bind(worker) as (...args: readonly unknown[]) => boolean
    worker.send = (...args: readonly unknown[]): boolean => {
      answered += tagged(args[0]) ? 1 : 0
      return original(...args)
    }
    await serving({}, async () => {
      await ask({ test: 'call', calls: times(200, takes('batched', 50)) })
      assert.deepEqual([asked, answered], [1, 1])
      const quota = { limit: 5, windowMs: HOUR }
      const both = [
        { key: 'one', quota, cost: 1 },
        { key: 'other', quota: { ...quota, limit: 1 }, cost: 1 },
      ]
      const calls: readonly Asked[] = [...times(2, ['take', [both]] as const), ['peek', [both]]]
      const left = (await ask({ test: 'call', calls })) as readonly (readonly Outcome[])[]
      assert.deepEqual(
        left.map((outcomes) => outcomes.map(({ allowed, remaining }) => [allowed, remaining])),
        [
          [
            [true, 4],
            [true, 0],
          ],
          [
            [true, 4],
            [false, 0],
          ],
          [
            [true, 4],
            [false, 0],
          ],
        ],
      )
    })
  })

  test('RL-04: a worker hears word for word what a store in memory says', async () => {
    const [theirs, ours] = [movableClock(), movableClock()]
    const memory = memoryStore({ clock: ours })
    const { ask } = await forked()
    const quota = { limit: 5, windowMs: 60_000 }
    const [a, b] = [
      { key: 'a', quota, cost: 2 },
      { key: 'b', quota: { ...quota, algorithm: 'sliding-window' as const }, cost: 3 },
    ]
    const steps: readonly Asked[] = [
      ['take', [[a, b]]],
      ['take', [[a, b]]],
      ['peek', [[b]]],
      ['adjust', [[{ key: 'a', quota, units: 3 }]]],
      ['adjust', [[{ key: 'b', quota: b.quota, units: -1, withinMs: 1 }]]],
      ['take', [[a]]],
      ['block', [['b'], 5_000]],
      ['take', [[b]]],
      ['take', [[{ ...a, cost: Number.NaN }]]],
      ['take', [[a, { ...a, quota: { ...quota, limit: 6 } }]]],
      ['adjust', [[{ key: 'a', quota, units: Infinity }]]],
      ['block', [['a'], Number.NaN]],
      ['reset', [['a']]],
      ['take', [[a]]],
      ['add', ['a', 'é "text"', 5_000]],
      ['add', ['a', 'other', 5_000]],
      ['write', ['b', '', 1_000]],
      ['read', [['b', 'none', 'a']]],
      ['remove', ['a']],
      ['remove', ['a']],
      ['add', ['c', 'value', 0.5]],
      ['take', [[]]],
    ]
    await serving({ store: memoryStore({ clock: theirs }) }, async () => {
      for (let round = 0; round < 3; round++) {
        for (const step of steps) {
          const [said] = (await ask({ test: 'call', calls: [step] })) as readonly unknown[]
          assert.deepEqual(said ?? null, JSON.parse(JSON.stringify(answerOf(memory, step) ?? null)), step[0])
          for (const clock of [theirs, ours]) clock.advance(733)
        }
      }
    })
  })

  test('RL-05: messages of the application pass by, and those that only look like ours are ignored', async () => {
    const { worker, ask } = await forked()
    await serving({}, async () => {
      for (const message of [
        'text',
        7,
        null,
        { gatehouse: 'cluster-store/1' },
        { gatehouse: 'other', to: 1 },
      ])
        worker.send(message as never)
      assert.equal(allowedOf(await ask({ test: 'call', calls: [takes('passed by', 1)] })), 1)
    })
  })

  test('REQ-17: a worker that dies leaves nothing behind, and the others count on', async () => {
    const [dying, living] = [await forked(), await forked()]
    await serving({}, async () => {
      await dying.ask({ test: 'call', calls: times(3, takes('outlives', 5)) })
      dying.say({ test: 'call', calls: times(2_000, takes('other', 5)) })
      dying.worker.process.kill('SIGKILL')
      assert.equal(await dying.ended, 'SIGKILL')
      assert.equal(allowedOf(await living.ask({ test: 'call', calls: times(9, takes('outlives', 5)) })), 2)
      assert.equal(cluster.listenerCount('message'), 1)
    })
  })

  test('REQ-17: neither the store nor a call under way keeps a worker alive', async () => {
    const { say, ended } = await forked()
    // Nobody answers.
    say({ test: 'let-go' })
    assert.equal(await ended, 0)
  })
})

/** A store in a primary of its own, and what its one worker says. */
interface Cluster {
  readonly primary: ChildProcess
  readonly port: number
}

async function startCluster(): Promise<Cluster> {
  const primary = fork(fileURLToPath(new URL('../support/cluster-primary.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ port }] = (await once(primary, 'message')) as [{ readonly port: number }]
  return { primary, port }
}

describe('a primary that stops', { timeout: 60_000 }, () => {
  test('RL-21: a request is refused by the deadline while it is stopped, and limits are exact again afterwards', async () => {
    const { primary, port } = await startCluster()
    const statuses = async (count: number): Promise<readonly number[]> => {
      const found: number[] = []
      for (let i = 0; i < count; i++) found.push((await send(port, {})).status)
      return found
    }
    try {
      assert.deepEqual(await statuses(2), [200, 200])
      primary.kill('SIGSTOP')
      const from = performance.now()
      assert.deepEqual(await statuses(3), [503, 503, 503])
      // Three deadlines of 200 ms, and not the ten seconds of a check.
      assert.ok(performance.now() - from < 5_000)
      primary.kill('SIGCONT')
      // The three were given up on, and have counted all the same.
      assert.deepEqual(await statuses(6), [200, 200, 200, 200, 200, 429])
    } finally {
      primary.kill('SIGCONT')
      primary.kill('SIGTERM')
      await once(primary, 'exit')
    }
  })

  test('REQ-17: answering keeps no primary alive', async () => {
    const { primary } = await startCluster()
    const ended = once(primary, 'exit')
    primary.send('end the worker')
    assert.deepEqual(await ended, [0, null])
  })
})

function storeMethods(): ReturnType<typeof memoryStore> {
  const memory = memoryStore()
  const { name } = memory
  return {
    name,
    take: (charges) => memory.take(charges),
    peek: (charges) => memory.peek(charges),
    adjust: (adjustments) => memory.adjust(adjustments),
    block: (keys, ms) => memory.block(keys, ms),
    reset: (keys) => memory.reset(keys),
    add: (key, value, ttlMs) => memory.add(key, value, ttlMs),
    read: (keys) => memory.read(keys),
    write: (key, value, ttlMs) => memory.write(key, value, ttlMs),
    remove: (key) => memory.remove(key),
    close: () => memory.close(),
  }
}

function answerOf(store: ReturnType<typeof memoryStore>, [method, args]: Asked): unknown {
  try {
    return (storeMethodsOf(store)[method] as (...given: readonly unknown[]) => unknown)(...args)
  } catch (error) {
    return (error as Error).name
  }
}

function storeMethodsOf(store: ReturnType<typeof memoryStore>): Record<Asked[0], unknown> {
  return new Proxy(store, {
    get: (target, name) => (target[name as Asked[0]] as () => unknown).bind(target),
  })
}
