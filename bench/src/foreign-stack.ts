import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Stack } from './stack-process.ts'
import type { Answer } from './stacks/answer.ts'
import type { Usage } from './stacks/serve.ts'

const START_MS = 15_000
const LOOK_MS = 50
const FAREWELL_MS = 2000

/** A command of another world: how it is started on a port, with the answer where it needs one to start. */
export interface Foreign {
  readonly needsAnswer: boolean
  readonly command: (port: number, answer: Answer) => Promise<readonly [string, ...string[]]>
  /** What is left to be done when it has ended. */
  readonly clean?: () => Promise<void>
}

const NOTHING: Answer = { status: 500, fields: [], body: '' }

/**
 * A server that is not Node, in one process. What it uses is read from Linux, in hundredths of a second: over a round of
 * seconds that is near enough.
 */
export class ForeignStack implements Stack {
  readonly name: string
  readonly #foreign: Foreign
  #child: ChildProcess | undefined
  #port = 0

  constructor(name: string, foreign: Foreign) {
    this.name = name
    this.#foreign = foreign
  }

  get port(): number {
    return this.#port
  }

  async listening(): Promise<void> {
    if (!this.#foreign.needsAnswer) await this.#start(NOTHING)
  }

  async answerWith(answer: Answer): Promise<void> {
    await this.#end()
    await this.#start(answer)
  }

  async usage(): Promise<Usage> {
    const { pid } = this.#child ?? {}
    if (pid === undefined) throw new Error(`${this.name} was not started`)
    const [stat, memory] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/statm`, 'utf8'),
    ])
    return {
      ...timesOf(stat),
      rssBytes: Number(memory.split(' ')[1]) * PAGE,
      events: undefined,
      lost: undefined,
    }
  }

  async end(): Promise<void> {
    await this.#end()
    await this.#foreign.clean?.()
  }

  async #start(answer: Answer): Promise<void> {
    this.#port = await freePort()
    const [command, ...args] = await this.#foreign.command(this.#port, answer)
    const child = spawn(command, args, { stdio: ['ignore', 2, 2] })
    this.#child = child
    let failure: Error | undefined
    child.on('error', (error) => {
      failure = error
    })
    // A bench that breaks off in the middle leaves no server behind.
    const kill = (): void => void child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    const end = performance.now() + START_MS
    while (!(await isListening(this.#port))) {
      if (failure !== undefined) throw failure
      if (child.exitCode !== null || performance.now() > end) throw new Error(`${this.name} did not start`)
      await sleep(LOOK_MS)
    }
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS)
    await gone
    clearTimeout(force)
  }
}

/** Linux tells times in ticks, of which user space has a hundred in a second, and memory in pages. */
const TICK_MICROS = 10_000
const PAGE = 4096

/** proc(5): the name of the command may hold anything, so what comes after its last bracket is read. */
export function timesOf(stat: string): { readonly userMicros: number; readonly systemMicros: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { userMicros: Number(fields[11]) * TICK_MICROS, systemMicros: Number(fields[12]) * TICK_MICROS }
}

/** Whether a command can be run. */
export async function canRun(command: string, ...args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(command, [...args], { timeout: START_MS }).then(
    () => true,
    () => false,
  )
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A port that nobody has, as far as anybody can tell. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
