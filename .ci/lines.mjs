// The lines of Node that are tried besides the first: the versions are those of nodes.json, and a binary comes from the npm
// package `node`, and is kept in node_modules/.gatehouse.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, cache, root, run, say } from './setup.mjs'

/** The exact version of each line. */
export const VERSIONS = JSON.parse(readFileSync(join(root, '.ci', 'nodes.json'), 'utf8'))

/** The binary of a version, installed once. */
export async function binary(version) {
  const folder = join(cache, 'nodes', version)
  const path = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(path)) {
    say(`Node ${version}`, 'installing ...')
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
