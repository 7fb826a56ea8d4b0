import type { Rounds } from '../comparison.ts'
import type { Sample, Summary } from '../statistics.ts'
import type { Plot } from './plot.ts'

/** A picture for each scenario: processor time beside the floor. */
export function stackPlots(part: string, summaries: readonly Summary[], floor = 'floor'): readonly Plot[] {
  return [...new Set(summaries.map(({ scenario }) => scenario))].map((scenario) => ({
    name: `${part}-${scenario.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`,
    title: `${part}: ${scenario}`,
    unit: `${floor} by stack, processor time of a request: higher is better`,
    form: {
      type: 'bars',
      bars: summaries
        .filter((summary) => summary.scenario === scenario && summary.stack !== floor)
        .map(({ stack, ratios: { cpu } }) => ({
          name: stack,
          value: cpu.median,
          low: cpu.min,
          high: cpu.max,
        })),
      mark: { name: floor, value: 1 },
    },
  }))
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
