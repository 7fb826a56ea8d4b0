import type { RunOf } from '../merge.ts'
import { type Spread, spreadOf } from '../statistics.ts'
import { ALL, factsOf, lineFor } from './rows.ts'
import type { MicroResults, MicroSample } from './run.ts'

/** One row on one line of Node, over all rounds. */
export interface MicroSummary {
  readonly node: string
  readonly row: string
  /** As it was measured. */
  readonly whole: Spread
  /** What is left when its floor of the same round is taken off; the same as `whole` where it has none. */
  readonly own: Spread
  /** How it stands to what was set out to be reached; `undefined` where nothing was. */
  readonly verdict: 'aim' | 'must' | 'missed' | undefined
}

/** Sums up the rounds, in the order in which rows were asked for and then by line of Node; floors have no row. */
export function summariseMicro(
  { samples }: Pick<MicroResults, 'samples'>,
  rows: readonly string[],
): readonly MicroSummary[] {
  const nodes = [...new Set(samples.map(({ node }) => node))].toSorted()
  return rows.flatMap((row) =>
    nodes.flatMap((node) => {
      const values = ownOf(samples, node, row)
      if (values.length === 0) return []
      const own = spreadOf(values.map((each) => each.own))
      return {
        node,
        row,
        whole: spreadOf(values.map((each) => each.whole)),
        own,
        verdict: verdictOf(row, own.median),
      }
    }),
  )
}

/** Rounds by line of Node. */
export function microRuns({ nodes, samples }: MicroResults): readonly RunOf<MicroSample>[] {
  const own = samples
    // What the bench knows no more is gone.
    .filter(({ row }) => ALL[row] !== undefined)
    .map((sample) => ({ ...sample, node: lineFor(sample.row, sample.node) }))
  return [...new Set(own.map(({ node }) => node))].map((line) => ({
    node: nodes[line] ?? line,
    samples: own.filter(({ node }) => node === line),
  }))
}

/** A row round by round, as it was measured and without its floor. */
export function ownOf(
  samples: readonly MicroSample[],
  node: string,
  row: string,
): readonly { readonly round: number; readonly whole: number; readonly own: number }[] {
  const { over } = factsOf(row)
  const ofRow = (name: string): readonly MicroSample[] =>
    samples.filter((sample) => sample.node === node && sample.row === name)
  const floors = over === undefined ? [] : ofRow(over)
  return ofRow(row).map(({ round, value }) => {
    const floor = floors.find((sample) => sample.round === round)
    if (over !== undefined && floor === undefined)
      throw new RangeError(`there is no ${over} in round ${round}`)
    return { round, whole: value, own: value - (floor?.value ?? 0) }
  })
}

function verdictOf(row: string, value: number): MicroSummary['verdict'] {
  const { bound } = factsOf(row)
  if (bound === undefined) return undefined
  return value <= bound.aim ? 'aim' : value <= bound.must ? 'must' : 'missed'
}
