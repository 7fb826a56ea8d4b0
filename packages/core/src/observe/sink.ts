import type { EventOutcome, Observer, SecurityEvent } from '../contract/event.ts'
import { type StartTimer, startTimer } from '../lib/timer.ts'
import { type LossesTold, tellLosses } from './losses-told.ts'

/** How many events there were of each outcome. */
export type OutcomeCounts = Readonly<Record<EventOutcome, number>>

/** What may lose events, and counts them. */
export interface Lossy {
  /** How many events were lost so far: there was no room, or where they go failed. */
  readonly dropped: () => number
  /** The same by outcome. */
  readonly droppedByOutcome: () => OutcomeCounts
}

/** An observer that may lose events, and counts them. */
export interface LossyObserver extends Observer, Lossy {}

/** Where events go, with a queue before it: what is told is dropped and counted rather than waited for. */
export interface Sink extends Lossy {
  /** Hears events: hand it to `observe`. */
  readonly observe: Observer
  /** Hands on what waits, for five seconds at most, and takes nothing more. Idempotent, never rejects. */
  readonly close: () => Promise<void>
}

/** Counts events by outcome. */
export class Tally {
  readonly #counts: Record<EventOutcome, number> = {
    allowed: 0,
    refused: 0,
    'would-refuse': 0,
    answered: 0,
    warning: 0,
  }
  #total = 0

  get total(): number {
    return this.#total
  }

  add(events: readonly SecurityEvent[]): void {
    for (const { outcome } of events) this.#counts[outcome]++
    this.#total += events.length
  }

  counts(): OutcomeCounts {
    return { ...this.#counts }
  }
}

/** Warns of a sink. */
export function emitWarning(message: string): void {
  process.emitWarning(message, { code: 'GATEHOUSE_SINK' })
}

/** What tells of losses runs on; a test replaces it. */
export interface LossesAmbient {
  readonly startTimer?: StartTimer
  readonly warn?: (message: string) => void
}

/** Counts what was lost, and tells it in a process warning: the first at once, and no more than once a minute. */
export class Losses implements Lossy {
  readonly #tally = new Tally()
  readonly #told: LossesTold

  /** @param name what warnings call the sink: no path and no URL, which may be a secret */
  constructor(name: string, { startTimer: start = startTimer, warn = emitWarning }: LossesAmbient = {}) {
    this.#told = tellLosses((count) => {
      const lost = count === 1 ? 'an event' : `${count} events`
      warn(`${name} has lost ${lost}. Requests are not affected.`)
    }, start)
  }

  readonly dropped = (): number => this.#tally.total
  readonly droppedByOutcome = (): OutcomeCounts => this.#tally.counts()

  /** Notes that these were lost. */
  note(events: readonly SecurityEvent[]): void {
    if (events.length === 0) return
    this.#tally.add(events)
    this.#told.note(events.length, '')
  }

  /** Tells what was not told yet, when nothing more comes. */
  flush(): void {
    this.#told.flush()
  }
}

/**
 * Whether an event makes room for others: of a request that got through, or of a preflight that was answered, which anybody
 * can send as many of. A login that went well is `allowed`, too, and is for the audit.
 */
export function isMinor({ outcome, kind }: SecurityEvent): boolean {
  return kind === 'request.allowed' || outcome === 'answered'
}

/** What JSON leaves as it is, and some reader takes for the end of a line or the begin of an order to a terminal. */
const BREAKS = /[\u007f-\u009f\u2028\u2029]/g

/**
 * One event as a line of JSON. What a client chose is escaped in it already, so that a line is one line (LOG-03); an event
 * may come from somewhere else.
 */
export function lineOf(event: SecurityEvent): string {
  const line = JSON.stringify(event).replace(
    BREAKS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${line}\n`
}
