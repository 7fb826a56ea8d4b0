import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Where the numbers come from: no name and no path of it, so that results can be shown to anybody. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly node: string
  readonly platform: string
  /** RFC 3339, UTC. */
  readonly date: string
  /** The commit of the tree, with a `+` where the tree has changes besides. */
  readonly commit: string | undefined
  /** The packages that are measured or measure. */
  readonly versions: Readonly<Record<string, string>>
  /** The load average of the last minute before the bench began. */
  readonly loadBefore: number
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    date: new Date().toISOString(),
    commit: commitOf(),
    versions: versionsOf(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}

/** The bench names exact versions. */
function versionsOf(): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  return Object.fromEntries(Object.entries(dependencies).filter(([, version]) => /^\d/.test(version)))
}

function commitOf(): string | undefined {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', [...args], {
      cwd: new URL('.', import.meta.url),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  try {
    return `${git('rev-parse', '--short=10', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`
  } catch {
    // A copy without its history is measured all the same.
    return undefined
  }
}
