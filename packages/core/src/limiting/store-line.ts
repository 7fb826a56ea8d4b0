import type { Warning } from '../contract/check.ts'
import type { Adjustment, Charge, Counters, Outcome, StoreCall } from '../contract/store.ts'
import type { Clock } from '../lib/clock.ts'
import { isPromiseLike } from '../lib/promise.ts'
import type { StartTimer } from '../lib/timer.ts'

/** What a line is made with. */
export interface LineOptions {
  /** How long a call may take, in milliseconds. */
  readonly deadlineMs: number
  readonly clock: Clock
  readonly startTimer: StartTimer
  /** Hears how long each call took, and whether it was answered; without it nothing is measured. */
  readonly onCall?: (ms: number, isAnswered: boolean) => void
}

/** Failures in a row after which a store is left alone. */
const MAX_FAILURES = 5

/** For how long it is left alone at first, and at the longest: each try that fails doubles it. */
const FIRST_REST = 1_000
const LONGEST_REST = 30_000

/** Thrown for a call that was not made, or not answered in time. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
}

/** A call that is on its way, with a signal that is made when the store asks for it. */
class LineCall implements StoreCall {
  #controller: AbortController | undefined = undefined
  #failure: StoreFailure | undefined = undefined

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#failure !== undefined) this.#controller.abort(this.#failure)
    return this.#controller.signal
  }

  abort(failure: StoreFailure): void {
    this.#failure = failure
    this.#controller?.abort(failure)
  }
}

/**
 * The way to the counters of a store: it gives up on a call after a deadline, and on a store that keeps failing for a
 * time, after which one call at a time tries again (RL-21). What becomes of a request then is for its limits to say.
 */
export class StoreLine implements Counters {
  readonly #store: Counters
  readonly #options: LineOptions
  #failures = 0
  /** `undefined` while the store answers; else until when it is left alone. */
  #restsUntil: number | undefined = undefined
  #restMs = FIRST_REST
  #isTrying = false
  /** For the next call: one that was answered at once has no use for its own. */
  #spare: LineCall | undefined = undefined
  #change: Warning | undefined = undefined

  constructor(store: Counters, options: LineOptions) {
    this.#store = store
    this.#options = options
  }

  /** Milliseconds until the store is asked again; 0 while it answers. */
  get restMs(): number {
    return this.#restsUntil === undefined ? 0 : Math.max(this.#restsUntil - this.#now(), 0)
  }

  /** Whether it answers: it is not left alone after failures. */
  get isUp(): boolean {
    return this.#restsUntil === undefined
  }

  /** What has changed about the store since this was asked last: told once, by whoever asks first. */
  takeChange(): Warning | undefined {
    const change = this.#change
    this.#change = undefined
    return change
  }

  take(charges: readonly Charge[]): readonly Outcome[] | Promise<readonly Outcome[]> {
    return this.#call(charges, takeFrom)
  }

  peek(charges: readonly Charge[]): readonly Outcome[] | Promise<readonly Outcome[]> {
    return this.#call(charges, (store, given, call) => store.peek(given, call))
  }

  adjust(adjustments: readonly Adjustment[]): readonly Outcome[] | Promise<readonly Outcome[]> {
    return this.#call(adjustments, (store, given) => store.adjust(given))
  }

  block(keys: readonly string[], ms: number): void | Promise<void> {
    return this.#call(keys, (store, given) => store.block(given, ms))
  }

  reset(keys: readonly string[]): void | Promise<void> {
    return this.#call(keys, (store, given) => store.reset(given))
  }

  #call<G, T>(given: G, ask: (store: Counters, given: G, call: StoreCall) => T | Promise<T>): T | Promise<T> {
    const isTry = this.#restsUntil !== undefined
    if (isTry) this.#tryAgain()
    const call = this.#spare ?? new LineCall()
    this.#spare = undefined
    const startedAt = this.#options.onCall === undefined ? 0 : this.#now()
    let answer: T | Promise<T>
    try {
      answer = ask(this.#store, given, call)
    } catch (error) {
      this.#fail(isTry)
      this.#measure(startedAt, false)
      throw error
    }
    if (isPromiseLike(answer)) return this.#wait(answer, isTry, call, startedAt)
    this.#spare = call
    this.#succeed()
    this.#measure(startedAt, true)
    return answer
  }

  /** One call at a time finds out whether a store that was left alone answers again. */
  #tryAgain(): void {
    if (this.#isTrying || this.restMs > 0) throw new StoreFailure('The store is left alone')
    this.#isTrying = true
  }

  #measure(startedAt: number, isAnswered: boolean): void {
    this.#options.onCall?.(this.#now() - startedAt, isAnswered)
  }

  #wait<T>(answer: PromiseLike<T>, isTry: boolean, call: LineCall, startedAt: number): Promise<T> {
    return new Promise((resolve, reject) => {
      let isOver = false
      const fail = (error: unknown): void => {
        if (isOver) return
        isOver = true
        cancel()
        this.#fail(isTry)
        this.#measure(startedAt, false)
        reject(error instanceof Error ? error : new StoreFailure('The store rejected', { cause: error }))
      }
      const cancel = this.#options.startTimer(this.#options.deadlineMs, () => {
        const failure = new StoreFailure('The store did not answer in time')
        fail(failure)
        call.abort(failure)
      })
      answer.then((value) => {
        if (isOver) return
        isOver = true
        cancel()
        this.#succeed()
        this.#measure(startedAt, true)
        resolve(value)
      }, fail)
    })
  }

  #succeed(): void {
    this.#failures = 0
    if (this.#restsUntil === undefined) return
    this.#restsUntil = undefined
    this.#restMs = FIRST_REST
    this.#isTrying = false
    this.#change = { kind: 'store.up', reason: 'The store of the limits answers again.', every: true }
  }

  #fail(isTry: boolean): void {
    this.#failures++
    if (this.#restsUntil === undefined) {
      if (this.#failures < MAX_FAILURES) return
      const reason = `The store of the limits failed ${MAX_FAILURES} times in a row: it is left alone for a while.`
      this.#change = { kind: 'store.down', reason, every: true }
    } else if (!isTry) {
      // Calls that were under way when it was given up say nothing new.
      return
    } else {
      this.#isTrying = false
      this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST)
    }
    this.#restsUntil = this.#now() + this.#restMs
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }
}

/** Not a closure of the call, since every request makes it. */
function takeFrom(
  store: Counters,
  charges: readonly Charge[],
  call: StoreCall,
): readonly Outcome[] | Promise<readonly Outcome[]> {
  return store.take(charges, call)
}
