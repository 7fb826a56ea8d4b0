import { randomBytes } from 'node:crypto'
import { type StartTimer, startTimer } from '../lib/timer.ts'
import { Backlog } from './backlog.ts'
import { tellLosses } from './losses-told.ts'

/** What became of one attempt to hand something over. */
export type Sent =
  | {
      /** It has it. */
      readonly type: 'sent'
    }
  | {
      /** It does not want it, and will not want it later. */
      readonly type: 'refused'
      /** Why, for a warning: no secret, and so no URL. */
      readonly reason: string
    }
  | {
      /** It may want it later: it is tried again as often as the rules of the delivery say. */
      readonly type: 'later'
      /** Why, for a warning if it never arrives: no secret, and so no URL. */
      readonly reason: string
      /** In how many milliseconds it wants to be asked again, ten minutes at most; `undefined` when it did not say. */
      readonly afterMs?: number | undefined
    }

/** One attempt. */
export interface Attempt {
  /** Names what is handed over: the same for every attempt, so that a receiver can tell that it had it before. */
  readonly id: string
  /** Aborts when it takes too long, or when the delivery is closed. */
  readonly signal: AbortSignal
}

/** Hands over. What it throws or rejects with counts as `later`; what it says is no secret. */
export type Send<T> = (items: readonly T[], attempt: Attempt) => Promise<Sent> | Sent

/** How much is kept, and how often and how long it is tried. */
export interface DeliveryRules {
  /** How a warning calls the receiver: no secret, and so no URL. */
  readonly name: string
  /** How many items wait at most; more are dropped, and counted. */
  readonly capacity: number
  /** How many items one attempt hands over at most. */
  readonly batch: number
  /** How often one batch is tried. */
  readonly attempts: number
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs: number
  /** How long it waits before the second attempt; twice that before the third, and so on. */
  readonly firstWaitMs: number
  /** How long it waits at most, unless the receiver asks for more: then up to ten minutes. */
  readonly longestWaitMs: number
  /** How long the first item waits for others that go with it, in milliseconds. */
  readonly gatherMs?: number
  /** How long {@link Delivery.close} goes on to hand over what waits. */
  readonly graceMs: number
}

/** What of the items matters. */
export interface DeliveryOf<T> {
  /** Whether an item makes room for others when there is none; none does where nothing is said. */
  readonly isMinor?: (item: T) => boolean
  /** Hears of each item that will not arrive, in whichever way it was lost. */
  readonly onLost?: (items: readonly T[]) => void
}

/** What nobody needs to say. */
export const DELIVERY_DEFAULTS: Omit<DeliveryRules, 'name'> = Object.freeze({
  capacity: 256,
  batch: 1,
  attempts: 6,
  timeoutMs: 10_000,
  firstWaitMs: 1_000,
  longestWaitMs: 60_000,
  graceMs: 5_000,
})

/** What a delivery runs on; a test moves it. */
export interface DeliveryAmbient {
  readonly startTimer: StartTimer
  /** From 0 to 1, without 1. */
  readonly random: () => number
  /** Tells that something was lost. */
  readonly warn: (message: string) => void
}

/** What was handed over, and what was not. */
export interface DeliveryCounts {
  readonly waiting: number
  readonly sent: number
  /** Never tried: there were too many, or it was closed. */
  readonly dropped: number
  /** Tried in vain. */
  readonly failed: number
}

/** A queue before a receiver that may hang, fail or be slow. */
export interface Delivery<T> {
  /** Takes an item, and does nothing else now. */
  readonly push: (item: T) => void
  readonly counts: () => DeliveryCounts
  /** Takes nothing more, and hands over what waits, for no longer than the grace. Idempotent, never rejects. */
  readonly close: () => Promise<void>
}

/** How long a receiver may ask to be left alone: it is asked again after that all the same. */
const LONGEST_ASKED_MS = 600_000

/** How many attempts that were given up may still be hanging before no further one is made. */
const MAX_HANGING = 8

const SENT: Sent = Object.freeze({ type: 'sent' })
const TIMED_OUT: Sent = Object.freeze({ type: 'later', reason: 'it took too long' })
const THREW: Sent = Object.freeze({ type: 'later', reason: 'it threw' })
const UNCLEAR: Sent = Object.freeze({ type: 'later', reason: 'it did not say what became of it' })
const HANGING: Sent = Object.freeze({ type: 'later', reason: 'earlier attempts are still hanging' })

/** What a {@link Send} gives for what has arrived. */
export const sent = (): Sent => SENT

function emitWarning(message: string): void {
  process.emitWarning(message, { code: 'GATEHOUSE_DELIVERY' })
}

/**
 * Puts a bounded queue before a receiver.
 *
 * One batch is under way at a time, and in order. It is tried again with growing waits, a random part of each, so that
 * many processes do not come back at once. What does not arrive is counted, and told in a process warning at most once a
 * minute: nothing is lost silently, and nothing waits for a receiver. No timer of it keeps the process alive but while it
 * is being closed.
 */
export function delivery<T>(
  rules: DeliveryRules & DeliveryOf<T>,
  send: Send<T>,
  ambient: Partial<DeliveryAmbient> = {},
): Delivery<T> {
  const { startTimer: start = startTimer, random = Math.random } = ambient
  const { warn = emitWarning } = ambient
  const losses = tellLosses(
    (count, why) => warn(`${count} not delivered to ${rules.name}: ${why}. Requests are not affected.`),
    start,
  )
  const waiting = new Backlog<T>(rules.capacity, rules.isMinor ?? (() => false))
  let delivered = 0
  let dropped = 0
  let failed = 0
  let hanging = 0
  let running: Promise<void> | undefined
  let closing: Promise<void> | undefined
  /** Ends what is being waited for, when it is closed and the grace is over. */
  const over = new AbortController()

  function push(item: T): void {
    if (closing !== undefined) return drop([item], 'it was closed')
    const lost = waiting.push(item)
    if (lost !== undefined) drop([lost], 'too many were waiting')
    // Not now: whoever pushes is told of events, and waits for nobody.
    running ??= new Promise((resolve) => start(rules.gatherMs ?? 0, () => void run().then(resolve)))
  }

  function drop(items: readonly T[], reason: string): void {
    dropped += items.length
    lose(items, reason)
  }

  function lose(items: readonly T[], reason: string): void {
    rules.onLost?.(items)
    losses.note(items.length, reason)
  }

  async function run(): Promise<void> {
    while (waiting.size > 0 && !over.signal.aborted) {
      const items = waiting.take(rules.batch)
      // oxlint-disable-next-line no-await-in-loop -- one batch at a time, and in order
      const outcome = await deliver(items)
      if (outcome.type === 'sent') {
        delivered += items.length
        continue
      }
      failed += items.length
      lose(items, outcome.reason)
    }
    running = undefined
  }

  async function deliver(items: readonly T[]): Promise<Sent> {
    const id = `msg_${randomBytes(15).toString('base64url')}`
    for (let attempt = 1; ; attempt++) {
      // oxlint-disable-next-line no-await-in-loop -- each attempt is made because the one before failed
      const outcome = await attemptOnce(items, id)
      if (outcome.type !== 'later' || attempt >= rules.attempts || over.signal.aborted) return outcome
      // oxlint-disable-next-line no-await-in-loop -- a pause is for the next attempt to wait
      await pause(waitBefore(attempt, outcome.afterMs))
    }
  }

  /** A receiver that says when to come back is not asked before, within a bound. */
  function waitBefore(attempt: number, afterMs = 0): number {
    const grown = Math.min(rules.longestWaitMs, rules.firstWaitMs * 2 ** (attempt - 1))
    const spread = Math.round(grown / 2 + (random() * grown) / 2)
    return Math.max(spread, Math.min(LONGEST_ASKED_MS, afterMs))
  }

  /** Resolves with what the receiver said, or that it was too late; never rejects. */
  function attemptOnce(items: readonly T[], id: string): Promise<Sent> {
    if (hanging >= MAX_HANGING) return Promise.resolve(HANGING)
    const abort = new AbortController()
    return new Promise((resolve) => {
      let isOver = false
      const settle = (outcome: Sent): void => {
        if (isOver) return
        isOver = true
        stop()
        over.signal.removeEventListener('abort', giveUp)
        resolve(outcome)
      }
      const giveUp = (): void => {
        settle(TIMED_OUT)
        abort.abort()
      }
      const stop = start(rules.timeoutMs, giveUp)
      over.signal.addEventListener('abort', giveUp)
      hanging++
      void ask(send, items, { id, signal: abort.signal }).then((outcome) => {
        hanging--
        settle(outcome)
      })
    })
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (over.signal.aborted) return resolve()
      const done = (): void => {
        stop()
        over.signal.removeEventListener('abort', done)
        resolve()
      }
      const stop = start(ms, done)
      over.signal.addEventListener('abort', done)
    })
  }

  async function finish(): Promise<void> {
    // Holds the process, for a moment: what was told last is often why it ends.
    let grace: NodeJS.Timeout | undefined
    const isLate = new Promise<void>((resolve) => {
      grace = setTimeout(() => {
        over.abort()
        // What was under way is counted first.
        setImmediate(resolve)
      }, rules.graceMs)
    })
    await Promise.race([running, isLate])
    clearTimeout(grace)
    const left = waiting.take(waiting.size)
    if (left.length > 0) drop(left, 'it was closed')
    losses.flush()
  }

  return {
    push,
    counts: () => ({ waiting: waiting.size, sent: delivered, dropped, failed }),
    close: () => (closing ??= finish()),
  }
}

/** Never rejects, and gives an answer whatever a receiver of somebody's own gives. */
async function ask<T>(send: Send<T>, items: readonly T[], attempt: Attempt): Promise<Sent> {
  try {
    const given: unknown = await send(items, attempt)
    return isSent(given) ? given : UNCLEAR
  } catch {
    return THREW
  }
}

function isSent(given: unknown): given is Sent {
  const { type } = (given ?? {}) as { readonly type?: unknown }
  return type === 'sent' || type === 'refused' || type === 'later'
}
