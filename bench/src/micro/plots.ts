import type { Rounds } from '../comparison.ts'
import { byMost } from '../merge.ts'
import { lineOf } from '../nodes.ts'
import type { Plot } from '../page/plot.ts'
import type { MicroReport } from './report.ts'
import type { GroupName } from './row.ts'
import { factsOf, lineFor } from './rows.ts'
import type { MicroResults } from './run.ts'
import { microRuns, ownOf } from './summary.ts'

/** Groups whose rows have one unit and can be looked at beside each other. */
const PICTURED: Readonly<Partial<Record<GroupName, string>>> = {
  request: 'a whole request that is let in',
  refusals: 'refusals and preflights',
  checks: 'what each check adds',
  tokens: 'tokens',
}

/** A picture for each group, of the Node on which most was measured. */
export function microPlots({ summaries, ...results }: MicroReport): readonly Plot[] {
  const [first] = byMost(microRuns(results), { idOf: ({ row }) => row })
  if (first === undefined) return []
  return Object.entries(PICTURED).flatMap(([group, title]): readonly Plot[] => {
    const rows = summaries.filter(
      ({ node, row }) => node === lineOf(first.node) && factsOf(row).group === group,
    )
    if (rows.length === 0) return []
    const bars = rows.map(({ row, own: { median, min, max } }) => ({
      name: row,
      value: median,
      low: min,
      high: max,
    }))
    const unit = 'µs of processor time above the floor: lower is better'
    return [{ name: `micro-${group}`, title: `micro: ${title}`, unit, form: { type: 'bars', bars } }]
  })
}

/** Each row without its floor, round by round. */
export function microRounds({ samples }: MicroResults): readonly Rounds[] {
  const rows = [...new Set(samples.map(({ row }) => row))].filter((row) => factsOf(row).isFloor !== true)
  return [...new Set(samples.map(({ node }) => node))].flatMap((node) =>
    rows.flatMap((row) => {
      const values = ownOf(samples, node, row).map(({ own }) => own)
      const name = lineFor(row, node) === '' ? row : `${row}, Node ${node}`
      return values.length === 0 ? [] : { name, unit: factsOf(row).unit, values, lowerIsBetter: true }
    }),
  )
}
