import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** An example that runs as a process of its own, as `npm start` runs it. */
export interface Child {
  /** All that it has printed until now, on both streams. */
  readonly output: () => string
  readonly ended: Promise<End>
  /** Resolves once it has printed something; rejects when it ends without. */
  readonly printed: (what: RegExp) => Promise<void>
  /** Ends it, unless it has ended. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<End>
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** What `npm start` gives to node. */
const { commandOf } = (await import(new URL('../../../../.ci/examples.mjs', import.meta.url).href)) as {
  readonly commandOf: (args: readonly string[]) => readonly string[]
}

/** No test takes this long: a child that a broken test forgot ends by itself. */
const LONGEST_MS = 110_000

/**
 * Runs an example as `npm start -- NAME` does after its set-up, but on the sources of the packages; on a free port unless
 * `env` says otherwise.
 */
export function run(
  name: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Child {
  const child = spawn(process.execPath, ['--conditions=@gatehouse/source', ...commandOf([name, ...args])], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', TLS_PORT: '', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
  })
  let output = ''
  const changes = new EventEmitter<{ change: [] }>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      changes.emit('change')
    })
  }
  const ended = new Promise<End>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ code, signal })
      changes.emit('change')
    })
  })
  return {
    output: () => output,
    ended,
    printed: (what) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (what.test(output)) resolve()
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`It ended before it printed ${what}:\n${output}`))
          } else changes.once('change', look)
        }
        look()
      }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}
