import type { SecurityEvent } from '../contract/event.ts'
import { startTimer } from '../lib/timer.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { optional, type OptionReaders, required } from '../options/read.ts'
import { integer, text } from '../options/readers.ts'
import { Backlog } from './backlog.ts'
import { FileWriter, type FileWriterAmbient } from './file-log/writer.ts'
import { emitWarning, isMinor, Losses, type Sink } from './sink.ts'

/** Where a log is kept, and how much of it. */
export interface FileLogOptions {
  /** The file. Its folder must be there. One process writes to it: of several, each needs a name of its own. */
  readonly path: string
  /**
   * How large a file gets before it is set aside as `path.1`, and that as `path.2`: 4 KiB to 16 GiB.
   *
   * @default 104_857_600 (100 MiB)
   */
  readonly maxBytes?: number
  /**
   * How many files that were set aside are kept, 0 to 1,000: the oldest is deleted.
   *
   * @default 5
   */
  readonly keep?: number
  /**
   * How many events wait for a disk that is slow, 1 to 1,000,000. What comes when there is no room is dropped, and counted;
   * a request that was let through makes room for what was not.
   *
   * @default 10_000
   */
  readonly maxWaiting?: number
  /**
   * Who may read a file that is made: `0o640` for a group that ships logs, say.
   *
   * @default 0o600
   */
  readonly mode?: number
}

/** A log in a file. Made by {@link fileLog}. */
export interface FileLog extends Sink {
  /** How often the file system has failed: no space, no permission, no folder. */
  readonly failures: () => number
}

const READERS = {
  path: required(
    text('a path', "the path of a file, such as '/var/log/api/events.log'"),
    'Write the path of a file.',
  ),
  maxBytes: optional(integer(4_096, 16 * 1024 ** 3), 100 * 1024 ** 2),
  keep: optional(integer(0, 1_000), 5),
  maxWaiting: optional(integer(1, 1_000_000), 10_000),
  mode: optional(integer(0o200, 0o777), 0o600),
} satisfies OptionReaders<FileLogOptions>

/** How long {@link Sink.close} goes on to write what waits. */
const GRACE_MS = 5_000

/**
 * Writes each event as one line of JSON to a file, which is set aside when it is full.
 *
 * Nothing waits for the disk. While it fails, events wait and are tried again after one second, two, up to thirty; those
 * that find no room are dropped and counted. A process warning (`GATEHOUSE_SINK`) tells of both, at most once a minute. It follows no
 * symbolic link, and writes to nothing but a regular file. Close it after the gate, so that the last events are written.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * const log = fileLog({ path: '/var/log/api/events.log' })
 * const gate = gatehouse({ ...policy, observe: log.observe })
 * process.once('SIGTERM', () => void gate.close().then(() => log.close()))
 */
export function fileLog(options: FileLogOptions): FileLog {
  return createFileLog(options, { startTimer })
}

/** How long further failures are not told. */
const QUIET_MS = 60_000

/** Tells of a file that cannot be written when that begins: what waits is not lost yet. No path is told. */
function failureTold(): (error: unknown) => void {
  let isQuiet = false
  return (error) => {
    if (isQuiet) return
    isQuiet = true
    startTimer(QUIET_MS, () => {
      isQuiet = false
    })
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    emitWarning(`A log in a file cannot be written (${code}): events wait for it. Requests are not affected.`)
  }
}

/** {@link fileLog}, with what a test replaces. */
export function createFileLog(options: FileLogOptions, ambient: FileWriterAmbient): FileLog {
  const { path, maxBytes, keep, maxWaiting, mode } = readOrThrow('fileLog', options, READERS, ['path'])
  const backlog = new Backlog(maxWaiting, isMinor)
  const losses = new Losses('A log in a file')
  const writer = new FileWriter({ path, maxBytes, keep, mode }, backlog, {
    onFailure: failureTold(),
    ...ambient,
  })
  let closing: Promise<void> | undefined

  async function finish(): Promise<void> {
    let stop: NodeJS.Timeout | undefined
    // It holds the process, for a moment: what was told last is often why it ends. A disk that hangs is left behind.
    const grace = new Promise<void>((resolve) => {
      stop = setTimeout(resolve, GRACE_MS)
    })
    await Promise.race([writer.finish(), grace])
    clearTimeout(stop)
    losses.note(writer.left())
    losses.flush()
  }

  return {
    observe(event: SecurityEvent) {
      if (closing !== undefined) return losses.note([event])
      const lost = backlog.push(event)
      if (lost === undefined) writer.wake()
      else losses.note([lost])
    },
    dropped: losses.dropped,
    droppedByOutcome: losses.droppedByOutcome,
    failures: () => writer.failures,
    close: () => (closing ??= finish()),
  }
}
