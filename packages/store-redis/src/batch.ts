import type { Runner } from './runner.ts'

/** One call of the script, among others. */
export interface Call {
  /** Keys that are counters or blocks, and keys that are records; all of one hash tag. */
  readonly cells: readonly string[]
  readonly records: readonly string[]
  /** Its name and fields, by the numbers of its keys. */
  readonly write: (args: string[], numberOf: (key: string) => string) => void
  /** How many texts answer it. */
  readonly replies: number
}

/** What became of a call. */
export interface Reply {
  /** When the server decided it, by its clock. */
  readonly now: number
  /** `undefined` for a record that is not there. */
  readonly texts: readonly (string | undefined)[]
}

interface Waiting {
  readonly call: Call
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

/** Calls in one script: so long at most is the server busy with it. */
const MAX_CALLS = 100

/** How much longer than needed a key may live, in milliseconds. */
const SLACK = 1_000

/** The same where the time is not that of the server, which removes keys by its own. */
const SLACK_OF_CLOCK = 60_000

/**
 * Sends the calls of one turn of the event loop as one, for each hash tag: each is decided after the one before it, and
 * is all or nothing for itself.
 */
export class Batcher {
  readonly #runner: Runner
  readonly #now: (() => number) | undefined
  readonly #waiting = new Map<string, Waiting[]>()

  /** @param now the time, in place of the server's: for tests */
  constructor(runner: Runner, now: (() => number) | undefined) {
    this.#runner = runner
    this.#now = now
  }

  /** Sends a call, together with others of its tag. */
  ask(tag: string, call: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(tag) ?? []
      waiting.push({ call, resolve, reject })
      if (waiting.length >= MAX_CALLS) {
        this.#waiting.delete(tag)
        void this.#send(waiting)
        return
      }
      // After the poll phase: all requests that came in with it have asked by then.
      if (this.#waiting.size === 0) setImmediate(() => this.#flush())
      this.#waiting.set(tag, waiting)
    })
  }

  #flush(): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const waiting of all) void this.#send(waiting)
  }

  async #send(waiting: readonly Waiting[]): Promise<void> {
    try {
      const { keys, args } = this.#written(waiting.map(({ call }) => call))
      const [now, ...texts] = (await this.#runner.run(keys, args)).map(textOf)
      const wanted = waiting.reduce((sum, { call }) => sum + call.replies, 0)
      if (texts.length !== wanted) throw new Error('Redis gave another reply than was asked for')
      let from = 0
      for (const { call, resolve } of waiting) {
        resolve({ now: Number(now), texts: texts.slice(from, from + call.replies) })
        from += call.replies
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }

  #written(calls: readonly Call[]): { readonly keys: string[]; readonly args: string[] } {
    const numbers = new Map<string, string>()
    const note = (key: string): void => {
      if (!numbers.has(key)) numbers.set(key, String(numbers.size + 1))
    }
    for (const { cells } of calls) for (const key of cells) note(key)
    const cells = numbers.size
    for (const { records } of calls) for (const key of records) note(key)
    const slack = this.#now === undefined ? SLACK : SLACK_OF_CLOCK
    const args = [
      this.#now === undefined ? '' : String(Math.floor(this.#now())),
      String(slack),
      String(cells),
    ]
    for (const { write } of calls) write(args, (key) => numbers.get(key) ?? '')
    return { keys: [...numbers.keys()], args }
  }
}

/** A client may be told to give buffers for texts. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Buffer.isBuffer(value) ? value.toString() : undefined
}
