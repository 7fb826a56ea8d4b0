import type { Rounds } from '../comparison.ts'
import type { Plot } from '../page/plot.ts'
import type { MicroReport } from './report.ts'
import type { GroupName } from './row.ts'
import { factsOf } from './rows.ts'
import type { MicroResults } from './run.ts'
import { ownOf } from './summary.ts'

/** Groups whose rows have one unit and can be looked at beside each other. */
const PICTURED: Readonly<Partial<Record<GroupName, string>>> = {
  request: 'a whole request that is let in',
  refusals: 'refusals and preflights',
  checks: 'what each check adds',
  tokens: 'tokens',
}

/** A picture for each group. */
export function microPlots({ nodes, summaries }: MicroReport): readonly Plot[] {
  const several = Object.keys(nodes).length > 1
  return Object.entries(PICTURED).flatMap(([group, title]): readonly Plot[] => {
    const rows = summaries.filter(({ row }) => factsOf(row).group === group)
    if (rows.length === 0) return []
    const bars = rows.map(({ node, row, own: { median, min, max } }) => ({
      name: several ? `${row}, Node ${node}` : row,
      value: median,
      low: min,
      high: max,
    }))
    const unit = 'µs of processor time above the floor: lower is better'
    return [{ name: `micro-${group}`, title: `micro: ${title}`, unit, form: { type: 'bars', bars } }]
  })
}

/** Each row without its floor, round by round. */
export function microRounds({ nodes, samples }: MicroResults): readonly Rounds[] {
  const rows = [...new Set(samples.map(({ row }) => row))].filter((row) => factsOf(row).isFloor !== true)
  return Object.keys(nodes).flatMap((node) =>
    rows.map((row) => ({
      name: `${row}, Node ${node}`,
      unit: factsOf(row).unit,
      values: ownOf(samples, node, row).map(({ own }) => own),
      lowerIsBetter: true,
    })),
  )
}
