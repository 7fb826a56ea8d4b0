import { askManager, type HowAsked, isObject, type Manager, objectsOf, textOf, whyOf } from './manager.ts'

/** A dependency of which there is a newer version. */
export interface Older {
  readonly name: string
  readonly current: string
  readonly latest: string
}

/** What is outdated, or why nobody knows. */
export type Outdated =
  { readonly done: true; readonly older: readonly Older[] } | { readonly done: false; readonly why: string }

/** Yarn 2 and newer have no such command of their own. */
const ARGS: Readonly<Record<Manager, readonly string[] | undefined>> = {
  npm: ['outdated', '--json', '--long'],
  pnpm: ['outdated', '--format', 'json', '--prod'],
  yarn: undefined,
  'yarn-1': ['outdated', '--json'],
}

/** Asks the package manager for newer versions; never throws. */
export async function outdated(manager: Manager, folder: string, how: HowAsked): Promise<Outdated> {
  const args = ARGS[manager]
  if (args === undefined) return { done: false, why: 'yarn has no command for it from version 2 on' }
  const told = await askManager(manager, args, folder, how)
  if (!told.done) return told
  const older = readOutdated(told.output)
  if (older !== undefined) return { done: true, older }
  // Where nothing is outdated, some versions write nothing.
  if (told.code === 0 && told.output.trim() === '') return { done: true, older: [] }
  return {
    done: false,
    why: `${manager.split('-')[0]} outdated gave no answer${whyOf(told.output)}. Is the registry within reach`,
  }
}

/** What the managers write; what is for development alone is left out, and so is what is not installed. */
export function readOutdated(output: string): readonly Older[] | undefined {
  const lines = objectsOf(output)
  const [first] = lines
  if (first === undefined || 'error' in first) return undefined
  if (lines.some((line) => 'type' in line && 'data' in line)) return readTable(lines)
  const found: Older[] = []
  for (const [name, value] of Object.entries(first)) {
    // Npm lists one that several packages of a workspace have.
    const all: readonly unknown[] = Array.isArray(value) ? value : [value]
    for (const each of all) {
      if (!isObject(each)) return undefined
      const type = each['type'] ?? each['dependencyType']
      if (type !== 'devDependencies') add(found, name, each['current'], each['latest'])
    }
  }
  return found
}

/** Yarn 1: `{ type: 'table', data: { head, body } }`. */
function readTable(lines: readonly Readonly<Record<string, unknown>>[]): readonly Older[] | undefined {
  const found: Older[] = []
  for (const { type, data } of lines) {
    if (type === 'error') return undefined
    if (type !== 'table' || !isObject(data) || !Array.isArray(data['head']) || !Array.isArray(data['body']))
      continue
    const head = data['head'] as readonly unknown[]
    const at = (row: readonly unknown[], name: string): unknown => row[head.indexOf(name)]
    for (const row of data['body'] as readonly unknown[])
      if (Array.isArray(row) && at(row, 'Package Type') !== 'devDependencies')
        add(found, textOf(at(row, 'Package')), at(row, 'Current'), at(row, 'Latest'))
  }
  return found
}

/** Once for each, where there is a newer one: the latest may be older than what is installed, and then nothing is. */
function add(found: Older[], name: string, current: unknown, latest: unknown): void {
  if (typeof current !== 'string' || typeof latest !== 'string' || found.length >= 500) return
  if (!isNewer(latest, current) || found.some((each) => each.name === name && each.current === current))
    return
  found.push({ name, current, latest })
}

/** Numbers of a version, without what a pre-release adds. */
export function numbersOf(version: string): readonly number[] {
  const [, ...numbers] = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})/.exec(version) ?? []
  return numbers.map(Number)
}

function isNewer(one: string, other: string): boolean {
  const [ones, others] = [numbersOf(one), numbersOf(other)]
  if (ones.length < 3 || others.length < 3) return false
  const at = ones.findIndex((each, index) => each !== others[index])
  return at !== -1 && Number(ones[at]) > Number(others[at])
}
