import { spawn } from 'node:child_process'

/** The package managers that have an audit. */
export type Manager = 'npm' | 'pnpm' | 'yarn'

/** A dependency with a known hole. */
export interface Advisory {
  readonly name: string
  readonly severity: string
  readonly title: string
}

/** What an audit said, or why it said nothing. */
export type Audit =
  | { readonly done: true; readonly advisories: readonly Advisory[] }
  | { readonly done: false; readonly why: string }

const ARGS: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['audit', '--json', '--omit=dev'],
  pnpm: ['audit', '--json', '--prod'],
  yarn: ['npm', 'audit', '--json', '--recursive', '--environment', 'production'],
}

/** As much as is read of what it says. */
const MAX_OUTPUT = 16_777_216

/** Asks the package manager, for no longer than `timeout` milliseconds; never throws. */
export function audit(
  manager: Manager,
  folder: string,
  options: {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly timeout: number
    readonly signal: AbortSignal | undefined
  },
): Promise<Audit> {
  return new Promise((resolve) => {
    const child = spawn(manager, [...ARGS[manager]], {
      cwd: folder,
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
      timeout: options.timeout,
      killSignal: 'SIGKILL',
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT) output += text
    })
    child.on('error', () => resolve({ done: false, why: `${manager} could not be started` }))
    child.on('close', (_code, signal) => {
      if (signal !== null)
        return resolve({
          done: false,
          why: `${manager} audit took longer than ${options.timeout / 1000} seconds`,
        })
      const advisories = readAudit(output)
      resolve(
        advisories === undefined
          ? { done: false, why: `${manager} audit gave no answer: is the registry within reach?` }
          : { done: true, advisories },
      )
    })
  })
}

/** What the managers write: npm 7 and newer, pnpm (as npm 6), and yarn, a line for each. */
export function readAudit(output: string): readonly Advisory[] | undefined {
  const whole = parse(output)
  const lines = whole === undefined ? output.split('\n').map(parse) : [whole]
  const found: Advisory[] = []
  let understood = false
  for (const line of lines) {
    if (line === undefined) continue
    if (isObject(line['vulnerabilities'])) {
      understood = true
      for (const [name, each] of Object.entries(line['vulnerabilities']))
        if (isObject(each)) found.push(advisory(name, each['severity'], titleOf(each['via'])))
    } else if (isObject(line['advisories'])) {
      understood = true
      for (const each of Object.values(line['advisories']))
        if (isObject(each)) found.push(advisory(each['module_name'], each['severity'], each['title']))
    } else if (isObject(line['children'])) {
      understood = true
      const { children } = line
      found.push(advisory(line['value'], children['Severity'], children['Issue']))
    }
  }
  // Yarn says nothing at all when there is nothing to say.
  return understood || output.trim() === '' ? found.slice(0, 200) : undefined
}

function advisory(name: unknown, severity: unknown, title: unknown): Advisory {
  return { name: textOf(name), severity: textOf(severity).toLowerCase(), title: textOf(title) }
}

/** Of a dependency of a dependency npm names only which one it is. */
function titleOf(via: unknown): unknown {
  if (!Array.isArray(via)) return ''
  const [first] = via as readonly unknown[]
  return isObject(first) ? first['title'] : `by ${via.map(textOf).join(', ')}`
}

function textOf(value: unknown): string {
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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
