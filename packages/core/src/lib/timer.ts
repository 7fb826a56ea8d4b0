/** Calls `ring` once after `ms`, unless what it returns is called first. */
export type StartTimer = (ms: number, ring: () => void) => () => void

/**
 * A timer of this process that does not keep it alive (REQ-17).
 *
 * It rings after what has come in was read. Where the process itself stood still for longer than `ms`, timers come before
 * all that has arrived meanwhile: an answer that is there already would count as none, and whoever can make the process
 * stand still could make each store seem to fail.
 */
export const startTimer: StartTimer = (ms, ring) => {
  let last: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    last = setImmediate(ring)
  }, ms)
  timer.unref()
  return () => {
    clearTimeout(timer)
    clearImmediate(last)
  }
}
