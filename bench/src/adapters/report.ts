import { formatStacks, FRESH_PLAY } from '../report.ts'
import type { AdaptersResults } from './run.ts'

const LEGEND = `Each number is the median of the rounds; below it, the lowest and the highest round. Each round has a
process of its own for each side. Callers return: their tokens are known to the gate.
bare       the framework, one route and no middleware, which sets the fields that the gate wrote
gate       the same route behind the adapter, with the whole policy of the part \`gate\`
express    both are served with the \`serverOptions\` of the adapter; express-plain: by createServer(app)
CPU        processor time of the process per request. Its ratio is bare / gate: 1.00 is bare, higher is
           better. This is the ratio to trust.
${FRESH_PLAY}`

/** The results as people read them. */
export function formatAdapters({ runs }: AdaptersResults): string {
  const several = runs.length > 1
  const tables = runs.map(
    ({ node, summaries }) => `${several ? `\nNode ${node}\n` : ''}${formatStacks(summaries)}`,
  )
  return `${tables.join('')}${LEGEND}`
}
