// npm run nodes: a chosen part of the tests on every other line of Node that is maintained, one after the other; the versions
// are those of nodes.json. `npm run nodes -- 24` runs one line, and `npm run nodes -- --all` every test on it. A binary comes from the npm
// package `node`, and is kept in node_modules/.gatehouse.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Failure, cache, filesUnder, main, pass, root, run, say, setUp, workspaces } from './setup.mjs'

const VERSIONS = JSON.parse(readFileSync(join(root, '.ci', 'nodes.json'), 'utf8'))

/**
 * What differs between lines: the binding to node:http and node:http2, node:crypto, and what is shipped; of each adapter every case of
 * the suite. The rest is plain JavaScript, and slow to try.
 */
const CHOSEN = [
  'packages/core/test/conformance/',
  'packages/core/test/identity/jwt/',
  'packages/core/test/node/attach',
  'packages/core/test/node/closing',
  'packages/core/test/node/http2',
  'packages/core/test/node/upgrade',
  'packages/core/test/node/waiting',
  'packages/core/test/package/hardened',
  'packages/adapter-express/test/conformance',
  'packages/adapter-fastify/test/conformance',
  'packages/adapter-hono/test/conformance',
  'packages/adapter-koa/test/conformance',
  'packages/adapter-nest/test/conformance',
]

await main(async () => {
  const args = process.argv.slice(2)
  const everything = args.includes('--all')
  const lines = args.filter((arg) => !arg.startsWith('-'))
  const unknown = lines.find((line) => !(line in VERSIONS))
  if (unknown !== undefined)
    throw new Failure(`nodes.json has no line ${unknown}: it has ${Object.keys(VERSIONS).join(', ')}`)

  await setUp()
  const all = workspaces().flatMap((folder) =>
    filesUnder(`${folder}/test`, (path) => path.endsWith('.test.ts')),
  )
  const files = everything ? all : all.filter((path) => CHOSEN.some((start) => path.startsWith(start)))
  const lacking = CHOSEN.filter((start) => !all.some((path) => path.startsWith(start)))
  if (lacking.length > 0)
    throw new Failure(`no test file has a path that begins with ${lacking.join(' or ')}`)
  for (const line of lines.length === 0 ? Object.keys(VERSIONS) : lines) {
    const code = await tryOn(line, files)
    if (code !== 0) return code
  }
  return 0
})

async function tryOn(line, files) {
  const start = performance.now()
  const node = await binary(VERSIONS[line])
  const flags = ['--conditions=@gatehouse/source', '--import', 'tsx', '--test', '--test-timeout=120000']
  const concurrency = `--test-concurrency=${availableParallelism()}`
  // Dots for what passes: the run on the first line of Node has told the names.
  const code = await pass(node, [...flags, concurrency, '--test-reporter=./.ci/brief.mjs', ...files], {
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  })
  say(
    `Node ${VERSIONS[line]}`,
    `${files.length} files (${((performance.now() - start) / 1000).toFixed(1)} s)`,
  )
  return code
}

/** The binary of a version, installed once. */
async function binary(version) {
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
