import type { FileHandle } from 'node:fs/promises'
import type { SecurityEvent } from '../../contract/event.ts'
import { filesModule, fsModule } from '../../lib/builtins.ts'
import type { StartTimer } from '../../lib/timer.ts'
import type { Backlog } from '../backlog.ts'
import { lineOf } from '../sink.ts'

/** What a file is kept by. */
export interface FileRules {
  readonly path: string
  readonly maxBytes: number
  readonly keep: number
  readonly mode: number
}

/** An event, and its line. */
interface Line {
  readonly event: SecurityEvent
  readonly text: string
}

/** What a writer runs on; a test moves it. */
export interface FileWriterAmbient {
  readonly startTimer: StartTimer
  /** Hears of each failure. */
  readonly onFailure?: (error: unknown) => void
}

/** How many lines are written at once. */
const BATCH = 256
const FIRST_REST_MS = 1_000
const LONGEST_REST_MS = 30_000

/**
 * Not through a link that somebody put there, and never waiting for the reader of a pipe. A system that does not know one of
 * them has no number for it.
 */
function carefully(): number {
  const { constants } = fsModule()
  return (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
}

function appending(): number {
  const { constants } = fsModule()
  return constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | carefully()
}

function reading(): number {
  return fsModule().constants.O_RDONLY | carefully()
}

/** Writes what waits to a file, one batch at a time, and sets the file aside when it is full. */
export class FileWriter {
  readonly #rules: FileRules
  readonly #backlog: Backlog<SecurityEvent>
  readonly #startTimer: StartTimer
  readonly #onFailure: FileWriterAmbient['onFailure']
  #handle: FileHandle | undefined = undefined
  #size = 0
  /** What is written next. */
  #lines: Line[] = []
  /** What is left of what is being written, and of which events it is. */
  #rest: Buffer | undefined = undefined
  #resting: readonly Line[] = []
  /** Whether the file ends within a line: the process that wrote it was ended, or its machine. */
  #isTorn = false
  #running: Promise<void> | undefined = undefined
  #endRest: (() => void) | undefined = undefined
  #isFinishing = false
  failures = 0

  constructor(
    rules: FileRules,
    backlog: Backlog<SecurityEvent>,
    { startTimer, onFailure }: FileWriterAmbient,
  ) {
    this.#rules = rules
    this.#backlog = backlog
    this.#startTimer = startTimer
    this.#onFailure = onFailure
  }

  /** How many events are not in the file yet. */
  get waiting(): number {
    return this.#backlog.size + this.#lines.length + (this.#rest === undefined ? 0 : this.#resting.length)
  }

  /** Those events, which are given up with it. */
  left(): readonly SecurityEvent[] {
    const lines = [...this.#unwritten(), ...this.#lines]
    return [...lines.map(({ event }) => event), ...this.#backlog.take(this.#backlog.size)]
  }

  /** Sees to what waits, if it is not at it already. */
  wake(): void {
    this.#running ??= this.#run()
  }

  /** Writes what waits, once more where it failed before, and lets go of the file. Never rejects. */
  async finish(): Promise<void> {
    this.#isFinishing = true
    this.#endRest?.()
    await this.#running
    await this.#release()
  }

  async #run(): Promise<void> {
    let restMs = FIRST_REST_MS
    // Nothing is done within the turn of whoever tells an event: what comes in the same one is written together.
    await Promise.resolve()
    while (this.waiting > 0) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one batch at a time, and in order
        await this.#writeSome()
        restMs = FIRST_REST_MS
      } catch (error) {
        this.failures++
        this.#onFailure?.(error)
        // oxlint-disable-next-line no-await-in-loop -- whatever is wrong with it, it is opened again
        await this.#release()
        if (this.#isFinishing) break
        // oxlint-disable-next-line no-await-in-loop -- a disk that fails is left alone for a while
        await this.#pause(restMs)
        restMs = Math.min(2 * restMs, LONGEST_REST_MS)
      }
    }
    this.#running = undefined
  }

  async #writeSome(): Promise<void> {
    if (this.#rest === undefined) await this.#lookAfter()
    if (this.#lines.length === 0) this.#lines = this.#backlog.take(BATCH).map(lineFor)
    const before = this.#size
    this.#handle ??= await this.#open()
    if (this.#rest !== undefined && this.#size !== before) this.#beginAgain()
    // Not within a line: what is left of one belongs where it began.
    if (this.#rest === undefined) {
      if (this.#fitting() === 0) {
        await this.#setAside()
        this.#handle = await this.#open()
      }
      this.#resting = this.#lines.splice(0, Math.max(this.#fitting(), 1))
      const text = this.#resting.map((line) => line.text).join('')
      this.#rest = Buffer.from(this.#isTorn ? `\n${text}` : text, 'utf8')
      this.#isTorn = false
    }
    // A disk that is full takes a part: the rest goes on where that ended, so that no line is torn or written twice.
    const { bytesWritten } = await this.#handle.write(this.#rest)
    this.#size += bytesWritten
    this.#rest = bytesWritten < this.#rest.length ? this.#rest.subarray(bytesWritten) : undefined
  }

  /** A file that somebody has deleted takes everything and keeps nothing; one that was made shorter has room again. */
  async #lookAfter(): Promise<void> {
    const stat = await this.#handle?.stat()
    if (stat === undefined) return
    this.#size = stat.size
    if (stat.nlink === 0) await this.#release()
  }

  /** Those of the lines that are being written whose end is not in the file yet. */
  #unwritten(): readonly Line[] {
    let bytes = this.#rest?.length ?? 0
    let from = this.#resting.length
    while (bytes > 0 && from > 0) bytes -= Buffer.byteLength(this.#resting[--from]?.text ?? '')
    return this.#resting.slice(from)
  }

  /** It is not the file that the first part of a line is in: the whole line is written to this one. */
  #beginAgain(): void {
    this.#lines = [...this.#unwritten(), ...this.#lines]
    this.#rest = undefined
  }

  /** How many of the next lines the file has room for; one that is larger than a file has one of its own. */
  #fitting(): number {
    let size = this.#size
    let count = 0
    for (const { text } of this.#lines) {
      size += Buffer.byteLength(text)
      if (size > this.#rules.maxBytes) return this.#size === 0 ? Math.max(count, 1) : count
      count++
    }
    return count
  }

  async #open(): Promise<FileHandle> {
    const handle = await filesModule().open(this.#rules.path, appending(), this.#rules.mode)
    try {
      const stat = await handle.stat()
      if (!stat.isFile()) throw new TypeError('It is no regular file.')
      this.#size = stat.size
      this.#isTorn = stat.size > 0 && (await endsWithin(this.#rules.path, stat.size))
      return handle
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async #setAside(): Promise<void> {
    const { path, keep } = this.#rules
    await this.#release()
    if (keep === 0) {
      await filesModule().rm(path, { force: true })
      return
    }
    // oxlint-disable-next-line no-await-in-loop -- each name is free once the one before was moved
    for (let index = keep - 1; index > 0; index--) await move(`${path}.${index}`, `${path}.${index + 1}`)
    await move(path, `${path}.1`)
  }

  async #release(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    try {
      await handle?.close()
    } catch {
      this.failures++
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#startTimer(ms, () => done())
      const done = (): void => {
        stop()
        this.#endRest = undefined
        resolve()
      }
      this.#endRest = done
    })
  }
}

function lineFor(event: SecurityEvent): Line {
  return { event, text: lineOf(event) }
}

/** Whether a file ends within a line, as far as it can be read. */
async function endsWithin(path: string, size: number): Promise<boolean> {
  try {
    const handle = await filesModule().open(path, reading())
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
      return bytesRead === 1 && buffer[0] !== 0x0a
    } finally {
      await handle.close()
    }
  } catch {
    return false
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await filesModule().rename(from, to)
  } catch (error) {
    // There need not be as many yet.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
