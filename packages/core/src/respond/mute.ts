import type { ServerResponse } from 'node:http'

/**
 * Drops what is written to a response that was answered in its handler's place.
 *
 * The handler knows nothing of it and goes on: node:http would throw at it, or emit an error that nobody hears, and either
 * ends the process where a timer or a stream is at work. Whoever waits to hear that something was written, hears that it
 * was not.
 */
export function muteResponse(res: ServerResponse): void {
  res.on('error', () => undefined)
  Object.assign(res, MUTED)
}

function nothing<T>(this: T): T {
  return this
}

function dropped(...args: readonly unknown[]): true {
  const last = args.at(-1)
  if (typeof last === 'function') process.nextTick(last, new Error('The response was over'))
  // Room for more: a stream that is piped into it ends, and with it its file.
  return true
}

const MUTED: Readonly<Record<string, (...args: never[]) => unknown>> = {
  setHeader: nothing,
  setHeaders: nothing,
  appendHeader: nothing,
  removeHeader: nothing,
  writeHead: nothing,
  flushHeaders: nothing,
  addTrailers: nothing,
  writeContinue: nothing,
  writeEarlyHints: nothing,
  writeProcessing: nothing,
  write: dropped,
  end(this: ServerResponse, ...args: readonly unknown[]) {
    dropped(...args)
    return this
  },
}
