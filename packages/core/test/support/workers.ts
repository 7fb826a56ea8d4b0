import { AdaptiveLimit, type AdaptiveBounds } from '../../src/limiting/adaptive.ts'

/** What a phase of a simulation says; the rest stays as it was. */
export interface Phase {
  /** How long it lasts. */
  readonly ms: number
  /** How many requests are worked on at once: more of them wait in a queue behind the limit. This is the optimum. */
  readonly workers?: number
  /** How long one is worked on: a mean where `spread` is set. */
  readonly serviceMs?: number
  /** Requests per second. */
  readonly load?: number
}

/** What became of a phase. */
export interface Seen {
  /** The least and the most that the limit was, in the last half of the phase. */
  readonly least: number
  readonly most: number
  /** How many requests per second were answered in that time. */
  readonly answered: number
  /** The median of what they took, in milliseconds. */
  readonly median: number
}

interface Request {
  readonly startedAt: number
}

/** A server that is simulated. */
export interface Workers {
  readonly limit: AdaptiveLimit
  /** Lets a phase pass. */
  readonly run: (phase: Phase) => Seen
}

/**
 * A server of some workers and one queue behind an adaptive limit, moved by a clock of its own: the same every time.
 *
 * @param spread whether service times are exponential, and arrivals at random, by a fixed seed
 */
export function workers(bounds: AdaptiveBounds, spread = false): Workers {
  const limit = new AdaptiveLimit(bounds)
  const random = seeded()
  const queue: Request[] = []
  /** Requests that are worked on, and until when. */
  const working: { readonly request: Request; readonly until: number }[] = []
  let now = 0
  let count = 1
  let serviceMs = 50
  let load = 0
  let nextArrival = 0

  const vary = (mean: number): number => (spread ? -mean * Math.log(1 - random()) : mean)

  function begin(): void {
    while (queue.length > 0 && working.length < count) {
      const request = queue.shift()
      if (request !== undefined) working.push({ request, until: now + vary(serviceMs) })
    }
  }

  return {
    limit,
    run(phase: Phase): Seen {
      count = phase.workers ?? count
      serviceMs = phase.serviceMs ?? serviceMs
      if (phase.load !== undefined) {
        load = phase.load
        nextArrival = now
      }
      const end = now + phase.ms
      const half = now + phase.ms / 2
      let least = Infinity
      let most = 0
      const took: number[] = []
      for (;;) {
        let done = -1
        for (const [index, one] of working.entries())
          if (done < 0 || one.until < (working[done]?.until ?? 0)) done = index
        const doneAt = working[done]?.until ?? Infinity
        const at = Math.min(doneAt, nextArrival)
        if (at >= end) break
        now = at
        if (doneAt <= nextArrival) {
          const [one] = working.splice(done, 1)
          if (one === undefined) break
          limit.release(one.request.startedAt, now, 'sample')
          if (now >= half) took.push(now - one.request.startedAt)
        } else {
          nextArrival = now + vary(1000 / load)
          if (limit.take(now)) queue.push({ startedAt: now })
        }
        begin()
        if (now >= half) {
          least = Math.min(least, limit.limit)
          most = Math.max(most, limit.limit)
        }
      }
      now = end
      took.sort((a, b) => a - b)
      return {
        least,
        most,
        answered: (took.length / phase.ms) * 2000,
        median: took[took.length >> 1] ?? 0,
      }
    },
  }
}

/** Mulberry32: small, and the same everywhere. */
function seeded(): () => number {
  let state = 42
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
