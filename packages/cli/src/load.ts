import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Gate, gatehouse, type Mistake, type Policy } from '@gatehouse/core'
import { cleanLine, withoutCredentials } from './clean.ts'
import { CliError, EXIT, type Io } from './io.ts'

/** A policy that was read from a file: its gate, or why it does not build. */
export interface Loaded {
  /** The absolute path of the file. */
  readonly file: string
  readonly gate: Gate | undefined
  readonly mistakes: readonly Mistake[]
}

/** What loading a policy needs of the world. */
type Place = Pick<Io, 'cwd' | 'divert' | 'loadTimeout'>

/** Where a policy is looked for when no file is named. */
const USUAL = [
  'policy.ts',
  'policy.js',
  'policy.mjs',
  'src/policy.ts',
  'src/policy.js',
  'src/policy.mjs',
  'gate.ts',
  'gate.js',
  'gate.mjs',
  'src/gate.ts',
  'src/gate.js',
  'src/gate.mjs',
]

/** The names under which a module may export a gate or a policy. */
const NAMES = ['gate', 'policy', 'default'] as const

/** The file of a policy: the one that is named, or one of the usual. */
export function findPolicy(cwd: string, named: string | undefined): string | undefined {
  if (named === undefined) return USUAL.map((name) => join(cwd, name)).find((path) => existsSync(path))
  const file = resolve(cwd, named)
  if (!existsSync(file)) throw new CliError(EXIT.failed, `There is no file ${named}.`)
  return file
}

/** Loads a policy, which a command cannot do without. */
export async function needPolicy(place: Place, named: string | undefined): Promise<Loaded> {
  const file = findPolicy(place.cwd, named)
  if (file === undefined)
    throw new CliError(EXIT.usage, `Name the file of the policy. Looked for: ${USUAL.join(', ')}.`)
  return loadPolicy(file, place)
}

/** Loads a gate, and fails when the policy does not build. */
export async function needGate(
  place: Place,
  named: string | undefined,
): Promise<Loaded & { readonly gate: Gate }> {
  const loaded = await needPolicy(place, named)
  if (loaded.gate !== undefined) return { ...loaded, gate: loaded.gate }
  const lines = loaded.mistakes.map(({ path, message, instead }) => `  ${path}: ${message} ${instead}`)
  throw new CliError(EXIT.failed, `The policy does not build:\n${lines.join('\n')}`)
}

/** Loads the module and finds the gate in it, or makes one of its policy. */
export async function loadPolicy(file: string, place: Place): Promise<Loaded> {
  let exported: Readonly<Record<string, unknown>>
  place.divert?.()
  try {
    exported = await within(place.loadTimeout ?? LOAD_TIMEOUT, load(file, place.cwd), file)
  } catch (error) {
    const mistakes = mistakesOf(error)
    if (mistakes !== undefined) return { file, gate: undefined, mistakes }
    if (error instanceof CliError) throw error
    throw new CliError(EXIT.failed, `${file} could not be loaded: ${messageOf(error)}`)
  }
  for (const name of NAMES) {
    const value = exported[name]
    if (typeof value !== 'object' || value === null) continue
    if (isGate(value)) return { file, gate: value, mistakes: [] }
    if ('admit' in value && 'routes' in value)
      throw new CliError(EXIT.failed, `${file} exports a gate of an older @gatehouse/core: update it.`)
    return build(file, value)
  }
  const found = Object.keys(exported).join(', ')
  throw new CliError(
    EXIT.failed,
    `${file} exports no gate and no policy. Write: export const gate = gatehouse({ ... }). It exports: ${found === '' ? 'nothing' : found}.`,
  )
}

/** As long as a module may take to load, in milliseconds. */
const LOAD_TIMEOUT = 30_000

/** The module; or a mistake, when it waits at its top level for what does not come. */
async function within<T>(timeout: number, loading: Promise<T>, file: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const text = `${file} did not load within ${timeout / 1000} seconds: it waits for something at its top level. Export the policy from a module that connects to nothing.`
      reject(new CliError(EXIT.failed, text))
    }, timeout)
  })
  try {
    return await Promise.race([loading, late])
  } finally {
    clearTimeout(timer)
  }
}

function build(file: string, policy: object): Loaded {
  try {
    return { file, gate: gatehouse(policy as Policy), mistakes: [] }
  } catch (error) {
    const mistakes = mistakesOf(error)
    if (mistakes === undefined) throw error
    return { file, gate: undefined, mistakes }
  }
}

/** The mistakes of a ConfigError, of whichever copy of the core threw it. */
function mistakesOf(error: unknown): readonly Mistake[] | undefined {
  if (!(error instanceof Error) || error.name !== 'ConfigError') return undefined
  const { mistakes } = error as { readonly mistakes?: unknown }
  return Array.isArray(mistakes) ? (mistakes as readonly Mistake[]) : undefined
}

function isGate(value: object): value is Gate {
  return ['describe', 'routes', 'explain', 'openapi'].every(
    (name) => typeof Reflect.get(value, name) === 'function',
  )
}

/** Node loads TypeScript by itself from 22.18 on; before that tsx does, where the project has it. */
async function load(file: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(file).href
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>
  } catch (error) {
    const { code } = Object(error) as { readonly code?: unknown }
    const isTypeScript = /^\.[cm]?ts$/.test(extname(file))
    if (!isTypeScript || typeof code !== 'string' || !NEEDS_TSX.has(code)) throw error
    const tsx = tsxFrom([dirname(file), cwd])
    if (tsx === undefined)
      throw new CliError(
        EXIT.failed,
        `${file} is TypeScript, which Node.js ${process.version} cannot load by itself: install tsx beside it (npm install --save-dev tsx), or use Node.js 22.18 or newer.`,
      )
    const { tsImport } = (await import(tsx)) as {
      tsImport: (url: string, parent: string) => Promise<unknown>
    }
    return (await tsImport(url, import.meta.url)) as Readonly<Record<string, unknown>>
  }
}

/** What node says of a file, or of something in it, that it would have to strip of types. */
const NEEDS_TSX: ReadonlySet<string> = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
])

/** The URL of the loader of tsx, as it is installed nearest to one of these folders. */
export function tsxFrom(folders: readonly string[]): string | undefined {
  for (const from of [...folders.map((folder) => join(folder, 'package.json')), import.meta.url]) {
    try {
      // Not `resolve('tsx/esm/api')`: it gives the CommonJS half, which cannot find its own loader.
      const path = createRequire(from).resolve('tsx/package.json')
      const { exports } = JSON.parse(readFileSync(path, 'utf8')) as {
        readonly exports: { readonly './esm/api': { readonly import: { readonly default: string } } }
      }
      return pathToFileURL(join(dirname(path), exports['./esm/api'].import.default)).href
    } catch {
      // Not there, or another tsx than is known: the next one.
    }
  }
  return undefined
}

/** What an error says, in one line, and no password of a URL in it. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return withoutCredentials(cleanLine(text.split('\n')[0] ?? ''))
}
