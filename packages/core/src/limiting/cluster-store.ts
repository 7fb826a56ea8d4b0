import type { Worker } from 'node:cluster'
import { ConfigError, Mistakes } from '../contract/mistakes.ts'
import type { Store } from '../contract/store.ts'
import type { Duration } from '../lib/duration.ts'
import { clusterModule } from '../lib/builtins.ts'
import { startTimer } from '../lib/timer.ts'
import { optional, type OptionReaders, type Place, readOptions, report } from '../options/read.ts'
import { duration, integer, text, wholeStore } from '../options/readers.ts'
import { type ClientChannel, ClusterStoreClient } from './cluster-store-client.ts'
import { answerFrom } from './cluster-store-server.ts'
import { memoryStore } from './memory-store.ts'

/** Options for {@link clusterStore}. */
export interface ClusterStoreOptions {
  /** Comes before every key: what tells several gates of one cluster apart whose limits have the same names. */
  readonly prefix?: string
  /**
   * How long the primary may take to answer, 10 ms to a minute; then the call rejects. The gate gives up earlier, by
   * `storeDeadline`; this bounds what stays behind.
   *
   * @default '5s'
   */
  readonly timeout?: Duration
  /**
   * The most calls of this worker that wait for the primary, 100 to 1,000,000; a call beyond them rejects at once.
   *
   * @default 10_000
   */
  readonly maxPending?: number
}

const READERS = {
  prefix: optional(text('a text', "'orders:'"), ''),
  timeout: optional(duration('10ms', '1m'), 5_000),
  maxPending: optional(integer(100, 1_000_000), 10_000),
} satisfies OptionReaders<ClusterStoreOptions>

/** Options for {@link serveClusterStore}. */
export interface ServeClusterStoreOptions {
  /**
   * Where the primary keeps what its workers count.
   *
   * @default memoryStore()
   */
  readonly store?: Store
}

const SERVER_READERS = {
  store: optional(wholeStore()),
} satisfies OptionReaders<ServeClusterStoreOptions>

/** What {@link serveClusterStore} gives. */
export interface ServedClusterStore {
  /** The store itself, for a gate in the primary. */
  readonly store: Store
  /** Stops to answer, and closes the store when it was not given. */
  readonly close: () => Promise<void>
}

/**
 * The store of a worker of `node:cluster`: it asks the primary, which counts for all workers, so that a limit is one limit
 * however many there are.
 *
 * Calls of one turn of the event loop are one message there and one back. When the primary is gone, busy or does not
 * answer, calls reject, and `whenStoreFails` of a limit says what then. What is counted lives as long as the primary.
 *
 * @throws ConfigError in a process that is no worker of a cluster
 * @example
 * if (cluster.isPrimary) {
 *   serveClusterStore()
 *   for (let i = 0; i < availableParallelism(); i++) cluster.fork()
 * } else {
 *   const gate = gatehouse({ store: clusterStore(), rateLimit: { limit: 100, window: '1m' }, ... })
 *   createServer(gate.handler(handle)).listen(3000)
 * }
 */
export function clusterStore(options: ClusterStoreOptions = {}): Store {
  const place: Place = { mistakes: new Mistakes(), path: 'clusterStore' }
  const { worker } = clusterModule()
  if (worker === undefined) {
    report(
      place,
      'contradiction',
      'asks the primary of a cluster, and this process is no worker of one.',
      'Call it in the workers, and serveClusterStore() in the primary. In a process without workers write memoryStore(), or leave "store" out.',
    )
  }
  const read = readOptions(place, options, READERS)
  place.mistakes.throwIfAny('clusterStore')
  if (read === undefined || worker === undefined) throw new ConfigError([])
  return new ClusterStoreClient(channelOf(worker), {
    prefix: read.prefix,
    timeoutMs: read.timeout,
    maxPending: read.maxPending,
    startTimer,
  })
}

/** Whether this process answers already: two that answer would each count for themselves. */
let isServing = false

/**
 * Answers the {@link clusterStore} of every worker, those that are forked later, too: called once, in the primary.
 *
 * @throws ConfigError in a worker, or when it was called before and not closed
 * @example
 * const { store } = serveClusterStore()
 */
export function serveClusterStore(options: ServeClusterStoreOptions = {}): ServedClusterStore {
  const cluster = clusterModule()
  const place: Place = { mistakes: new Mistakes(), path: 'serveClusterStore' }
  if (cluster.isWorker) {
    report(
      place,
      'contradiction',
      'answers the workers of a cluster, and this process is one of them.',
      'Call it in the primary, and clusterStore() here.',
    )
  } else if (isServing) {
    report(
      place,
      'duplicate_value',
      'answers already in this process.',
      'Call it once, before the workers are forked.',
    )
  }
  const read = readOptions(place, options, SERVER_READERS)
  place.mistakes.throwIfAny('serveClusterStore')
  const given = read?.store
  const store = given ?? memoryStore()
  // A worker that died in the meantime has nobody who waits.
  const hear = (worker: Worker, message: unknown): void =>
    answerFrom(store, message, (answer) => sendTo(worker, answer, () => undefined))
  cluster.on('message', hear)
  isServing = true
  let isOpen = true
  return {
    store,
    async close() {
      if (!isOpen) return
      isOpen = false
      isServing = false
      cluster.off('message', hear)
      if (given === undefined) await store.close()
    },
  }
}

/** The way of a worker to its primary. Whether that keeps the worker alive is the application's to say, and node's (REQ-17). */
function channelOf(worker: Worker): ClientChannel {
  return {
    isOpen: () => worker.isConnected(),
    send: (message, done) => sendTo(worker, message, done),
    onMessage(hear) {
      worker.on('message', hear)
      return () => worker.off('message', hear)
    },
    onEnd(hear) {
      worker.on('disconnect', hear)
      return () => worker.off('disconnect', hear)
    },
  }
}

/** Sends, and never throws: with no callback, what goes wrong would be an event that ends the process. */
function sendTo(worker: Worker, message: object, done: (error: Error | null) => void): void {
  try {
    worker.send(message, undefined, done)
  } catch (error) {
    done(error instanceof Error ? error : new TypeError('The message cannot be sent'))
  }
}
