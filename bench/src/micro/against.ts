import { compareSides, type Comparison, type Thresholds } from '../comparison.ts'
import { formatTable } from '../report.ts'
import { shuffled } from '../rounds.ts'
import { quantile } from '../statistics.ts'
import { factsOf } from './rows.ts'
import { withSubject } from './run.ts'

/** A row, and what is taken off it, where something is. */
export interface ComparedRow {
  readonly row: string
  readonly over?: string
}

/** Two cores, and how they are compared. */
export interface AgainstPlan {
  readonly base: URL
  readonly head: URL
  /** The file of the subject; it may have been built before. */
  readonly subject?: URL
  /** In the order in which a process measures them. */
  readonly rows: readonly ComparedRow[]
  /** Processes of each core. */
  readonly rounds: number
  /** No round begins after so many milliseconds: on a machine that is too busy it is said that there were too few. */
  readonly withinMs: number
  readonly warmUpMs: number
  readonly ms: number
  readonly thresholds: Thresholds
}

/** What became of a row. */
export interface AgainstRow {
  readonly row: string
  readonly over: string | undefined
  readonly comparison: Comparison
}

type Side = 'base' | 'head'
interface AgainstSample {
  readonly side: Side
  readonly row: string
  readonly value: number
}

/**
 * Measures two cores in one run, and compares them.
 *
 * Each round has a process of either, which measures all rows, and both work at the same time where there are two
 * processors: whatever else the machine does then, it does to both. Rows of one process share what the compiler has
 * learned of the others; that is so for both cores, and spares the time of a process for each row.
 *
 * Trap: a difference of two numbers has the noise of both. What is taken off is no work of the core and the same for each
 * of them, so the middle of all processes is taken, and once.
 */
export async function compareCores(plan: AgainstPlan, signal: AbortSignal): Promise<readonly AgainstRow[]> {
  const samples: AgainstSample[] = []
  // What is compared comes first, as in a process that has nothing else to do.
  const floors = plan.rows.flatMap(({ over }) => over ?? [])
  const rows = [...new Set([...plan.rows.map(({ row }) => row), ...floors])]
  const end = performance.now() + plan.withinMs
  for (let round = 1; round <= plan.rounds && performance.now() < end; round++) {
    const both = shuffled<Side>(['base', 'head']).map((side) => measureSide(side, rows, plan, signal))
    samples.push(...(await Promise.all(both)).flat())
  }
  const valuesOf = (row: string, ...sides: readonly Side[]): readonly number[] =>
    samples.filter((sample) => sample.row === row && sides.includes(sample.side)).map(({ value }) => value)
  return plan.rows.map(({ row, over }) => {
    const floor = over === undefined ? 0 : quantile(valuesOf(over, 'base', 'head'), 0.5)
    const own = (side: Side): readonly number[] => valuesOf(row, side).map((value) => value - floor)
    const sides = { before: own('base'), after: own('head'), lowerIsBetter: true }
    return { row, over, comparison: compareSides(sides, plan.thresholds) }
  })
}

function measureSide(
  side: Side,
  rows: readonly string[],
  { subject, warmUpMs, ms, ...cores }: AgainstPlan,
  signal: AbortSignal,
): Promise<readonly AgainstSample[]> {
  const where = {
    node: process.execPath,
    core: cores[side],
    ...(subject !== undefined && { file: subject }),
  }
  return withSubject(where, signal, async (ask) => {
    const samples: AgainstSample[] = []
    // The first warms up what all of them run through.
    for (const [index, row] of rows.entries()) {
      const value = await ask({ row, warmUpMs: index === 0 ? 2 * warmUpMs : warmUpMs, ms })
      samples.push({ side, row, value })
    }
    return samples
  })
}

/** The comparison as people read it. */
export function formatAgainst(rows: readonly AgainstRow[], thresholds: Thresholds): string {
  const table = formatTable(
    ['in-process', 'base', 'this tree', 'times as slow', 'chance', 'is'],
    rows.map(({ row, over, comparison: { before, after, factor, interval, chance, finding } }) => [
      `${row}${over === undefined ? '' : ', above the floor'} (${factsOf(row).unit})`,
      before.median.toPrecision(3),
      after.median.toPrecision(3),
      `${factor.toFixed(2)} (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`,
      chance.toPrecision(1),
      finding,
    ]),
  )
  return `${table}
A regression is ${thresholds.factor} times as slow or more, by chance alone at most once in ${Math.round(1 / thresholds.chance)} runs, and again when it is
measured once more.
`
}
