import { GROWN } from '../growth/rows.ts'
import { CALLS } from './calls.ts'
import { MATCHES } from './matches.ts'
import { REQUESTS } from './requests.ts'
import type { Row, RowFacts, Rows } from './row.ts'
import { WEIGHTS } from './weights.ts'

/** What is measured in a process that has loaded the core. */
const ROWS: Rows = { ...REQUESTS, ...MATCHES, ...CALLS }
const PREPARED: Rows = { ...ROWS, ...GROWN }

/** All rows, in the order of the tables. */
export const ALL: Readonly<Record<string, RowFacts>> = { ...ROWS, ...WEIGHTS }

/** The names that can be asked for: floors come by themselves. */
export const NAMES: readonly string[] = Object.keys(ALL).filter((name) => ALL[name]?.isFloor !== true)

/** @throws RangeError when there is none of that name */
export function factsOf(name: string): RowFacts {
  return known(ALL, name)
}

/** @throws RangeError when none of that name is measured in a process that has loaded the core */
export function rowOf(name: string): Row {
  return known(PREPARED, name)
}

/** The line of Node that a row is of, where it was measured on this one: none where it is the same on each. */
export function lineFor(row: string, node: string): string {
  return factsOf(row).isOfNoLine === true ? '' : node
}

/** Rows with those that are taken off them, each once. */
export function withFloors(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => [factsOf(name).over ?? name, name]))]
}

function known<T>(rows: Readonly<Record<string, T>>, name: string): T {
  const row = rows[name]
  if (row === undefined) throw new RangeError(`there is no row ${name}`)
  return row
}
