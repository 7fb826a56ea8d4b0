import type { Rounds } from '../comparison.ts'
import { lineOf } from '../nodes.ts'
import type { NodeRun, Sample } from '../statistics.ts'
import type { Plot } from './plot.ts'

/**
 * A picture for each scenario: processor time beside the floor. Where it was measured on several lines of Node, all stacks
 * of the first are there, and of the others the gate: one picture for each line would be nobody's to compare.
 */
export function stackPlots(part: string, runs: readonly NodeRun[], floor = 'floor'): readonly Plot[] {
  const [first, ...others] = runs
  if (first === undefined) return []
  const nameOf = (stack: string, node: string): string =>
    others.length === 0 ? stack : `${stack}, Node ${node}`
  return [...new Set(first.summaries.map(({ scenario }) => scenario))].map((scenario) => ({
    name: `${part}-${scenario.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`,
    title: `${part}: ${scenario}`,
    unit: `${floor} by stack, processor time of a request: higher is better`,
    form: {
      type: 'bars',
      bars: runs
        .flatMap(({ node, summaries }) => summaries.map((summary) => ({ node, summary })))
        .filter(
          ({ node, summary }) =>
            summary.scenario === scenario &&
            summary.stack !== floor &&
            (node === first.node || ON_EACH.has(summary.stack)),
        )
        .map(
          ({
            node,
            summary: {
              stack,
              ratios: { cpu },
            },
          }) => ({
            name: nameOf(stack, node),
            value: cpu.median,
            low: cpu.min,
            high: cpu.max,
          }),
        ),
      mark: { name: floor, value: 1 },
    },
  }))
}

/** The stacks that a picture has on each line of Node. */
const ON_EACH: ReadonlySet<string> = new Set(['gatehouse', 'gate'])

/** What {@link stackRounds} says, of each line of Node. */
export function runRounds(runs: readonly NodeRun[], floor: string): readonly Rounds[] {
  return runs.flatMap(({ node, samples }) =>
    stackRounds(samples, floor).map((each) => ({ ...each, name: `Node ${lineOf(node)}, ${each.name}` })),
  )
}

/** The ratio of each stack to the floor, in each round of each scenario. */
export function stackRounds(samples: readonly Sample[], floor: string): readonly Rounds[] {
  const names = [...new Set(samples.map(({ scenario, stack }) => `${scenario}, ${stack}`))]
  return names.flatMap((name) => {
    const own = samples.filter(({ scenario, stack }) => `${scenario}, ${stack}` === name)
    if (own[0]?.stack === floor) return []
    const values = own.flatMap(({ scenario, round, cpuMicros }) => {
      const beside = samples.find(
        (each) => each.scenario === scenario && each.round === round && each.stack === floor,
      )
      return beside === undefined ? [] : beside.cpuMicros / cpuMicros
    })
    return values.length === 0 ? [] : { name, unit: 'of the floor', values, lowerIsBetter: false }
  })
}
