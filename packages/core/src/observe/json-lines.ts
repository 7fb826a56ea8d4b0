import { readOrThrow } from '../options/read-or-throw.ts'
import { optional, type OptionReaders } from '../options/read.ts'
import { integer } from '../options/readers.ts'
import { type LineStream, lineStream } from './line-stream.ts'
import { lineOf, type LossyObserver } from './sink.ts'

export type { LineStream } from './line-stream.ts'

/** How many events are kept for a stream that cannot keep up. */
export interface JsonLinesOptions {
  /**
   * How many events wait for a stream that is full, 1 to 1,000,000. What comes when there is no room is dropped, and counted;
   * a request that was let through makes room for what was not.
   *
   * @default 10_000
   */
  readonly maxWaiting?: number
}

const READERS = {
  maxWaiting: optional(integer(1, 1_000_000), 10_000),
} satisfies OptionReaders<JsonLinesOptions>

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
export function jsonLines(
  stream: LineStream = process.stdout,
  options: JsonLinesOptions = {},
): LossyObserver {
  const { maxWaiting } = readOrThrow('jsonLines', options, READERS, [])
  return lineStream(stream, { name: 'A stream of events', maxWaiting, lineOf })
}
