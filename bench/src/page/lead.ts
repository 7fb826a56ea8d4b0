import type { GateResults } from '../gate/run.ts'
import type { ScenarioName } from '../gate/scenarios.ts'
import { asMarkdown } from '../markdown.ts'
import type { Summary } from '../statistics.ts'
import type { ResultsOf } from '../targets/target.ts'

/** Scenarios in which a token that is known makes a difference. */
const SCENARIOS: readonly ScenarioName[] = ['allowed', 'rs256', 'ed25519']
/** Those that remember the tokens that they verified. */
const CACHED: ReadonlySet<string> = new Set(['gatehouse', 'fastify-cache'])
/** Those that check nothing. */
const FLOORS: ReadonlySet<string> = new Set(['floor', 'floor-text', 'nginx'])

const HEAD = `## The lead, with and without a token cache

Much of the lead on callers who return is that their tokens are remembered. So here it is twice: first nobody remembers a
token, on either side, and each verifies every one; then everybody may who can. Beside each name stands its ratio to the floor of
its own run, and the lead is that of Gatehouse divided by that of the nearest peer, on the first line of Node that was measured:
below 1 it is the peer who leads. How each peer does is in the tables of \`gate\`.
`

/** By how much the gate is ahead of the nearest of its peers; nothing where no peer was measured. */
export function leadAsMarkdown(resultsOf: ResultsOf): readonly string[] {
  const results = resultsOf('gate') as GateResults | undefined
  const summaries = results?.runs[0]?.summaries ?? []
  const rows = SCENARIOS.flatMap((scenario) => {
    const own = summaries.filter((summary) => summary.scenario === scenario && !FLOORS.has(summary.stack))
    const without = leadOf(own, 'gatehouse-no-cache', (stack) => !CACHED.has(stack))
    const withCache = leadOf(own, 'gatehouse', () => true)
    return without === undefined || withCache === undefined ? [] : [[scenario, ...without, ...withCache]]
  })
  if (rows.length === 0) return []
  const sides = (which: string): readonly string[] => [
    `Gatehouse${which}`,
    `Nearest peer${which}`,
    `Lead${which}`,
  ]
  return [HEAD, asMarkdown(['Scenario', ...sides(', no cache'), ...sides('')], rows)]
}

/** Of the gate, of the nearest of the others, and how far they are apart. */
function leadOf(
  own: readonly Summary[],
  gate: string,
  takesPart: (stack: string) => boolean,
): readonly string[] | undefined {
  const first = own.find(({ stack }) => stack === gate)
  const [nearest] = own
    .filter(({ stack }) => !stack.startsWith('gatehouse') && takesPart(stack))
    .toSorted((a, b) => b.ratios.cpu.median - a.ratios.cpu.median)
  if (first === undefined || nearest === undefined) return undefined
  // Not by their microseconds: the runs of the two may be of other minutes of the machine.
  const times = first.ratios.cpu.median / nearest.ratios.cpu.median
  return [ratioOf(first), `${nearest.stack} ${ratioOf(nearest)}`, `${times.toFixed(1)} times`]
}

function ratioOf({ ratios }: Summary): string {
  return ratios.cpu.median.toFixed(2)
}
