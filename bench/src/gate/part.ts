import { outlineOf } from '../outline.ts'
import { runsAsMarkdown } from '../page/lines.ts'
import { runRounds, stackPlots } from '../page/stacks.ts'
import { chosen, chosenBeside, part, type Part, timingOf } from '../part.ts'
import { mergeGate } from './merge.ts'
import { formatGate } from './report.ts'
import { type GatePlan, measureGate, roundsOf, secondsFor, timingFor } from './run.ts'
import { WARM_UP_SECONDS } from '../rounds.ts'
import { DISTINCT, SCENARIO_NAMES, type ScenarioName, SCENARIOS } from './scenarios.ts'
import { STACK_NAMES, type StackName, STACKS } from './stacks.ts'
import { takesPart } from './verify-stacks.ts'
import { setUpAlike } from './world.ts'

const FULL = { rounds: 5, seconds: 1.5, peers: { rounds: 3, seconds: 1 }, tokens: DISTINCT }
const QUICK = { rounds: 2, seconds: 1, peers: { rounds: 2, seconds: 1 }, tokens: 30_000 }
const QUICK_SCENARIOS: readonly ScenarioName[] = ['allowed', '401']
const QUICK_STACKS: readonly StackName[] = ['gatehouse', 'express', 'fastify']
/** What everything is compared to. */
const FLOORS: readonly StackName[] = ['floor', 'floor-allowed']

export const gatePart: Part = part({
  name: 'gate',
  about: 'whole stacks over loopback, by scenario, beside a bare server that writes the same bytes',
  when: { full: true, quick: true },
  axes: { scenario: SCENARIO_NAMES, stack: STACK_NAMES },
  plan: (asked): GatePlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    peers: { ...(asked.quick ? QUICK : FULL).peers, ...timingOf(asked) },
    nodes: asked.nodes,
    scenarios: chosen(SCENARIO_NAMES, asked, asked.quick ? QUICK_SCENARIOS : SCENARIO_NAMES),
    stacks: chosenBeside(FLOORS, STACK_NAMES, asked, asked.quick ? QUICK_STACKS : STACK_NAMES),
  }),
  outline: (plan) =>
    [`${plan.scenarios.join(', ')}: ${plan.stacks.join(', ')}`, ...outlineOf(plan, roundsOf(plan))].join(
      '; ',
    ),
  seconds: secondsOf,
  measure: measureGate,
  format: formatGate,
  markdown: runsAsMarkdown,
  // Of the Node that has the most stacks: it comes first.
  plots: ({ runs }) => stackPlots('gate', runs.slice(0, 1)),
  rounds: ({ runs }) => runRounds(runs, 'floor'),
  endsAnywhere: true,
  merge: mergeGate,
})

/** To start a process and to end it, to sign a token by RSA, and to see that a stack does its work. */
const START_SECONDS = 0.5
const SIGN_SECONDS = 0.0004
const VERIFY_SECONDS = 0.6
/** So many tokens that are seen once go by in a second with a stack of middling speed. */
const ONCE_PER_SECOND = 15_000

function secondsOf(plan: GatePlan): number {
  const { scenarios, stacks, nodes, tokens } = plan
  let total = 0
  for (let line = 0; line < Math.max(1, nodes.length); line++) {
    const own = stacks.filter((name) => line === 0 || STACKS[name].isForeign !== true)
    for (const name of scenarios) {
      const scenario = SCENARIOS[name]
      const { once = false, algorithm } = scenario
      for (const stack of own.filter((each) => takesPart(each, name))) {
        const seconds = secondsFor(stack, scenario, plan)
        const loaded = once ? Math.min(seconds, tokens / ONCE_PER_SECOND) : seconds
        total += timingFor(stack, plan).rounds * (START_SECONDS + WARM_UP_SECONDS + loaded)
      }
      if (once && algorithm === 'RS256' && line === 0) total += tokens * SIGN_SECONDS
    }
    total += setUpAlike(scenarios).length * own.length * VERIFY_SECONDS
  }
  return Math.round(total)
}
