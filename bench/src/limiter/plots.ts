import type { Rounds } from '../comparison.ts'
import type { Plot } from '../page/plot.ts'
import { stackPlots, stackRounds } from '../page/stacks.ts'
import type { Spread } from '../statistics.ts'
import type { LimiterResults } from './report.ts'
import type { LimiterSamples } from './run.ts'
import type { SideSummary } from './statistics.ts'

/** What sides in memory are pictured by. */
const IN_MEMORY: readonly {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly of: (side: SideSummary) => Spread | undefined
}[] = [
  {
    name: 'limiter-decision',
    title: 'a decision in memory',
    unit: 'ns of processor time: lower is better',
    of: ({ cpuNanos }) => cpuNanos,
  },
  {
    name: 'limiter-memory',
    title: 'what a key takes in memory',
    unit: 'resident bytes of a key: lower is better',
    of: ({ rssBytes }) => rssBytes,
  },
]

/** A picture of decisions, of memory, and of the stacks on Redis. */
export function limiterPlots({ keys, sides, stacks }: LimiterResults): readonly Plot[] {
  const inMemory = IN_MEMORY.flatMap(({ name, title, unit, of }): readonly Plot[] => {
    const bars = sides.flatMap((side) => {
      const spread = of(side)
      // The loop of nobody is taken by all, and has no keys.
      if (spread === undefined || side.side === 'nobody') return []
      return { name: side.side, value: spread.median, low: spread.min, high: spread.max }
    })
    const heading = `limiter: ${title}, ${keys.toLocaleString('en-US')} keys`
    return bars.length === 0 ? [] : [{ name, title: heading, unit, form: { type: 'bars', bars } }]
  })
  return [...inMemory, ...stackPlots('limiter', [{ node: '', summaries: stacks, samples: [] }])]
}

/** Each number of each side, fill by fill and round by round, and the ratios on Redis. */
export function limiterRounds({ decisions, memory, redis }: LimiterSamples): readonly Rounds[] {
  const listOf = <T extends { readonly side: string }>(
    samples: readonly T[],
    [what, unit]: readonly [string, string],
    of: (sample: T) => number,
  ): readonly Rounds[] =>
    [...new Set(samples.map(({ side }) => side))].map((side) => ({
      name: `${what}, ${side}`,
      unit,
      values: samples.filter((sample) => sample.side === side).map(of),
      lowerIsBetter: true,
    }))
  return [
    ...listOf(decisions, ['decision', 'ns'], ({ cpuNanos }) => cpuNanos),
    ...listOf(memory, ['memory of a key', 'bytes'], ({ rssBytes }) => rssBytes),
    ...stackRounds(redis, 'floor'),
  ]
}
