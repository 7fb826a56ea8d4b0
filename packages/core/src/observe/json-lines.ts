import type { Writable } from 'node:stream'
import type { Observer } from '../contract/event.ts'

/**
 * Writes each event as one line of JSON, for whatever collects logs.
 *
 * What the client chose is escaped already, so that a line is always one line (LOG-03). A stream that cannot keep up
 * is not waited for.
 *
 * @param stream where to; standard output unless given
 * @example
 * gatehouse({ ...policy, observe: jsonLines() })
 */
export function jsonLines(stream: Pick<Writable, 'write'> = process.stdout): Observer {
  return (event) => {
    stream.write(`${JSON.stringify(event)}\n`)
  }
}
