import { type Dated, datedOf, mergeRuns, namesIn } from '../merge.ts'
import { lineOf } from '../nodes.ts'
import type { Kept } from '../part.ts'
import type { MicroReport } from './report.ts'
import { factsOf, NAMES } from './rows.ts'
import { type MicroPlan, type MicroResults, type MicroSample, roundsOf } from './run.ts'
import { microRuns, summariseMicro } from './summary.ts'

type KeptMicro = Kept<MicroPlan, MicroReport>

/** Puts what was measured now beside what was kept: row by row, on each line of Node. */
export function mergeMicro(earlier: KeptMicro, now: KeptMicro): KeptMicro {
  const { runs, taken, lines } = mergeRuns(datedRuns(earlier), datedRuns(now), {
    idOf: ({ row }) => row,
    besideOf: ({ row }) => {
      const { over } = factsOf(row)
      return over === undefined ? [] : [over]
    },
  })
  const rows = namesIn(NAMES, runs, ({ row }) => row)
  const samples = runs.flatMap((run) => run.samples)
  const versions = runs.flatMap(({ node }) => (node === '' ? [] : [[lineOf(node), node]]))
  return {
    machine: now.machine,
    plan: { ...now.plan, rows, ...lines },
    results: {
      summaries: summariseMicro({ samples }, rows),
      nodes: Object.fromEntries(versions) as MicroResults['nodes'],
      samples,
      taken,
    },
  }
}

/** What was kept has all lines of Node in one list. */
function datedRuns({ results, ...kept }: KeptMicro): Dated<MicroSample> {
  const { taken } = results
  const gathered = { runs: microRuns(results), ...(taken !== undefined && { taken }) }
  return datedOf({ ...kept, results: gathered }, roundsOf)
}
