// The binaries of other lines of Node, from the npm package `node`, kept in node_modules/.gatehouse. Run with the name of a line, it
// prints the path of its binary: node .ci/node-binary.mjs 22
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure, cache, main, root, run } from './setup.mjs'

/** The exact version of each line that is served. */
const LINES = JSON.parse(readFileSync(join(root, '.ci', 'nodes.json'), 'utf8'))

/** The line of this process, which is the first to be tried. */
export const OWN_LINE = process.versions.node.split('.')[0]

/** The exact version of each other line. */
export const VERSIONS = Object.fromEntries(Object.entries(LINES).filter(([line]) => line !== OWN_LINE))

/** The binary of a version, installed once. */
export async function binaryOf(version) {
  const folder = join(cache, 'nodes', version)
  const path = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(path)) {
    process.stderr.write(`Node ${version}: installing ...\n`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    // Its install script puts the binary of this machine in its place.
    const flags = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts=false', '--prefer-offline']
    await run('npm', ['install', ...flags, `node@${version}`], {
      cwd: folder,
      shell: process.platform === 'win32',
    })
  }
  const is = (await run(path, ['--version'])).trim()
  if (is !== `v${version}`) throw new Failure(`${path} is Node ${is}, and not ${version}`)
  return path
}

/** The binary of a line: that which runs, where it is of the line. */
async function binaryOfLine(line) {
  if (line === OWN_LINE) return process.execPath
  const version = LINES[line]
  if (version === undefined) throw new Failure(`there is no line ${line} of Node here`)
  return binaryOf(version)
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(async () => {
    process.stdout.write(`${await binaryOfLine(process.argv[2])}\n`)
  })
}
