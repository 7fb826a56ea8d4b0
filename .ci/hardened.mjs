// The projects of consumers/ once more, on every line of Node, with the strictest flags that it has (DEP-03): without the right
// to read anything but what is installed, with frozen intrinsics, and without code that is made of texts.
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { VERSIONS, binary } from './lines.mjs'
import { Failure, root, run } from './setup.mjs'

/** Rights that a project needs besides those of reading what is installed, and of the network. */
const RIGHTS = {
  // `gatehouse init` writes a policy; and the project starts the bin, which itself has no such right.
  cli: (folder) => [`--allow-fs-write=${join(folder, 'gate.js')}`, '--allow-child-process'],
}

const FLAGS = {
  '--permission': ({ line, name, folder }) => [
    // Of Node 20 it is experimental.
    line === 20 ? '--experimental-permission' : '--permission',
    `--allow-fs-read=${join(folder, '*')}`,
    // Where the frameworks are that are lent.
    `--allow-fs-read=${join(realpathSync(join(root, 'node_modules')), '*')}`,
    // From Node 25 on it asks for the network, too.
    ...(line >= 25 ? ['--allow-net'] : []),
    ...(RIGHTS[name]?.(folder) ?? []),
  ],
  '--frozen-intrinsics': () => ['--frozen-intrinsics'],
  '--disallow-code-generation-from-strings': () => ['--disallow-code-generation-from-strings'],
}

/**
 * What is installed beside us and cannot run with a flag itself: its alone.js, which has nothing of Gatehouse, runs without the
 * flag, and fails with it, with these words.
 */
const FOREIGN = {}

/** Node of this process, and one of each other line. */
export async function binaries() {
  const lines = [[Number(process.versions.node.split('.')[0]), process.execPath]]
  for (const [line, version] of Object.entries(VERSIONS)) lines.push([Number(line), await binary(version)])
  return lines
}

/** Throws when a project does not work on a line with the flags, and when a reason for not trying has gone. */
export async function harden(name, folder, entry, lines) {
  const foreign = FOREIGN[name] ?? {}
  const names = Object.keys(FLAGS).filter((flag) => !(flag in foreign))
  for (const [line, node] of lines) {
    const flagsOf = (wanted) => wanted.flatMap((flag) => FLAGS[flag]({ line, name, folder }))
    await run(node, [...flagsOf(names), entry], { cwd: folder })
    for (const [flag, { what, words }] of Object.entries(foreign)) {
      const alone = join(folder, 'alone.js')
      if (!existsSync(alone)) throw new Failure(`consumers/${name} has no alone.js`)
      await run(node, [alone], { cwd: folder })
      const output = await run(node, [...flagsOf([flag]), alone], { cwd: folder }).then(
        () => '',
        (error) => error.message,
      )
      if (!words.test(output)) {
        throw new Failure(`${what} alone, with ${flag} on Node ${line}, did not say ${words}:\n${output}`)
      }
    }
  }
  const on = `Node ${lines.map(([line]) => line).join(', ')}`
  const without = Object.entries(foreign).map(([flag, { what }]) => `; ${what} cannot with ${flag}`)
  process.stdout.write(`consumer: ${name} works on ${on} with ${names.join(' ')}${without.join('')}\n`)
}
