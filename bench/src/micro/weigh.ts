import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { measureMemory } from '../limiter/in-memory.ts'
import type { NodeBinary } from '../nodes.ts'
import { built, builtTypes, variant } from './variants.ts'

const run = promisify(execFile)
const CORE = new URL('../../../packages/core/', import.meta.url)
const KEYS = 1_000_000

type Weigh = (node: NodeBinary, signal: AbortSignal) => Promise<number>

/** How a row of weights is measured, in its unit. */
export const WEIGH: Readonly<Record<string, Weigh>> = {
  'bytes of a key': bytesOfKey,
  'empty process': ({ path }, signal) => startOf(path, '', signal),
  import: importOf(built),
  'modules of Node': importOf(() => variant('modules')),
  'compiling the source': compiling,
  'import, minified': importOf(() => variant('minified')),
  'import, least gate': importOf(() => variant('least')),
  packed,
  'packed code': compressed(built),
  'packed types': compressed(builtTypes),
  'packed code, minified': compressed(() => variant('minified')),
  'packed code, least gate': compressed(() => variant('least')),
}

const QUIET = { begins: () => undefined, measured: () => undefined }

/** A process of its own is filled. */
async function bytesOfKey({ path }: NodeBinary, signal: AbortSignal): Promise<number> {
  const plan = { keys: KEYS, fills: 1, decisions: 0, rounds: 0, node: path }
  const [sample] = await measureMemory(['gatehouse gcra'], plan, QUIET, signal)
  if (sample === undefined) throw new Error('no memory was measured')
  return sample.rssBytes
}

/**
 * Milliseconds of processor time of a process until its module is done, whatever node itself takes for its start included.
 *
 * Trap: the time that goes by depends on what is in the file cache and on who else wants a core; and a module that is
 * imported by a name is looked up, which takes longer in a deep tree.
 */
async function startOf(node: string, module: string, signal: AbortSignal): Promise<number> {
  const text = `${module} const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)`
  return numberOf(node, ['--input-type=module', '--eval', text], signal)
}

function importOf(url: () => URL | Promise<URL>): Weigh {
  return async ({ path }, signal) => {
    const { href } = await url()
    return startOf(path, `await import(${JSON.stringify(href)});`, signal)
  }
}

/** Milliseconds in which V8 makes a module of the source: nothing of it runs, and what it imports is not looked for. */
async function compiling({ path }: NodeBinary, signal: AbortSignal): Promise<number> {
  const text = `
    const { SourceTextModule } = process.getBuiltinModule('node:vm')
    const source = process.getBuiltinModule('node:fs').readFileSync(new URL(${JSON.stringify(built().href)}), 'utf8')
    const before = process.cpuUsage()
    new SourceTextModule(source)
    const { user, system } = process.cpuUsage(before)
    console.log((user + system) / 1000)`
  const flags = ['--experimental-vm-modules', '--no-warnings', '--input-type=module']
  return numberOf(path, [...flags, '--eval', text], signal)
}

/** The number that a process writes. */
async function numberOf(node: string, args: readonly string[], signal: AbortSignal): Promise<number> {
  const { stdout } = await run(node, args, { signal })
  return Number(stdout)
}

/** Kilobytes of a file as they are in a tarball. */
function compressed(url: () => URL | Promise<URL>): Weigh {
  return async () => gzipSync(await readFile(await url()), { level: 9 }).length / 1000
}

/** Kilobytes of the tarball, as npm would make it. */
async function packed(_node: NodeBinary, signal: AbortSignal): Promise<number> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: fileURLToPath(CORE),
    signal,
    shell: process.platform === 'win32',
  })
  const [tarball] = JSON.parse(stdout) as readonly { readonly size: number }[]
  if (tarball === undefined) throw new Error('npm packed nothing')
  return tarball.size / 1000
}
