import Table from 'cli-table3'
import type { Machine } from './machine.ts'
import type { Spread, Summary } from './statistics.ts'

/** How far to trust a ratio. */
export const PLAY = `Ratios are taken round by round, within this run. One process per side and a noisy machine leave
about 0.10 of play near 1.0: a smaller difference is none, unless it comes again and again.
`

/** The same where each round has fresh processes. */
export const FRESH_PLAY = `Ratios are taken round by round, within this run, each of two fresh processes: what is smaller than the
spread of the rounds is no difference.
`

/** The columns of a table of stacks: what stands above, and what a summary has there. */
interface Column {
  readonly head: string
  readonly cell: (summary: Summary) => string
}

const COLUMNS: readonly Column[] = [
  { head: 'CPU µs/req', cell: ({ cpuMicros }) => cell(cpuMicros, 1) },
  { head: 'ratio', cell: ({ ratios }) => cell(ratios.cpu, 2) },
  { head: 'req/s', cell: ({ perSecond }) => cell(perSecond, 0) },
  { head: 'ratio', cell: ({ ratios }) => cell(ratios.perSecond, 2) },
]
const P50: Column = { head: 'p50 ms', cell: ({ p50 }) => cell(p50, 2) }
const P99: readonly Column[] = [
  { head: 'p99 ms', cell: ({ p99 }) => cell(p99, 2) },
  { head: 'ratio', cell: ({ ratios }) => cell(ratios.p99, 2) },
]
const RSS: Column = { head: 'RSS MB', cell: ({ rssBytes }) => cell(scaled(rssBytes, 1e-6), 0) }
/** In place of the median, where stacks share a store. */
const BESIDE: Column = { head: 'Redis µs/req', cell: ({ besideMicros }) => cell(besideMicros, 1) }

/** A table for each scenario. */
export function formatStacks(summaries: readonly Summary[]): string {
  const scenarios = [...new Set(summaries.map(({ scenario }) => scenario))]
  const tables = scenarios.map((scenario) => {
    const rows = summaries.filter((summary) => summary.scenario === scenario)
    const isShared = rows.some(({ besideMicros }) => besideMicros !== undefined)
    const columns = [...COLUMNS, ...(isShared ? [] : [P50]), ...P99, isShared ? BESIDE : RSS]
    return formatTable(
      [scenario, ...columns.map(({ head }) => head)],
      rows.map((row) => [row.stack, ...columns.map((column) => column.cell(row))]),
    )
  })
  return `${tables.join('\n')}\n`
}

/** A table whose first column has names, and whose others have numbers. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    colAligns: ['left', ...Array<'right'>(head.length - 1).fill('right')],
    // No colours: a log or a file shows them as noise.
    style: { head: [], border: [] },
  })
  table.push(...rows.map((row) => [...row]))
  return table.toString()
}

/** The middle, and below it how far the rounds lie apart, where they do. */
export function cell(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return ''
  const { median, min, max } = spread
  if (min === max) return median.toFixed(digits)
  return `${median.toFixed(digits)}\n${min.toFixed(digits)}..${max.toFixed(digits)}`
}

function scaled({ median, min, max }: Spread, factor: number): Spread {
  return { median: median * factor, min: min * factor, max: max * factor }
}

/** The machine, in one line. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, node, platform, date, commit, loadBefore } = machine
  const at = commit === undefined ? '' : `, commit ${commit}`
  return `${cpu}, ${cores} cores, ${platform}, Node ${node}, ${date}${at}, load before ${loadBefore}\n`
}
