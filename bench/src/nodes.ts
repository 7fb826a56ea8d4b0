import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A Node that stacks run on. */
export interface NodeBinary {
  /** `22` for example. */
  readonly line: string
  /** As it tells it: `v22.1.0`. */
  readonly version: string
  readonly path: string
}

const SCRIPT = fileURLToPath(new URL('../../.ci/node-binary.mjs', import.meta.url))

const run = promisify(execFile)
const found = new Map<string, Promise<NodeBinary>>()

/** `22` of `v22.1.0`. */
export function lineOf(version: string): string {
  return /\d+/.exec(version)?.[0] ?? version
}

/** The Node that the bench itself runs on. */
export const OWN_NODE: NodeBinary = {
  line: lineOf(process.version),
  version: process.version,
  path: process.execPath,
}

/** The binaries of some lines, fetched where they are missing; of no line, that of the bench itself. */
export async function nodesOf(lines: readonly string[]): Promise<readonly NodeBinary[]> {
  if (lines.length === 0) return [OWN_NODE]
  const binaries: NodeBinary[] = []
  // One after the other: two that install at once would fight over the same folder.
  for (const line of lines) {
    const binary = found.get(line) ?? find(line)
    found.set(line, binary)
    binaries.push(await binary)
  }
  return binaries
}

async function find(line: string): Promise<NodeBinary> {
  const path = (await run(process.execPath, [SCRIPT, line], { encoding: 'utf8' })).stdout.trim()
  const version = (await run(path, ['--version'], { encoding: 'utf8' })).stdout.trim()
  return { line, version, path }
}
