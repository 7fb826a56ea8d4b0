import { Program, Replies } from './program.ts'
import type { Runner } from './runner.ts'

/** One call of the script, among others. */
export interface Call<T> {
  /** Writes it; all its keys have one hash tag. */
  readonly write: (program: Program) => void
  /** Reads what answers it: as much as it asked for. */
  readonly read: (replies: Replies) => T
}

interface Waiting<T> {
  readonly call: Call<T>
  readonly resolve: (answer: T) => void
  readonly reject: (error: unknown) => void
}

/** Calls that one script answers. */
interface Batch {
  readonly program: Program
  readonly waiting: Waiting<unknown>[]
  /** Whether a timer says when it has waited for too long. */
  isTimed: boolean
}

/** The calls behind one hash tag. */
interface Line {
  /** What is gathered for the next script. */
  batch: Batch | undefined
  /** Scripts that are on their way. */
  underWay: number
  /** Whether the end of a turn is waited for. */
  isDue: boolean
}

/** Calls back after so many milliseconds. */
type Later = (ms: number, callBack: () => void) => void

const ofTheProcess: Later = (ms, callBack) => void setTimeout(callBack, ms).unref()

/** Calls in one script: so long at most is the server busy with it. */
const MAX_CALLS = 100

/** While a script is on its way, the next one waits for its answer: so long at most, in milliseconds. */
const LONGEST_WAIT = 2

/**
 * Sends the calls of one turn of the event loop as one, for each hash tag: each is decided after the one before it, and
 * is all or nothing for itself.
 *
 * What is asked while a script is on its way goes out when that is answered. Under load a process so sends fewer scripts
 * of more calls, and to send one is what costs most.
 */
export class Batcher {
  readonly #runner: Runner
  readonly #now: (() => number) | undefined
  readonly #later: Later
  readonly #lines = new Map<string, Line>()

  /**
   * @param now the time, in place of the server's: for tests
   * @param later calls back after so many milliseconds
   */
  constructor(runner: Runner, now: (() => number) | undefined, later: Later = ofTheProcess) {
    this.#runner = runner
    this.#now = now
    this.#later = later
  }

  /** Sends a call, together with others of its tag. */
  ask<T>(tag: string, call: Call<T>): Promise<T> {
    return new Promise((resolve, reject) => this.send(tag, { call, resolve, reject }))
  }

  /** The same, for whoever makes no promise. */
  send<T>(tag: string, waiting: Waiting<T>): void {
    let line = this.#lines.get(tag)
    if (line === undefined) {
      line = { batch: undefined, underWay: 0, isDue: false }
      this.#lines.set(tag, line)
    }
    const batch = (line.batch ??= { program: new Program(), waiting: [], isTimed: false })
    waiting.call.write(batch.program)
    // Each is answered with what its own call reads.
    batch.waiting.push(waiting as Waiting<unknown>)
    if (batch.waiting.length >= MAX_CALLS) this.#run(line)
    else if (!line.isDue) this.#atEndOfTurn(line)
  }

  /** After the poll phase: all requests that came in with it have asked by then. */
  #atEndOfTurn(line: Line): void {
    line.isDue = true
    setImmediate(() => {
      line.isDue = false
      if (line.underWay === 0) this.#run(line)
      else this.#waitForAnswer(line)
    })
  }

  /** An answer that takes long holds up nobody: a client may have more than one connection. */
  #waitForAnswer(line: Line): void {
    const { batch } = line
    if (batch === undefined || batch.isTimed) return
    batch.isTimed = true
    this.#later(LONGEST_WAIT, () => {
      if (line.batch === batch) this.#run(line)
    })
  }

  #run(line: Line): void {
    const { batch } = line
    if (batch === undefined) return
    line.batch = undefined
    line.underWay++
    void this.#answer(batch).then(() => {
      line.underWay--
      if (line.batch !== undefined && !line.isDue) this.#atEndOfTurn(line)
    })
  }

  async #answer({ program, waiting }: Batch): Promise<void> {
    try {
      const replies = new Replies(await this.#runner.run(program.keys(), program.args(this.#now?.())))
      const answers = waiting.map(({ call }) => call.read(replies))
      if (!replies.isOver) throw new Error('Redis gave another reply than was asked for')
      for (const [index, { resolve }] of waiting.entries()) resolve(answers[index])
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}
