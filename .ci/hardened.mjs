// The projects of consumers/ once more, on every line of Node, with the strictest flags that it has (DEP-03): without the right
// to read anything but what is installed, with frozen intrinsics, and without code that is made of texts.
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { OWN_LINE, VERSIONS, binaryOf } from './node-binary.mjs'
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
 * flag, and fails with it, in the package that is named. `loads` is what of ours is loaded with that flag nevertheless.
 */
const FOREIGN = {
  express: {
    '--frozen-intrinsics': { what: 'Express', part: 'depd', loads: '@gatehouse/adapter-express' },
  },
  fastify: {
    '--disallow-code-generation-from-strings': {
      what: 'Fastify',
      part: 'find-my-way',
      loads: '@gatehouse/adapter-fastify',
    },
  },
  koa: {
    '--frozen-intrinsics': { what: 'Koa', part: 'depd', loads: '@gatehouse/adapter-koa' },
    '--disallow-code-generation-from-strings': { what: 'Koa', part: 'depd', loads: '@gatehouse/adapter-koa' },
  },
  nest: {
    '--frozen-intrinsics': { what: 'Nest', part: 'reflect-metadata' },
    '--disallow-code-generation-from-strings': { what: 'Nest on Fastify', part: 'find-my-way' },
  },
}

/** What such a project leaves out by itself when it sees the flag, and is run with it. */
const LEAVES_OUT = { nest: ['--disallow-code-generation-from-strings'] }

/** Node of this process, and one of each other line. */
export async function binaries() {
  const lines = [[Number(OWN_LINE), process.execPath]]
  for (const [line, version] of Object.entries(VERSIONS)) lines.push([Number(line), await binaryOf(version)])
  return lines
}

/** Throws when a project does not work on a line with the flags, and when what cannot be tried on it can. */
export async function harden(name, folder, entry, lines) {
  const foreign = Object.entries(FOREIGN[name] ?? {})
  const isTried = (flag) => !(flag in (FOREIGN[name] ?? {})) || LEAVES_OUT[name]?.includes(flag)
  const tried = Object.keys(FLAGS).filter(isTried)
  for (const [line, node] of lines) {
    const start = (flags, ...args) =>
      run(node, [...flags.flatMap((flag) => FLAGS[flag]({ line, name, folder })), ...args], { cwd: folder })
    await start(tried, entry)
    // The frameworks are the same on every line: that they cannot is shown on the first.
    if (node !== process.execPath) continue
    if (foreign.length > 0) await start([], join(folder, 'alone.js'))
    for (const [flag, { what, part, loads }] of foreign) {
      const error = await start([flag], join(folder, 'alone.js')).then(
        () => undefined,
        (failure) => failure,
      )
      if (error?.message.includes(join('node_modules', part, '/')) !== true)
        throw new Failure(
          `${what} alone, with ${flag} on Node ${line}, did not fail in ${part}: ${error?.message}`,
        )
      if (loads !== undefined) await start([flag], '--input-type=module', '--eval', `import '${loads}'`)
    }
  }
  const words = [
    `on Node ${lines.map(([line]) => line).join(', ')} with ${tried.join(' ')}`,
    ...foreign.map(([flag, { what, part }]) => `${what} itself cannot with ${flag} (${part})`),
  ]
  process.stdout.write(`consumer: ${name} works ${words.join('; ')}\n`)
}
