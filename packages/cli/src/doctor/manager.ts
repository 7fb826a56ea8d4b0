import { spawn } from 'node:child_process'
import { withoutCredentials } from '../clean.ts'

/** The package managers that are asked. Yarn is another program from version 2 on. */
export type Manager = 'npm' | 'pnpm' | 'yarn' | 'yarn-1'

/** How one is asked. */
export interface HowAsked {
  readonly env: Readonly<Record<string, string | undefined>>
  /** In milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** What it said, or why it said nothing. */
export type Told =
  | { readonly done: true; readonly output: string; readonly code: number }
  | { readonly done: false; readonly why: string }

/** As much as is read of what it says. */
const MAX_OUTPUT = 16_777_216

/** Starts the package manager, for no longer than a time; never throws. */
export function askManager(
  manager: Manager,
  args: readonly string[],
  folder: string,
  { env, timeout, signal }: HowAsked,
): Promise<Told> {
  const command = manager === 'yarn-1' ? 'yarn' : manager
  const what = `${command} ${args[0] === 'npm' ? args[1] : args[0]}`
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd: folder,
      // A registry that does not answer is a finding, and none that is worth minutes.
      env: { npm_config_fetch_retries: '0', ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
      killSignal: 'SIGKILL',
      ...(signal !== undefined && { signal }),
    })
    let output = ''
    const end = (told: Told): void => {
      clearTimeout(timer)
      // What it started itself may hold its output open after it was killed.
      child.stdout.destroy()
      resolve(told)
    }
    // Not the timeout of spawn: that one goes on where there is nothing to be started.
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      end({ done: false, why: `${what} took longer than ${timeout / 1000} seconds` })
    }, timeout)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT) output += text
    })
    child.on('error', () => end({ done: false, why: `${command} could not be started` }))
    child.on('close', (code) =>
      end(code === null ? { done: false, why: `${what} was ended` } : { done: true, output, code }),
    )
  })
}

/** The objects that it wrote: one, or a line for each. */
export function objectsOf(output: string): readonly Readonly<Record<string, unknown>>[] {
  const whole = parse(output)
  const all = whole === undefined ? output.split('\n').map(parse) : [whole]
  return all.filter((each) => each !== undefined)
}

/** What it says itself of why it could not, in a few words. */
export function whyOf(output: string): string {
  for (const { error, message, type, data } of objectsOf(output)) {
    const { summary, code } = isObject(error) ? error : {}
    const said = [summary, message, code, type === 'error' ? data : undefined, error].find(
      (text) => typeof text === 'string' && text !== '',
    )
    if (typeof said === 'string') return `: ${withoutCredentials(said.split('\n')[0] ?? '').slice(0, 300)}`
  }
  return ''
}

/** Whether it is an object that is no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text, or an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
