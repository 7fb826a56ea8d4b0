import { BenchProcess } from './bench-process.ts'
import type { Answer } from './stacks/answer.ts'
import type { Asked, Told, Usage } from './stacks/serve.ts'

/** The stacks of the scenarios; each ratio is to the first. */
export const STACKS = ['floor', 'gatehouse', 'express'] as const
export type StackName = (typeof STACKS)[number]

const FILES: Readonly<Record<StackName, URL>> = {
  floor: new URL('./stacks/floor.ts', import.meta.url),
  gatehouse: new URL('./stacks/gatehouse.ts', import.meta.url),
  express: new URL('./stacks/express.ts', import.meta.url),
}

const REPLY_MS = 20_000

/**
 * A stack in a process of its own: what one leaves on the heap, or teaches the compiler, is not another's.
 *
 * Trap: two processes that run the same file differ as well, by where things came to lie in memory and by what the
 * compiler made of the first requests. Each side has one process here, so a ratio is good only to about 0.10 near 1.0.
 */
export class StackProcess {
  readonly name: string
  readonly #process: BenchProcess<Asked, Told>
  #port = 0

  constructor(name: string, file: URL, args: readonly string[] = []) {
    this.name = name
    this.#process = new BenchProcess(name, file, { args, replyMs: REPLY_MS })
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

  /** Ends the process, by force when it does not go. */
  end(): Promise<void> {
    return this.#process.end()
  }
}

/** Starts a stack of the scenarios. */
export function startStack(name: StackName): StackProcess {
  return new StackProcess(name, FILES[name])
}
