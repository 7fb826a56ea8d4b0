import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Audit, audit } from './audit.ts'
import type { Manager } from './manager.ts'
import { type Outdated, outdated } from './outdated.ts'

/** What is known of the project that the policy belongs to. */
export interface Project {
  readonly folder: string
  readonly manifest: Manifest | undefined
  readonly manager: Manager | undefined
  readonly lockFile: string | undefined
  readonly nodeVersion: string
  readonly now: Date
  readonly env: Readonly<Record<string, string | undefined>>
  /** The lines of a Dockerfile, comments left out. */
  readonly dockerfile: readonly string[]
  /** Files of secrets that lie in the folder, and that git would take. */
  readonly unignored: readonly string[]
  /** Each version of @gatehouse/core that is installed. */
  readonly coreVersions: readonly string[]
  readonly audit: Audit | undefined
  readonly outdated: Outdated | undefined
}

/** What is read of a package.json. */
export interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly engines: string | undefined
}

const LOCK_FILES: readonly (readonly [file: string, manager: Manager | undefined])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', undefined],
  ['bun.lockb', undefined],
]

/** Silence would read as if somebody had looked. */
const NOT_ASKED = {
  done: false,
  why: 'doctor does not ask bun: bun audit and bun outdated tell it',
} as const

/** How the project is looked at. */
export interface LookAtProject extends Pick<Project, 'nodeVersion' | 'now' | 'env'> {
  readonly cwd: string
  /** Whether the package manager is asked for known holes and newer versions. */
  readonly audit: boolean
  /** In milliseconds, for the package manager. */
  readonly timeout: number
  readonly signal?: AbortSignal
}

/** Looks at the folder, and asks the package manager. */
export async function lookAtProject(asked: LookAtProject): Promise<Project> {
  const { cwd, nodeVersion, now, env } = asked
  // In a workspace the lock file is above the package.
  const above = foldersAbove(cwd)
  const locked = above
    .flatMap((folder) => LOCK_FILES.map(([file, manager]) => ({ path: join(folder, file), folder, manager })))
    .find(({ path }) => existsSync(path))
  const manager = locked === undefined ? undefined : managerOf(locked)
  const how = { env, timeout: asked.timeout, signal: asked.signal }
  const [audited, compared] =
    !asked.audit || locked === undefined
      ? []
      : manager === undefined
        ? [NOT_ASKED, NOT_ASKED]
        : await Promise.all([
            audit(manager, locked.folder, how),
            // In a workspace what this package has, and not what its root has.
            outdated(manager, cwd, how),
          ])
  return {
    folder: cwd,
    manifest: readManifest(join(cwd, 'package.json')),
    manager,
    lockFile: locked?.path,
    nodeVersion,
    now,
    env,
    dockerfile: linesOf(join(cwd, 'Dockerfile')).filter((line) => !line.trimStart().startsWith('#')),
    unignored: unignoredSecrets(cwd, above),
    coreVersions: coreVersions(cwd),
    audit: audited,
    outdated: compared,
  }
}

/** Yarn 1 and what came after it are called alike, and asked otherwise. */
function managerOf({
  manager,
  path,
}: {
  readonly manager: Manager | undefined
  readonly path: string
}): Manager | undefined {
  if (manager !== 'yarn') return manager
  return linesOf(path).some((line) => line.startsWith('# yarn lockfile v1')) ? 'yarn-1' : 'yarn'
}

function foldersAbove(folder: string): readonly string[] {
  const folders = [folder]
  for (let above = dirname(folder); above !== folders.at(-1); above = dirname(above)) {
    // A repository ends at its root.
    if (existsSync(join(folders.at(-1) ?? folder, '.git'))) break
    folders.push(above)
  }
  return folders
}

function readManifest(path: string): Manifest | undefined {
  if (!existsSync(path)) return undefined
  try {
    const value = JSON.parse(readText(path)) as Readonly<Record<string, unknown>>
    const { node } = (value['engines'] ?? {}) as { readonly node?: unknown }
    return {
      scripts: textsOf(value['scripts']),
      dependencies: textsOf(value['dependencies']),
      engines: typeof node === 'string' ? node : undefined,
    }
  } catch {
    return undefined
  }
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The lines of a file, none if there is no such file or it cannot be read. */
function linesOf(path: string): readonly string[] {
  try {
    return readText(path).split(/\r?\n/)
  } catch {
    return []
  }
}

/** Some editors begin a file with a mark that JSON does not know. */
function readText(path: string): string {
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
}

/** Files that hold secrets and that no line of .gitignore covers, in a repository of git. */
function unignoredSecrets(cwd: string, above: readonly string[]): readonly string[] {
  if (!above.some((folder) => existsSync(join(folder, '.git')))) return []
  // From the root on: of several lines that fit the last one decides (gitignore(5)), and the nearest file comes last.
  const lines = above.toReversed().flatMap((folder) => ignoredBy(join(folder, '.gitignore')))
  const covers = (name: string): boolean => lines.findLast(({ fits }) => fits(name))?.ignores === true
  return readdirSync(cwd).filter(
    (name) =>
      (/^\.env(?:\..+)?$/.test(name) && !/\.(?:example|sample|template|dist)$/.test(name) && !covers(name)) ||
      (/\.(?:pem|key|p12|pfx)$/.test(name) && !covers(name)),
  )
}

interface IgnoreLine {
  /** A line that begins with ! takes back what one before it has said. */
  readonly ignores: boolean
  readonly fits: (name: string) => boolean
}

/** The lines of a .gitignore, as far as they can be about a file of the folder. */
function ignoredBy(path: string): readonly IgnoreLine[] {
  return linesOf(path)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const ignores = !line.startsWith('!')
      const pattern = line
        .replace(/^!/, '')
        .replace(/^\*\*\//, '')
        .replace(/^\//, '')
      const glob = pattern.includes('*') ? globOf(pattern) : undefined
      return { ignores, fits: (name) => pattern === name || glob?.test(name) === true }
    })
}

function globOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '[^/]*')
  return new RegExp(`^${escaped}$`)
}

function coreVersions(cwd: string): readonly string[] {
  const versions = new Set<string>()
  for (const folder of foldersAbove(cwd)) {
    const modules = join(folder, 'node_modules')
    const places = [
      join(modules, '@gatehouse', 'core'),
      ...(existsSync(join(modules, '@gatehouse'))
        ? readdirSync(join(modules, '@gatehouse')).map((name) =>
            join(modules, '@gatehouse', name, 'node_modules', '@gatehouse', 'core'),
          )
        : []),
    ]
    for (const place of places) {
      const manifest = join(place, 'package.json')
      if (!existsSync(manifest)) continue
      const version = versionOf(manifest)
      if (version !== undefined) versions.add(version)
    }
  }
  return [...versions]
}

function versionOf(manifest: string): string | undefined {
  try {
    const { version } = JSON.parse(readText(manifest)) as { readonly version?: unknown }
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}
