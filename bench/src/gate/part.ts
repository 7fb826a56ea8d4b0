import { stacksAsMarkdown } from '../markdown.ts'
import { stackPlots, stackRounds } from '../page/stacks.ts'
import { chosen, chosenBeside, part, type Part, timingOf } from '../part.ts'
import { formatGate } from './report.ts'
import { type GatePlan, measureGate } from './run.ts'
import { DISTINCT, SCENARIO_NAMES, type ScenarioName, SCENARIOS } from './scenarios.ts'
import { STACK_NAMES, type StackName, STACKS } from './stacks.ts'
import { takesPart } from './verify-stacks.ts'
import { setUpAlike } from './world.ts'

const FULL = { rounds: 5, seconds: 3, warmUpSeconds: 1, tokens: DISTINCT }
const QUICK = { rounds: 2, seconds: 1, warmUpSeconds: 1, tokens: 30_000 }
const QUICK_SCENARIOS: readonly ScenarioName[] = ['allowed', '401']
const QUICK_STACKS: readonly StackName[] = ['floor', 'gatehouse', 'express', 'fastify']

export const gatePart: Part = part({
  name: 'gate',
  about: 'whole stacks over loopback, by scenario, beside a bare server that writes the same bytes',
  when: { full: true, quick: true },
  axes: { scenario: SCENARIO_NAMES, stack: STACK_NAMES },
  plan: (asked): GatePlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    nodes: asked.nodes,
    scenarios: chosen(SCENARIO_NAMES, asked, asked.quick ? QUICK_SCENARIOS : SCENARIO_NAMES),
    stacks: chosenBeside('floor', STACK_NAMES, asked, asked.quick ? QUICK_STACKS : STACK_NAMES),
  }),
  outline: ({ scenarios, stacks, rounds, seconds, nodes }) =>
    [
      `${scenarios.join(', ')}: ${stacks.join(', ')}`,
      `${rounds} rounds of ${seconds} s, each with fresh processes`,
      ...(nodes.length > 0 ? [`Node ${nodes.join(', ')}`] : []),
    ].join('; '),
  seconds: secondsOf,
  measure: measureGate,
  format: formatGate,
  markdown: ({ runs }) => runs.map(({ summaries }) => stacksAsMarkdown(summaries)),
  plots: ({ runs }) => runs.flatMap(({ summaries }) => stackPlots('gate', summaries)),
  rounds: ({ runs }) => runs.flatMap(({ samples }) => stackRounds(samples, 'floor')),
})

/** To start a process and to end it, to sign a token by RSA, and to see that a stack does its work. */
const START_SECONDS = 1.5
const SIGN_SECONDS = 0.0004
const VERIFY_SECONDS = 2
/** To be warm takes a slow stack longer than it is loaded to warm up. */
const WARM_SECONDS = 1

function secondsOf({ scenarios, stacks, nodes, rounds, seconds, warmUpSeconds, tokens }: GatePlan): number {
  let total = 0
  for (let line = 0; line < Math.max(1, nodes.length); line++) {
    const own = stacks.filter((name) => line === 0 || STACKS[name].isForeign !== true)
    for (const scenario of scenarios) {
      const { once = false, algorithm } = SCENARIOS[scenario]
      const processes = own.filter((name) => takesPart(name, scenario)).length
      const loaded = once ? Math.min(3 * seconds, tokens / 8000) + warmUpSeconds : seconds + warmUpSeconds
      total += rounds * processes * (START_SECONDS + WARM_SECONDS + loaded)
      if (once && algorithm === 'RS256' && line === 0) total += tokens * SIGN_SECONDS
    }
    total += setUpAlike(scenarios).length * own.length * VERIFY_SECONDS
  }
  return Math.round(total)
}
