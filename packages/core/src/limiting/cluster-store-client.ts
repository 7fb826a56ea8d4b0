import type { Adjustment, Charge, Outcome, Store } from '../contract/store.ts'
import { randomId } from '../lib/digest.ts'
import type { StartTimer } from '../lib/timer.ts'
import { type Answer, type Call, type Method, question, readReply } from './cluster-store-messages.ts'

/** The way from a worker to its primary. */
export interface ClientChannel {
  readonly isOpen: () => boolean
  /** Sends; `done` hears when it has left this process, or that it could not. */
  readonly send: (message: object, done: (error: Error | null) => void) => void
  /** Hears every message until what it returns is called. */
  readonly onMessage: (hear: (message: unknown) => void) => () => void
  /** Hears that the way has ended, until what it returns is called. */
  readonly onEnd: (hear: () => void) => () => void
}

/** What a client is made with. */
export interface ClientOptions {
  readonly prefix: string
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number
  /** The most calls that wait for their answers. */
  readonly maxPending: number
  readonly startTimer: StartTimer
}

/** Calls that were sent as one message. */
interface Batch {
  readonly calls: Call[]
  /** How many of them wait. */
  waiting: number
  /** Stops its timer. */
  cancel: () => void
}

interface Waiting {
  readonly batch: Batch
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Thrown for a call that the primary did not answer. */
export class ClusterStoreFailure extends Error {
  override readonly name = 'ClusterStoreFailure'
}

/** The kinds of error that the contract of a store tells apart. */
const KINDS: ReadonlyMap<string, ErrorConstructor> = new Map<string, ErrorConstructor>([
  ['RangeError', RangeError],
  ['TypeError', TypeError],
])

/** The store of the primary, asked over a channel: the calls of one turn of the event loop are one message. */
export class ClusterStoreClient implements Store {
  readonly name = 'cluster'
  readonly #channel: ClientChannel
  readonly #options: ClientOptions
  readonly #self = randomId()
  readonly #waiting = new Map<number, Waiting>()
  readonly #releases: readonly (() => void)[]
  /** The calls of this turn. */
  #batch: Batch | undefined = undefined
  /** Calls that were handed to the channel and have not left this process: the primary does not read. */
  #unsent = 0
  #lastId = 0
  #isClosed = false

  constructor(channel: ClientChannel, options: ClientOptions) {
    this.#channel = channel
    this.#options = options
    this.#releases = [
      channel.onMessage((message) => this.#hear(message)),
      channel.onEnd(() => this.#failAll('The primary is gone')),
    ]
  }

  take(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    return this.#ask('take', [this.#prefixed(charges)])
  }

  peek(charges: readonly Charge[]): Promise<readonly Outcome[]> {
    return this.#ask('peek', [this.#prefixed(charges)])
  }

  adjust(adjustments: readonly Adjustment[]): Promise<readonly Outcome[]> {
    return this.#ask('adjust', [this.#prefixed(adjustments)])
  }

  block(keys: readonly string[], ms: number): Promise<void> {
    return this.#ask('block', [this.#keys(keys), ms])
  }

  reset(keys: readonly string[]): Promise<void> {
    return this.#ask('reset', [this.#keys(keys)])
  }

  add(key: string, value: string, ttlMs: number): Promise<boolean> {
    return this.#ask('add', [this.#key(key), value, ttlMs])
  }

  async read(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const records = await this.#ask<readonly (string | null | undefined)[]>('read', [this.#keys(keys)])
    // JSON, which is what channels speak unless they are told otherwise, has no undefined.
    return records.map((record) => record ?? undefined)
  }

  write(key: string, value: string, ttlMs: number): Promise<void> {
    return this.#ask('write', [this.#key(key), value, ttlMs])
  }

  remove(key: string): Promise<boolean> {
    return this.#ask('remove', [this.#key(key)])
  }

  close(): void {
    this.#isClosed = true
    for (const release of this.#releases) release()
    this.#failAll('The store is closed')
  }

  #ask<T>(method: Method, args: readonly unknown[]): Promise<T> {
    if (this.#isClosed) return failed('The store is closed')
    if (!this.#channel.isOpen()) return failed('The primary is gone')
    if (Math.max(this.#waiting.size, this.#unsent) >= this.#options.maxPending)
      return failed('Too many calls wait for the primary')
    return new Promise<T>((resolve, reject) => {
      const id = ++this.#lastId
      const batch = (this.#batch ??= this.#begin())
      batch.waiting++
      batch.calls.push([id, method, args])
      this.#waiting.set(id, { batch, resolve: resolve as Waiting['resolve'], reject })
    })
  }

  /** A turn and not a microtask: requests that came in together are handled in one turn, each in a callback of its own. */
  #begin(): Batch {
    const batch: Batch = { calls: [], waiting: 0, cancel: () => undefined }
    setImmediate(() => {
      this.#batch = undefined
      if (batch.waiting > 0) this.#send(batch)
    })
    return batch
  }

  #send(batch: Batch): void {
    const { calls } = batch
    const fail = (reason: string): void => {
      for (const [id] of calls) this.#settle(id)?.reject(new ClusterStoreFailure(reason))
    }
    batch.cancel = this.#options.startTimer(this.#options.timeoutMs, () =>
      fail('The primary did not answer in time; it answers after serveClusterStore()'),
    )
    this.#unsent += calls.length
    this.#channel.send(question(this.#self, calls), (error) => {
      this.#unsent -= calls.length
      if (error !== null) fail('The primary cannot be reached')
    })
  }

  #hear(message: unknown): void {
    const reply = readReply(message)
    if (reply?.to !== this.#self) return
    for (const answer of reply.answers) this.#answered(answer)
  }

  #answered([id, value, kind, message]: Answer): void {
    // An answer that came too late has nobody who waits for it.
    const waiting = this.#settle(id)
    if (kind === undefined) waiting?.resolve(value)
    else waiting?.reject(new (KINDS.get(kind) ?? ClusterStoreFailure)(message))
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return undefined
    this.#waiting.delete(id)
    if (--waiting.batch.waiting === 0) waiting.batch.cancel()
    return waiting
  }

  #failAll(reason: string): void {
    for (const id of this.#waiting.keys()) this.#settle(id)?.reject(new ClusterStoreFailure(reason))
  }

  #prefixed<T extends { readonly key: string }>(items: readonly T[]): readonly T[] {
    return this.#options.prefix === '' ? items : items.map((item) => ({ ...item, key: this.#key(item.key) }))
  }

  #keys(keys: readonly string[]): readonly string[] {
    return this.#options.prefix === '' ? keys : keys.map((key) => this.#key(key))
  }

  #key(key: string): string {
    return this.#options.prefix + key
  }
}

function failed(reason: string): Promise<never> {
  return Promise.reject(new ClusterStoreFailure(reason))
}
