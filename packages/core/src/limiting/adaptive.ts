/*
 * How many requests a server can work on at once, found out by itself.
 *
 * The gradient of Netflix' concurrency-limits and of Envoy's adaptive concurrency filter: as long as requests take no
 * longer than they do on an idle server the limit grows; when they take longer there is a queue somewhere behind, and the
 * limit shrinks by as much. What a request takes on an idle server is the least that was seen lately, as BBR knows the
 * length of its path: when that is too long ago, and the server was busy all the while, half the limit for a moment drains
 * the queue and shows it anew.
 */

/** Between these two it stays. */
export interface AdaptiveBounds {
  /** Where it begins, and what is let through however slow everything is. */
  readonly min: number
  readonly max: number
}

/** A decision needs this many samples, or as many as the limit is, and this much time. */
const WINDOW_SAMPLES = 50
const WINDOW_MS = 100
/** Of a window with more samples, the last ones count. */
const MAX_SAMPLES = 256
/** How much longer than on an idle server a request may take before the limit shrinks. */
const TOLERANCE = 1.5
/** How much of a lower median is believed at once: the least of many that vary would be far below what is usual. */
const SMOOTHING = 0.2
/** How long the least is believed, and how long a look for a new one may take. */
export const BASELINE_MS = 10_000

/** A limit that follows what the server can do. It has no timer: it is decided by requests that end. */
export class AdaptiveLimit {
  readonly #bounds: AdaptiveBounds
  #limit: number
  #inFlight = 0
  /** The most that was under way in this window. */
  #peak = 0
  readonly #samples = new Float64Array(MAX_SAMPLES)
  #count = 0
  #windowStart = 0
  /** What a request takes on an idle server, as far as is known, and since when. */
  #baseline: number | undefined = undefined
  #baselineAt = 0
  /** The limit to go back to, while half of it looks for a new baseline. */
  #probing: { readonly restore: number; readonly since: number; drained: boolean } | undefined = undefined

  constructor(bounds: AdaptiveBounds) {
    this.#bounds = bounds
    // From below: the first baseline is measured while there can be no queue.
    this.#limit = bounds.min
  }

  /** How many may be under way now. */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Takes a permit; gives whether there was one. */
  take(now: number): boolean {
    this.#giveUpProbe(now)
    if (this.#inFlight >= this.limit) {
      this.#peak = Math.max(this.#peak, this.#inFlight)
      return false
    }
    this.#inFlight++
    this.#peak = Math.max(this.#peak, this.#inFlight)
    return true
  }

  /**
   * Gives a permit back.
   *
   * @param startedAt when it was taken
   * @param says what the time that it took tells: `sample` for a request that was answered, `at-least` for one that was
   * given up, which would have taken longer, `nothing` for one that was refused, or failed
   */
  release(startedAt: number, now: number, says: 'sample' | 'at-least' | 'nothing'): void {
    this.#inFlight--
    const took = now - startedAt
    if (this.#probing?.drained === false) {
      if (this.#inFlight > this.limit) return
      this.#probing.drained = true
      this.#beginWindow(now)
    }
    // What began under another limit tells nothing of this one.
    if (startedAt < this.#windowStart) return
    // Clients that give up first would otherwise hide that the rest waits too long.
    const counts =
      says === 'sample' || (says === 'at-least' && took > TOLERANCE * (this.#baseline ?? Infinity))
    if (!counts) return
    this.#samples[this.#count++ % MAX_SAMPLES] = took
    if (this.#count >= Math.max(WINDOW_SAMPLES, this.#limit) && now - this.#windowStart >= WINDOW_MS)
      this.#closeWindow(now)
  }

  #closeWindow(now: number): void {
    // A median: neither one slow client nor one fast route moves it.
    const seen = this.#samples.subarray(0, Math.min(this.#count, MAX_SAMPLES)).sort()
    const median = Math.max(seen[seen.length >> 1] ?? 0, Number.MIN_VALUE)
    const busy = 2 * this.#peak >= this.#limit
    this.#beginWindow(now)
    if (this.#probing !== undefined) {
      this.#limit = this.#probing.restore
      this.#probing = undefined
      this.#believe(median, now)
      return
    }
    const baseline = this.#baseline ?? median
    const stale = now - this.#baselineAt >= BASELINE_MS
    // Long ago, or the server has become much faster. Without a queue, every window shows what an idle server takes.
    if (busy && this.#limit > this.#bounds.min && (stale || TOLERANCE * median < baseline)) {
      this.#probe(now)
      return
    }
    if (this.#baseline === undefined || stale) this.#believe(median, now)
    else if (!busy) this.#believe(baseline + SMOOTHING * (median - baseline), now)
    else if (median < baseline) this.#baseline = baseline + SMOOTHING * (median - baseline)
    this.#adjust((TOLERANCE * (this.#baseline ?? median)) / median, busy)
    // At its least there is no queue that could be shorter: so long does it take now.
    if (median > TOLERANCE * (this.#baseline ?? median) && this.#limit === this.#bounds.min)
      this.#believe(median, now)
  }

  /** @param ratio what a request may take, to what it does */
  #adjust(ratio: number, busy: boolean): void {
    const gradient = Math.min(1, Math.max(0.5, ratio))
    // The nearer to what is allowed, the smaller the steps: so it comes to rest before.
    const slack = Math.min(1, Math.max(0, (ratio - 1) / (TOLERANCE - 1)))
    const next = this.#limit * gradient + Math.sqrt(this.#limit) * slack
    // A server with little to do says nothing of how much it could.
    const grown = busy ? next : Math.min(next, this.#limit)
    this.#limit = Math.min(this.#bounds.max, Math.max(this.#bounds.min, grown))
  }

  #believe(baseline: number, now: number): void {
    this.#baseline = baseline
    this.#baselineAt = now
  }

  #probe(now: number): void {
    this.#probing = { restore: this.#limit, since: now, drained: false }
    this.#limit = Math.max(this.#bounds.min, this.#limit / 2)
  }

  /** Responses that stream for long may never let it drain. */
  #giveUpProbe(now: number): void {
    if (this.#probing === undefined || now - this.#probing.since < BASELINE_MS) return
    this.#limit = this.#probing.restore
    this.#probing = undefined
    this.#baselineAt = now
    this.#beginWindow(now)
  }

  #beginWindow(now: number): void {
    this.#windowStart = now
    this.#count = 0
    this.#peak = this.#inFlight
  }
}
