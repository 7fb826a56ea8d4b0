import type { StartTimer } from '../lib/timer.ts'

/** How long what was lost is not told again. */
const QUIET_MS = 60_000

/** Tells what was lost. */
export interface LossesTold {
  /** Notes that so many more were lost, and why. */
  readonly note: (count: number, why: string) => void
  /** Tells what was not told yet, and starts no timer. */
  readonly flush: () => void
}

/** Tells what was lost: the first at once, and then at most once a minute how many there were since. */
export function tellLosses(tell: (count: number, why: string) => void, start: StartTimer): LossesTold {
  let lost = 0
  let why = ''
  let stop: (() => void) | undefined

  function tellNow(): void {
    const count = lost
    lost = 0
    if (count > 0) tell(count, why)
  }

  function begin(): void {
    tellNow()
    stop = start(QUIET_MS, () => {
      stop = undefined
      if (lost > 0) begin()
    })
  }

  return {
    note(count, reason) {
      lost += count
      why = reason
      if (stop === undefined) begin()
    },
    flush() {
      stop?.()
      stop = undefined
      tellNow()
    },
  }
}
