import { stacksAsMarkdown } from '../markdown.ts'
import { chosen, chosenBeside, part, type Part, timingOf } from '../part.ts'
import { SCENARIOS } from '../workload.ts'
import { STACKS } from '../stack-process.ts'
import { formatGate } from './report.ts'
import { type GatePlan, measureGate } from './run.ts'

const FULL = { rounds: 5, seconds: 4, warmUpSeconds: 2 }
const QUICK = { rounds: 3, seconds: 2, warmUpSeconds: 1 }

export const gatePart: Part = part({
  name: 'gate',
  about: 'whole stacks over loopback, by scenario, beside a bare server that writes the same bytes',
  when: { full: true, quick: true },
  axes: { scenario: SCENARIOS, stack: STACKS },
  plan: (asked): GatePlan => ({
    ...(asked.quick ? QUICK : FULL),
    ...timingOf(asked),
    scenarios: chosen(SCENARIOS, asked, asked.quick ? ['allowed', '401'] : SCENARIOS),
    stacks: chosenBeside('floor', STACKS, asked),
  }),
  outline: ({ scenarios, stacks, rounds, seconds }) =>
    `${scenarios.join(', ')}: ${stacks.join(', ')}; ${rounds} rounds of ${seconds} s`,
  seconds: ({ scenarios, stacks, rounds, seconds, warmUpSeconds }) =>
    scenarios.length * stacks.length * (rounds * seconds + warmUpSeconds),
  measure: measureGate,
  format: ({ summaries }) => formatGate(summaries),
  markdown: ({ summaries }) => [stacksAsMarkdown(summaries)],
})
