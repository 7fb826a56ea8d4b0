// How the tests are run, for test.mjs and nodes.mjs: which files there are, and with which flags of node.
import { availableParallelism } from 'node:os'
import { filesUnder, workspaces } from './setup.mjs'

/** Known by its URL: a process that a test starts elsewhere with the flags of its own has it, too. */
const STRIP = new URL('strip.mjs', import.meta.url).href

/** Of node, before the reporters and the files. */
export const FLAGS = [
  '--conditions=@gatehouse/source',
  ...['--import', STRIP],
  '--test',
  `--test-concurrency=${availableParallelism()}`,
  '--test-timeout=120000',
]

/** Every test file of the workspace, as a path from the root. */
export function testFiles() {
  return workspaces().flatMap((folder) => filesUnder(`${folder}/test`, (path) => path.endsWith('.test.ts')))
}
