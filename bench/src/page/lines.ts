import { asMarkdown, stacksAsMarkdown } from '../markdown.ts'
import type { Taken } from '../merge.ts'
import { lineOf } from '../nodes.ts'
import type { NodeRun, Sample, Summary } from '../statistics.ts'
import { takenAsMarkdown } from './taken.ts'

/** Stacks that were measured, by line of Node. */
export interface StackResults {
  readonly runs: readonly NodeRun[]
  readonly leftOut?: readonly string[]
  readonly taken?: readonly Taken[]
}

/** The stacks that a table has on each line of Node. */
const ON_EACH: readonly string[] = ['gatehouse', 'gatehouse-no-cache', 'gate']

/** What a page says of stacks: all of them on one Node, the gate on each line, and when what was measured. */
export function runsAsMarkdown({ runs, leftOut = [], taken }: StackResults): readonly string[] {
  const [first] = runs
  return [
    ...(first === undefined ? [] : [stacksAsMarkdown(first.summaries)]),
    ...(runs.length > 1
      ? [
          `The gate on each line of Node, as ratios; the table above is of ${first?.node ?? ''}.\n`,
          asMarkdown(['Scenario', 'Stack', ...linesOf(runs)], byLine(runs)),
        ]
      : []),
    ...takenAsMarkdown(runs, taken, toldStacks),
    ...(leftOut.length > 0 ? [leftOut.map((what) => `- Left out: ${what}.\n`).join('')] : []),
  ]
}

/** The heads of the lines of Node. */
export function linesOf(runs: readonly NodeRun[]): readonly string[] {
  return inOrder(runs).map(({ node }) => `Node ${node.replace(/^v/, '')}`)
}

/** The gate in each scenario: a cell for each line of Node, in the order of {@link linesOf}. */
export function byLine(runs: readonly NodeRun[]): readonly (readonly string[])[] {
  const all = runs.flatMap(({ summaries }) => summaries)
  return [...new Set(all.map(({ scenario }) => scenario))].flatMap((scenario) =>
    ON_EACH
      // On one line alone there is nothing to see here that is not in the other table.
      .filter((stack) => all.filter((each) => each.scenario === scenario && each.stack === stack).length > 1)
      .map((stack) => [
        scenario,
        stack,
        ...inOrder(runs).map(({ summaries }) =>
          ratioOf(summaries.find((each) => each.scenario === scenario && each.stack === stack)),
        ),
      ]),
  )
}

function inOrder(runs: readonly NodeRun[]): readonly NodeRun[] {
  return runs.toSorted((a, b) => Number(lineOf(a.node)) - Number(lineOf(b.node)))
}

function ratioOf(summary: Summary | undefined): string {
  if (summary === undefined) return ''
  const { median, min, max } = summary.ratios.cpu
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`
}

/** Scenarios that have the same stacks stand together. */
function toldStacks(samples: readonly Sample[]): readonly string[] {
  const byStacks = new Map<string, string[]>()
  for (const scenario of new Set(samples.map((sample) => sample.scenario))) {
    const own = samples.filter((sample) => sample.scenario === scenario)
    const stacks = [...new Set(own.map(({ stack }) => stack))].toSorted().join(', ')
    byStacks.set(stacks, [...(byStacks.get(stacks) ?? []), scenario])
  }
  return [...byStacks].map(([stacks, names]) => `${names.join(', ')} (${stacks})`)
}
