import { formatStacks, formatTable, FRESH_PLAY } from '../report.ts'
import { byLine, linesOf } from '../page/lines.ts'
import type { GateResults } from './run.ts'
import { STACK_NAMES, STACKS } from './stacks.ts'

const LEGEND = `Each number is the median of the rounds; below it, the lowest and the highest round. Each round has a
process of its own for each stack.
CPU        processor time of the server's process per request. Its ratio is floor / stack:
           1.00 is the floor, higher is better. This is the ratio to trust.
req/s      its ratio is stack / floor: 1.00 is the floor, higher is better. The client shares the
           machine and is no faster than the floor, so it flatters whoever is near to it.
p50, p99   time of an answer in milliseconds; the ratio of p99 is stack / floor: lower is better. Only
           \`sustained\`, where as many requests come in a second to each, has a p99 to go by.
RSS        resident memory of the process at the end of a round
${FRESH_PLAY}`

/** The results as people read them. */
export function formatGate({ runs, leftOut }: GateResults): string {
  const several = runs.length > 1
  const tables = runs.map(
    ({ node, summaries }) => `${several ? `\nNode ${node}\n` : ''}${formatStacks(summaries)}`,
  )
  const measured = new Set(runs.flatMap(({ summaries }) => summaries.map(({ stack }) => stack)))
  const stacks = STACK_NAMES.filter((name) => measured.has(name)).map(
    (name) => `${name.padEnd(18)} ${STACKS[name].about}\n`,
  )
  const lines = several
    ? `The gate beside the floor, on each line of Node:\n${formatTable(['ratio', 'stack', ...linesOf(runs)], byLine(runs))}\n`
    : ''
  const without = leftOut.map((what) => `left out: ${what}\n`)
  return [tables.join(''), lines, ...stacks, LEGEND, ...without].join('')
}
