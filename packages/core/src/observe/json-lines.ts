import type { Writable } from 'node:stream'
import type { Observer, SecurityEvent } from '../contract/event.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { optional, type OptionReaders } from '../options/read.ts'
import { integer } from '../options/readers.ts'
import { Backlog, lineOf, Losses } from './sink.ts'

/** A stream that lines are written to; one that is no stream of node needs only `write`. */
export type LineStream = Pick<Writable, 'write'> &
  Partial<Pick<Writable, 'once' | 'on' | 'destroyed' | 'writableEnded'>>

/** How many events are kept for a stream that cannot keep up. */
export interface JsonLinesOptions {
  /**
   * How many events wait for a stream that is full, 1 to 1,000,000. What comes when there is no room is dropped, and counted;
   * a quarter of it is for what is not a request that was allowed.
   *
   * @default 10_000
   */
  readonly maxWaiting?: number
}

/** An observer that may lose events, and counts them. */
export interface JsonLines extends Observer {
  /** How many events were lost so far: the stream was full for too long, or is gone. */
  readonly dropped: () => number
}

const READERS = {
  maxWaiting: optional(integer(1, 1_000_000), 10_000),
} satisfies OptionReaders<JsonLinesOptions>

/** How many are written at once when a stream has drained. */
const BATCH = 256

/**
 * Writes each event as one line of JSON, for whatever collects logs.
 *
 * What the client chose is escaped already, so that a line is always one line (LOG-03). A stream that is full is not
 * written to until it has drained; meanwhile events wait, and those that find no room are dropped and counted, with a
 * process warning (`GATEHOUSE_SINK`) at most once a minute. A stream that fails takes nothing more, and does not end the
 * process.
 *
 * @param stream where to; standard output unless given
 * @throws ConfigError with every unusable option at once
 * @example
 * gatehouse({ ...policy, observe: jsonLines() })
 */
export function jsonLines(stream: LineStream = process.stdout, options: JsonLinesOptions = {}): JsonLines {
  const { maxWaiting } = readOrThrow('jsonLines', options, READERS, [])
  const backlog = new Backlog(maxWaiting)
  const losses = new Losses('A stream of events')
  let isFull = false
  let isGone = false

  function write(text: string): void {
    // Only a stream that can say that it has drained is waited for.
    if (stream.write(text) || typeof stream.once !== 'function') return
    isFull = true
    stream.once('drain', drained)
  }

  function drained(): void {
    isFull = false
    try {
      while (!isFull && backlog.size > 0) write(backlog.take(BATCH).map(lineOf).join(''))
    } catch {
      // Nobody but the process would hear of it here.
      lose()
    }
  }

  function lose(): void {
    if (isGone) return
    isGone = true
    losses.note(backlog.take(maxWaiting).length)
  }

  // Without a listener the first error of a log would be the end of the process (LOG-04).
  stream.on?.('error', lose)
  stream.on?.('close', lose)

  const observe = (event: SecurityEvent): void => {
    if (isGone || stream.destroyed === true || stream.writableEnded === true) losses.note(1)
    else if (!isFull) write(lineOf(event))
    else if (!backlog.push(event)) losses.note(1)
  }
  return Object.assign(observe, { dropped: () => losses.total })
}
