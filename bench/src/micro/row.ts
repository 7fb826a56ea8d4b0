import type { Core } from '../whole-policy.ts'

/** Measures for so long, and gives nanoseconds of processor time for each. */
export type Measure = (ms: number) => number | Promise<number>

/** What a number is of; tables and pictures are made of each. */
export const GROUPS = ['request', 'refusals', 'checks', 'tokens', 'limiter', 'routes', 'weight'] as const
export type GroupName = (typeof GROUPS)[number]

/** What the units are in nanoseconds; of the others nothing is converted. */
export const NANOS = { ns: 1, µs: 1000, ms: 1_000_000 } as const
export type Unit = keyof typeof NANOS | 'bytes' | 'kB'

/** What can be told of a row without measuring it. */
export interface RowFacts {
  readonly group: GroupName
  /** What it is, in a few words. */
  readonly what: string
  readonly unit: Unit
  /** The row that is taken off, of the same round: what is left is what the gate itself takes. */
  readonly over?: string
  /** What was set out to be reached, in the unit, after the floor is taken off. */
  readonly bound?: { readonly must: number; readonly aim: number }
  /** Whether it is the same on every line of Node, and measured once. */
  readonly isOfNoLine?: true
  /** Whether it is measured for the sake of others alone. */
  readonly isFloor?: true
}

/** One thing that is measured in a process of its own. */
export interface Row extends RowFacts {
  readonly prepare: (core: Core) => Measure | Promise<Measure>
  /** Whether it is the first time that counts, as it is for what a server does once. */
  readonly cold?: true
}

export type Rows = Readonly<Record<string, Row>>
