import type { Clock } from '../lib/clock.ts'
import type { StartTimer } from '../lib/timer.ts'

/** How often it is measured. */
export const TICK_MS = 50
/** How fast the average follows: one pause of the collector is no load, a second of it is. */
const SMOOTHING_MS = 500

/**
 * How late the event loop is, in milliseconds: a moving average of how much later than asked a timer rings.
 *
 * The timer keeps no process alive, and runs only while somebody asks. `perf_hooks.monitorEventLoopDelay` measures the
 * same, but as a histogram of all that was since its start.
 */
export class LoopDelay {
  readonly #clock: Clock
  readonly #startTimer: StartTimer
  #average = 0
  #measuredAt = 0
  #due = 0
  #cancel: (() => void) | undefined = undefined
  #asked = false
  #closed = false

  constructor(clock: Clock, startTimer: StartTimer) {
    this.#clock = clock
    this.#startTimer = startTimer
  }

  /** The delay now. */
  read(): number {
    if (this.#closed) return 0
    const now = this.#clock.monotonic()
    this.#asked = true
    if (this.#cancel === undefined) {
      this.#measuredAt = now
      this.#arm(now)
      return this.#average
    }
    // A tick that is overdue says as much already: requests that one turn of the loop reads do not wait for it.
    return now - this.#due > this.#average ? this.#averageAt(now) : this.#average
  }

  /** Stops the timer for good. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #arm(now: number): void {
    this.#asked = false
    this.#due = now + TICK_MS
    this.#cancel = this.#startTimer(TICK_MS, () => this.#tick())
  }

  #tick(): void {
    if (this.#closed) return
    const now = this.#clock.monotonic()
    this.#average = this.#averageAt(now)
    this.#measuredAt = now
    this.#cancel = undefined
    if (this.#asked || this.#average >= 1) this.#arm(now)
    else this.#average = 0
  }

  /** What counts is how long the loop was late, not how often that was seen. */
  #averageAt(now: number): number {
    const late = Math.max(now - this.#due, 0)
    const weight = 1 - Math.exp((this.#measuredAt - now) / SMOOTHING_MS)
    return this.#average + (late - this.#average) * weight
  }
}
