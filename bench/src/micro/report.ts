import { asMarkdown, cellsByLine, whole } from '../markdown.ts'
import { takenAsMarkdown } from '../page/taken.ts'
import { cell, formatTable } from '../report.ts'
import { GROUPS, type RowFacts, type Unit } from './row.ts'
import { factsOf, lineFor, NAMES } from './rows.ts'
import type { MicroResults, MicroSample } from './run.ts'
import { microRuns, type MicroSummary } from './summary.ts'

const LEGEND = `Processor time, with the garbage collection of its share; each number is the median of the rounds, and below
it stand the lowest and the highest. In each round every row has a new process, in an order of chance. Requests come
without a network: messages and responses are those of node:http on a connection that goes nowhere, so that these
are costs to be added, and no ratios can be made of them. "own" is what is left when the row that it is above, of the
same round, is taken off.
`

const DIGITS: Readonly<Record<Unit, number>> = { ns: 0, µs: 2, ms: 1, bytes: 1, kB: 0 }

/** So many rows are told by name. */
const FEW = 6

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
          boundOf(summary.row, [summary]),
        ]
      }),
    ),
  )
  return `${tables.join('\n')}\n${LEGEND}`
}

/** The tables as a page can hold them. */
export function microAsMarkdown(report: MicroReport): readonly string[] {
  const lines = Object.keys(report.nodes)
  const tables = groupsOf(report.summaries).map(({ head, rows }) =>
    asMarkdown(
      [head, 'What', 'Unit', ...lines.map((line) => `Node ${line}`), 'Must, aim'],
      [...new Set(rows.map(({ row }) => row))].map((row) => {
        const { what, over, unit } = factsOf(row)
        const own = rows.filter((summary) => summary.row === row)
        return [
          row,
          over === undefined ? what : `${what}; above ${over}`,
          unit,
          ...cellsByLine(
            lines,
            own.map(({ node, own: spread }) => ({
              node: lineFor(row, node),
              cell: whole(spread, DIGITS[unit]),
            })),
          ),
          boundOf(row, own),
        ]
      }),
    ),
  )
  return [...tables, ...takenAsMarkdown(microRuns(report), report.taken, toldRows)]
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
  return Object.keys(nodes).length > 1 && node !== '' ? `${row}, Node ${node}` : row
}

/** What was measured of a row, with its unit. */
export function amountOf(summary: MicroSummary): string {
  const { unit, digits } = unitOf(summary)
  return `${summary.own.median.toFixed(digits)} ${unit}`
}

function isAbove({ row }: MicroSummary): boolean {
  return factsOf(row).over !== undefined
}

function unitOf({ row }: MicroSummary): { readonly unit: Unit; readonly digits: number } {
  const { unit } = factsOf(row)
  return { unit, digits: DIGITS[unit] }
}

/** The worst of the lines of Node says whether it is reached. */
function boundOf(row: string, own: readonly MicroSummary[]): string {
  const { bound }: RowFacts = factsOf(row)
  const verdict = (['missed', 'must', 'aim'] as const).find((each) => own.some((one) => one.verdict === each))
  return bound === undefined || verdict === undefined
    ? ''
    : `${bound.must}, ${bound.aim}: ${VERDICTS[verdict]}`
}

/** All rows by name, where they are few. */
function toldRows(samples: readonly MicroSample[]): readonly string[] {
  const rows = NAMES.filter((name) => samples.some(({ row }) => row === name))
  return [rows.length > FEW ? `${rows.length} rows` : rows.map((row) => `\`${row}\``).join(', ')]
}
