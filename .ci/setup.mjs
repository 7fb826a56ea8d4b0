// The set-up of a fresh clone, with nothing but Node and npm: checks Node, installs, builds. Each step is
// skipped when a hash of all that it depends on says that it was done before, so a second run costs
// milliseconds. `npm start`, `npm test` and `npm run bench` call it first.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Stamps, tarballs and reports of these scripts; gone with node_modules. */
export const cache = join(root, 'node_modules', '.gatehouse')

// A pnpm of the same major on PATH will do as well.
const PNPM = '12.21.0'

/** A failure that is told in one line, without a stack. */
export class Failure extends Error {}

/** Runs the body of a script; a Failure is printed and ends it with exit code 1. */
export async function main(body) {
  try {
    const code = await body()
    if (typeof code === 'number') process.exitCode = code
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exitCode = 1
  }
}

/** Says one line of progress. */
export function say(subject, words) {
  process.stdout.write(`set-up  ${subject.padEnd(28)}${words}\n`)
}

/** Runs a tool and keeps its output; on a failure the output is part of what is thrown. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', (error) => reject(new Failure(`${command} could not be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout)
      const words = [command === process.execPath ? 'node' : command, ...args.map((arg) => relativeOf(arg))]
      reject(
        new Failure(
          `${output.trimEnd()}\n\n${words.join(' ')}: failed with ${signal ?? `exit code ${code}`}`,
        ),
      )
    })
  })
}

/** Runs a tool on this terminal and gives its exit code; signals sent to this process reach it. */
export function pass(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options })
    const forward = (signal) => {
      // Ctrl-C in a terminal has already reached the whole process group: a second one could mean "now, at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    const watch = stopWithParent(child)
    child.on('error', (error) => reject(new Failure(`${command} could not be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      clearInterval(watch)
      for (const name of signals) process.off(name, forward)
      if (signal !== null) process.kill(process.pid, signal)
      resolve(code ?? 1)
    })
  })
}

// npm hands a signal to the shell that it started, and that shell dies of it without a word to us: to be left
// by it is to be told to stop.
function stopWithParent(child) {
  if (process.env.npm_lifecycle_event === undefined) return undefined
  const parent = process.ppid
  return setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 250)
}

/** The path of a tool's JavaScript entry in node_modules, to be run with this very Node. */
export function tool(name, bin = name) {
  const folder = join(root, 'node_modules', ...name.split('/'))
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bins === 'string' ? bins : bins[bin])
}

/** The files under a folder for which `keep` holds, as sorted paths from the root; none when it is missing. */
export function filesUnder(folder, keep = () => true) {
  const found = []
  const visit = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const inner = `${path}/${entry.name}`
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'dist') visit(inner)
      } else if (keep(inner)) found.push(inner)
    }
  }
  if (existsSync(join(root, folder))) visit(folder)
  return found.sort()
}

/** The workspace packages: those to publish first, in the order in which they are built. */
export function workspaces() {
  const folders = (parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : []
  return [...folders('packages').sort(coreFirst), 'bench', ...folders('examples').sort()].filter((folder) =>
    existsSync(join(root, folder, 'package.json')),
  )
}

/** The packages to publish, core first. */
export function packages() {
  return workspaces().filter((folder) => folder.startsWith('packages/'))
}

/** Runs pnpm: that of PATH when its major is ours, else through npx. */
export async function pnpm(args, options = {}) {
  // CI=true: never ask, not even whether an old node_modules may be removed.
  const env = { ...process.env, CI: 'true', npm_config_update_notifier: 'false' }
  const [command, ...before] = await pnpmCommand()
  // A shell is needed on Windows, where npx and pnpm are .cmd files; all arguments are our own words.
  return run(command, [...before, ...args], { env, shell: process.platform === 'win32', ...options })
}

/**
 * Checks Node, installs when a manifest or the lock file changed, builds what changed.
 *
 * @param options `build: false` leaves the packages unbuilt; `force: true` builds them all
 */
export async function setUp({ build = true, force = false } = {}) {
  const start = performance.now()
  checkNode()
  const worked = [await install(), build && (await buildPackages(force))]
  if (!worked.includes(true)) say('nothing to do', seconds(start))
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = engines.node.replace('>=', '').split('.').map(Number)
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > wanted[0] || (major === wanted[0] && minor >= (wanted[1] ?? 0))) return
  throw new Failure(
    `Gatehouse needs Node ${engines.node}, and this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer Node (nodejs.org, or your version manager), then run the same command again.',
  )
}

async function install() {
  const manifests = ['package.json', ...workspaces().map((folder) => `${folder}/package.json`)]
  const inputs = [...manifests, 'pnpm-lock.yaml', 'pnpm-workspace.yaml']
  const stamp = new Stamp('install', hashOf(inputs, process.platform, process.arch))
  const present = [
    'node_modules/.pnpm',
    ...workspaces()
      .filter(needsModules)
      .map((folder) => `${folder}/node_modules`),
  ]
  if (stamp.holds() && present.every((path) => existsSync(join(root, path)))) return false

  const start = performance.now()
  say('dependencies', `installing with pnpm ${PNPM.split('.')[0]} ...`)
  await pnpm(['install', '--frozen-lockfile'])
  stamp.write()
  say('dependencies', `installed ${seconds(start)}`)
  return true
}

function needsModules(folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0
}

async function buildPackages(force) {
  const [core, ...others] = packages()
  if (core === undefined) return false
  const coreHash = hashOfPackage(core)
  const built = [await buildPackage(core, coreHash, force)]
  // The declarations of the others are made against the built ones of core.
  built.push(
    ...(await Promise.all(
      others.map((folder) => buildPackage(folder, hashOfPackage(folder, coreHash), force)),
    )),
  )
  return built.includes(true)
}

async function buildPackage(folder, hash, force) {
  const stamp = new Stamp(`build-${folder.replace('/', '-')}`, hash)
  const results = ['dist/index.js', 'dist/index.d.ts'].map((file) => join(root, folder, file))
  if (!force && stamp.holds() && results.every((file) => existsSync(file))) return false

  const start = performance.now()
  say(folder, 'building ...')
  stamp.remove()
  await run(process.execPath, [tool('tsup')], { cwd: join(root, folder) })
  const missing = results.find((file) => !existsSync(file))
  if (missing !== undefined) throw new Failure(`the build of ${folder} made no ${relativeOf(missing)}`)
  stamp.write()
  say(folder, `built ${seconds(start)}`)
  return true
}

function hashOfPackage(folder, ...more) {
  const inputs = [...filesUnder(`${folder}/src`), `${folder}/package.json`, `${folder}/tsup.config.ts`]
  return hashOf([...inputs, '.ci/tsup.ts', 'tsconfig.json', 'pnpm-lock.yaml'], ...more)
}

function hashOf(files, ...more) {
  const hash = createHash('sha256')
  for (const file of files) {
    // With a length before each part, no two lists of files give the same stream.
    const bytes = existsSync(join(root, file)) ? readFileSync(join(root, file)) : 'missing'
    hash.update(`${file}\0${bytes.length}\0`).update(bytes)
  }
  for (const word of more) hash.update(`${word}\0`)
  return hash.digest('hex')
}

/** A file that remembers the hash of the inputs of a step that was done. */
class Stamp {
  #path
  #hash

  constructor(name, hash) {
    this.#path = join(cache, `${name}.stamp`)
    this.#hash = hash
  }

  holds() {
    return existsSync(this.#path) && readFileSync(this.#path, 'utf8') === this.#hash
  }

  remove() {
    rmSync(this.#path, { force: true })
  }

  write() {
    mkdirSync(cache, { recursive: true })
    writeFileSync(this.#path, this.#hash)
  }
}

async function pnpmCommand() {
  const names = process.platform === 'win32' ? ['pnpm.cmd', 'pnpm.exe'] : ['pnpm']
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => names.some((name) => folder !== '' && existsSync(join(folder, name))))
  if (onPath) {
    const version = await run('pnpm', ['--version'], { shell: process.platform === 'win32' }).catch(() => '')
    if (version.trim().split('.')[0] === PNPM.split('.')[0]) return ['pnpm']
  }
  return ['npx', '--yes', `pnpm@${PNPM}`]
}

function coreFirst(a, b) {
  if (a.endsWith('/core') !== b.endsWith('/core')) return a.endsWith('/core') ? -1 : 1
  return a < b ? -1 : 1
}

function relativeOf(path) {
  return path.startsWith(root + sep) ? relative(root, path) : path
}

/** The time since `start`, as people read it. */
export function seconds(start) {
  return `(${((performance.now() - start) / 1000).toFixed(1)} s)`
}

// npm run setup, npm run build (--force)
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(() => setUp({ force: process.argv.includes('--force') }))
}
