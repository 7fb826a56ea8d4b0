import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { Machine } from './machine.ts'
import type { Part } from './part.ts'

/** One part, as it was measured. */
export interface Measured {
  readonly part: string
  readonly plan: object
  readonly results: object
}

/** A file of results: of one part in `bench/results`, of a whole run where `--json` says. */
export interface ResultsFile {
  readonly machine: Machine
  readonly measured: readonly Measured[]
}

/** Where parts that were measured whole are kept. */
export const RESULTS: URL = new URL('../results/', import.meta.url)

/** Nothing here is known to more than a few digits, and the files are kept. */
function inShort(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
}

/** Writes the results where they were asked for. */
export async function writeResults(file: string | URL, results: ResultsFile): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, inShort, 1)}\n`)
}

/** What must be the same, or results cannot stand side by side. */
const SAME = ['cpu', 'cores', 'platform'] as const

/**
 * Keeps a part: beside the results of an earlier day where it can be put together, or in their place.
 *
 * @param whole whether it may take the place of what was measured on another machine
 * @throws Error when it may not
 */
export async function keepResults(
  { name, merge }: Pick<Part, 'name' | 'merge'>,
  whole: boolean,
  machine: Machine,
  measured: Measured,
  folder: URL = RESULTS,
): Promise<void> {
  const file = new URL(`${name}.json`, folder)
  const before = await readResults(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const earlier = before?.measured.find(({ part }) => part === name)
  const isSame = before === undefined || SAME.every((what) => before.machine[what] === machine[what])
  if (!isSame && !whole)
    throw new Error(`bench/results/${name}.json is of another machine: measure ${name} whole`)
  const kept =
    isSame && before !== undefined && earlier !== undefined && merge !== undefined
      ? merge({ ...earlier, machine: before.machine }, { ...measured, machine })
      : { ...measured, machine }
  await mkdir(folder, { recursive: true })
  await writeResults(file, {
    machine: kept.machine,
    measured: [{ part: name, plan: kept.plan, results: kept.results }],
  })
}

/**
 * Reads a file of results.
 *
 * @throws Error when it is none
 */
export async function readResults(file: string | URL): Promise<ResultsFile> {
  const read: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (typeof read === 'object' && read !== null && 'machine' in read && 'measured' in read)
    return read as ResultsFile
  throw new Error(`${String(file)} has no results of the bench`)
}
