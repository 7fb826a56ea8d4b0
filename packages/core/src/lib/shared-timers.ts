import type { StartTimer } from './timer.ts'

/** A timer that runs, between those that were started before and after it. */
interface Running {
  readonly startedAt: number
  readonly ring: () => void
  before: Running | undefined
  after: Running | undefined
  isOver: boolean
}

/**
 * Timers of one length share one of the process's, which rings for the one that was started first: each request starts some
 * and stops nearly all of them, and to start and stop one of the process's costs as much as a check.
 *
 * @param start starts one of the process's
 * @param now its time, in milliseconds that do not go back
 */
export function sharedTimers(start: StartTimer, now: () => number): StartTimer {
  const byLength = new Map<number, (ring: () => void) => () => void>()
  return (ms, ring) => {
    let add = byLength.get(ms)
    if (add === undefined) byLength.set(ms, (add = timersOf(ms, start, now)))
    return add(ring)
  }
}

/** Timers of one length: whoever starts first rings first. */
function timersOf(ms: number, start: StartTimer, now: () => number): (ring: () => void) => () => void {
  let first: Running | undefined
  let last: Running | undefined
  let isStarted = false

  function remove(timer: Running): void {
    const { before, after } = timer
    timer.isOver = true
    if (before === undefined) first = after
    else before.after = after
    if (after === undefined) last = before
    else after.before = before
  }

  function begin(length: number): void {
    isStarted = true
    start(length, ring)
  }

  function ring(): void {
    isStarted = false
    const time = now()
    try {
      while (first !== undefined && time - first.startedAt >= ms) {
        const timer = first
        remove(timer)
        timer.ring()
      }
    } finally {
      // Of those that have been stopped nothing is left, so it may have rung for nobody.
      if (first !== undefined) begin(Math.max(Math.ceil(ms - (time - first.startedAt)), 1))
    }
  }

  return (own) => {
    const timer: Running = { startedAt: now(), ring: own, before: last, after: undefined, isOver: false }
    if (last === undefined) first = timer
    else last.after = timer
    last = timer
    if (!isStarted) begin(ms)
    return () => {
      if (!timer.isOver) remove(timer)
    }
  }
}
