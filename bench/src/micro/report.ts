import { asMarkdown } from '../markdown.ts'
import { cell, formatTable } from '../report.ts'
import { GROUPS, type RowFacts, type Unit } from './row.ts'
import { factsOf } from './rows.ts'
import type { MicroResults } from './run.ts'
import type { MicroSummary } from './summary.ts'

const LEGEND = `Processor time, with the garbage collection of its share; each number is the median of the rounds, and below
it stand the lowest and the highest. In each round every row has a new process, in an order of chance. Requests come
without a network: messages and responses are those of node:http on a connection that goes nowhere, so that these
are costs to be added, and no ratios can be made of them. "own" is what is left when the row that it is above, of the
same round, is taken off.
`

const DIGITS: Readonly<Record<Unit, number>> = { ns: 0, µs: 2, ms: 1, bytes: 1, kB: 0 }

const VERDICTS = { aim: 'aim reached', must: 'reached', missed: 'not reached' } as const

/** What was measured, and what it comes to. */
export interface MicroReport extends MicroResults {
  readonly summaries: readonly MicroSummary[]
}

/** The results as people read them. */
export function formatMicro({ nodes, summaries }: MicroReport): string {
  const tables = groupsOf(summaries).map(({ head, rows }) =>
    formatTable(
      [head, 'own', 'whole', 'must, aim'],
      rows.map((summary) => {
        const { digits, unit } = unitOf(summary)
        return [
          `${nameOf(summary, nodes)} (${unit})`,
          cell(summary.own, digits),
          isAbove(summary) ? cell(summary.whole, digits) : '',
          boundOf(summary),
        ]
      }),
    ),
  )
  return `${tables.join('\n')}\n${LEGEND}`
}

/** The tables as a page can hold them. */
export function microAsMarkdown({ nodes, summaries }: MicroReport): readonly string[] {
  return groupsOf(summaries).map(({ head, rows }) =>
    asMarkdown(
      [head, 'What', 'Unit', 'Median', 'Rounds', 'Must, aim'],
      rows.map((summary) => {
        const { digits, unit } = unitOf(summary)
        const { median, min, max } = summary.own
        const { what, over } = factsOf(summary.row)
        return [
          nameOf(summary, nodes),
          over === undefined ? what : `${what}; above ${over}`,
          unit,
          median.toFixed(digits),
          `${min.toFixed(digits)} to ${max.toFixed(digits)}`,
          boundOf(summary),
        ]
      }),
    ),
  )
}

function groupsOf(
  summaries: readonly MicroSummary[],
): readonly { readonly head: string; readonly rows: readonly MicroSummary[] }[] {
  return GROUPS.flatMap((head) => {
    const rows = summaries.filter(({ row }) => factsOf(row).group === head)
    return rows.length === 0 ? [] : { head, rows }
  })
}

function nameOf({ node, row }: MicroSummary, nodes: MicroResults['nodes']): string {
  return Object.keys(nodes).length > 1 ? `${row}, Node ${node}` : row
}

function isAbove({ row }: MicroSummary): boolean {
  return factsOf(row).over !== undefined
}

function unitOf({ row }: MicroSummary): { readonly unit: Unit; readonly digits: number } {
  const { unit } = factsOf(row)
  return { unit, digits: DIGITS[unit] }
}

function boundOf({ row, verdict }: MicroSummary): string {
  const { bound }: RowFacts = factsOf(row)
  return bound === undefined || verdict === undefined
    ? ''
    : `${bound.must}, ${bound.aim}: ${VERDICTS[verdict]}`
}
