import { BenchProcess } from './bench-process.ts'
import type { Answer } from './stacks/answer.ts'
import type { Recorded } from './stacks/profiler.ts'
import type { Asked, Told, Usage } from './stacks/serve.ts'

/** A server that is measured, in a process of its own. */
export interface Stack {
  readonly name: string
  /** Where it listens, once {@link listening} has resolved. */
  readonly port: number
  readonly listening: () => Promise<void>
  /** What it has used so far. */
  readonly usage: () => Promise<Usage>
  /** Hands a stack that checks nothing what to answer from now on. */
  readonly answerWith: (answer: Answer) => Promise<void>
  /** Ends the process, by force when it does not go. */
  readonly end: () => Promise<void>
}

const REPLY_MS = 60_000

/** What a stack is started with. */
export interface StackStart {
  readonly args?: readonly string[]
  /** The Node that it runs on, where that is another than the bench's. */
  readonly node?: string
}

/**
 * A stack on Node in a process of its own: what one leaves on the heap, or teaches the compiler, is not another's.
 *
 * Trap: two processes that run the same file differ as well, by where things came to lie in memory and by what the
 * compiler made of the first requests. Where each side has one process, a ratio is good only to about 0.10 near 1.0.
 */
export class StackProcess implements Stack {
  readonly name: string
  readonly #process: BenchProcess<Asked, Told>
  #port = 0

  constructor(name: string, file: URL, start: StackStart = {}) {
    this.name = name
    this.#process = new BenchProcess(name, file, { ...start, replyMs: REPLY_MS })
  }

  /** Where it listens, once {@link listening} has resolved. */
  get port(): number {
    return this.#port
  }

  async listening(): Promise<void> {
    const told = await this.#process.reply()
    if (told.type !== 'listening') throw new Error(`${this.name} told ${told.type} before it listened`)
    this.#port = told.port
  }

  /** What it has used so far. */
  async usage(): Promise<Usage> {
    const told = await this.#process.ask({ type: 'usage' })
    if (told.type !== 'usage') throw new Error(`${this.name} did not tell its usage`)
    return told.usage
  }

  /** Hands the floor what to answer from now on. */
  async answerWith(answer: Answer): Promise<void> {
    await this.#process.ask({ type: 'answer', answer })
  }

  /** Looks at what runs, each so many microseconds from now on. */
  async record(intervalMicros: number): Promise<void> {
    await this.#process.ask({ type: 'record', intervalMicros })
  }

  /** What there was to be seen since. */
  async recorded(): Promise<Recorded> {
    const told = await this.#process.ask({ type: 'recorded' })
    if (told.type !== 'recorded') throw new Error(`${this.name} did not tell what it recorded`)
    return told.recorded
  }

  /** Ends the process, by force when it does not go. */
  end(): Promise<void> {
    return this.#process.end()
  }
}
