import ora from 'ora'
import type { Watcher } from './rounds.ts'

/** Tells how far the bench is. */
export interface Progress extends Watcher {
  /** Leaves the terminal as it was. */
  readonly stop: () => void
}

/** On a terminal one line that changes; elsewhere a line for each thing measured. It goes to stderr: results go to stdout. */
export function createProgress(stream: NodeJS.WriteStream, seconds: number): Progress {
  // A terminal of no width (a recorder, a remote one that did not tell) has no line to change: ora would never end.
  return stream.isTTY && stream.columns > 0 ? spinner(stream, seconds) : lines(stream, seconds)
}

function lines(stream: NodeJS.WriteStream, seconds: number): Progress {
  const end = performance.now() + seconds * 1000
  return {
    begins: () => undefined,
    measured(where, what) {
      stream.write(`${clock((end - performance.now()) / 1000)} left, ${where}, ${what}\n`)
    },
    stop: () => undefined,
  }
}

function spinner(stream: NodeJS.WriteStream, seconds: number): Progress {
  const end = performance.now() + seconds * 1000
  let last = ''
  // Frames are drawn by the process that makes the load: few are enough. And stdin is not ours to take.
  const line = ora({ stream, discardStdin: false, interval: 500 }).start('starting')
  return {
    begins(what) {
      line.text = `${what}, ${clock((end - performance.now()) / 1000)} left${last}`
    },
    measured(_where, what) {
      last = ` (${what})`
    },
    stop: () => void line.stop(),
  }
}

/** In words, as well as it can be known beforehand. */
export function about(seconds: number): string {
  return seconds < 90 ? `about ${Math.round(seconds)} s` : `about ${Math.round(seconds / 60)} minutes`
}

/** Minutes and seconds. */
export function clock(seconds: number): string {
  const left = Math.max(0, Math.round(seconds))
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
}
