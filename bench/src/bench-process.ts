import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const FAREWELL_MS = 2000

/** How a process is started. */
export interface Start {
  readonly args?: readonly string[]
  /** What node is told besides what the bench itself was told. */
  readonly execArgv?: readonly string[]
  /** The Node that it runs on, where that is another than the bench's. */
  readonly node?: string
  /** How long a reply may take. */
  readonly replyMs: number
}

/** A file of the bench in a process of its own, which is asked one question at a time and gives one reply to each. */
export class BenchProcess<Asked extends object, Told> {
  readonly name: string
  readonly #child: ChildProcess
  readonly #replyMs: number
  readonly #gone: Promise<unknown>

  constructor(name: string, file: URL, { args = [], execArgv = [], node, replyMs }: Start) {
    this.name = name
    this.#replyMs = replyMs
    this.#child = fork(fileURLToPath(file), [...args], {
      // express caches and says less in production, as it would where it is deployed.
      env: { ...process.env, NODE_ENV: 'production' },
      execArgv: [...process.execArgv, ...execArgv],
      ...(node !== undefined && { execPath: node }),
      // What a child prints is no result.
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#gone = new Promise((resolve) => this.#child.once('exit', resolve))
    // Whoever waits for a reply hears of it; when nobody does, the exit tells enough.
    this.#child.on('error', () => undefined)
  }

  /** Asks, and waits for the reply. */
  ask(asked: Asked): Promise<Told> {
    const reply = this.reply()
    this.#child.send(asked, (error) => {
      if (error !== null) this.#child.emit('error', error)
    })
    return reply
  }

  /** What it tells next. */
  reply(): Promise<Told> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => done(() => reject(new Error(`${this.name} does not answer`))),
        this.#replyMs,
      )
      const onMessage = (told: unknown): void => done(() => resolve(told as Told))
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

  /** Ends the process, by force when it does not go. */
  async end(): Promise<void> {
    const child = this.#child
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS)
    await this.#gone
    clearTimeout(force)
  }
}
