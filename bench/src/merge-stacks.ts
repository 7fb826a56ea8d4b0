import { type Dated, type Identity, type Merged, mergeRuns, namesIn } from './merge.ts'
import { type NodeRun, type Sample, summarise } from './statistics.ts'

/** What stacks can be measured in, and which there are, in their own order. */
export interface Names<Scenario extends string, Stack extends string> {
  readonly scenarios: readonly Scenario[]
  readonly stacks: readonly Stack[]
  /** What every ratio is to. */
  readonly floor: Stack
}

/** What of them was put together. */
export interface MergedStacks<Scenario extends string, Stack extends string> extends Pick<
  Merged<Sample>,
  'taken' | 'lines'
> {
  readonly runs: readonly NodeRun[]
  /** Those that were measured. */
  readonly scenarios: readonly Scenario[]
  readonly stacks: readonly Stack[]
}

/** Puts stacks together scenario by scenario, and sums them up. */
export function mergeStacks<Scenario extends string, Stack extends string>(
  earlier: Dated<Sample>,
  now: Dated<Sample>,
  { scenarios, stacks, floor }: Names<Scenario, Stack>,
): MergedStacks<Scenario, Stack> {
  const { runs, taken, lines } = mergeRuns(earlier, now, identityOf(floor))
  return {
    runs: runs.map((run) => {
      const inOrder = scenarios.flatMap((name) => run.samples.filter(({ scenario }) => scenario === name))
      return { node: run.node, summaries: summarise(inOrder, stacks, floor), samples: inOrder }
    }),
    taken,
    lines,
    scenarios: namesIn(scenarios, runs, ({ scenario }) => scenario),
    stacks: namesIn(stacks, runs, ({ stack }) => stack),
  }
}

/** Each is beside the floor of its scenario, and what is refused beside that of what is allowed. */
function identityOf(floor: string): Identity<Sample> {
  return {
    idOf: ({ scenario, stack }) => `${scenario} ${stack}`,
    besideOf: ({ scenario }) => [`${scenario} ${floor}`, `${scenario} ${floor}-allowed`, `allowed ${floor}`],
  }
}
