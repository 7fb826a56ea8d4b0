import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Store } from '../../src/contract/store.ts'
import { startTimer, type StartTimer } from '../../src/lib/timer.ts'
import { type ClientChannel, ClusterStoreClient } from '../../src/limiting/cluster-store-client.ts'
import { answerFrom } from '../../src/limiting/cluster-store-server.ts'
import type { FromWorker, ToWorker } from './cluster-worker.ts'

/** A worker's store over a channel that stays in this process, and what went through it. */
export interface Paired {
  readonly client: ClusterStoreClient
  /** Messages as they were sent, JSON and back. */
  readonly asked: readonly unknown[]
  readonly answered: readonly unknown[]
  /** Hands a message to the client, as if the primary had sent it. */
  readonly tell: (message: unknown) => void
  /** Ends the channel. */
  readonly end: () => void
  /** Listeners that are there. */
  readonly listeners: () => number
}

/** How a channel behaves. */
export interface PairSettings {
  readonly prefix?: string
  readonly maxPending?: number
  readonly startTimer?: StartTimer
  /** What becomes of a message to the primary; unless given, the primary answers it. */
  readonly send?: (message: object, done: (error: Error | null) => void) => void
}

/** A client and a server of one store, joined by channels that speak JSON, as those of processes do. */
export function pairedStore(store: Store, settings: PairSettings = {}): Paired {
  const asked: unknown[] = []
  const answered: unknown[] = []
  const hearers = new Set<(message: unknown) => void>()
  const ends = new Set<() => void>()
  let isOpen = true
  const tell = (message: unknown): void => {
    for (const hear of hearers) hear(message)
  }
  const serve: ClientChannel['send'] = (message, done) => {
    setImmediate(() => {
      done(null)
      answerFrom(store, JSON.parse(JSON.stringify(message)), (answer) => {
        const text = JSON.stringify(answer)
        answered.push(JSON.parse(text))
        setImmediate(() => tell(JSON.parse(text)))
      })
    })
  }
  const channel: ClientChannel = {
    isOpen: () => isOpen,
    send(message, done) {
      asked.push(message)
      ;(settings.send ?? serve)(message, done)
    },
    onMessage: (hear) => joined(hearers, hear),
    onEnd: (hear) => joined(ends, hear),
  }
  const client = new ClusterStoreClient(channel, {
    prefix: settings.prefix ?? '',
    timeoutMs: 5_000,
    maxPending: settings.maxPending ?? 10_000,
    startTimer: settings.startTimer ?? startTimer,
  })
  return {
    client,
    asked,
    answered,
    tell,
    end() {
      isOpen = false
      for (const hear of ends) hear()
    },
    listeners: () => hearers.size + ends.size,
  }
}

function joined<T>(all: Set<T>, one: T): () => void {
  all.add(one)
  return () => all.delete(one)
}

/** A worker of a cluster whose primary is the process of the test. */
export interface TestWorker {
  readonly worker: Worker
  /** Says something, and waits for what the worker answers to it. */
  readonly ask: (message: ToWorker) => Promise<unknown>
  readonly say: (message: ToWorker) => void
  /** Its exit code or signal. */
  readonly ended: Promise<number | string | null>
}

/** Forks a worker, which ends with the test process if nobody ends it before. */
export async function forkWorker(): Promise<TestWorker> {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('cluster-worker.ts', import.meta.url)),
    silent: false,
  })
  const worker = cluster.fork()
  const ended = new Promise<number | string | null>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => resolve(signal ?? code))
  })
  let asked = 0
  const waiting = new Map<number, (value: unknown) => void>()
  worker.on('message', (message: FromWorker) => {
    if (message.test !== 'answer') return
    waiting.get(message.id)?.(message.value)
    waiting.delete(message.id)
  })
  const say = (message: ToWorker): void => {
    worker.send({ ...message, id: (asked += 1) })
  }
  await once(worker, 'message')
  return {
    worker,
    ended,
    say,
    ask: (message) =>
      new Promise((resolve) => {
        waiting.set(asked + 1, resolve)
        say(message)
      }),
  }
}
