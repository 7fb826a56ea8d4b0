import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { measureMemory } from '../limiter/in-memory.ts'
import type { NodeBinary } from '../nodes.ts'

const run = promisify(execFile)
const CORE = new URL('../../../packages/core/', import.meta.url)
const KEYS = 1_000_000

/** How a row of weights is measured, in its unit. */
export const WEIGH: Readonly<Record<string, (node: NodeBinary, signal: AbortSignal) => Promise<number>>> = {
  'bytes of a key': bytesOfKey,
  'empty process': ({ path }, signal) => startOf(path, '', signal),
  import: ({ path }, signal) => startOf(path, `await import(${JSON.stringify(built().href)});`, signal),
  packed,
}

/** The core as it is shipped. */
export function built(): URL {
  return new URL('dist/index.js', CORE)
}

const QUIET = { begins: () => undefined, measured: () => undefined }

/** A process of its own is filled. */
async function bytesOfKey({ path }: NodeBinary, signal: AbortSignal): Promise<number> {
  const [sample] = await measureMemory(
    ['gatehouse gcra'],
    { keys: KEYS, fills: 1, decisions: 0, rounds: 0, node: path },
    QUIET,
    signal,
  )
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
  const { stdout } = await run(node, ['--input-type=module', '--eval', text], { signal })
  return Number(stdout)
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
