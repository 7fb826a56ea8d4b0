import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer } from './stacks/answer.ts'
import type { Asked, Told, Usage } from './stacks/serve.ts'

/** The stacks; each ratio is to the first. */
export const STACKS = ['floor', 'gatehouse', 'express'] as const
export type StackName = (typeof STACKS)[number]

const FILES: Readonly<Record<StackName, URL>> = {
  floor: new URL('./stacks/floor.ts', import.meta.url),
  gatehouse: new URL('./stacks/gatehouse.ts', import.meta.url),
  express: new URL('./stacks/express.ts', import.meta.url),
}

const REPLY_MS = 20_000
const FAREWELL_MS = 2000

/**
 * A stack in a process of its own: what one leaves on the heap, or teaches the compiler, is not another's.
 *
 * Trap: two processes that run the same file differ as well, by where things came to lie in memory and by what the
 * compiler made of the first requests. Each side has one process here, so a ratio is good only to about 0.10 near 1.0.
 */
export class StackProcess {
  readonly name: StackName
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #port = 0

  constructor(name: StackName) {
    this.name = name
    this.#child = fork(fileURLToPath(FILES[name]), {
      // express caches and says less in production, as it would where it is deployed.
      env: { ...process.env, NODE_ENV: 'production' },
      // What a stack prints is no result.
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#gone = new Promise((resolve) => this.#child.once('exit', resolve))
    // Whoever waits for a reply hears of it; when nobody does, the exit tells enough.
    this.#child.on('error', () => undefined)
  }

  /** Where it listens, once {@link listening} has resolved. */
  get port(): number {
    return this.#port
  }

  async listening(): Promise<void> {
    const told = await this.#reply()
    if (told.type !== 'listening') throw new Error(`${this.name} told ${told.type} before it listened`)
    this.#port = told.port
  }

  /** What it has used so far. */
  async usage(): Promise<Usage> {
    const told = await this.#ask({ type: 'usage' })
    if (told.type !== 'usage') throw new Error(`${this.name} did not tell its usage`)
    return told.usage
  }

  /** Hands the floor what to answer from now on. */
  async answerWith(answer: Answer): Promise<void> {
    await this.#ask({ type: 'answer', answer })
  }

  /** Ends the process, by force when it does not go. */
  async end(): Promise<void> {
    const child = this.#child
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS)
    await this.#gone
    clearTimeout(force)
  }

  #ask(asked: Asked): Promise<Told> {
    const reply = this.#reply()
    this.#child.send(asked, (error) => {
      if (error !== null) this.#child.emit('error', error)
    })
    return reply
  }

  #reply(): Promise<Told> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(() => reject(new Error(`${this.name} does not answer`))), REPLY_MS)
      const onMessage = (told: Told): void => done(() => resolve(told))
      const onError = (error: Error): void => done(() => reject(error))
      const onExit = (): void => done(() => reject(new Error(`The process of ${this.name} has ended`)))
      const done = (settle: () => void): void => {
        clearTimeout(timer)
        child.off('message', onMessage).off('error', onError).off('exit', onExit)
        settle()
      }
      child.on('message', onMessage).on('error', onError).on('exit', onExit)
    })
  }
}
