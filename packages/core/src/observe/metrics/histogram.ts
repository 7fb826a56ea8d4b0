/** A histogram as it stands: plain data. */
export interface HistogramState {
  /** How many values there were. */
  readonly count: number
  /** Their sum, in seconds. */
  readonly sum: number
  /** How many of them were at most as large as the bound of the same index; the rest is above the last bound. */
  readonly buckets: readonly number[]
}

/**
 * The upper bounds, in seconds. They are those that OpenTelemetry advises for `http.server.request.duration`, so that both
 * tell the same, and two below them, since a store or a refusal takes less than 5 milliseconds.
 */
export const BOUNDS: readonly number[] = Object.freeze([
  0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
])

/** Counts durations by size. */
export class Histogram {
  /** By bucket, not yet summed up; the last one is for what is above every bound. */
  readonly #counts: number[] = Array.from({ length: BOUNDS.length + 1 }, () => 0)
  #sum = 0

  add(seconds: number): void {
    let index = 0
    while (index < BOUNDS.length && seconds > (BOUNDS[index] ?? Infinity)) index++
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum += seconds
  }

  state(): HistogramState {
    let count = 0
    const sums = this.#counts.map((each) => (count += each))
    return { count, sum: this.#sum, buckets: sums.slice(0, -1) }
  }
}
