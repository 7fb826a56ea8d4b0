import type { Observer, SecurityEvent } from '../contract/event.ts'
import { type Clock, systemClock } from '../lib/clock.ts'

/** Where events go, with a queue before it: what is told is dropped and counted rather than waited for. */
export interface Sink {
  /** Hears events: hand it to `observe`. */
  readonly observe: Observer
  /** How many events were lost so far: there was no room, or where they go failed. */
  readonly dropped: () => number
  /** Hands on what waits, for five seconds at most, and takes nothing more. Idempotent, never rejects. */
  readonly close: () => Promise<void>
}

/** How long what was lost is not told again. */
const QUIET_MS = 60_000

function emitWarning(message: string): void {
  process.emitWarning(message, { code: 'GATEHOUSE_SINK' })
}

/** Counts what was lost, and tells it in a process warning: the first at once, and no more than once a minute. */
export class Losses {
  readonly #name: string
  readonly #clock: Clock
  readonly #warn: (message: string) => void
  #total = 0
  #untold = 0
  #quietUntil = -Infinity

  /** @param name what warnings call the sink: no path and no URL, which may be a secret */
  constructor(name: string, clock: Clock = systemClock, warn: (message: string) => void = emitWarning) {
    this.#name = name
    this.#clock = clock
    this.#warn = warn
  }

  get total(): number {
    return this.#total
  }

  /** Notes that so many were lost. */
  note(count: number): void {
    if (count === 0) return
    this.#total += count
    this.#untold += count
    const now = this.#clock.monotonic()
    if (now < this.#quietUntil) return
    this.#quietUntil = now + QUIET_MS
    const lost = this.#untold === 1 ? 'an event' : `${this.#untold} events`
    this.#warn(`${this.#name} has lost ${lost}. Requests are not affected.`)
    this.#untold = 0
  }
}

/** The part of a queue that is for events of requests that got through: a flood of them must not drown a refusal. */
const SHARE_OF_ALLOWED = 0.75

/** Events that wait: so many, and no more. */
export class Backlog {
  readonly #capacity: number
  #events: SecurityEvent[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#events.length
  }

  /** Takes an event; `false` when there is no room for it. */
  push(event: SecurityEvent): boolean {
    const room = event.outcome === 'allowed' ? this.#capacity * SHARE_OF_ALLOWED : this.#capacity
    if (this.#events.length >= room) return false
    this.#events.push(event)
    return true
  }

  /** Gives the oldest, no more than `max` of them. */
  take(max: number): readonly SecurityEvent[] {
    return this.#events.splice(0, max)
  }
}

/** One event as a line of JSON. What a client chose is escaped in it already, so that a line is one line (LOG-03). */
export function lineOf(event: SecurityEvent): string {
  return `${JSON.stringify(event)}\n`
}
