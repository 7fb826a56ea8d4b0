import type { IntervalHistogram } from 'node:perf_hooks'
import { performanceModule } from '../../lib/builtins.ts'
import type { Clock } from '../../lib/clock.ts'

/** How late the event loop was, in seconds. */
export interface LoopDelays {
  /** On average: what steady work costs every request. */
  readonly mean: number
  /** Half of the looks at the loop found it no later than this. */
  readonly p50: number
  /** One look of a hundred found it later than this. */
  readonly p99: number
  /** The longest that anything has kept it, within the window. */
  readonly max: number
}

/** Makes the histogram of node; a test makes another. */
export type Monitor = () => Pick<
  IntervalHistogram,
  'enable' | 'disable' | 'reset' | 'mean' | 'max' | 'percentile'
>

/** Over how long it is measured at least, so that several readers see the same and none takes it from another. */
const WINDOW_MS = 10_000

/** How often node looks, in milliseconds: what is that late is not late at all. */
const RESOLUTION_MS = 10

/**
 * How late the event loop is, from when somebody first asks until {@link LoopDelayMonitor.close}: the last window that is
 * over, or the first as far as it has come. A window is over when somebody asks after its time: who asks once a minute gets
 * all of the minute.
 */
export class LoopDelayMonitor {
  readonly #clock: Clock
  readonly #make: Monitor
  #histogram: ReturnType<Monitor> | undefined = undefined
  #since = 0
  #last: LoopDelays | undefined = undefined
  #closed = false

  constructor(clock: Clock, make: Monitor = monitorLoop) {
    this.#clock = clock
    this.#make = make
  }

  /** `undefined` until there is something to tell. */
  read(): LoopDelays | undefined {
    if (this.#closed) return undefined
    const now = this.#clock.monotonic()
    if (this.#histogram === undefined) {
      this.#histogram = this.#make()
      // Its timer keeps no process alive.
      this.#histogram.enable()
      this.#since = now
      return undefined
    }
    if (now - this.#since >= WINDOW_MS) {
      this.#last = delaysOf(this.#histogram)
      this.#histogram.reset()
      this.#since = now
    }
    return this.#last ?? delaysOf(this.#histogram)
  }

  close(): void {
    this.#closed = true
    this.#histogram?.disable()
  }
}

/** The histogram of node. */
function monitorLoop(): ReturnType<Monitor> {
  return performanceModule().monitorEventLoopDelay({ resolution: RESOLUTION_MS })
}

/** It measures the time between two looks, in nanoseconds, and not what of it was late. */
function delaysOf(histogram: ReturnType<Monitor>): LoopDelays | undefined {
  // Nothing was measured yet.
  if (!Number.isFinite(histogram.mean)) return undefined
  const late = (nanoseconds: number): number => Math.max(nanoseconds / 1e9 - RESOLUTION_MS / 1e3, 0)
  return {
    mean: late(histogram.mean),
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  }
}
