import { asMarkdown, stacksAsMarkdown } from '../markdown.ts'
import { lineOf } from '../nodes.ts'
import type { NodeRun, Summary } from '../statistics.ts'
import type { GateResults, Taken } from './run.ts'
import { SCENARIO_NAMES } from './scenarios.ts'
import { STACK_NAMES } from './stacks.ts'

/** What a page says of whole gates: the stacks on one Node, the gate on each line, and when what was measured. */
export function gateAsMarkdown(results: GateResults): readonly string[] {
  const { runs, leftOut, taken = [] } = results
  const [first] = runs
  return [
    ...(first === undefined ? [] : [stacksAsMarkdown(first.summaries)]),
    ...(runs.length > 1
      ? [
          `The gate beside the floor on each line of Node, as ratios; the pictures and the table above are of ${first?.node ?? ''}.\n`,
          asMarkdown(['Scenario', 'Stack', ...linesOf(runs)], byLine(runs)),
        ]
      : []),
    ...(taken.length > 1
      ? [
          'Not all of it was measured in one run; each ratio is of two processes of the same:\n',
          taken.map((each) => `- ${tellTaken(each, runs)}\n`).join(''),
        ]
      : []),
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
  return SCENARIO_NAMES.flatMap((scenario) =>
    ['gatehouse', 'gatehouse-no-cache']
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

/** When, of which commit, how and what. */
export function tellTaken(
  { from, to, date, commit, loadBefore, rounds }: Taken,
  runs: readonly NodeRun[],
): string {
  // What is alike stands together: scenarios with the same stacks, and lines of Node with the same of both.
  const nodes = new Map<string, string[]>()
  for (const { node, samples } of inOrder(runs)) {
    const own = samples.filter(({ round }) => round >= from && round <= to)
    const byStacks = new Map<string, string[]>()
    for (const scenario of new Set(own.map((sample) => sample.scenario))) {
      const stacks = new Set(own.filter((sample) => sample.scenario === scenario).map(({ stack }) => stack))
      const names = STACK_NAMES.filter((name) => stacks.has(name)).join(', ')
      byStacks.set(names, [...(byStacks.get(names) ?? []), scenario])
    }
    for (const [stacks, names] of byStacks) {
      const what = `${names.join(', ')} (${stacks})`
      nodes.set(what, [...(nodes.get(what) ?? []), node])
    }
  }
  const at = commit === undefined ? '' : ` at commit \`${commit}\``
  const what = [...nodes].map(([each, on]) => `${each} on ${on.join(', ')}`).join('; ')
  return `On ${date.slice(0, 10)}${at}, load before ${loadBefore}, ${rounds}: ${what}.`
}
