import { outlineOf } from '../outline.ts'
import { chosen, part, type Part } from '../part.ts'
import { formatMicro, microAsMarkdown, type MicroReport } from './report.ts'
import { mergeMicro } from './merge.ts'
import { NAMES, withFloors } from './rows.ts'
import { microPlots, microRounds } from './plots.ts'
import { measureMicro, type MicroPlan, type MicroResults, roundsOf } from './run.ts'
import { summariseMicro } from './summary.ts'
import { WEIGHTS } from './weights.ts'

const FULL = { rounds: 8, warmUpMs: 800, ms: 400 }
const QUICK = { rounds: 3, warmUpMs: 800, ms: 300 }

/** What a first look is at. */
const FIRST = ['allowed', 'allowed, writeHead', '401', 'limiter decision', 'import']

/** To start a process, and what it makes ready. */
const START_MS = 100

/** To weigh something: a start takes a tenth of it, and a million keys five times as long. */
const WEIGHING_MS = 1000

export const microPart: Part = part({
  name: 'micro',
  about: 'what the gate takes by itself, in-process: microseconds, nanoseconds, bytes',
  when: { full: true, quick: false },
  axes: { row: NAMES },
  plan: (asked): MicroPlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...(asked.rounds !== undefined && { rounds: asked.rounds }),
    ...(asked.seconds !== undefined && { ms: asked.seconds * 1000 }),
    nodes: asked.nodes,
    rows: chosen(NAMES, asked, asked.quick ? FIRST : NAMES),
  }),
  outline: (plan) => [`${plan.rows.length} rows`, ...outlineOf(plan, roundsOf(plan))].join('; '),
  seconds({ rows, rounds, warmUpMs, ms, nodes }) {
    const all = withFloors(rows)
    const weighed = all.filter((row) => row in WEIGHTS).length
    const roundMs = weighed * WEIGHING_MS + (all.length - weighed) * (START_MS + warmUpMs + ms)
    return (Math.max(1, nodes.length) * rounds * roundMs) / 1000
  },
  measure: async (plan, watcher, signal) => {
    const report = (results: MicroResults): MicroReport => ({
      summaries: summariseMicro(results, plan.rows),
      ...results,
    })
    const soFar = (done: object, results: object): void =>
      watcher.soFar?.(done, report(results as MicroResults))
    return report(await measureMicro(plan, { ...watcher, soFar }, signal))
  },
  format: formatMicro,
  markdown: microAsMarkdown,
  plots: microPlots,
  rounds: microRounds,
  merge: mergeMicro,
})
