import type { ServerResponse } from 'node:http'

type Head = (...args: unknown[]) => ServerResponse
type Write = (...args: unknown[]) => boolean
type End = (...args: unknown[]) => ServerResponse

/** The three doors through which a handler's response leaves. */
interface Doors {
  writeHead: Head
  write: Write
  end: End
}

/** Thrown where a header section is about to be written by itself, to get out of node:http before anything is. */
const STOP = new Error('A success was stopped.')

/** Whether a status is a success, read as node:http reads it. */
function isSuccess(status: unknown): boolean {
  const read = Number(status) | 0
  return read >= 200 && read <= 299
}

/**
 * Hears of a success that nobody decided about; changes nothing.
 *
 * @param isDue whether a decision is still due
 */
export function reportSuccess(res: ServerResponse, isDue: () => boolean, tell: () => void): void {
  const doors = res as unknown as Doors
  const { writeHead } = doors
  doors.writeHead = function (this: ServerResponse, ...args) {
    if (!this.headersSent && isSuccess(args[0]) && isDue()) tell()
    return writeHead.apply(this, args)
  }
}

/**
 * Stops a success that nobody decided about, and lets `refuse` answer in its place: no byte of the handler's leaves,
 * neither of the header section nor of the content, whatever it or a framework goes on to write (AZ-07).
 *
 * It throws nothing at the handler: a stream that is piped into the response would bring the process down.
 *
 * @param isDue whether a decision is still due
 * @param refuse answers with what is no success
 */
export function blockSuccess(res: ServerResponse, isDue: () => boolean, refuse: () => void): void {
  const doors = res as unknown as Doors
  const { writeHead, write, end } = doors
  /** Whether node:http is at work on behalf of `write` or `end`: then the header section is one that it makes itself. */
  let within = false
  let stopped = false

  function stop(): void {
    stopped = true
    // The refusal goes through the doors that were there before, past whatever a middleware wrapped around these.
    Object.assign(doors, { writeHead, write, end })
    refuse()
    Object.assign(doors, { writeHead: headDoor, write: writeDoor, end: endDoor })
  }

  function headDoor(this: ServerResponse, ...args: unknown[]): ServerResponse {
    if (stopped) return this
    if (this.headersSent || !isSuccess(args[0]) || !isDue()) return writeHead.apply(this, args)
    if (within) throw STOP
    stop()
    return this
  }

  /** Runs what may write a header section by itself; gives whether it ran to its end. */
  function through(run: () => void): boolean {
    if (stopped) return false
    within = true
    try {
      run()
      return true
    } catch (error) {
      if (error !== STOP) throw error
      stop()
      return false
    } finally {
      within = false
    }
  }

  function writeDoor(this: ServerResponse, ...args: unknown[]): boolean {
    let written = true
    if (!through(() => (written = write.apply(this, args)))) callBack(args)
    return written
  }

  function endDoor(this: ServerResponse, ...args: unknown[]): ServerResponse {
    if (!through(() => end.apply(this, args))) callBack(args)
    return this
  }

  Object.assign(doors, { writeHead: headDoor, write: writeDoor, end: endDoor })
}

/** Whoever waits for what was dropped goes on. */
function callBack(args: readonly unknown[]): void {
  const last = args.at(-1)
  if (typeof last === 'function') process.nextTick(last)
}
