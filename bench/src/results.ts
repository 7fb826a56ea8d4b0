import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { Machine } from './machine.ts'

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

/** Keeps a part: the results of an earlier day are replaced. */
export async function keepResults(machine: Machine, measured: Measured): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  await writeResults(new URL(`${measured.part}.json`, RESULTS), { machine, measured: [measured] })
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
