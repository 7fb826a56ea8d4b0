/** Calls `ring` once after `ms`, unless what it returns is called first. */
export type StartTimer = (ms: number, ring: () => void) => () => void

/** A timer of this process that does not keep it alive (REQ-17). */
export const startTimer: StartTimer = (ms, ring) => {
  const timer = setTimeout(ring, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
